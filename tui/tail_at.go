package tui

import (
	"context"
	"math"
	"time"

	"github.com/evtui/evtui/server/client"
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
