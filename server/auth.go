package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// scope is what a request may do: act on one namespace, and with the admin
// token on the server as well.
type scope struct {
	namespace string
	admin     bool
	readOnly  bool     // only look
	of        string   // the namespace whose token it is; "": none was checked
	token     [32]byte // that token's hash
}

// maxToken is the length of the longest token: that of a namespace of
// store.MaxNamespaceID bytes.
const maxToken = len("ns_") + (store.MaxNamespaceID*8+5)/6 + len("_") + 64

// authorize returns the scope of a request, by its Authorization header or,
// where the protocol allows one, by the token in its query.
func (s *Server) authorize(r *http.Request, queryToken string) (scope, error) {
	granted, err := s.grant(r, queryToken)
	if err != nil {
		return scope{}, err
	}
	wanted := r.Header[wire.NamespaceHeader]
	if len(wanted) == 0 || wanted[0] == granted.namespace {
		return granted, nil
	}
	if !granted.admin {
		return scope{}, errNotItsToken()
	}
	if err := store.CheckNamespaceID(wanted[0]); err != nil {
		return scope{}, err
	}
	granted.namespace = wanted[0]
	return granted, nil
}

// admitAdmin lets a request of the admin in, which counts as one until done is
// called. What others wanted is named by what.
func (s *Server) admitAdmin(r *http.Request, queryToken, what string) (done func(), err error) {
	granted, err := s.authorize(r, queryToken)
	if err == nil && !granted.admin {
		err = refuse(http.StatusForbidden, wire.AuthUnauthorized, "%s need the admin token", what)
	}
	if err == nil {
		err = s.enter(r, &s.load.requests, s.cfg.Limits.Requests, "requests")
	}
	return func() { s.load.requests.Add(-1) }, err
}

func (s *Server) grant(r *http.Request, queryToken string) (scope, error) {
	token := queryToken
	if header := r.Header["Authorization"]; len(header) > 0 {
		const scheme = "Bearer "
		if len(header[0]) < len(scheme) || !strings.EqualFold(header[0][:len(scheme)], scheme) {
			if s.cfg.TestMode {
				return s.grantDefault(r.Context())
			}
			return scope{}, refuse(http.StatusUnauthorized, wire.AuthRequired, "the Authorization header must be Bearer and a token")
		}
		token = header[0][len(scheme):]
	}
	switch {
	case token != "" && isLocal(r) && token == s.cfg.LocalToken:
		return scope{namespace: store.DefaultNamespace, admin: true}, nil
	case token != "":
		return s.grantToken(r.Context(), token)
	case s.cfg.TestMode:
		return s.grantDefault(r.Context())
	}
	return scope{}, refuse(http.StatusUnauthorized, wire.AuthRequired, "a token is required: Authorization: Bearer ns_…")
}

// grantToken checks a token against the hash that the store keeps.
func (s *Server) grantToken(ctx context.Context, token string) (scope, error) {
	if len(token) > maxToken {
		return s.badToken(ctx)
	}
	// Hashed on the stack: converting the string would allocate.
	var text [maxToken]byte
	hash := sha256.Sum256(text[:copy(text[:], token)])
	namespace, known := s.tokens.of(hash)
	if !known {
		var err error
		if namespace, err = wire.ParseToken(token); err != nil {
			return s.badToken(ctx)
		}
		if store.CheckNamespaceID(namespace) != nil {
			return s.badToken(ctx)
		}
	}
	if s.cfg.TestMode {
		return s.grantTest(ctx, namespace, hash)
	}
	granted, err := s.grantHash(ctx, namespace, hash)
	if err == nil && !known {
		s.tokens.keep(hash, namespace, maxCachedTokens)
	}
	return granted, err
}

// grantHash grants what the token of a hash may do, if it is one of the
// namespace's. A namespace that does not exist is compared as well, so that
// neither the answer nor its time tells whether it does.
func (s *Server) grantHash(ctx context.Context, namespace string, hash [32]byte) (scope, error) {
	want, err := s.cfg.Store.TokenHash(ctx, namespace)
	if err != nil && !errors.Is(err, store.ErrNamespaceNotFound) {
		return scope{}, fmt.Errorf("look up the token: %w", err)
	}
	granted := scope{namespace: namespace, admin: namespace == store.DefaultNamespace, of: namespace, token: hash}
	if sameHash(hash, want) && err == nil {
		return granted, nil
	}
	other, err := s.otherToken(ctx, namespace, hash)
	switch {
	case err != nil:
		return scope{}, fmt.Errorf("look up the token: %w", err)
	case other == nil:
		return scope{}, errNotItsToken()
	}
	granted.readOnly = other.ReadOnly
	return granted, nil
}

func errNotItsToken() error {
	return refuse(http.StatusForbidden, wire.AuthUnauthorized, "the token is not this namespace's")
}

// otherToken finds a namespace's token beside the current one: one that only
// reads, or an earlier one that is still valid. It returns nil when there is none.
func (s *Server) otherToken(ctx context.Context, namespace string, hash [32]byte) (found *store.Token, err error) {
	keeper, ok := s.cfg.Store.(store.TokenKeeper)
	if !ok {
		return nil, nil
	}
	tokens, err := keeper.Tokens(ctx, namespace)
	if errors.Is(err, store.ErrNamespaceNotFound) || errors.Is(err, store.ErrNotOffered) {
		return nil, nil
	}
	now := time.Now()
	for i := range tokens { // all of them, whichever it is
		if sameHash(hash, tokens[i].Hash) && tokens[i].ValidAt(now) {
			found = &tokens[i]
		}
	}
	return found, err
}

// holds returns why what was granted to a token holds no longer.
func (s *Server) holds(ctx context.Context, granted scope) error {
	if granted.of == "" {
		return nil
	}
	_, err := s.grantHash(ctx, granted.of, granted.token)
	return err
}

// mayWrite refuses what would change something to a token that only reads.
func (g scope) mayWrite(what string) error {
	if g.readOnly {
		return refuse(http.StatusForbidden, wire.ReadOnly, "%s changes something, and the token only reads", what)
	}
	return nil
}

func (s *Server) badToken(ctx context.Context) (scope, error) {
	if s.cfg.TestMode {
		return s.grantDefault(ctx)
	}
	return scope{}, refuse(http.StatusUnauthorized, wire.AuthInvalidToken, "%s", wire.ErrToken)
}

// grantDefault is test mode's answer to a missing or malformed token.
func (s *Server) grantDefault(ctx context.Context) (scope, error) {
	return s.grantTest(ctx, store.DefaultNamespace, wire.HashToken(wire.NewToken(store.DefaultNamespace)))
}

// grantTest grants what a token names without looking at its secret, and makes
// the namespace on first use.
func (s *Server) grantTest(ctx context.Context, namespace string, hash [32]byte) (scope, error) {
	_, err := s.cfg.Store.TokenHash(ctx, namespace)
	if errors.Is(err, store.ErrNamespaceNotFound) {
		_, err = s.cfg.Store.CreateNamespace(ctx, store.NamespaceSpec{ID: namespace, Description: "made in test mode", TokenHash: hash})
		if errors.Is(err, store.ErrNamespaceExists) {
			err = nil // another request was first
		}
	}
	if err != nil {
		return scope{}, fmt.Errorf("make a namespace in test mode: %w", err)
	}
	return scope{namespace: namespace, admin: namespace == store.DefaultNamespace}, nil
}

// maxCachedTokens bounds what is remembered of tokens.
const maxCachedTokens = 1 << 15

// memo remembers what was found out of some things, up to a number of them; past
// it, it starts from scratch.
type memo[K comparable, V any] struct {
	mu    sync.RWMutex
	known map[K]V
}

func (m *memo[K, V]) of(key K) (value V, known bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	value, known = m.known[key]
	return value, known
}

func (m *memo[K, V]) keep(key K, value V, most int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= most {
		m.known = make(map[K]V)
	}
	m.known[key] = value
}
