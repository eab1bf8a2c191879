package pebblestore

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/evtui/evtui/internal/race"
	"github.com/evtui/evtui/store"
)

var (
	crashSeed   = flag.Uint64("crash.seed", 0, "seed of the crash test; 0 takes a random one")
	crashPoints = flag.Int("crash.points", 0, "how many crashes the crash test makes; 0: 2,000, under the race detector 200")
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

// TestCrash takes clones of the file system in the middle of file operations,
// while writers append, import, create, delete and truncate: each clone must
// open, agree with itself, hold every message and namespace acknowledged
// before, and nothing that was acknowledged as gone.
func TestCrash(t *testing.T) {
	seed := *crashSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	points := *crashPoints
	if points == 0 {
		if points = 2000; race.Enabled || testing.Short() {
			points = 200
		}
	}
	t.Logf("%d crashes, seed %d (replay with -crash.seed, more with -crash.points)", points, seed)
	random := rand.New(rand.NewPCG(seed, 0))
	total, facts := 0, 0
	for total < points && !t.Failed() {
		w := newWorld(t, random.Uint64(), min(points-total, 50), 4+random.IntN(40))
		for n := range worldNamespaces {
			w.relive(n, false)
		}
		var workers sync.WaitGroup
		for i := range 4 {
			playerSeed := random.Uint64()
			workers.Go(func() { w.play(i, playerSeed) })
		}
		workers.Wait()
		if err := w.s.Close(); err != nil {
			t.Fatal(err)
		}
		facts += w.check()
		total += len(w.clones)
	}
	t.Logf("%d crashes, %d acknowledged messages looked up", total, facts)
}

// check looks at all clones, some at a time, and returns how many facts it
// compared.
func (w *world) check() (facts int) {
	var checkers sync.WaitGroup
	var mu sync.Mutex
	next := 0
	for range runtime.GOMAXPROCS(0) {
		checkers.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= len(w.clones) || w.t.Failed() {
					return
				}
				n := w.checkClone(&w.clones[i])
				mu.Lock()
				facts += n
				mu.Unlock()
			}
		})
	}
	checkers.Wait()
	return facts
}

// checkClone opens a clone, and every tenth a second time, after a crash in
// the middle of its recovery.
func (w *world) checkClone(c *crashClone) int {
	open := func(fs vfs.FS) (*Store, error) {
		o := crashOptions()
		o.FS = fs
		return Open("data", o)
	}
	if c.seed%10 == 0 {
		s, err := open(c.fs)
		if err != nil {
			w.t.Errorf("crash in operation %s: %v", c.op, err)
			return 0
		}
		id := worldID(int(c.seed/10) % worldNamespaces)
		_, _ = s.Head(context.Background(), id) // opens it, if it is there
		fresh := c.fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: int(c.seed/100) % 101, RNG: rand.New(rand.NewPCG(c.seed, 3))})
		if err := s.Close(); err != nil {
			w.t.Errorf("crash in operation %s: close: %v", c.op, err)
		}
		c.fs = fresh
	}
	s, err := open(c.fs)
	if err != nil {
		w.t.Errorf("crash in operation %s: %v", c.op, err)
		return 0
	}
	defer func() {
		if err := s.Close(); err != nil {
			w.t.Errorf("crash in operation %s: close: %v", c.op, err)
		}
	}()
	facts := 0
	for n := range worldNamespaces {
		id := worldID(n)
		if err := checkTenancy(s, id, c.book[id]); err != nil {
			w.t.Errorf("crash in operation %s: namespace %s: %v", c.op, id, err)
		}
		facts += len(c.book[id].facts)
	}
	return facts
}

// checkTenancy compares a namespace with what was acknowledged of it.
func checkTenancy(s *Store, id string, known tenancy) error {
	ctx := context.Background()
	_, err := s.Namespace(ctx, id)
	switch {
	case errors.Is(err, store.ErrNamespaceNotFound) && known.there != present:
		return nil
	case err != nil:
		return fmt.Errorf("was acknowledged: %w", err)
	case known.there == absent:
		return errors.New("is there, though never created, or acknowledged as deleted")
	}
	report, err := s.Verify(ctx, id)
	if err != nil || len(report.Findings) > 0 {
		return fmt.Errorf("verify: %+v, %w", report, err)
	}
	stored, err := readWorld(s, id, known.life)
	if err != nil {
		return err
	}
	if int64(len(stored)) != report.Messages {
		return fmt.Errorf("%d messages are read, %d are there", len(stored), report.Messages)
	}
	for _, f := range known.facts {
		if got, ok := stored[f.gpos]; !ok || got != f {
			return fmt.Errorf("acknowledged was %+v, there is %+v", f, got)
		}
	}
	return nil
}

// readWorld reads all messages of a namespace, and checks that none is of an
// earlier life, and batches are whole.
func readWorld(s *Store, id string, life int64) (map[int64]fact, error) {
	stored, batches := map[int64]fact{}, map[int64]int{}
	for m, err := range s.ReadCategory(context.Background(), id, store.CategoryQuery{GlobalPosition: 1, Limit: store.NoLimit}) {
		if err != nil {
			return nil, err
		}
		var p struct {
			Life, Batch int64
			Of          int
		}
		if err := json.Unmarshal(m.Data, &p); err != nil {
			return nil, err
		}
		if p.Life < life {
			return nil, fmt.Errorf("message %d of life %d is back in life %d", m.GlobalPosition, p.Life, life)
		}
		if batches[p.Batch]++; batches[p.Batch] == p.Of {
			delete(batches, p.Batch)
		}
		m = m.Clone()
		stored[m.GlobalPosition] = fact{m.Stream, m.Position, m.GlobalPosition, string(m.Data)}
	}
	if len(batches) > 0 {
		return nil, fmt.Errorf("batches are there in part: %v", batches)
	}
	return stored, nil
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
