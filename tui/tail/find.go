package tail

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// How far one answer looks back for what the filter keeps, and how long one
// question may take, so that its cost is seen and it can be ended.
const (
	lookBack      = 200_000 // messages, where the server does
	lookBackHere  = 2_000   // where they must be read for it
	lookBackBytes = 256 << 20
	lookTime      = 250 * time.Millisecond
)

// lookback is the looking back of a tail that begins, as its pane sees it.
type lookback struct {
	// Written by the pull.
	messages, bytes, nanoseconds atomic.Int64
	// Ended by the pane: what was found is enough.
	ctx  context.Context
	stop context.CancelFunc
}

func (s *lookback) add(c client.ScanCost) {
	s.messages.Add(c.Messages)
	s.bytes.Add(c.Bytes)
	s.nanoseconds.Add(int64(c.Time))
}

// String says what it costs.
func (s *lookback) String() string {
	return text.Count(s.messages.Load()) + " messages, " + text.Bytes(float64(s.bytes.Load())) + ", " + text.Duration(time.Duration(s.nanoseconds.Load()))
}

// found is what a filter keeps of the newest messages, newest first.
type found struct {
	list     []store.Message
	ordinals []int64 // how many messages are newer than each
	looked   int64
	bytes    int64
	next     int64 // nothing was looked at before this global position
	weight   int
	here     bool
}

// find looks for what the filter keeps of the messages that came, newest first,
// as far as there is room for it.
func (q *tailPull) find(ctx context.Context, c *client.Client, came int64, r *tailPulled) error {
	if q.looking != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(q.looking.ctx, cancel)()
	}
	want := tailFilter / 4
	if q.first {
		want = tailFirst
	}
	f := found{next: r.place.last + 1}
	s := client.ScanQuery{Categories: q.what.Categories, Group: q.what.Group, Filter: q.filter.Absolute(), Backward: true, Before: f.next, Ordinals: true, MaxTime: lookTime, MaxBytes: partBytes}
	for f.looked < came && len(f.list) < want && f.weight < partBytes && f.reach() > 0 {
		s.Limit, s.MaxMessages = want-len(f.list), min(came-f.looked, f.reach())
		p, err := c.ScanPage(ctx, s)
		if err != nil && q.looking != nil && q.looking.ctx.Err() != nil {
			break // the user has seen enough
		}
		if err != nil {
			return err
		}
		f.take(p)
		if q.looking != nil {
			q.looking.add(p.Read)
		}
		if p.Complete {
			f.next = 1
			break
		}
		s = s.After(p)
	}
	q.place(&f, came, r)
	return nil
}

// reach is how many messages more one answer may look at. Whether the server
// does is not known before the first page.
func (f *found) reach() int64 {
	switch {
	case f.bytes >= lookBackBytes:
		return 0
	case f.looked == 0 || f.here:
		return lookBackHere - f.looked
	}
	return lookBack - f.looked
}

func (f *found) take(p client.ScanPage) {
	for i := range p.Messages {
		f.weight += weight(&p.Messages[i])
		f.ordinals = append(f.ordinals, f.looked+p.Ordinals[i])
	}
	f.list = append(f.list, p.Messages...)
	f.looked += p.Read.Messages
	f.bytes += p.Read.Bytes
	f.next, f.here = p.Next, p.Read.Here
}

// place makes rows of what was found, and a fold of what was not looked at.
func (q *tailPull) place(f *found, came int64, r *tailPulled) {
	r.trail = q.after.last + 1
	if rest := came - f.looked; rest > 0 && !q.first && f.next > r.trail {
		r.before = q.fold(r.trail, f.next-1, rest)
	}
	if q.first || !r.before.empty() {
		r.trail = f.next
	}
	older := f.looked // how many of those looked at are newer than the row before
	for i := len(f.list) - 1; i >= 0; i-- {
		m := &f.list[i]
		r.rows = append(r.rows, tailRow{m: m, from: r.trail, hidden: older - f.ordinals[i] - 1})
		r.trail, older = m.GlobalPosition+1, f.ordinals[i]
	}
	r.hidden = older
}
