package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// scope is what a request may do: act on one namespace, and with the admin
// token on the server as well.
type scope struct {
	namespace string
	admin     bool
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
		return scope{}, refuse(http.StatusForbidden, wire.AuthUnauthorized, "the token is not this namespace's")
	}
	if err := store.CheckNamespaceID(wanted[0]); err != nil {
		return scope{}, err
	}
	granted.namespace = wanted[0]
	return granted, nil
}

// admitAdmin lets a request of the admin in, which counts as one until done is
// called; others it refuses by itself. What they wanted is named by step and what.
func (s *Server) admitAdmin(w http.ResponseWriter, r *http.Request, queryToken, step, what string) (done func(), ok bool) {
	granted, err := s.authorize(r, queryToken)
	if err == nil && !granted.admin {
		err = refuse(http.StatusForbidden, wire.AuthUnauthorized, "%s need the admin token", what)
	}
	if err == nil {
		err = s.enter(r, &s.load.requests, s.cfg.Limits.Requests, "requests")
	}
	if err != nil {
		s.refuseRequest(w, r, step, err)
		return nil, false
	}
	return func() { leave(&s.load.requests) }, true
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
	namespace, known := s.tokens.namespace(hash)
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
	// A namespace that does not exist is compared as well, so that neither the
	// answer nor its time tells whether it does.
	want, err := s.cfg.Store.TokenHash(ctx, namespace)
	if err != nil && !errors.Is(err, store.ErrNamespaceNotFound) {
		return scope{}, fmt.Errorf("look up the token: %w", err)
	}
	if !sameHash(hash, want) || err != nil {
		return scope{}, refuse(http.StatusForbidden, wire.AuthUnauthorized, "the token is not this namespace's")
	}
	if !known {
		s.tokens.remember(hash, namespace)
	}
	return scope{namespace: namespace, admin: namespace == store.DefaultNamespace}, nil
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

// tokenCache remembers which namespace a good token names, by the token's
// hash, so that a call does not decode it again. It grants nothing: whether
// the hash is still the namespace's is asked of the store every time.
type tokenCache struct {
	mu    sync.RWMutex
	names map[[32]byte]string
}

// maxCachedTokens bounds the cache; past it, it starts anew.
const maxCachedTokens = 1 << 15

func (c *tokenCache) namespace(hash [32]byte) (string, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	name, ok := c.names[hash]
	return name, ok
}

func (c *tokenCache) remember(hash [32]byte, namespace string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.names == nil || len(c.names) >= maxCachedTokens {
		c.names = make(map[[32]byte]string)
	}
	c.names[hash] = namespace
}
