package tui

import (
	"context"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// plainPage is how many messages a plain server is asked for at once.
const plainPage = 1000

// runPlain tails a server without evtui's additions: it reads every message
// forward, and so knows which match, but keeps only the newest of many.
func (q tailPull) runPlain(ctx context.Context, c *client.Client) (any, error) {
	r := tailPulled{asked: q.asked, place: q.after}
	r.place.plain = true
	if q.first {
		end, err := endOf(ctx, c, q.category)
		if err != nil {
			return nil, err
		}
		r.place.last = max(0, end-tailFirst)
	}
	for {
		list, err := c.ReadCategory(ctx, store.CategoryQuery{
			Category: q.category, GlobalPosition: r.place.last + 1, Limit: plainPage,
		})
		if err != nil {
			return nil, err
		}
		for i := range list {
			q.takePlain(&list[i], &r)
		}
		if len(list) < plainPage {
			return r, nil
		}
	}
}

// takePlain counts a message, and keeps it if the filter does. What comes
// before the newest ones becomes the fold.
func (q tailPull) takePlain(m *store.Message, r *tailPulled) {
	r.place.last = m.GlobalPosition
	r.place.count++
	if !q.filter.keeps(m) {
		return
	}
	r.matched++
	r.rows = append(r.rows, m)
	limit := 2 * tailAbove
	if q.bare {
		limit = 0
	}
	if len(r.rows) > limit {
		for _, old := range r.rows[:len(r.rows)-limit/2] {
			r.before = r.before.join(fold{from: old.GlobalPosition, to: old.GlobalPosition, count: 1})
		}
		r.rows = append(r.rows[:0:0], r.rows[len(r.rows)-limit/2:]...)
	}
}

// endOf finds the last global position of a category (of the namespace for "")
// by looking for a position behind which there is nothing, then between.
func endOf(ctx context.Context, c *client.Client, category string) (int64, error) {
	last := int64(0)
	after := func(position int64) (found bool, err error) {
		list, err := c.ReadCategory(ctx, store.CategoryQuery{Category: category, GlobalPosition: position, Limit: 1})
		if len(list) == 1 {
			last = max(last, list[0].GlobalPosition)
		}
		return len(list) == 1, err
	}
	low, high := int64(0), int64(1)
	for {
		found, err := after(high)
		if err != nil {
			return 0, err
		}
		if !found {
			break
		}
		low, high = max(high, last), 2*max(high, last)
	}
	for low+1 < high {
		middle := low + (high-low)/2
		found, err := after(middle)
		if err != nil {
			return 0, err
		}
		if found {
			low = max(middle, last)
		} else {
			high = middle
		}
	}
	return last, nil
}
