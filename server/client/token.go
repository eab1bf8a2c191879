package client

import (
	"context"
	"fmt"
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
	x := newExchange("ns.token")
	x.str(namespace)
	f := openFields(x.body)
	f.raw("new", []byte("true"))
	if o.ReadOnly {
		f.raw("readOnly", []byte("true"))
	}
	if o.Token != "" {
		f.str("token", o.Token)
	}
	switch {
	case o.Now:
		f.num("keep", 0)
	case o.Keep != 0:
		f.num("keep", int64(o.Keep.Round(time.Second)/time.Second))
	}
	x.body = f.closeObject()
	answer, err := c.tokens(ctx, x, writing)
	if err != nil {
		return "", nil, fmt.Errorf("make a token of %q: %w", namespace, err)
	}
	return answer.Token, tokensOf(answer), nil
}

// Tokens lists the valid tokens of a namespace, the current one first; it needs
// the admin token.
func (c *Client) Tokens(ctx context.Context, namespace string) ([]Token, error) {
	x := newExchange("ns.token")
	x.str(namespace)
	answer, err := c.tokens(ctx, x, reading)
	if err != nil {
		return nil, fmt.Errorf("list the tokens of %q: %w", namespace, err)
	}
	return tokensOf(answer), nil
}

// RevokeToken ends a token at once, by the ID that Tokens lists, and returns
// those that are left; it needs the admin token. The current token cannot be
// revoked: NewToken with Now replaces it.
func (c *Client) RevokeToken(ctx context.Context, namespace, id string) ([]Token, error) {
	x := newExchange("ns.token")
	x.str(namespace)
	f := openFields(x.body)
	f.str("revoke", id)
	x.body = f.closeObject()
	answer, err := c.tokens(ctx, x, writing)
	if err != nil {
		return nil, fmt.Errorf("revoke a token of %q: %w", namespace, err)
	}
	return tokensOf(answer), nil
}

func (c *Client) tokens(ctx context.Context, x *exchange, kind callKind) (answer wire.Tokens, err error) {
	err = c.decode(ctx, x, kind, &answer)
	return answer, err
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
