package search

import (
	"context"
	"fmt"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// How far causes are followed.
const (
	maxAbove = 1_000    // causes above a message
	backward = 20_000   // messages before an effect that are looked at for a cause no index leads to
	maxMeta  = 16 << 20 // bytes of the causes' metadata
)

// up follows the causes of a message.
type up struct {
	q       Query
	through bool // it had to look through messages
}

// run returns the causes, the nearest first, and why there are no more.
func (u *up) run(ctx context.Context, c *client.Client) (above []store.Message, fault causes.Fault, err error) {
	at := &u.q.Message
	met := map[int64]bool{at.GlobalPosition: true}
	kept := 0
	for {
		named := u.q.Links.Of(at)
		if len(named.Causes) == 0 {
			return above, 0, nil
		}
		if len(above) == maxAbove || kept > maxMeta {
			return above, causes.Further, nil
		}
		found, looked, err := u.cause(ctx, c, at, named.Causes)
		switch {
		case err != nil:
			return nil, 0, fmt.Errorf("look up the cause of %s#%d: %w", at.Stream, at.Position, err)
		case found == nil && looked:
			return above, causes.Unknown, nil
		case found == nil:
			return above, causes.Missing, nil
		case found.GlobalPosition == at.GlobalPosition:
			return above, causes.Self, nil
		case met[found.GlobalPosition]:
			return above, causes.Cycle, nil
		}
		met[found.GlobalPosition] = true
		found.Data = nil // a message may be large, and there may be many
		kept += len(found.Metadata)
		above = append(above, *found)
		at = found
	}
}

// cause returns the first message that one of the references names; nil for none.
// looked says that one of them had no index to be looked up in.
func (u *up) cause(ctx context.Context, c *client.Client, effect *store.Message, named []causes.Ref) (found *store.Message, looked bool, err error) {
	for _, ref := range named {
		var m store.Message
		var ok bool
		if ref.Way != causes.BySpan {
			m, ok, err = LookUp(ctx, c, ref)
		}
		if ref.Way == causes.BySpan || client.NotOffered(err) {
			looked, u.through = true, true
			m, ok, err = u.lookBack(ctx, c, effect.GlobalPosition, ref)
		}
		if err != nil {
			return nil, looked, err
		}
		if ok && (u.q.Until == 0 || m.GlobalPosition < u.q.Until) {
			m = m.Clone() // one of a page
			return &m, looked, nil
		}
	}
	return nil, looked, nil
}

// lookBack looks for a message among those before an effect. A server that reads
// forward alone is asked for the stretch before it.
func (u *up) lookBack(ctx context.Context, c *client.Client, before int64, ref causes.Ref) (m store.Message, ok bool, err error) {
	q := client.ScanQuery{Filter: lineOf(ref), Backward: true, Before: before, MaxMessages: backward}
	m, ok, err = u.scan(ctx, c, q, before, ref)
	if !client.NotOffered(err) {
		return m, ok, err
	}
	q.Backward, q.Before, q.From = false, 0, max(before-backward, 1)
	return u.scan(ctx, c, q, before, ref)
}

// scan returns the message nearest to an effect that a reference names.
func (u *up) scan(ctx context.Context, c *client.Client, q client.ScanQuery, before int64, ref causes.Ref) (m store.Message, ok bool, err error) {
	for left := int64(backward); left > 0; {
		q.MaxMessages = left
		p, err := c.ScanPage(ctx, q)
		if err != nil {
			return m, false, err
		}
		for i := range p.Messages {
			at := &p.Messages[i]
			if at.GlobalPosition >= before || !u.is(at, ref) {
				continue
			}
			if m, ok = *at, true; q.Backward {
				return m, true, nil
			}
		}
		if p.Complete || !q.Backward && p.Next >= before {
			break
		}
		left -= max(p.Read.Messages, 1)
		q = q.After(p)
	}
	return m, ok, nil
}

// is reports whether a reference names a message.
func (u *up) is(m *store.Message, ref causes.Ref) bool {
	if ref.Way == causes.ByID {
		return ref.Name == m.ID.String()
	}
	return u.q.Links.Of(m).Span == ref
}

// lineOf is a filter that keeps what a reference may name.
func lineOf(ref causes.Ref) string {
	if ref.Way == causes.ByID {
		return "id=" + filter.Quote(ref.Name)
	}
	return causes.SpanFilter(ref)
}
