package tail

import (
	"context"
	"math"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// runThen reads the newest messages as of the time cursor's second.
func (q tailPull) runThen(ctx context.Context, c *client.Client) (any, error) {
	next, err := c.PositionAt(ctx, q.at.Truncate(time.Second).Add(time.Second))
	if err != nil {
		return nil, err
	}
	r := tailPulled{asked: q.asked, place: tailPlace{last: next - 1}}
	if next <= 1 {
		return r, nil // nothing was written by then
	}
	_, newest, err := countOf(ctx, c, q.what)
	if err != nil {
		return nil, err
	}
	for category, last := range newest {
		newest[category] = min(last, next-1)
	}
	q.first = true
	return r, q.read(ctx, c, math.MaxInt64, newest, &r)
}

// tailPlace is how far the tail has accounted for messages: all up to a global
// position, so many in number.
type tailPlace struct {
	last  int64
	count int64
	plain bool // the server does not say where categories end: messages are read to be counted
}

// tailPull is one question of the tail. The counts that the engine keeps for
// each category say exactly how many messages came and up to where, so that
// bodies need to be read for those only that will be shown.
type tailPull struct {
	what   kit.Tailed
	filter filter.Filter
	after  tailPlace
	first  bool // begin with the newest messages instead of after a place
	bare   bool // count only, read nothing
	keep   int  // of a flood, how many of the newest to show
	fits   int  // how many messages to read at once, by the size of those before; 0: not known
	asked  time.Time
	at     time.Time // the time cursor; zero: live

	looking           *lookback     // what looking back costs, and ends it; nil: nobody wants to know
	watch             *tailWatch    // wait until something comes; nil: answer at once
	rest              time.Duration // before the first question
	subscribeDisabled bool          // a subscription tells nothing here
}

// tailPulled answers it.
type tailPulled struct {
	place    tailPlace
	before   fold      // messages between the old place and those below
	rows     []tailRow // newest last
	trail    int64     // behind the last row, from here on,
	hidden   int64     // so many were left out by the filter
	fits     int       // as of the next pull; 0: nothing was read
	asked    time.Time // when the question was put
	since    time.Time // what is new came after; zero: after the question of the pull before
	anew     bool      // what was there before is gone
	notified bool      // by a subscription
	missed   bool      // there was one, and it did not tell
}

// sifts reports whether messages must be looked at to know whether they are
// kept.
func (q *tailPull) sifts() bool { return !q.filter.IsZero() || !q.what.Group.IsZero() }

func (q *tailPull) keeps(m *store.Message) bool {
	return q.what.Group.Owns(m.Stream) && q.filter.Keeps(m)
}

func (q tailPull) run(ctx context.Context, c *client.Client) (any, error) {
	if !q.at.IsZero() {
		return q.runThen(ctx, c)
	}
	if q.watch != nil {
		return q.await(ctx, c)
	}
	return q.look(ctx, c)
}

func (q tailPull) look(ctx context.Context, c *client.Client) (tailPulled, error) {
	if q.after.plain {
		return q.runPlain(ctx, c)
	}
	r := tailPulled{asked: q.asked, place: q.after}
	place, newest, err := countOf(ctx, c, q.what)
	if err != nil {
		return r, err
	}
	if place.last == 0 && place.count > 0 {
		return q.runPlain(ctx, c)
	}
	came := place.count - q.after.count
	switch {
	case q.first:
		came = place.count
	case came == 0 && place.last == q.after.last:
		return r, nil
	case came < 0, place.last < q.after.last:
		// Messages were removed, as by an import with force: begin anew.
		q.first, q.after, q.bare = true, tailPlace{}, false
		r.anew, came = true, place.count
	}
	r.place = place
	if q.bare {
		r.before = q.fold(q.after.last+1, place.last, came)
	} else if err := q.read(ctx, c, came, newest, &r); err != nil {
		return r, err
	}
	return r, nil
}

// fold stands for messages that are not read: without a filter, all match.
func (q *tailPull) fold(from, to, count int64) fold {
	f := fold{from: from, to: to, count: count}
	if !q.sifts() {
		f.known = count
	}
	return f
}

// take is how many of the messages that came are read.
func (q *tailPull) take(came int64) int64 {
	first, most, some := int64(tailFirst), int64(tailAbove), int64(q.keep)
	if q.sifts() {
		first, most, some = tailFilter, tailFilter, tailFilter/4
	}
	switch {
	case q.first:
		return min(came, first)
	case came > most:
		return some
	}
	return came
}

// read takes the newest of the messages that came, and folds the rest.
func (q *tailPull) read(ctx context.Context, c *client.Client, came int64, newest map[string]int64, r *tailPulled) error {
	if q.sifts() && len(q.what.Categories) < 2 {
		return q.find(ctx, c, came, r)
	}
	take := q.take(came)
	if take == 0 {
		return nil
	}
	list, err := q.newest(ctx, c, r.place.last, int(take), newest, r)
	if err != nil {
		return err
	}
	for len(list) > 0 && list[0].GlobalPosition <= q.after.last {
		list = list[1:] // came before: those of one category did, as others were asked for more
	}
	first, oldest := q.after.last+1, r.place.last+1
	if len(list) > 0 {
		oldest = list[0].GlobalPosition
	}
	if rest := came - int64(len(list)); rest > 0 && !q.first {
		r.before = q.fold(first, oldest-1, rest)
	}
	if q.first || !r.before.empty() {
		first = oldest
	}
	r.rows, r.hidden, r.trail = sift(list, first, q.keeps)
	return nil
}

// countOf reads how many messages there are in what is tailed and the position
// of the last, as one consistent pair, and the last one of each category. However
// many categories there are besides, it is asked for these alone.
func countOf(ctx context.Context, c *client.Client, what kit.Tailed) (place tailPlace, newest map[string]int64, err error) {
	list, all, err := c.CountCategories(ctx, what.Categories...)
	newest = make(map[string]int64, len(list))
	if len(what.Categories) == 0 {
		return tailPlace{count: all.MessageCount, last: all.LastPosition}, newest, err
	}
	for _, n := range list {
		place.count += n.MessageCount
		place.last = max(place.last, n.LastPosition)
		newest[n.Category] = n.LastPosition
	}
	return place, newest, err
}

// tailLoaded is what a fold held, or its beginning.
type tailLoaded struct {
	from    int64 // of the fold
	rows    []tailRow
	trail   int64 // behind the last row, from here on,
	hidden  int64 // so many were left out
	rest    fold
	matched int64 // more that are known to match than before
	leftOut int64 // more that are known not to
}

func (q tailPull) loadFold(f fold) page.Call {
	return func(ctx context.Context, c *client.Client) (any, error) {
		list, whole, err := q.begin(ctx, c, f)
		if err != nil {
			return nil, err
		}
		r := tailLoaded{from: f.from}
		inside := 0
		for inside < len(list) && list[inside].GlobalPosition <= f.to {
			inside++
		}
		if !whole && inside > 0 && list[inside-1].GlobalPosition < f.to {
			r.rest = f
			r.rest.from = list[inside-1].GlobalPosition + 1
		}
		r.rows, r.hidden, r.trail = sift(list[:inside], f.from, q.keeps)
		r.account(f, int64(inside))
		return r, nil
	}
}

// account works out what is known now that was not before. Which of those that
// a filter looked at once were among the ones read is not known: as many as can
// be, so that nothing is counted twice.
func (r *tailLoaded) account(f fold, read int64) {
	found := int64(len(r.rows))
	if !r.rest.empty() {
		r.rest.count = max(f.count-read, 1)
		r.rest.known = min(max(f.known-found, 0), r.rest.count)
		r.rest.left = min(max(f.left-(read-found), 0), r.rest.count-r.rest.known)
	}
	r.matched = found - (f.known - r.rest.known)
	r.leftOut = read - found - (f.left - r.rest.left)
}
