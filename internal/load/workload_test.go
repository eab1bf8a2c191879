package load

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

func mustConfig(t testing.TB, c Config) Config {
	t.Helper()
	c.Categories = len(catalogue)
	c.Streams = 1000
	return c
}

// TestGoods: every event in every wording is valid JSON, of lifelike size, and
// rarely the same twice.
func TestGoods(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	c := mustConfig(t, Config{Seed: seed})
	g := newWorkload(c)
	random := rand.New(rand.NewPCG(seed, 1))
	seen := make(map[string]bool)
	count, bytesAll := 0, 0
	for i := range g.categories {
		l := &g.categories[i]
		for j := range l.templates {
			tmpl := &l.templates[j]
			if err := store.CheckType(tmpl.name); err != nil {
				t.Error(err)
			}
			for range 20 {
				data := tmpl.fill(nil, random)
				var object map[string]any
				if err := json.Unmarshal(data, &object); err != nil {
					t.Fatalf("%s: %v in %s", tmpl.name, err, data)
				}
				if bytes.ContainsAny(data, "~^<>#") {
					t.Fatalf("%s: a place was not filled in %s", tmpl.name, data)
				}
				seen[string(data)] = true
				metadata := g.metadata(nil, l, link{stream: "order-10001", position: 3, global: 14}, random)
				if len(metadata) > 0 && !json.Valid(metadata) {
					t.Fatalf("metadata %s", metadata)
				}
				count++
				bytesAll += len(data) + len(metadata)
			}
		}
	}
	if mean := bytesAll / count; mean < 310 || mean > 350 {
		t.Errorf("messages have %d bytes on the average, not about 330", mean)
	}
	if len(seen) < count*99/100 {
		t.Errorf("only %d of %d are different", len(seen), count)
	}
}

func TestGoodsFollowTheSeed(t *testing.T) {
	produce := func(seed uint64) string {
		g := newWorkload(mustConfig(t, Config{Seed: seed}))
		random := rand.New(rand.NewPCG(seed, 1))
		return string(g.categories[0].templates[3].fill(nil, random)) + string(g.metadata(nil, &g.categories[0], link{}, random))
	}
	if first, again := produce(1), produce(1); first != again {
		t.Error("the same seed gives different workloads")
	}
	if produce(1) == produce(2) {
		t.Error("different seeds give the same workload")
	}
}

func TestMetadataCorrelates(t *testing.T) {
	g := newWorkload(mustConfig(t, Config{}))
	random := rand.New(rand.NewPCG(1, 1))
	kinds := map[string]int{}
	for range 800 {
		metadata := string(g.metadata(nil, &g.categories[1], link{stream: "order-1", position: 2, global: 3}, random))
		switch {
		case metadata == "":
			kinds["none"]++
		case strings.Contains(metadata, `"correlationStreamName":"order-1`) && strings.Contains(metadata, `"causationMessageStreamName":"order-1","causationMessagePosition":2,"causationMessageGlobalPosition":3`):
			kinds["both"]++
		default:
			kinds["trace"]++
		}
	}
	if kinds["none"] < 50 || kinds["trace"] < 100 || kinds["both"] < 400 {
		t.Errorf("%v", kinds)
	}
}

// TestStreamsAreBounded: all choices are among the streams, and some are
// chosen more often.
func TestStreamsAreBounded(t *testing.T) {
	g := &workload{streams: 100}
	random := rand.New(rand.NewPCG(1, 1))
	times := map[string]int{}
	for range 100_000 {
		times[string(g.stream(nil, "a", random))]++
	}
	if len(times) != 100 {
		t.Errorf("%d streams", len(times))
	}
	if hot, usual := times["a-10001"], times["a-10099"]; hot < 3*usual {
		t.Errorf("hot %d, usual %d", hot, usual)
	}
}

func BenchmarkPayload(b *testing.B) {
	c := Config{Workers: 1, Streams: 1000, Categories: 5, Batch: 1}
	w := newWorker(&run{Config: c, workload: newWorkload(c), tally: newTally(1)}, 0)
	b.ReportAllocs()
	for b.Loop() {
		w.source.Next(w.events)
	}
}
