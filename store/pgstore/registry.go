package pgstore

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

// tokensTime is how long it is believed that a role may not read the tokens' hashes.
const tokensTime = 10 * time.Second

// tokenSight is whether the role may read the tokens' hashes.
type tokenSight struct {
	asked time.Time // zero: not yet
	seen  bool
}

// registeredLocked reads EventoDB's registry of namespaces. The hashes of their tokens
// are a column that a careful administrator keeps from a guest: then all but the
// tokens is read.
func (s *Store) registeredLocked(ctx context.Context) (map[string]*space, error) {
	if err := s.seeTokensLocked(ctx); err != nil {
		return nil, err
	}
	hash := "''"
	if s.tokens.seen {
		hash = "coalesce(token_hash, '')"
	}
	found := map[string]*space{}
	err := s.guest.ask(ctx, `SELECT id, schema_name, coalesce(description, ''), coalesce(created_at, 0)::int8, coalesce(metadata::text, ''), `+hash+`
		FROM `+quoted(s.layout.schema)+`.namespaces`, nil, func(r row) {
		id := r.text(0)
		sp := s.known[id]
		if sp == nil || sp.schema != r.text(1) {
			sp = s.newSpace(id, r.text(1))
		}
		sp.about.Description, sp.about.CreatedAt = r.text(2), time.Unix(r.int(3), 0).UTC()
		if m := r.text(4); m != "" {
			sp.about.Metadata = []byte(m)
		}
		sp.token = [32]byte{}
		if hash, err := hex.DecodeString(r.text(5)); err == nil && len(hash) == len(sp.token) {
			copy(sp.token[:], hash)
		}
		found[id] = sp
	})
	if err != nil {
		s.tokens = tokenSight{} // it may be the column that was taken away
	}
	return found, err
}

// seeTokensLocked finds out whether the role may read the hashes. What it may, it is
// believed to until the registry cannot be read.
func (s *Store) seeTokensLocked(ctx context.Context) error {
	if t := s.tokens; t.seen || !t.asked.IsZero() && time.Since(t.asked) < tokensTime {
		return nil
	}
	seen := false
	err := s.guest.ask(ctx, `SELECT has_column_privilege(c.oid, 'token_hash', 'SELECT') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relname = 'namespaces'`, []argument{words(s.layout.schema)}, func(r row) { seen = r.truth(0) })
	if err == nil {
		s.tokens = tokenSight{time.Now(), seen}
	}
	return err
}

// TokenHash returns the hash of a namespace's token. That of default is evtui's own. Where
// the role may not read the others it returns an *UnavailableError that says which grant
// it takes, and what works without.
func (s *Store) TokenHash(ctx context.Context, id string) ([32]byte, error) {
	if id == store.DefaultNamespace { // which the database need not be asked about
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.closed {
			return [32]byte{}, store.ErrClosed
		}
		return s.options.TokenHash, nil
	}
	sp, err := s.space(ctx, id)
	if err != nil {
		return [32]byte{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.layout.name == layoutEventoDB && !s.tokens.seen {
		return [32]byte{}, &store.UnavailableError{Namespace: id, Reason: fmt.Sprintf("its token cannot be checked: the role %q may not read token_hash; it needs GRANT SELECT (token_hash) ON %s.namespaces. "+
			"The admin token of this evtui, with the namespace named, works without", s.guest.role, s.layout.schema)}
	}
	return sp.token, nil
}
