package load_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/store"
)

// told is a message of a story, as a reader has it.
type told struct {
	store.Message
	data, meta map[string]any
}

// read returns the messages of a story by stream, in the order of the log, and
// all of them by their global positions.
func read(t *testing.T, st store.Store) (byStream map[string][]told, all []told) {
	t.Helper()
	byStream = map[string][]told{}
	for m, err := range st.ReadCategory(t.Context(), store.DefaultNamespace, store.CategoryQuery{Limit: store.NoLimit}) {
		if err != nil {
			t.Fatal(err)
		}
		x := told{Message: m}
		x.Stream, x.Type = strings.Clone(m.Stream), strings.Clone(m.Type)
		for _, part := range []struct {
			raw  []byte
			into *map[string]any
		}{{m.Data, &x.data}, {m.Metadata, &x.meta}} {
			if len(part.raw) == 0 {
				continue
			}
			if err := json.Unmarshal(part.raw, part.into); err != nil {
				t.Fatal(err)
			}
		}
		x.Data, x.Metadata = nil, nil
		byStream[x.Stream] = append(byStream[x.Stream], x)
		all = append(all, x)
	}
	return byStream, all
}

// TestStoryHasItsFaults counts what is wrong in a story, and that nothing else is.
func TestStoryHasItsFaults(t *testing.T) {
	for _, c := range []load.StoryConfig{{Orders: 100}, {Orders: 2000, Seed: 7}} {
		t.Run(fmt.Sprint(c.Orders), func(t *testing.T) {
			cl, st := serve(t)
			c.Client = cl
			c.Until = time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
			n, err := load.Story(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			byStream, all := read(t, st)
			if int64(len(all)) != n {
				t.Fatalf("%d messages, said %d", len(all), n)
			}
			var unpaid, texts int
			var below []string
			for stream, list := range byStream {
				switch store.Category(stream) {
				case "order":
					kinds := make([]string, len(list))
					for i, m := range list {
						kinds[i] = m.Type
					}
					if slices.Contains(kinds, "OrderShipped") && !slices.Contains(kinds, "OrderPaid") {
						unpaid++
					}
					if _, text := list[0].data["total"].(string); text {
						texts++
						if list[0].data["app"] != "4.2" {
							t.Errorf("%s has its total as text before the release", stream)
						}
					}
				case "account":
					if lowest(list) < -0.001 {
						below = append(below, stream)
					}
				}
			}
			if want := map[int]int{100: 1, 2000: 3}[c.Orders]; unpaid != want || texts < 1 || !slices.Equal(below, []string{"account-1001"}) {
				t.Errorf("%d unpaid orders, %d totals as text, %v below nothing", unpaid, texts, below)
			}
			if c.Until.Before(all[len(all)-1].Time) {
				t.Errorf("the last message is of %v, after the end", all[len(all)-1].Time)
			}
			causes(t, all)
		})
	}
}

// lowest is the least that an account held.
func lowest(list []told) float64 {
	held, least := 0.0, 0.0
	for _, m := range list {
		amount, _ := m.data["amount"].(float64)
		if m.Type == "Withdrawn" {
			amount = -amount
		}
		held += amount
		least = min(least, held)
	}
	return least
}

// causes holds that what a message names as its cause is there, came before it,
// and belongs to the same order.
func causes(t *testing.T, all []told) {
	t.Helper()
	named := 0
	for _, m := range all {
		global, ok := m.meta["causationMessageGlobalPosition"].(float64)
		if !ok {
			continue
		}
		named++
		cause := all[int(global)-1]
		if int64(global) >= m.GlobalPosition || cause.Stream != m.meta["causationMessageStreamName"] || float64(cause.Position) != m.meta["causationMessagePosition"] {
			t.Fatalf("%s#%d names %s#%d as its cause", m.Stream, m.Position, cause.Stream, cause.Position)
		}
		if about, ok := cause.meta["correlationStreamName"]; ok && about != m.meta["correlationStreamName"] {
			t.Errorf("%s#%d belongs to %v, its cause to %v", m.Stream, m.Position, m.meta["correlationStreamName"], about)
		}
	}
	if named < len(all)/2 {
		t.Errorf("%d of %d messages name a cause", named, len(all))
	}
}

func TestStoryWantsAnEmptyNamespace(t *testing.T) {
	c, _ := serve(t)
	if _, err := load.Story(t.Context(), load.StoryConfig{Client: c, Orders: 100}); err != nil {
		t.Fatal(err)
	}
	if _, err := load.Story(t.Context(), load.StoryConfig{Client: c, Orders: 100}); !errors.Is(err, load.ErrNotEmpty) {
		t.Errorf("a second story: %v", err)
	}
	var bad *store.InvalidError
	if _, err := load.Story(t.Context(), load.StoryConfig{Client: c, Orders: 5}); !errors.As(err, &bad) {
		t.Errorf("five orders: %v", err)
	}
}
