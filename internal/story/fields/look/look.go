package look

import (
	"context"
	"math"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/story/fields"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// TurnTime is how long a turn takes, so that its progress is seen and it can be
// stopped.
const TurnTime = 200 * time.Millisecond

// What one question asks for at most.
const (
	turnPage  = 1000
	turnBytes = 4 << 20
)

// Allowance is how much a look may read of what is older.
type Allowance struct {
	Messages int64 // that it takes in
	Looked   int64 // messages looked at for them
}

// More is ten times as much.
func (a Allowance) More() Allowance { return Allowance{10 * a.Messages, 10 * a.Looked} }

// All allows everything.
func All() Allowance { return Allowance{math.MaxInt64, math.MaxInt64} }

// Spent reports whether a look has read what it may.
func (a Allowance) Spent(p Progress) bool { return p.Read >= a.Messages || p.Cost.Messages >= a.Looked }

// Progress is how far a look is. Its zero value is that of none.
type Progress struct {
	Read    int64           // messages taken in
	Cost    client.ScanCost // of the reading, whether or not they were
	Total   int64           // messages that there are to take in; -1: not known
	About   bool            // Total is an estimate
	Whole   bool            // all that there was is read
	Forward bool            // from the first message on: the server cannot read backward
}

// Look reads messages and takes them in: counts of them all, or the fields of one
// type. Make it with [Types] or [Fields].
type Look struct {
	namespace, category string
	name                string    // the type; with set only
	until               time.Time // what is after that second is not read; zero: nothing is

	set   *fields.Set
	tally *fields.Tally

	begun   bool
	forward bool // the server cannot read backward
	down    client.ScanQuery
	up      client.ScanQuery
	floor   int64 // below it is nothing to be found; 0: not known
	whole   bool  // all that there was is read
	caught  bool  // what is new is read up to the end
	cost    client.ScanCost
	total   int64 // messages there are, of the type where that is known; -1: not known
	about   bool  // total is an estimate
}

// Types looks at all messages of a namespace, or of one of its categories, to
// count their types: up to the end of a second, unless that is zero.
func Types(namespace, category string, until time.Time) *Look {
	return &Look{namespace: namespace, category: category, until: until, tally: &fields.Tally{}, total: -1}
}

// Fields looks at the messages of one type, likewise. count is what is known of
// it; its zero value knows nothing.
func Fields(namespace, category, name string, until time.Time, count store.TypeCount) *Look {
	l := &Look{namespace: namespace, category: category, name: name, until: until, set: fields.New(), total: -1}
	if count.Count > 0 && until.IsZero() {
		l.total, l.floor = count.Count, count.First.Position
	}
	return l
}

// OfType is the filter that keeps the messages of a type.
func OfType(name string) string { return "type=" + filter.Quote(name) }

// Set is what the messages of the type have in common; nil when types are counted.
// It is the look's own.
func (l *Look) Set() *fields.Set { return l.set }

// Tally is the counts; nil when fields are looked at. It is the look's own.
func (l *Look) Tally() *fields.Tally { return l.tally }

// Progress says how far the look is.
func (l *Look) Progress() Progress {
	return Progress{l.read(), l.cost, l.total, l.about, l.whole, l.forward}
}

func (l *Look) read() int64 {
	if l.set != nil {
		return l.set.Messages()
	}
	return l.tally.Messages()
}

func (l *Look) takeIn(p client.ScanPage) {
	for i := range p.Messages {
		if l.set != nil {
			l.set.Add(&p.Messages[i])
		} else {
			l.tally.Add(&p.Messages[i])
		}
	}
	l.cost = l.cost.Add(p.Read)
}

// Turn reads on for a while: first what is new, then what is older, as far as it
// is allowed. c may be of any namespace. client.NotOffered holds for the error where a
// moment cannot be looked up.
func (l *Look) Turn(ctx context.Context, c *client.Client, a Allowance) error {
	c = c.In(l.namespace)
	began := time.Now()
	if !l.begun {
		if err := l.begin(ctx, c); err != nil {
			return err
		}
	} else {
		l.caught = !l.until.IsZero()
	}
	for first := true; first || time.Since(began) < TurnTime; first = false {
		switch {
		case !l.caught && (!l.forward || l.whole || !a.Spent(l.Progress())):
			if err := l.newer(ctx, c); err != nil {
				return err
			}
		case !l.whole && !l.forward && !a.Spent(l.Progress()):
			if err := l.older(ctx, c, a); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

// begin says from where on is read: what comes meanwhile is new.
func (l *Look) begin(ctx context.Context, c *client.Client) error {
	q := client.ScanQuery{Limit: turnPage, MaxTime: TurnTime, MaxBytes: turnBytes}
	if l.category != "" {
		q.Categories = []string{l.category}
	}
	if l.set != nil {
		q.Filter = OfType(l.name)
	}
	l.down, l.up = q, q
	head, err := l.end(ctx, c)
	switch {
	case client.NotOffered(err) && l.until.IsZero():
		l.forward, l.begun = true, true
		return l.count(ctx, c)
	case err != nil:
		return err
	}
	l.down.Backward, l.down.Before, l.up.From = true, head+1, head+1
	l.whole = head < 1
	l.caught, l.begun = true, true
	return l.count(ctx, c)
}

// end is the last global position that is read.
func (l *Look) end(ctx context.Context, c *client.Client) (int64, error) {
	if l.until.IsZero() {
		return c.Head(ctx)
	}
	after, err := c.PositionAt(ctx, l.until.Truncate(time.Second).Add(time.Second))
	return after - 1, err
}

// count asks how many messages there are, unless that is known or cannot be:
// nobody keeps what there was in the past.
func (l *Look) count(ctx context.Context, c *client.Client) error {
	if l.set != nil || !l.until.IsZero() {
		return nil
	}
	list, totals, err := c.CountCategories(ctx, l.category)
	switch {
	case client.NotOffered(err):
		return nil
	case err != nil:
		return err
	case l.category == "":
		l.total = totals.MessageCount
		return nil
	}
	l.total = 0
	for _, one := range list {
		l.total, l.about = one.MessageCount, one.Estimated
	}
	return nil
}

// newer takes in what is behind the newest message read.
func (l *Look) newer(ctx context.Context, c *client.Client) error {
	p, err := c.ScanPage(ctx, l.up)
	if err != nil {
		return err
	}
	p.Next = max(p.Next, l.up.From)
	l.up = l.up.After(p)
	l.takeIn(p)
	if l.caught = p.Complete; l.caught && l.forward {
		l.whole = true
	}
	return nil
}

// older takes in what is before the oldest message read.
func (l *Look) older(ctx context.Context, c *client.Client, a Allowance) error {
	l.down.Limit = int(min(turnPage, a.Messages-l.read()))
	p, err := c.ScanPage(ctx, l.down)
	if client.NotOffered(err) && l.read() == 0 && l.until.IsZero() {
		l.forward, l.caught, l.up.From = true, false, 0
		return nil
	}
	if err != nil {
		return err
	}
	l.down = l.down.After(p)
	l.takeIn(p)
	l.whole = p.Complete || p.Next <= max(l.floor, 1) // Before leaves out the position itself
	return nil
}
