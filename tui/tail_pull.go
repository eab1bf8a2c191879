package tui

import (
	"context"
	"slices"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

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
	category string
	filter   filter
	after    tailPlace
	first    bool // begin with the newest messages instead of after a place
	bare     bool // count only, read nothing
	keep     int  // of a flood, how many of the newest to show
	asked    time.Time
}

// tailPulled answers it.
type tailPulled struct {
	place   tailPlace
	before  fold             // messages between the old place and those below
	rows    []*store.Message // newest last
	matched int64            // known to match: rows, and the fold unless it is unread
	asked   time.Time
	anew    bool // what was there before is gone
}

// run asks.
func (q tailPull) run(ctx context.Context, c *client.Client) (any, error) {
	r := tailPulled{asked: q.asked, place: q.after}
	place, err := countOf(ctx, c, q.category)
	if err != nil {
		return nil, err
	}
	if q.after.plain || place.last == 0 && place.count > 0 {
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
		r.before = fold{from: q.after.last + 1, to: place.last, count: came, unread: !q.filter.isZero()}
	} else if err := q.read(ctx, c, came, &r); err != nil {
		return nil, err
	}
	r.matched = int64(len(r.rows))
	if !r.before.unread {
		r.matched += r.before.count
	}
	return r, nil
}

// read takes the newest of the messages that came, and folds the rest.
func (q tailPull) read(ctx context.Context, c *client.Client, came int64, r *tailPulled) error {
	limit := int64(tailAbove)
	if !q.filter.isZero() {
		limit = tailFilter
	}
	take := came
	switch {
	case q.first && q.filter.isZero():
		take = min(came, tailFirst)
	case q.first:
		take = min(came, tailFilter)
	case came > limit && q.filter.isZero():
		take = int64(q.keep)
	case came > limit:
		take = limit / 4
	}
	if take == 0 {
		return nil
	}
	list, err := c.ReadCategory(ctx, store.CategoryQuery{
		Category: q.category, GlobalPosition: r.place.last, Limit: int(take), Backward: true,
	})
	if err != nil {
		return err
	}
	slices.Reverse(list)
	oldest := r.place.last + 1
	for i := range list {
		oldest = min(oldest, list[i].GlobalPosition)
		if q.filter.keeps(&list[i]) {
			r.rows = append(r.rows, &list[i])
		}
	}
	if rest := came - int64(len(list)); rest > 0 && !q.first {
		r.before = fold{from: q.after.last + 1, to: oldest - 1, count: rest, unread: !q.filter.isZero()}
	}
	return nil
}

// countOf reads how many messages a category holds (the namespace for "") and
// the position of the last, as one consistent pair.
func countOf(ctx context.Context, c *client.Client, category string) (tailPlace, error) {
	var place tailPlace
	list, err := c.Categories(ctx)
	for _, n := range list {
		if category == "" || n.Category == category {
			place.count += n.MessageCount
			place.last = max(place.last, n.LastPosition)
		}
	}
	return place, err
}

// tailLoaded is what a fold held, or its beginning.
type tailLoaded struct {
	from int64 // of the fold
	rows []*store.Message
	rest fold
}

// loadFold reads a fold from its start.
func loadFold(category string, keep filter, f fold) Call {
	return func(ctx context.Context, c *client.Client) (any, error) {
		list, err := c.ReadCategory(ctx, store.CategoryQuery{
			Category: category, GlobalPosition: f.from, Limit: tailLoad,
		})
		if err != nil {
			return nil, err
		}
		r := tailLoaded{from: f.from, rest: f}
		for i := range list {
			m := &list[i]
			if m.GlobalPosition > f.to {
				break
			}
			r.rest.from = m.GlobalPosition + 1
			r.rest.count--
			if keep.keeps(m) {
				r.rows = append(r.rows, m)
			}
		}
		if len(list) < tailLoad || r.rest.from > f.to {
			r.rest = fold{} // nothing is left of it
		}
		return r, nil
	}
}
