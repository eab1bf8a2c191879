package server

import (
	"context"
	"errors"

	"github.com/evtui/evtui/store"
)

// freshOption is the option of reads that have to show all that was acknowledged anywhere.
const freshOption = "fresh"

// freshen waits until reads of the call's namespace show all that was acknowledged before,
// if that was asked for, as long as a write may take. Of a store that is no copy
// of anything they do so anyway.
func (c *call) freshen(wanted bool) error {
	fresher, err := offered[store.Fresher](c.s)
	if !wanted || errors.Is(err, store.ErrNotOffered) {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.s.cfg.Limits.WriteTime)
	defer cancel()
	err = fresher.Fresh(ctx, c.scope.namespace)
	if err != nil && c.ctx.Err() == nil && ctx.Err() != nil {
		return unavailable(0, "what was acknowledged elsewhere is not known: the log did not answer within %s", c.s.cfg.Limits.WriteTime)
	}
	return err
}
