package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// LargeConfig says which store to look into. All but Seed must be given.
type LargeConfig struct {
	Program string // evtui itself
	Dir     string // a data directory that is there and that no server has open; its default namespace is read
	Calls   int    // how often each thing is asked for
	Seed    uint64 // which places are looked at
}

// large is one RunLarge under way.
type large struct {
	LargeConfig
	client *client.Client
	random *rand.Rand
	head   int64
	cats   []store.CategoryCount
}

// RunLarge measures how long a large store takes to open and to show, which
// must not depend on its size: times are those of a caller, one call after the
// other, and Measured is the 99th percentile.
func RunLarge(ctx context.Context, c LargeConfig) (results []Result, err error) {
	l := &large{LargeConfig: c, random: rand.New(rand.NewPCG(c.Seed, 1))}
	start := time.Now()
	err = serve(ctx, c.Program, c.Dir, nil, func(_ *measure.Server, client *client.Client) error {
		l.client = client
		opened, err := l.open(ctx, start)
		if err != nil {
			return err
		}
		pages, err := l.pages(ctx)
		results = append([]Result{opened}, pages...)
		return err
	})
	return results, err
}

// open looks into the store for the first time since start.
func (l *large) open(ctx context.Context, start time.Time) (_ Result, err error) {
	if l.head, err = l.client.Head(ctx); err != nil {
		return Result{}, fmt.Errorf("bench: %w", err)
	}
	opened := time.Since(start)
	if l.cats, err = l.client.Categories(ctx); err != nil {
		return Result{}, fmt.Errorf("bench: %w", err)
	}
	var messages, streams int64
	for _, c := range l.cats {
		messages, streams = messages+c.MessageCount, streams+c.StreamCount
	}
	if messages < LeastMessages {
		return Result{}, fmt.Errorf("bench: %s holds %d messages; make it with evtui load --fill", l.Dir, messages)
	}
	return timed("open", "from start to first answer", time.Second, []time.Duration{opened},
		fmt.Sprintf("%d messages in %d streams", messages, streams)), nil
}

// pages measures what the UI and scripts page through.
func (l *large) pages(ctx context.Context) ([]Result, error) {
	streams, err := l.times(func() error { return l.streamsPage(ctx) })
	if err != nil {
		return nil, fmt.Errorf("bench: ns.streams: %w", err)
	}
	categories, err := l.times(func() error { _, err := l.client.Categories(ctx); return err })
	if err != nil {
		return nil, fmt.Errorf("bench: ns.categories: %w", err)
	}
	// In turn, so that whatever else the machine does is in both.
	var times [2][]time.Duration // near the start, near the end
	for range l.Calls {
		for i, from := range [2]int64{1, l.head * 9 / 10} {
			start := time.Now()
			if err := l.categoryPage(ctx, from+l.random.Int64N(l.head/20)); err != nil {
				return nil, fmt.Errorf("bench: category.get: %w", err)
			}
			times[i] = append(times[i], time.Since(start))
		}
	}
	early := timed("category-start", "category.get, 100 messages near the start", 0, times[0], "")
	late := timed("category-end", "category.get, 100 messages near the end", 0, times[1], "")
	late.Limit, early.Met = early.Measured, true
	late.Ratio, late.Goal = late.Measured/early.Measured, 1.5*early.Measured // 1.5: of two samples of the same
	late.Met = late.Measured <= late.Goal
	return []Result{
		timed("streams-page", "ns.streams, 100 anywhere", 5*time.Millisecond, streams, ""),
		timed("categories", "ns.categories", 5*time.Millisecond, categories, ""),
		early, late,
	}, nil
}

func (l *large) times(call func() error) ([]time.Duration, error) {
	var times []time.Duration
	for range l.Calls {
		start := time.Now()
		if err := call(); err != nil {
			return nil, err
		}
		times = append(times, time.Since(start))
	}
	return times, nil
}

// streamsPage asks for a page after a name that may be anywhere.
func (l *large) streamsPage(ctx context.Context) error {
	c := l.cats[l.random.IntN(len(l.cats))]
	cursor := fmt.Sprintf("%s-%d", c.Category, l.random.IntN(10))
	for range 5 {
		cursor += string(rune('0' + l.random.IntN(10)))
	}
	page, err := l.client.Streams(ctx, client.StreamsQuery{Cursor: cursor, Limit: 100})
	if err != nil {
		return err
	}
	for i, s := range page {
		if s.Name <= cursor || i > 0 && s.Name <= page[i-1].Name || s.Version < 0 {
			return fmt.Errorf("after %s, %s at %d is out of order", cursor, s.Name, i)
		}
	}
	return nil
}

func (l *large) categoryPage(ctx context.Context, from int64) error {
	c := l.cats[l.random.IntN(len(l.cats))]
	page, err := l.client.ReadCategory(ctx, client.CategoryQuery{Category: c.Category, GlobalPosition: from, Limit: 100})
	if err == nil && len(page) != 100 {
		err = fmt.Errorf("%s from %d has %d messages", c.Category, from, len(page))
	}
	return err
}

// timed is a row of times; a goal of 0 is none.
func timed(row, what string, goal time.Duration, times []time.Duration, note string) Result {
	s := spread(times)
	if note == "" {
		note = fmt.Sprintf("half take %.2f ms or less", s.Median)
	}
	return Result{
		Row: row, What: what, Unit: measure.Milliseconds, Measured: s.P99, Goal: milliseconds(goal),
		Met: s.P99 <= milliseconds(goal), Calls: int64(s.N), Note: note,
	}
}

// spread sums times up, in milliseconds.
func spread(times []time.Duration) measure.Spread {
	values := make([]float64, len(times))
	for i, d := range times {
		values[i] = milliseconds(d)
	}
	return measure.SpreadOf(values)
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
