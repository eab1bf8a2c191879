package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/evtui/evtui/store"
)

// keptToken is a store.Token as the registry and identity files have it.
type keptToken struct {
	Hash      tokenHash `json:"hash"`
	ReadOnly  bool      `json:"readOnly,omitempty"`
	CreatedAt time.Time `json:"createdAt,omitzero"`
	Until     time.Time `json:"until,omitzero"`
}

// tokens are those of the namespace, the one of TokenHash first.
func (e entry) tokens() []store.Token {
	if len(e.Tokens) == 0 {
		return []store.Token{{Hash: e.TokenHash, CreatedAt: e.CreatedAt}}
	}
	list := make([]store.Token, len(e.Tokens))
	for i, t := range e.Tokens {
		list[i] = store.Token{Hash: t.Hash, ReadOnly: t.ReadOnly, CreatedAt: t.CreatedAt, Until: t.Until}
	}
	return list
}

// setTokens has the entry say that these are its tokens.
func (e *entry) setTokens(list []store.Token) {
	e.TokenHash, e.Tokens = list[0].Hash, make([]keptToken, len(list))
	for i, t := range list {
		e.Tokens[i] = keptToken{Hash: t.Hash, ReadOnly: t.ReadOnly, CreatedAt: t.CreatedAt.UTC().Round(0), Until: t.Until.UTC().Round(0)}
	}
}

// TokenHash returns the SHA-256 of the namespace's token, from memory.
func (s *Store) TokenHash(_ context.Context, id string) ([32]byte, error) {
	h, err := s.handleOf(id)
	if err != nil {
		return [32]byte{}, err
	}
	return (*h.tokens.Load())[0].Hash, nil
}

// Tokens returns the namespace's tokens, from memory.
func (s *Store) Tokens(_ context.Context, id string) ([]store.Token, error) {
	h, err := s.handleOf(id)
	if err != nil {
		return nil, err
	}
	return *h.tokens.Load(), nil
}

// ChangeTokens replaces the tokens of a namespace, also of one that is damaged:
// they are the registry's.
func (s *Store) ChangeTokens(_ context.Context, id string, change func([]store.Token) ([]store.Token, error)) error {
	h, err := s.handleOf(id)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.deleted {
		return s.absence()
	}
	if s.options.ReadOnly {
		return store.ErrReadOnly
	}
	tokens, err := change(slices.Clone(*h.tokens.Load()))
	if err == nil {
		err = store.CheckTokens(tokens)
	}
	if err != nil {
		return err
	}
	e := h.entry
	e.setTokens(tokens)
	s.opening.Lock()
	err = s.home.changeTokens(e)
	s.opening.Unlock()
	if err != nil {
		return fmt.Errorf("change the tokens of %q: %w", id, err)
	}
	h.entry.TokenHash, h.entry.Tokens = e.TokenHash, e.Tokens
	h.tokens.Store(new(e.tokens()))
	return nil
}

// changeTokens notes the tokens that e has. The directory says them first: a
// registry that is built again from the directories must not bring back a token
// that was taken back.
func (h *home) changeTokens(e entry) error {
	if err := h.writable(); err != nil {
		return err
	}
	if l := h.examine(namespacesDir, e.Dir); l.dir && l.fault == nil && l.state == "" && e.owns(l) == nil {
		l.who.TokenHash, l.who.Tokens = e.TokenHash, e.Tokens
		if err := writeIdentity(h.files, h.path(e.Dir), identityFile, l.who); err != nil {
			return err
		}
	}
	return h.reg.change(e.ID, func(kept *entry) { kept.TokenHash, kept.Tokens = e.TokenHash, e.Tokens })
}
