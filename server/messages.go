package server

import (
	"iter"
	"math"

	"github.com/evtui/evtui/store"
)

// reading is a read of messages, which can be broken off and go on.
type reading interface {
	query() (limit int, backward bool)
	begin() iter.Seq2[store.Message, error]
	// resume goes on with the message that was read last, that one included.
	resume(last cursor, limit int) iter.Seq2[store.Message, error]
}

// cursor is where a message stands, and which one it is.
type cursor struct {
	id               store.ID
	position, global int64
}

func cursorOf(m *store.Message) cursor {
	return cursor{id: m.ID, position: m.Position, global: m.GlobalPosition}
}

// messages encodes what a read yields, straight from the store's memory. A
// reply that its client does not take at once is read in parts: while it waits
// for the client, no read is under way that would hold on to what the store
// wants to let go of.
func (c *call) messages(r reading, withStream bool) error {
	c.reply.raw("[")
	limit, backward := r.query()
	p := part{withStream: withStream, bound: math.MaxInt64}
	for seq := r.begin(); ; {
		whole, err := c.part(&p, seq)
		if err != nil {
			return err
		}
		if whole {
			break
		}
		if err := c.reply.await(); err != nil {
			return err
		}
		rest := limit
		if limit != store.NoLimit {
			if rest = limit - int(c.read); rest == 0 {
				break
			}
			rest++ // the last one comes again
		} else if !backward && p.bound == math.MaxInt64 {
			// Or a slow client would never be done where others write.
			if p.bound, err = c.s.cfg.Store.Head(c.ctx, c.scope.namespace); err != nil {
				return err
			}
		}
		seq = r.resume(p.last, rest)
	}
	c.reply.raw("]")
	return nil
}

// part is how far a reply has come.
type part struct {
	withStream bool
	last       cursor
	begun      bool  // there is a last one
	bound      int64 // the global position to end at
}

// part encodes what seq yields. It returns whole when that was all, and else
// leaves off at p.last while the reply is on its way to the client.
func (c *call) part(p *part, seq iter.Seq2[store.Message, error]) (whole bool, err error) {
	again := p.begun
	for m, err := range seq {
		switch {
		case err != nil:
			return false, err
		case again:
			// What was there is not there any more: the reply cannot be whole.
			if cursorOf(&m) != p.last {
				return false, store.ErrReplaced
			}
			again = false
			continue
		case m.GlobalPosition > p.bound:
			return true, nil
		}
		if c.read > 0 {
			c.reply.raw(",")
		}
		c.read++
		c.given = m.GlobalPosition
		c.reply.message(&m, p.withStream)
		if len(c.reply.buf) < spillBytes {
			continue
		}
		prompt, err := c.reply.offer()
		if err != nil {
			return false, err
		}
		if !prompt {
			p.last, p.begun = cursorOf(&m), true
			return false, nil
		}
	}
	if again {
		return false, store.ErrReplaced
	}
	return true, nil
}
