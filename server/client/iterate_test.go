package client_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/evtui/evtui/server/client"
)

// positions collects what an iterator yields, and why it ended.
func positions(list iter.Seq2[client.Message, error]) (all []int64, err error) {
	for m, err := range list {
		if err != nil {
			return all, err
		}
		all = append(all, m.GlobalPosition)
	}
	return all, nil
}

// TestIterators go over the ends of pages, in both directions.
func TestIterators(t *testing.T) {
	eachWay(t, func(t *testing.T, c *client.Client) {
		ctx := t.Context()
		const total = 1100 // two full pages and a part of one
		events := make([]client.Event, total)
		for i := range events {
			events[i].Type = "T"
		}
		if _, err := c.Append(ctx, client.Write{Stream: "a-1", Events: events}); err != nil {
			t.Fatal(err)
		}
		up := make([]int64, total)
		for i := range up {
			up[i] = int64(i) + 1
		}
		down := slices.Clone(up)
		slices.Reverse(down)
		for name, tt := range map[string]struct {
			list iter.Seq2[client.Message, error]
			want []int64
		}{
			"stream":                {c.Stream(ctx, client.StreamQuery{Stream: "a-1"}), up},
			"stream, its limit":     {c.Stream(ctx, client.StreamQuery{Stream: "a-1", Limit: 501}), up[:501]},
			"stream from":           {c.Stream(ctx, client.StreamQuery{Stream: "a-1", Position: 100}), up[100:]},
			"stream backward":       {c.Stream(ctx, client.StreamQuery{Stream: "a-1", Backward: true}), down},
			"stream before":         {c.Stream(ctx, client.StreamQuery{Stream: "a-1", Before: 1000, Backward: true}), down[100:]},
			"category":              {c.Category(ctx, client.CategoryQuery{Category: "a"}), up},
			"category, its limit":   {c.Category(ctx, client.CategoryQuery{Category: "a", Limit: 500}), up[:500]},
			"namespace backward":    {c.Category(ctx, client.CategoryQuery{Backward: true}), down},
			"category up to":        {c.Category(ctx, client.CategoryQuery{Category: "a", GlobalPosition: 500, Backward: true}), down[600:]},
			"nothing":               {c.Category(ctx, client.CategoryQuery{Category: "none"}), nil},
			"full pages to the end": {c.Stream(ctx, client.StreamQuery{Stream: "a-1", Before: 500, Backward: true}), down[600:]},
		} {
			if got, err := positions(tt.list); err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("%s: %d messages, %v; want %d", name, len(got), err, len(tt.want))
			}
		}
		ended, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := positions(c.Category(ended, client.CategoryQuery{})); !errors.Is(err, context.Canceled) {
			t.Errorf("an ended context: %v", err)
		}
	})
}

func TestAllStreams(t *testing.T) {
	eachWay(t, func(t *testing.T, c *client.Client) {
		const total = 1005
		for i := range total {
			if _, err := c.Write(t.Context(), fmt.Sprintf("a-%04d", i), client.Event{Type: "T"}, client.NewStream()); err != nil {
				t.Fatal(err)
			}
		}
		for limit, want := range map[int]int{0: total, 7: 7, 1001: 1001} {
			n := 0
			for s, err := range c.AllStreams(t.Context(), client.StreamsQuery{Category: "a", Limit: limit}) {
				if err != nil || s.Name != fmt.Sprintf("a-%04d", n) {
					t.Fatalf("stream %d is %+v, %v", n, s, err)
				}
				n++
			}
			if n != want {
				t.Errorf("limit %d: %d streams", limit, n)
			}
		}
	})
}

// TestQueriesHaveOneMeaning: what can be no position is refused before it is
// sent, and nothing is passed over.
func TestQueriesHaveOneMeaning(t *testing.T) {
	c, err := client.New("localhost:1")
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	errs := map[string]error{}
	_, errs["negative position"] = c.ReadStream(ctx, client.StreamQuery{Stream: "a", Position: -1})
	_, errs["backward from a position"] = c.ReadStream(ctx, client.StreamQuery{Stream: "a", Position: 1, Backward: true})
	_, errs["before, forward"] = c.ReadStream(ctx, client.StreamQuery{Stream: "a", Before: 1})
	_, errs["negative From"] = c.Subscribe(ctx, client.SubscribeQuery{Category: "a", From: -1})
	_, errs["negative global position"] = c.ReadStream(ctx, client.StreamQuery{Stream: "a", GlobalPosition: -1})
	_, errs["negative global position of a category"] = c.ReadCategory(ctx, client.CategoryQuery{Category: "a", GlobalPosition: -1})
	for _, err := range c.Category(ctx, client.CategoryQuery{Category: "a", GlobalPosition: -1}) {
		errs["negative global position of a list"] = err
	}
	_, errs["negative From of a scan"] = c.ScanPage(ctx, client.ScanQuery{From: -1})
	_, errs["From and FromNow"] = c.Subscribe(ctx, client.SubscribeQuery{Category: "a", From: 1, FromNow: true})
	_, errs["stream and category"] = c.Subscribe(ctx, client.SubscribeQuery{Category: "a", Stream: "a-1"})
	_, errs["version -2"] = c.Write(ctx, "a", client.Event{Type: "T"}, client.AtVersion(-2))
	_, errs["version -2 of an append"] = c.Append(ctx, client.Write{Stream: "a", Events: []client.Event{{Type: "T"}}, Expect: client.AtVersion(-2)})
	for name, err := range errs {
		if _, refused := errors.AsType[*client.InvalidError](err); !refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}
