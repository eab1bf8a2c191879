package pebblestore

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/evtui/evtui/internal/race"
	"github.com/evtui/evtui/store"
)

var (
	faultSeed = flag.Uint64("fault.seed", 0, "seed of the fault test's sample; 0 takes a random one")
	faultRuns = flag.Int("fault.runs", 0, "how many faults the fault test injects, 0: 250, under the race detector 40; -1: every operation, in every manner")
)

// manner is how an injected fault goes on after its first operation.
type manner struct {
	name string
	err  error
	hits func(first, op errorfs.Op) bool // nil: only the first operation fails
}

func dirOf(path string) string {
	parts := strings.Split(path, "/")
	return strings.Join(parts[:min(len(parts), 3)], "/")
}

func isSync(k errorfs.OpKind) bool { return k == errorfs.OpFileSync || k == errorfs.OpFileSyncData }

// manners are the ways in which a disk fails.
var manners = []manner{
	{"once", syscall.EIO, nil},
	{"that file from then on", syscall.EIO, func(first, op errorfs.Op) bool { return op.Path == first.Path }},
	{"that directory from then on", syscall.EIO, func(first, op errorfs.Op) bool { return dirOf(op.Path) == dirOf(first.Path) }},
	{"syncs from then on", syscall.EIO, func(_, op errorfs.Op) bool { return isSync(op.Kind) }},
	{"disk full from then on", syscall.ENOSPC, func(_, op errorfs.Op) bool {
		return op.Kind == errorfs.OpCreate || op.Kind == errorfs.OpFileWrite || op.Kind == errorfs.OpFilePreallocate
	}},
}

// faulty injects a fault at the at-th operation.
type faulty struct {
	at     int64 // 0: never
	manner manner
	count  atomic.Int64
	first  atomic.Pointer[errorfs.Op]
	healed atomic.Bool
}

func (f *faulty) inject(op errorfs.Op) error {
	if op.Kind == errorfs.OpLock || f.healed.Load() {
		return nil
	}
	n := f.count.Add(1)
	if n == f.at {
		f.first.Store(&op)
		return f.manner.err
	}
	if first := f.first.Load(); first != nil && f.manner.hits != nil && f.manner.hits(*first, op) {
		return f.manner.err
	}
	return nil
}

// faultRun is a fixed course of events on a store that meets a fault, with a
// book of what was acknowledged.
type faultRun struct {
	faulty
	mem    *vfs.MemFS
	s      *Store
	book   map[string]tenancy
	failed map[string]error // the first error of each namespace
	serial int64
}

func runFault(t *testing.T, at int64, m manner) *faultRun {
	t.Helper()
	r := &faultRun{mem: vfs.NewCrashableMem(), book: map[string]tenancy{}, failed: map[string]error{}}
	r.at, r.manner = at, m
	o := crashOptions()
	o.FS, o.tablePause = errorfs.Wrap(r.mem, errorfs.InjectorFunc(r.inject)), time.Microsecond
	s, err := Open("data", o)
	if err != nil {
		if r.first.Load() == nil {
			t.Fatalf("open without a fault: %v", err)
		}
		return r
	}
	r.s = s
	r.play(t)
	if err := s.Close(); err != nil && r.first.Load() == nil {
		t.Errorf("close without a fault: %v", err)
	}
	return r
}

// play is the course of events: enough bytes for flushes, compactions, and a
// namespace that is closed and opened again, since only two may be open.
func (r *faultRun) play(t *testing.T) {
	for _, id := range []string{"a", "b", "gone"} {
		r.created(id)
	}
	for i := range 12 {
		for _, id := range []string{"a", "b"} {
			r.appended(t, id, fmt.Sprintf("c-%d", i%3), 1+i%3, 3000)
		}
		if i == 3 {
			r.appended(t, "gone", "c-1", 1, 100)
			r.deleted("gone")
		}
		if i == 6 {
			r.tried("b", r.s.Flush)
			r.tried("a", r.s.Compact)
		}
	}
	for _, id := range []string{"a", "b"} {
		r.seen(t, id)
	}
}

func (r *faultRun) met(id string, err error) bool {
	if err != nil && r.failed[id] == nil {
		r.failed[id] = err
	}
	return err == nil
}

// tried does what goes on trying until its caller has had enough.
func (r *faultRun) tried(id string, do func(context.Context, string) error) {
	limit := time.Minute
	if r.at > 0 {
		limit = 30 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := do(ctx, id); r.at == 0 || !errors.Is(err, context.DeadlineExceeded) {
		r.met(id, err)
	}
}

func (r *faultRun) note(id string, change func(*tenancy)) {
	t := r.book[id]
	change(&t)
	r.book[id] = t
}

func (r *faultRun) created(id string) {
	r.note(id, func(t *tenancy) { t.there = unsure })
	_, err := r.s.CreateNamespace(context.Background(), store.NamespaceSpec{ID: id})
	if r.met(id, err) {
		r.note(id, func(t *tenancy) { t.there = present })
	}
}

func (r *faultRun) deleted(id string) {
	r.note(id, func(t *tenancy) { t.there, t.facts = unsure, nil })
	// Files that could not be removed are no reason for it to come back.
	if _, err := r.s.DeleteNamespace(context.Background(), id); r.met(id, err) {
		r.note(id, func(t *tenancy) { t.there = absent })
	}
}

// appended writes a batch. Once the namespace is poisoned, nothing may be
// acknowledged any more.
func (r *faultRun) appended(t *testing.T, id, stream string, count, size int) {
	w := store.Write{Stream: stream, ExpectedVersion: store.AnyVersion}
	r.serial++
	for range count {
		data := fmt.Appendf(nil, `{"batch":%d,"of":%d,"filler":"%0*d"}`, r.serial, count, size, 0)
		w.Events = append(w.Events, store.Event{Type: "T", Data: data})
	}
	got, err := r.s.Append(context.Background(), id, w)
	var poisoned *store.PoisonedError
	if errors.As(r.failed[id], &poisoned) && poisoned.Namespace == id && err == nil {
		t.Errorf("namespace %s acknowledges after it was poisoned: %s", id, poisoned.Reason)
	}
	if !r.met(id, err) {
		return
	}
	r.note(id, func(t *tenancy) {
		for i, e := range w.Events {
			t.facts = append(t.facts, fact{stream, got.FirstPosition + int64(i), got.FirstGlobalPosition + int64(i), string(e.Data)})
		}
	})
}

// seen reads while the fault lasts: an error is right, a wrong answer is not.
func (r *faultRun) seen(t *testing.T, id string) {
	head, err := r.s.Head(context.Background(), id)
	if !r.met(id, err) {
		return
	}
	if facts := r.book[id].facts; len(facts) > 0 && head < facts[len(facts)-1].gpos {
		t.Errorf("namespace %s: head %d, acknowledged was %d", id, head, facts[len(facts)-1].gpos)
	}
	stored, err := readWorld(r.s, id, 0)
	if !r.met(id, err) {
		return
	}
	for _, f := range r.book[id].facts {
		if stored[f.gpos] != f {
			t.Errorf("namespace %s: acknowledged was %d, read is %d", id, f.gpos, stored[f.gpos].gpos)
		}
	}
}

// checked opens what the run left, once as the disk is now that it works
// again, once as it would be had the power gone.
func (r *faultRun) checked(t *testing.T) {
	t.Helper()
	r.healed.Store(true)
	for name, files := range map[string]vfs.FS{"after the power went": r.mem.CrashClone(vfs.CrashCloneCfg{}), "after a restart": r.mem} {
		o := crashOptions()
		o.FS = files
		s, err := Open("data", o)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for id, known := range r.book {
			if err := checkTenancy(s, id, known); err != nil {
				t.Errorf("%s: namespace %s: %v", name, id, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFaults lets file operations fail, one after the other, in all manners: a
// store never acknowledges what it then does not hold, never ends the process,
// and tells each fault where it happened: namespaces with files of their own go on.
func TestFaults(t *testing.T) {
	clean := runFault(t, 0, manner{})
	clean.checked(t)
	operations := clean.count.Load()
	if len(clean.failed) > 0 || operations < 300 {
		t.Fatalf("without a fault: %d operations, %v", operations, clean.failed)
	}
	seed := *faultSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	runs := *faultRuns
	if runs == 0 {
		if runs = 250; race.Enabled || testing.Short() {
			runs = 40
		}
	}
	all := int(operations) * len(manners)
	order := rand.New(rand.NewPCG(seed, 0)).Perm(all)
	if runs > 0 {
		order = order[:min(runs, all)]
	}
	t.Logf("%d of %d faults, seed %d (replay with -fault.seed, all with -fault.runs -1)", len(order), all, seed)
	poisoned := map[string]int{}
	for _, n := range order {
		at, m := int64(n/len(manners))+1, manners[n%len(manners)]
		r := runFault(t, at, m)
		r.checked(t)
		r.told(t, poisoned)
		if t.Failed() {
			t.Fatalf("operation %d fails, %s: %+v; namespaces said %v", at, m.name, r.first.Load(), r.failed)
		}
	}
	t.Logf("reasons told: %v", poisoned)
}

// told checks where the fault was told.
func (r *faultRun) told(t *testing.T, reasons map[string]int) {
	first := r.first.Load()
	if first == nil {
		return // the course of events was shorter this time
	}
	for id, err := range r.failed {
		var poisoned *store.PoisonedError
		if errors.As(err, &poisoned) {
			reasons[poisoned.Reason]++
		}
		if errors.Is(err, fs.ErrNotExist) {
			t.Errorf("namespace %s: a fault became %v", id, err)
		}
	}
	own := strings.HasPrefix(dirOf(first.Path), "data/ns/a.") && r.manner.hits == nil
	if err := r.failed["b"]; own && err != nil {
		t.Errorf("namespace b: %v, over a fault in another namespace's files", err)
	}
}
