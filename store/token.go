package store

import (
	"context"
	"fmt"
	"time"
)

// MaxTokens is how many tokens a namespace may have at once: the current one,
// those that only read, and earlier ones that are still valid.
const MaxTokens = 32

// Token is what a store keeps of one token of a namespace.
type Token struct {
	Hash      [32]byte // SHA-256 of the token, which itself is never stored
	ReadOnly  bool     // it reads its namespace, and changes nothing
	CreatedAt time.Time
	Until     time.Time // when it stops being valid; zero: it does not by itself
}

// ValidAt reports whether the token is still taken.
func (t Token) ValidAt(now time.Time) bool { return t.Until.IsZero() || now.Before(t.Until) }

// TokenKeeper keeps more than one token of a namespace, so that a token can be
// replaced while clients still use the one before.
type TokenKeeper interface {
	// Tokens returns the namespace's tokens. The first is the one whose hash
	// Store.TokenHash returns. The caller must not change the slice. What is no
	// longer valid may still be in it.
	Tokens(ctx context.Context, namespace string) ([]Token, error)
	// ChangeTokens replaces the tokens by what change makes of them, durably,
	// with no other change between. It returns change's error, or an *InvalidError
	// for what CheckTokens refuses; then the tokens stay as they are.
	ChangeTokens(ctx context.Context, namespace string, change func([]Token) ([]Token, error)) error
}

// CheckTokens returns an *InvalidError unless these can be a namespace's
// tokens: the first may write and stays valid, and there are at most MaxTokens.
func CheckTokens(tokens []Token) error {
	switch {
	case len(tokens) == 0 || tokens[0].ReadOnly || !tokens[0].Until.IsZero():
		return &InvalidError{Field: "tokens", Reason: "must begin with one that may write and does not end"}
	case len(tokens) > MaxTokens:
		return &InvalidError{Field: "tokens", Reason: fmt.Sprintf("must be at most %d: revoke some that are not needed any more", MaxTokens)}
	}
	return nil
}
