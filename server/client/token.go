package client

import (
	"context"
	"time"

	"github.com/evtui/evtui/server/wire"
)

// Token describes a token of a namespace without telling it.
type Token struct {
	ID         string    // the first 12 hexadecimal digits of its SHA-256
	ReadOnly   bool      // it reads its namespace, and changes nothing
	CreatedAt  time.Time // when it was made
	ValidUntil time.Time // zero: until it is replaced or revoked
}

// TokenOptions adjusts NewToken. The zero value makes a random token that may
// write, and leaves the one before valid for the server's 24 hours.
type TokenOptions struct {
	ReadOnly bool   // make one that only reads
	Token    string // the new token; "": the server makes one
	// Keep is how long the tokens before of the same kind stay valid, to the
	// second; 0: 24 hours. Now ends them at once.
	Keep time.Duration
	Now  bool
}

// NewToken makes a token of a namespace, and returns it with all that are valid
// then, the current one first; it needs the admin token. The token is shown only here.
func (c *Client) NewToken(ctx context.Context, namespace string, o TokenOptions) (token string, all []Token, err error) {
	x := newExchange("ns.token", namespace)
	x.flag("new", true)
	x.flag("readOnly", o.ReadOnly)
	x.text("token", o.Token)
	switch {
	case o.Now:
		x.num("keep", 0)
	case o.Keep != 0:
		x.num("keep", int64(o.Keep.Round(time.Second)/time.Second))
	}
	answer, err := ask[wire.Tokens](ctx, c, x, writing, "make a token of %q", namespace)
	return answer.Token, tokensOf(answer), err
}

// Tokens lists the valid tokens of a namespace, the current one first; it needs
// the admin token.
func (c *Client) Tokens(ctx context.Context, namespace string) ([]Token, error) {
	answer, err := ask[wire.Tokens](ctx, c, newExchange("ns.token", namespace), reading, "list the tokens of %q", namespace)
	return tokensOf(answer), err
}

// RevokeToken ends a token at once, by the ID that Tokens lists, and returns
// those that are left; it needs the admin token. The current token cannot be
// revoked: NewToken with Now replaces it.
func (c *Client) RevokeToken(ctx context.Context, namespace, id string) ([]Token, error) {
	x := newExchange("ns.token", namespace)
	x.optional().str("revoke", id)
	answer, err := ask[wire.Tokens](ctx, c, x, writing, "revoke a token of %q", namespace)
	return tokensOf(answer), err
}

func tokensOf(answer wire.Tokens) []Token {
	all := make([]Token, len(answer.Tokens))
	for i, row := range answer.Tokens {
		all[i] = Token{ID: row.ID, ReadOnly: row.ReadOnly, CreatedAt: row.CreatedAt.UTC()}
		if row.ValidUntil != nil {
			all[i].ValidUntil = row.ValidUntil.UTC()
		}
	}
	return all
}
