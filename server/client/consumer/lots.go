package consumer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
)

// MaxRetry is how many messages one call of [Lot.Retry] asks to be retried.
const MaxRetry = 100

// maxWaiting is how many parked messages of a consumer a Lot holds.
const maxWaiting = 10_000

// Lots follows what the consumers of a namespace have parked, for whoever looks from
// outside. The zero Lots knows of none. One goroutine at a time uses it.
type Lots struct{ by map[string]*Lot }

// Read returns the lots of the consumers of a category, of all of them when it is "",
// by category and consumer. It goes on where it read to: those that it returned before
// are brought up to date.
func (l *Lots) Read(ctx context.Context, c *client.Client, category string) ([]*Lot, error) {
	counts, err := c.Categories(ctx)
	if err != nil {
		return nil, err
	}
	found := map[string]*Lot{}
	var list []*Lot
	for _, kind := range counts {
		of, ok := wire.CategoryBeside(kind.Category, wire.ParkedKind)
		if !ok || category != "" && of != category {
			continue
		}
		for s, err := range c.AllStreams(ctx, client.StreamsQuery{Category: kind.Category}) {
			if err != nil {
				return nil, err
			}
			lot := l.by[s.Name]
			if lot == nil || s.Version+1 < lot.next { // new, or another stream of the name
				_, consumer, _ := strings.Cut(s.Name, "-")
				lot = newLot(of, consumer)
			}
			if err := lot.read(ctx, c); err != nil {
				return nil, err
			}
			found[s.Name] = lot
			list = append(list, lot)
		}
	}
	l.by = found
	return list, nil
}

// Lot is what one consumer, with all its members, has parked.
type Lot struct {
	Category, Consumer string
	Waiting            []Waiting // see [Lots.Read] for when it changes
	More               int64     // messages that are parked, too, and are not in Waiting

	held  map[int64]*Waiting
	asked map[int64]request // by global position: the newest
	next  int64             // position in the parked stream to go on from
	ask   int64             // position in the retry stream
}

// Waiting is a message that is parked. It shares nothing that changes.
type Waiting struct {
	Parked
	Since   time.Time // when it was parked first
	GivenUp int       // how often it was given up
	// Head is the global position of the message that it is parked behind; its own when
	// there is none. Retrying that one retries those behind it.
	Head   int64
	Queued int       // messages parked behind it
	Asked  time.Time // when it was asked to be retried, unless that has been answered; else zero
}

type request struct {
	position int64
	at       time.Time
}

func newLot(category, consumer string) *Lot {
	return &Lot{Category: category, Consumer: consumer, held: map[int64]*Waiting{}, asked: map[int64]request{}}
}

// ParkedStream names where the parked messages are.
func (l *Lot) ParkedStream() string {
	return wire.BesideStream(l.Category, wire.ParkedKind, l.Consumer)
}

// RetryStream names where the consumer is asked to retry.
func (l *Lot) RetryStream() string { return wire.BesideStream(l.Category, wire.RetryKind, l.Consumer) }

func (l *Lot) read(ctx context.Context, c *client.Client) error {
	for m, err := range c.Stream(ctx, client.StreamQuery{Stream: l.ParkedStream(), Position: l.next}) {
		if err != nil {
			return err
		}
		if err := l.take(&m); err != nil {
			return err
		}
		l.next = m.Position + 1
	}
	for m, err := range c.Stream(ctx, client.StreamQuery{Stream: l.RetryStream(), Position: l.ask}) {
		if err != nil {
			return err
		}
		var of retry
		if m.Type == retryType && json.Unmarshal(m.Data, &of) == nil {
			l.asked[of.GlobalPosition] = request{m.Position, m.Time}
		}
		l.ask = m.Position + 1
	}
	l.arrange()
	return nil
}

// take takes a message of the parked stream.
func (l *Lot) take(m *client.Message) error {
	if m.Type != parkedType && m.Type != resolvedType {
		return nil
	}
	var p Parked
	if err := json.Unmarshal(m.Data, &p); err != nil {
		return fmt.Errorf("read message %d of %q: %w", m.Position, m.Stream, err)
	}
	w := l.held[p.GlobalPosition]
	switch {
	case m.Type == resolvedType && w == nil:
		l.More = max(l.More-1, 0)
		return nil
	case m.Type == resolvedType:
		delete(l.held, p.GlobalPosition)
		return nil
	case w == nil && len(l.held) >= maxWaiting:
		l.More++
		return nil
	case w == nil:
		w = &Waiting{Since: m.Time}
		l.held[p.GlobalPosition] = w
	}
	if w.Parked = p; !p.Behind {
		w.GivenUp++
	}
	return nil
}

// arrange lists what is held: each message, and then those behind it.
func (l *Lot) arrange() {
	byStream := map[string][]*Waiting{}
	for _, w := range l.held {
		byStream[w.Stream] = append(byStream[w.Stream], w)
	}
	list := make([]Waiting, 0, len(l.held))
	for _, queue := range byStream {
		slices.SortFunc(queue, func(a, b *Waiting) int { return cmp.Compare(a.GlobalPosition, b.GlobalPosition) })
		var head *Waiting
		for _, w := range queue {
			w.Queued, w.Asked = 0, time.Time{}
			if r, asked := l.asked[w.GlobalPosition]; asked && r.position > w.Retry {
				w.Asked = r.at
			}
			if head == nil || !w.Behind {
				head = w
			} else {
				head.Queued++
			}
			w.Head = head.GlobalPosition
		}
	}
	for _, w := range l.held {
		list = append(list, *w)
	}
	slices.SortFunc(list, func(a, b Waiting) int {
		return cmp.Or(cmp.Compare(a.Head, b.Head), cmp.Compare(a.GlobalPosition, b.GlobalPosition))
	})
	for global := range l.asked {
		if l.held[global] == nil {
			delete(l.asked, global)
		}
	}
	l.Waiting = list
}

// Heads are the messages that can be retried now: those that are not behind another
// one. It names the same ones as [Waiting.Head].
func (l *Lot) Heads() []Waiting {
	return slices.DeleteFunc(slices.Clone(l.Waiting), func(w Waiting) bool { return w.Head != w.GlobalPosition })
}

// ErrTooMany is returned by [Lot.Retry] for more than [MaxRetry] messages.
var ErrTooMany = errors.New("too many messages to retry at once")

// Retry asks the consumer, and nobody else, to handle parked messages again, each with
// those behind it: it writes to the retry stream, and to no other. It returns how many
// it asked for, which with an error may be some.
func (l *Lot) Retry(ctx context.Context, c *client.Client, globalPositions ...int64) (asked int, err error) {
	if len(globalPositions) > MaxRetry {
		return 0, fmt.Errorf("%w: %d, at most %d", ErrTooMany, len(globalPositions), MaxRetry)
	}
	for _, global := range globalPositions {
		if _, err := c.Write(ctx, l.RetryStream(), RetryEvent(global), client.AnyVersion()); err != nil {
			return asked, fmt.Errorf("ask %s to retry message %d: %w", l.Consumer, global, err)
		}
		asked++
	}
	return asked, nil
}
