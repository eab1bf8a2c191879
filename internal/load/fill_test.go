package load_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// contents is what a namespace holds: by stream, the messages' types and data
// in an order that does not depend on who came first.
func contents(t *testing.T, st store.Store) map[string][]string {
	t.Helper()
	held := map[string][]string{}
	for m, err := range st.ReadCategory(t.Context(), store.DefaultNamespace, store.CategoryQuery{Limit: store.NoLimit}) {
		if err != nil {
			t.Fatal(err)
		}
		stream := strings.Clone(m.Stream) // lent until the next step
		held[stream] = append(held[stream], fmt.Sprintf("%s %s %s", m.Type, m.Data, m.Metadata))
	}
	for _, messages := range held {
		slices.Sort(messages)
	}
	return held
}

func TestFillIsTheSameEveryTime(t *testing.T) {
	var first map[string][]string
	for _, workers := range []int{1, 7} {
		c, st := serve(t)
		report, err := load.Fill(t.Context(), load.FillConfig{Client: c, Messages: 1234, Streams: 100, Workers: workers, Seed: 3}, nil)
		if err != nil || report.Messages != 1234 || !report.Verified {
			t.Fatalf("%+v, %v", report, err)
		}
		held := contents(t, st)
		if len(held) != 100 {
			t.Errorf("%d streams", len(held))
		}
		for stream, messages := range held {
			if len(messages) != 12 && len(messages) != 13 {
				t.Errorf("%s holds %d messages", stream, len(messages))
			}
			if first != nil && !slices.Equal(messages, first[stream]) {
				t.Errorf("%s holds other messages with %d workers", stream, workers)
			}
		}
		first = held
	}
}

func TestFillRefusesAndStops(t *testing.T) {
	c, _ := serve(t)
	for _, bad := range []load.FillConfig{
		{Messages: 10, Streams: 10},
		{Client: c, Messages: 9, Streams: 10},
		{Client: c, Messages: 9, Streams: 2},
	} {
		var invalid *store.InvalidError
		if _, err := load.Fill(t.Context(), bad, nil); !errors.As(err, &invalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := load.Fill(ctx, load.FillConfig{Client: c, Messages: 10, Streams: 10}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped before the start: %v", err)
	}
	if _, err := load.Fill(t.Context(), load.FillConfig{Client: c, Messages: 10, Streams: 10}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := load.Fill(t.Context(), load.FillConfig{Client: c, Messages: 10, Streams: 10}, nil); !errors.Is(err, load.ErrNotEmpty) {
		t.Errorf("into a full one: %v", err)
	}
}

func TestSourceFollowsFromItsSeed(t *testing.T) {
	say := func(seed, number uint64) string {
		s := load.NewSource(3, 50, seed, number)
		var said string
		events := make([]client.Event, 2)
		for i := range int64(20) {
			stream := s.Next(events)
			s.Stored(stream, i, i+1)
			for _, e := range events {
				said += fmt.Sprintf("%s %s %s %s\n", stream, e.Type, e.Data, e.Metadata)
			}
		}
		return said
	}
	if say(1, 0) != say(1, 0) || say(1, 0) == say(2, 0) || say(1, 0) == say(1, 1) {
		t.Error("seed and number do not decide what comes")
	}
}
