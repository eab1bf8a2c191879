package pebblestore

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
)

var stressNamespaces = flag.Int("stress.namespaces", 0, "how many namespaces TestManyNamespaces makes; 0 skips it")

// TestIdleNamespacesClose waits for the janitor. A subscription does not keep
// its namespace open, and hears of what is written after the closing.
func TestIdleNamespacesClose(t *testing.T) {
	s := mustOpenFS(t, vfs.NewMem(), Options{IdleClose: 8 * time.Millisecond})
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	mustCreate(t, s, "a")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	sub, err := s.Subscribe(ctx, "a", store.SubscribeQuery{From: store.FromNow})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sub.Close() }()
	for round := range 3 {
		if _, err := appendOne(s, "a", "x-1"); err != nil {
			t.Fatal(err)
		}
		buf := make([]store.Announcement, 10)
		if n, err := sub.Next(ctx, buf); err != nil || n != 1 || buf[0].Position != int64(round) {
			t.Fatalf("round %d: %d announcements, %v, %v", round, n, buf[0], err)
		}
		for len(s.EngineFigures().Namespaces) > 0 {
			if ctx.Err() != nil {
				t.Fatal("the idle namespace stays open")
			}
			runtime.Gosched()
		}
	}
}

// TestManyNamespaces writes to thousands of namespaces in a random order while
// few may be open, and reports memory and how long opening takes:
//
//	go test ./store/pebblestore -run ManyNamespaces -stress.namespaces 10000 -v
func TestManyNamespaces(t *testing.T) {
	if *stressNamespaces == 0 {
		t.Skip("takes minutes: give -stress.namespaces 10000")
	}
	s, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	name := func(i int) string { return fmt.Sprintf("tenant-%05d", i) }
	for i := range *stressNamespaces {
		mustCreate(t, s, name(i))
	}
	var peak uint64
	each := func(order []int, use func(id string) error) (took []time.Duration) {
		for i, n := range order {
			start := time.Now()
			if err := use(name(n)); err != nil {
				t.Fatal(err)
			}
			took = append(took, time.Since(start))
			if i%100 == 0 {
				peak = max(peak, memory())
			}
		}
		slices.Sort(took)
		return took
	}
	order := rand.Perm(*stressNamespaces)
	made := each(order, func(id string) error {
		_, err := appendOne(s, id, "x-1")
		return err
	})
	// Those at the beginning were used longest ago, and are closed.
	opened := each(order[:min(len(order)/2, 2000)], func(id string) error {
		version, err := s.Version(context.Background(), id, "x-1")
		if err == nil && version != 0 {
			err = fmt.Errorf("namespace %s: version %d", id, version)
		}
		return err
	})
	if open := len(s.EngineFigures().Namespaces); open > 64 {
		t.Errorf("%d namespaces are open", open)
	}
	start := time.Now()
	list, err := s.Namespaces(context.Background())
	listed := time.Since(start)
	if err != nil || len(list) != *stressNamespaces {
		t.Fatalf("%d namespaces, %v", len(list), err)
	}
	for _, n := range list {
		if n.MessageCount != 1 {
			t.Fatalf("namespace %s counts %d messages", n.ID, n.MessageCount)
		}
	}
	t.Logf("%d namespaces: peak memory %d MB; first append, the namespace's making included: median %v, 99%% %v; "+
		"version in a closed one, opening included: median %v, 99%% %v; ns.list %v",
		*stressNamespaces, peak>>20, made[len(made)/2], made[len(made)*99/100], opened[len(opened)/2], opened[len(opened)*99/100], listed)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// memory is what the Go runtime holds of the system's, stacks and all, without
// what it has given back.
func memory() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}
