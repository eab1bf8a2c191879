package consumer

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
)

// The types of events in the parked and in the retry stream.
const (
	parkedType   = "Parked"
	resolvedType = "Resolved"
	retryType    = "Retry"
)

// noRetry is the retry position of what was not asked for.
const noRetry = -1

// Parked is the data of an event in a parked stream: a Parked event says that a
// message waits to be retried, a Resolved one that it was handled since.
type Parked struct {
	Stream         string `json:"stream"`
	Type           string `json:"type"`
	Position       int64  `json:"position"`
	GlobalPosition int64  `json:"globalPosition"`
	Error          string `json:"error,omitempty"`
	Behind         bool   `json:"behind,omitempty"` // it was not tried: an earlier message of its stream is parked
	// Retry is the position in the retry stream of what this answers; -1: none.
	Retry int64 `json:"retry"`
}

// ParkedStream names where a consumer's parked messages are.
func (c *Consumer) ParkedStream() string {
	return wire.BesideStream(c.Category, wire.ParkedKind, c.Name)
}

// RetryStream names where a consumer is asked to retry.
func (c *Consumer) RetryStream() string { return wire.BesideStream(c.Category, wire.RetryKind, c.Name) }

// retry is the data of an event in a retry stream.
type retry struct {
	GlobalPosition int64 `json:"globalPosition"`
}

// RetryEvent is the event that, written to the retry stream, has the parked
// message at the global position tried again.
func RetryEvent(globalPosition int64) client.Event {
	return client.Event{ID: client.NewID(), Type: retryType, Data: fmt.Appendf(nil, `{"globalPosition":%d}`, globalPosition)}
}

// lot holds the messages that are parked, of all members.
type lot struct {
	parked map[int64]Parked   // by global position
	queues map[string][]int64 // by stream: the global positions, rising
	asked  int64              // position in the retry stream to go on from
}

func (l *lot) holds(global int64) bool {
	_, parked := l.parked[global]
	return parked
}

// first returns the first parked message of a stream.
func (l *lot) first(stream string) (global int64, parked bool) {
	if q := l.queues[stream]; len(q) > 0 {
		return q[0], true
	}
	return 0, false
}

func (l *lot) add(p Parked) {
	if !l.holds(p.GlobalPosition) {
		q := l.queues[p.Stream]
		at, _ := slices.BinarySearch(q, p.GlobalPosition)
		l.queues[p.Stream] = slices.Insert(q, at, p.GlobalPosition)
	}
	l.parked[p.GlobalPosition] = p
}

func (l *lot) remove(p Parked) {
	delete(l.parked, p.GlobalPosition)
	l.queues[p.Stream] = slices.DeleteFunc(l.queues[p.Stream], func(g int64) bool { return g == p.GlobalPosition })
	if len(l.queues[p.Stream]) == 0 {
		delete(l.queues, p.Stream)
	}
}

func (c *Consumer) load(ctx context.Context) error {
	c.lot = lot{parked: map[int64]Parked{}, queues: map[string][]int64{}}
	for m, err := range c.Client.Stream(ctx, client.StreamQuery{Stream: c.ParkedStream()}) {
		if err != nil {
			return err
		}
		var p Parked
		if err := json.Unmarshal(m.Data, &p); err != nil {
			return fmt.Errorf("read message %d of %q: %w", m.Position, m.Stream, err)
		}
		switch m.Type {
		case parkedType:
			c.lot.add(p)
		case resolvedType:
			c.lot.remove(p)
		}
	}
	return nil
}

// park writes a message to the parked stream.
func (c *Consumer) park(ctx context.Context, m client.Message, why error, behind bool, retry int64) error {
	p := Parked{Stream: m.Stream, Type: m.Type, Position: m.Position, GlobalPosition: m.GlobalPosition, Error: why.Error(), Behind: behind, Retry: retry}
	if err := c.tell(ctx, parkedType, p); err != nil {
		return fmt.Errorf("park message %d: %w", m.GlobalPosition, err)
	}
	c.lot.add(p)
	c.parked.Add(1)
	c.Logger.Error("message parked", "consumer", c.Name, "stream", m.Stream, "position", m.Position, "globalPosition", m.GlobalPosition, "error", why)
	return nil
}

func (c *Consumer) tell(ctx context.Context, kind string, p Parked) error {
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = c.Client.Write(ctx, c.ParkedStream(), client.Event{ID: client.NewID(), Type: kind, Data: data}, client.AnyVersion())
	return err
}

// retryParked does what the retry stream asks for since it was looked at last.
func (c *Consumer) retryParked(ctx context.Context) error {
	for m, err := range c.Client.Stream(ctx, client.StreamQuery{Stream: c.RetryStream(), Position: c.lot.asked}) {
		if err != nil {
			return err
		}
		var asked retry
		if m.Type == retryType && json.Unmarshal(m.Data, &asked) == nil {
			if err := c.retryFrom(ctx, asked.GlobalPosition, m.Position); err != nil {
				return err
			}
		}
		c.lot.asked = m.Position + 1
	}
	return nil
}

// retryFrom tries a parked message again if it is this member's and was not
// tried for that request yet, and then those that are behind it.
func (c *Consumer) retryFrom(ctx context.Context, global, request int64) error {
	p, parked := c.lot.parked[global]
	if !parked || p.Retry >= request || !c.Group.IsZero() && !c.Group.Owns(p.Stream) {
		return nil
	}
	if first, _ := c.lot.first(p.Stream); first != global && !c.ParkMessageOnly {
		c.Logger.Warn("not retried: an earlier message of its stream is parked", "consumer", c.Name, "globalPosition", global, "earlier", first)
		return nil
	}
	for {
		resolved, err := c.retryOne(ctx, p, request)
		if err != nil || !resolved {
			return err
		}
		next, more := c.lot.first(p.Stream)
		if p = c.lot.parked[next]; !more || !p.Behind {
			return nil
		}
	}
}

// retryOne tries one parked message again.
func (c *Consumer) retryOne(ctx context.Context, p Parked, request int64) (resolved bool, err error) {
	page, err := c.Client.ReadStream(ctx, client.StreamQuery{Stream: p.Stream, Position: p.Position, Limit: 1})
	if err != nil {
		return false, err
	}
	if len(page) == 0 || page[0].GlobalPosition != p.GlobalPosition {
		c.Logger.Error("a parked message is not in its stream any more", "consumer", c.Name, "stream", p.Stream, "position", p.Position)
		return false, nil
	}
	c.retried.Add(1)
	if err := c.attempt(ctx, page[0]); err != nil {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		return false, c.park(ctx, page[0], err, false, request)
	}
	p.Error, p.Behind, p.Retry = "", false, request
	// It was handled: that is kept also where the consumer is being stopped.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	if err := c.tell(last, resolvedType, p); err != nil {
		return false, fmt.Errorf("resolve message %d: %w", p.GlobalPosition, err)
	}
	c.lot.remove(p)
	return true, nil
}
