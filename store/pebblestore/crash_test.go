package pebblestore

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/evtui/evtui/store"
)

var (
	crashSeed   = flag.Uint64("crash.seed", 0, "seed of the crash test; 0 takes a random one")
	crashPoints = flag.Int("crash.points", 60, "how many crashes the crash test makes")
)

func mustOpenFS(t testing.TB, fs vfs.FS, o Options) *Store {
	t.Helper()
	o.FS = fs
	s, err := Open("data", o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustCreate(t testing.TB, s *Store, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if _, err := s.CreateNamespace(context.Background(), store.NamespaceSpec{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
}

func appendOne(s *Store, namespace, stream string) (store.Appended, error) {
	return s.Append(context.Background(), namespace, store.Write{
		Stream: stream, ExpectedVersion: store.AnyVersion,
		Events: []store.Event{{Type: "T", Data: []byte(`{"a":1}`)}},
	})
}

// TestCrash takes clones of the file system while writers write: each clone
// must open, agree with itself and hold every message acknowledged before.
func TestCrash(t *testing.T) {
	seed := *crashSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d (replay with -crash.seed)", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	fs := vfs.NewCrashableMem()
	s := mustOpenFS(t, fs, Options{MemtableBytes: 64 << 10})
	mustCreate(t, s, "a", "b")
	acks := make(chan ack) // unbuffered: writers go on as their acknowledgements are taken
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() { crashWriter(t, s, w, acks, stop) })
	}
	var acked [2]int64 // highest acknowledged global position; all below are durable too
	for range *crashPoints {
		for range random.IntN(40) {
			a := <-acks
			acked[a.namespace] = max(acked[a.namespace], a.gpos)
		}
		clone := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: random.IntN(101), RNG: random})
		checkClone(t, clone, acked)
		if t.Failed() {
			break
		}
	}
	close(stop)
	writers.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// ack says that a message was acknowledged.
type ack struct {
	namespace int
	gpos      int64
}

// crashWriter appends until stop. A failing append ends it, and the test when
// nobody is left to acknowledge.
func crashWriter(t *testing.T, s *Store, w int, acks chan<- ack, stop <-chan struct{}) {
	for i := 0; ; i++ {
		n := (w + i) % 2
		a, err := appendOne(s, string(rune('a'+n)), fmt.Sprintf("c%d-%d", i%3, i%17))
		if err != nil {
			t.Error(err)
		}
		select {
		case acks <- ack{namespace: n, gpos: a.LastGlobalPosition}:
		case <-stop:
			return
		}
	}
}

func checkClone(t *testing.T, clone vfs.FS, acked [2]int64) {
	t.Helper()
	s := mustOpenFS(t, clone, Options{})
	for n, want := range acked {
		id := string(rune('a' + n))
		head, err := s.Head(context.Background(), id)
		if err != nil {
			t.Fatal(err)
		}
		if head < want {
			t.Errorf("namespace %s ends at %d, %d was acknowledged", id, head, want)
		}
		report, err := s.Verify(context.Background(), id)
		if err != nil || len(report.Findings) > 0 || report.Messages != head {
			t.Errorf("namespace %s: head %d, %+v, %v", id, head, report, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestFailedSyncPoisons checks that nothing is acknowledged once a sync of
// the log has failed, that other namespaces go on, and that opening the
// directory again brings back what was acknowledged.
func TestFailedSyncPoisons(t *testing.T) {
	var failing atomic.Bool
	mem := vfs.NewCrashableMem()
	injected := errors.New("injected")
	fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if failing.Load() && op.Kind == errorfs.OpFileSync || failing.Load() && op.Kind == errorfs.OpFileSyncData {
			return injected
		}
		return nil
	}))
	s := mustOpenFS(t, fs, Options{})
	mustCreate(t, s, "a", "b")
	for range 10 {
		for _, id := range []string{"a", "b"} {
			if _, err := appendOne(s, id, "x-1"); err != nil {
				t.Fatal(err)
			}
		}
	}
	failing.Store(true)
	var poisoned *store.PoisonedError
	if _, err := appendOne(s, "a", "x-1"); !errors.As(err, &poisoned) || poisoned.Namespace != "a" {
		t.Fatalf("append over a failing sync: %v", err)
	}
	failing.Store(false)
	if _, err := appendOne(s, "a", "x-1"); !errors.As(err, &poisoned) {
		t.Fatalf("append after a failed sync: %v", err)
	}
	if head, err := s.Head(context.Background(), "a"); err != nil || head != 10 {
		t.Fatalf("head %d, %v: what was not acknowledged must not be seen", head, err)
	}
	if _, err := appendOne(s, "b", "x-1"); err != nil {
		t.Fatalf("other namespace: %v", err)
	}
	clone := mem.CrashClone(vfs.CrashCloneCfg{})
	_ = s.Close() // may report the failed log
	again := mustOpenFS(t, clone, Options{})
	for id, want := range map[string]int64{"a": 10, "b": 11} {
		if head, err := again.Head(context.Background(), id); err != nil || head < want {
			t.Errorf("namespace %s: head %d (%v), acknowledged were %d", id, head, err, want)
		}
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestIntervalDurability checks what the weaker durability promises: an
// acknowledged message survives a crash as soon as the interval's sync has
// run, without any further write, and Describe says that it is not before.
func TestIntervalDurability(t *testing.T) {
	fs := vfs.NewCrashableMem()
	const interval = 5 * time.Millisecond
	s := mustOpenFS(t, fs, Options{Interval: interval})
	if d := s.Describe(); d.Durability != "interval 5ms" {
		t.Errorf("durability %q", d.Durability)
	}
	mustCreate(t, s, "a")
	deadline := time.Now().Add(time.Minute)
	for want := int64(1); want <= 20; want++ {
		if _, err := appendOne(s, "a", "x-1"); err != nil {
			t.Fatal(err)
		}
		for lost := true; lost; {
			clone := mustOpenFS(t, fs.CrashClone(vfs.CrashCloneCfg{}), Options{})
			head, err := clone.Head(context.Background(), "a")
			if err != nil {
				t.Fatal(err)
			}
			if report, err := clone.Verify(context.Background(), "a"); err != nil || len(report.Findings) > 0 {
				t.Fatalf("after a crash: %+v, %v", report, err)
			}
			if err := clone.Close(); err != nil {
				t.Fatal(err)
			}
			if lost = head < want; lost && time.Now().After(deadline) {
				t.Fatalf("message %d is still not durable", want)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
