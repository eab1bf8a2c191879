package groups

import (
	"context"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/lag"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// then is where consumers stood at the second under the time cursor, as far as the log
// tells: what they recorded, and what was before them.
type then struct {
	at    time.Time
	gen   uint64 // of the question under way; 0: none
	known map[lag.ID]stood
}

// stood is where a consumer was.
type stood struct {
	done     *int64 // nil: it had recorded nothing
	messages int64
	atLeast  bool
}

// thenMost is of how many consumers the log is asked, and thenCount how many messages
// are read to count those before each.
const (
	thenMost  = 100
	thenCount = 1000
)

// askThen asks what the log tells of the time cursor's second, once.
func (c *consumers) askThen(t *page.Turn, q *questions) {
	if t.At.IsZero() || !c.known || c.then.at.Equal(t.At) {
		return
	}
	var of []lag.Consumer
	for i := range c.look.Consumers {
		if c.look.Consumers[i].Recorded() && len(of) < thenMost {
			of = append(of, c.look.Consumers[i])
		}
	}
	c.then = then{at: t.At}
	at := t.At
	c.then.gen = q.ask(t, func(ctx context.Context, c *client.Client) (any, error) { return readThen(ctx, c, of, at) })
}

// readThen looks the end of that second up in the log.
func readThen(ctx context.Context, c *client.Client, of []lag.Consumer, at time.Time) (any, error) {
	next, err := c.PositionAt(ctx, at.Truncate(time.Second).Add(time.Second))
	if err != nil {
		return nil, err
	}
	known := map[lag.ID]stood{}
	for i := range of {
		if known[of[i].ID()], err = readStood(ctx, c, &of[i], next); err != nil {
			return nil, err
		}
	}
	return known, nil
}

func readStood(ctx context.Context, c *client.Client, of *lag.Consumer, next int64) (s stood, err error) {
	if next <= 1 {
		return s, nil // nothing was written by then
	}
	stream := wire.BesideStream(of.Category, wire.PositionKind, of.Consumer)
	list, err := c.ReadStream(ctx, client.StreamQuery{Stream: stream, GlobalPosition: next - 1, Limit: 1, Backward: true})
	if err != nil || len(list) == 0 {
		return s, err
	}
	if s.done = wire.RecordedPosition(list[0].Data); s.done == nil {
		return s, nil
	}
	before, err := c.ReadCategory(ctx, client.CategoryQuery{
		Category: of.Category, GlobalPosition: *s.done + 1, Limit: thenCount, Group: store.Group{Member: of.Member, Size: of.Size},
	})
	for i := range before {
		if before[i].GlobalPosition < next {
			s.messages++
		}
	}
	s.atLeast = s.messages == thenCount
	return s, err
}

func (c *consumers) tookThen(msg page.Reply) {
	c.then.gen = 0
	if known, ok := msg.Value.(map[lag.ID]stood); ok && msg.Err == nil {
		c.then.known = known
	}
}

// fillThen puts a row back to where its consumer stood at a time. What is not known of
// then is nil.
func (c *consumers) fillThen(row *consumerRow, at time.Time) {
	row.Position, row.Messages, row.AtLeast, row.Trended, row.Kept = nil, nil, false, false, false
	row.LastHeard, row.SilentFor, row.Connected, row.From = nil, nil, 0, ""
	if s := c.then.known[row.ID()]; row.Recorded() && s.done != nil {
		next := *s.done + 1
		row.Position, row.Messages, row.AtLeast = &next, &s.messages, s.atLeast
		return
	}
	if c.watch == nil || row.Recorded() {
		return
	}
	if p, known := c.watch.At(row.ID(), at, 3*observeEvery); known {
		row.Position, row.Messages = p.Position, p.Messages
	}
}
