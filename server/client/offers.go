package client

import (
	"context"

	"github.com/evtui/evtui/server/wire"
)

// What is known of the server's additions.
const (
	offersUnknown int32 = iota
	offersAdditions
	offersPlain
)

// needs returns an error for which NotOffered holds unless the server offers
// evtui's additions. It asks once: a plain server ignores options that it does
// not know, and would answer something else than was asked.
func (c *Client) needs(ctx context.Context, what string) error {
	offers, err := c.offers(ctx)
	if err != nil {
		return err
	}
	if offers == offersPlain {
		return notOffered(what)
	}
	return nil
}

// mayName returns an error unless the server understands which namespace this
// client acts on.
func (c *Client) mayName(ctx context.Context) error {
	if c.err != nil || !c.foreign() {
		return c.err
	}
	return c.needs(ctx, "another namespace than the token's")
}

func (c *Client) offers(ctx context.Context) (int32, error) {
	known := c.shared.offers.Load()
	if known != offersUnknown {
		return known, nil
	}
	own := c.In("")
	x := newExchange("ns.head")
	defer x.free()
	err := own.send(ctx, x, reading)
	switch {
	case err == nil:
		known = offersAdditions
	case NotOffered(err):
		known = offersPlain
	case coded(err, wire.NamespaceDamaged, wire.BackendError):
		known = offersAdditions // the token's own namespace is unwell, not the method unknown
	default:
		return offersUnknown, err
	}
	c.shared.offers.Store(known)
	return known, nil
}
