package tail

import (
	"context"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/kit"
)

// plainPage is how many messages a plain server is asked for at once.
const plainPage = 1000

// runPlain tails a server without evtui's additions: it reads every message
// forward, and so knows which match, but keeps only the newest of many.
func (q tailPull) runPlain(ctx context.Context, c *client.Client) (tailPulled, error) {
	r := tailPulled{asked: q.asked, place: q.after}
	r.place.plain = true
	if q.first {
		end, err := endOfTailed(ctx, c, q.what)
		if err != nil {
			return r, err
		}
		r.place.last = max(0, end-tailFirst)
	}
	var b tailBuffer
	for {
		from := r.place.last + 1
		list, err := q.what.Read(ctx, c, client.CategoryQuery{GlobalPosition: from, Limit: plainPage})
		if err != nil {
			return r, err
		}
		rows, hidden, trail := sift(list, from, q.keeps)
		b.add(fold{}, rows, hidden, trail)
		q.shorten(&b)
		if n := len(list); n > 0 {
			r.place.last = list[n-1].GlobalPosition
			r.place.count += int64(n)
		}
		if len(list) < plainPage {
			r.rows, r.hidden, r.trail = b.rows, b.hidden, b.from
			return r, nil
		}
	}
}

// shorten folds what comes before the newest rows.
func (q *tailPull) shorten(b *tailBuffer) {
	n := len(b.rows)
	switch {
	case q.bare && n > 0:
		b.fold(0, n)
	case n > 2*tailAbove:
		b.fold(0, n-tailAbove)
	}
}

// endOfTailed finds the last global position of what is tailed.
func endOfTailed(ctx context.Context, c *client.Client, w kit.Tailed) (last int64, err error) {
	if len(w.Categories) == 0 {
		return endOf(ctx, c, "")
	}
	for _, category := range w.Categories {
		one, err := endOf(ctx, c, category)
		if err != nil {
			return 0, err
		}
		last = max(last, one)
	}
	return last, nil
}

// endOf finds the last global position of a category (of the namespace for "")
// by looking for a position behind which there is nothing, then between.
func endOf(ctx context.Context, c *client.Client, category string) (last int64, err error) {
	low, high, bounded := int64(0), int64(1), false
	for !bounded || low+1 < high {
		at := high
		if bounded {
			at = low + (high-low)/2
		}
		list, err := c.ReadCategory(ctx, client.CategoryQuery{Category: category, GlobalPosition: at, Limit: 1})
		switch {
		case err != nil:
			return 0, err
		case len(list) == 0:
			high, bounded = at, true
			continue
		}
		last = max(last, list[0].GlobalPosition)
		low = max(at, last)
		if !bounded {
			high = 2 * low
		}
	}
	return last, nil
}
