package server

import (
	"iter"
	"math"
	"strings"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/store"
)

// What one read may ask for, by the protocol.
const (
	defaultBatch = 1000
	maxBatch     = 10000
)

// readOptions are the options that stream.get and category.get share.
type readOptions struct {
	position, globalPosition int64
	hasPosition, hasGlobal   bool
	batch                    int64
	backward                 bool

	correlation string
	group       store.Group
}

func newReadOptions() readOptions { return readOptions{batch: defaultBatch} }

// read reads the option name of stream.get.
func (o *readOptions) read(c *call, name []byte) error {
	takes := [...]option{
		{name: "position", to: &o.position, given: &o.hasPosition},
		{name: "globalPosition", to: &o.globalPosition, given: &o.hasGlobal},
		{name: "batchSize", to: &o.batch, low: store.NoLimit, high: maxBatch},
		{name: "backward", to: &o.backward},
	}
	return c.option(takes[:], name)
}

// readOfCategory reads the option name of category.get.
func (o *readOptions) readOfCategory(c *call, name []byte) error {
	switch string(name) {
	case "correlation":
		if err := (&option{to: &o.correlation}).read(&c.args, name); err != nil || o.correlation == "" {
			return err
		}
		if strings.Contains(o.correlation, "-") {
			return invalid("correlation", "must be a category, without a dash")
		}
		return nil
	case "consumerGroup":
		return o.readGroup(c)
	}
	return o.read(c, name)
}

func (o *readOptions) readGroup(c *call) error {
	if c.args.Kind() == rawjson.Null {
		return c.args.Skip()
	}
	var member, size int64
	var hasMember, hasSize bool
	err := c.args.Object(func(name []byte) error {
		of := option{to: &member, high: maxGroupSize - 1, given: &hasMember}
		switch string(name) {
		case "member":
		case "size":
			of = option{to: &size, low: 1, high: maxGroupSize, given: &hasSize}
		default:
			return c.args.Skip()
		}
		return of.read(&c.args, append([]byte("consumerGroup."), name...))
	})
	if err != nil {
		return orRefuse(err, "consumerGroup", "must be an object")
	}
	if !hasMember || !hasSize {
		return invalid("consumerGroup", "needs both member and size")
	}
	o.group, err = groupOf("consumerGroup", member, size)
	return err
}

// maxGroupSize is the most members of a consumer group that a client may name:
// more than there are streams to share, and an int on every system.
const maxGroupSize = math.MaxInt32

// groupOf checks a member of a consumer group that a client names, each of
// whose numbers is in its range.
func groupOf(field string, member, size int64) (store.Group, error) {
	if member >= size {
		return store.Group{}, invalid(field, "needs member < size, got member %d of size %d", member, size)
	}
	return store.Group{Member: int(member), Size: int(size)}, nil
}

// ofStream is the query of a stream that they make, but for its limit.
func (o *readOptions) ofStream(stream string) store.StreamQuery {
	q := store.StreamQuery{Stream: stream, Position: o.position, GlobalPosition: o.globalPosition, Backward: o.backward}
	if o.backward && !o.hasPosition {
		q.Position = -1 // bounds nothing; a position of 0 would
	}
	return q
}

// bound is the inclusive bound on global positions where position and
// globalPosition are two names for it: when both stand, both hold.
func (o *readOptions) bound() int64 {
	switch {
	case !o.hasPosition:
		return o.globalPosition
	case !o.hasGlobal:
		return o.position
	case o.backward && o.position > 0 && o.globalPosition > 0:
		return min(o.position, o.globalPosition)
	}
	return max(o.position, o.globalPosition)
}

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
