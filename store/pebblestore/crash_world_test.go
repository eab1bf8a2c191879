package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/evtui/evtui/store"
)

// fact is an acknowledged message.
type fact struct {
	stream         string
	position, gpos int64
	data           string
}

// presence is what is known of a namespace.
type presence int

const (
	absent presence = iota // never created, or acknowledged as deleted
	present
	unsure // a creation or a deletion is under way
)

// tenancy is what was acknowledged of one namespace. It is a value: facts are
// only ever appended, so that a copy is a view of its moment.
type tenancy struct {
	there presence
	life  int64 // messages of an earlier life must not come back
	next  int64 // the life that the next messages carry
	facts []fact
}

// world is one store on a crashable file system, whose writers keep a book of
// what they were told, and of which clones are taken in the middle of file
// operations.
type world struct {
	t       *testing.T
	fs      *vfs.MemFS
	s       *Store
	life    [worldNamespaces]sync.RWMutex // held by whoever creates, deletes or truncates
	imports [worldNamespaces]sync.Mutex
	cloning sync.RWMutex

	mu      sync.Mutex // guards what follows
	random  *rand.Rand
	book    map[string]tenancy
	serial  int64
	clones  []crashClone
	wanted  int
	spacing int // file operations between clones, on average
}

const worldNamespaces = 3

// unclonedLock keeps clones away from Lock: MemFS read-locks there what it
// holds read-locked already, and locks itself up when a clone comes between.
type unclonedLock struct {
	vfs.FS
	cloning *sync.RWMutex
}

func (u *unclonedLock) Lock(name string) (io.Closer, error) {
	u.cloning.RLock()
	defer u.cloning.RUnlock()
	return u.FS.Lock(name)
}

// crashClone is a state of the disk after a crash, with what was known then.
type crashClone struct {
	fs   *vfs.MemFS
	book map[string]tenancy
	seed uint64
	op   string
}

func newWorld(t *testing.T, seed uint64, wanted, spacing int) *world {
	w := &world{
		t: t, fs: vfs.NewCrashableMem(), random: rand.New(rand.NewPCG(seed, 1)),
		book: map[string]tenancy{}, wanted: wanted, spacing: spacing,
	}
	files := errorfs.Wrap(w.fs, errorfs.InjectorFunc(w.beforeOp))
	w.s = mustOpenFS(t, &unclonedLock{FS: files, cloning: &w.cloning}, crashOptions())
	return w
}

func crashOptions() Options {
	return Options{Memory: 4 << 20, MemtableBytes: 32 << 10, MaxOpen: 2, IdleClose: -1}
}

// beforeOp stands before every operation on a file, and clones at some.
func (w *world) beforeOp(op errorfs.Op) error {
	if op.Kind == errorfs.OpLock || op.Kind.ReadOrWrite() == errorfs.OpIsRead {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.clones) >= w.wanted || w.random.IntN(w.spacing) > 0 {
		return nil
	}
	c := crashClone{book: maps.Clone(w.book), seed: w.random.Uint64(), op: fmt.Sprintf("%d of %s", op.Kind, op.Path)}
	percent := [...]int{0, w.random.IntN(101), 100}[w.random.IntN(3)]
	w.cloning.Lock()
	defer w.cloning.Unlock()
	c.fs = w.fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rand.New(rand.NewPCG(c.seed, 2))})
	w.clones = append(w.clones, c)
	return nil
}

func (w *world) full() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.clones) >= w.wanted
}

// note changes what is known of a namespace.
func (w *world) note(id string, change func(*tenancy)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.book[id]
	change(&t)
	w.book[id] = t
}

// payload makes data that tells which life and which batch it belongs to.
func (w *world) payload(id string, batch int64, of int) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serial++
	filler := w.random.IntN(300)
	return fmt.Appendf(nil, `{"life":%d,"batch":%d,"of":%d,"n":%d,"filler":"%0*d"}`, w.book[id].next, batch, of, w.serial, filler+1, 0)
}

func (w *world) number() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serial++
	return w.serial
}

// play does random things until there are enough clones.
func (w *world) play(worker int, seed uint64) {
	random := rand.New(rand.NewPCG(seed, uint64(worker)+10))
	for !w.full() && !w.t.Failed() {
		n := random.IntN(worldNamespaces)
		switch random.IntN(40) {
		case 0, 1:
			w.relive(n, random.IntN(3) == 0)
		case 2, 3, 4:
			w.imported(n, random)
		default:
			w.append(n, random)
		}
	}
}

func worldID(n int) string { return fmt.Sprintf("n%d", n) }

// relive deletes or truncates a namespace that is there, or creates one.
func (w *world) relive(n int, truncate bool) {
	w.life[n].Lock()
	defer w.life[n].Unlock()
	id := worldID(n)
	ctx := context.Background()
	w.mu.Lock()
	there := w.book[id].there
	w.mu.Unlock()
	switch {
	case there == absent:
		w.note(id, func(t *tenancy) { t.there, t.next = unsure, t.next+1 })
		if _, err := w.s.CreateNamespace(ctx, store.NamespaceSpec{ID: id, Description: "crash"}); err != nil {
			w.t.Errorf("create: %v", err)
			return
		}
		w.note(id, func(t *tenancy) { t.there, t.life = present, t.next })
	case truncate:
		w.note(id, func(t *tenancy) { t.facts, t.next = nil, t.next+1 })
		if err := w.s.Truncate(ctx, id); err != nil {
			w.t.Errorf("truncate: %v", err)
			return
		}
		w.note(id, func(t *tenancy) { t.life = t.next })
	default:
		w.note(id, func(t *tenancy) { t.there, t.facts = unsure, nil })
		if _, err := w.s.DeleteNamespace(ctx, id); err != nil {
			w.t.Errorf("delete: %v", err)
			return
		}
		w.note(id, func(t *tenancy) { t.there = absent })
	}
}

// append writes one to five events.
func (w *world) append(n int, random *rand.Rand) {
	w.life[n].RLock()
	defer w.life[n].RUnlock()
	id := worldID(n)
	count := 1
	if random.IntN(4) == 0 {
		count += random.IntN(5)
	}
	a := store.Write{Stream: fmt.Sprintf("c%d-%d", random.IntN(3), random.IntN(7)), ExpectedVersion: store.AnyVersion}
	batch := w.number()
	for range count {
		a.Events = append(a.Events, store.Event{Type: "T", Data: w.payload(id, batch, count)})
	}
	if random.IntN(3) == 0 {
		random64 := random.Uint64()
		for i := range a.Events {
			a.Events[i].ID = store.ID{byte(random64), byte(random64 >> 8), byte(batch), byte(batch >> 8), byte(batch >> 16), byte(i), 1}
		}
	}
	got, err := w.s.Append(context.Background(), id, a)
	if errors.Is(err, store.ErrNamespaceNotFound) {
		return
	}
	if err != nil {
		w.t.Errorf("append: %v", err)
		return
	}
	w.note(id, func(t *tenancy) {
		for i, e := range a.Events {
			t.facts = append(t.facts, fact{a.Stream, got.FirstPosition + int64(i), got.FirstGlobalPosition + int64(i), string(e.Data)})
		}
	})
}

// imported imports some messages past the head, with gaps; another append can
// be faster and take the positions.
func (w *world) imported(n int, random *rand.Rand) {
	w.life[n].RLock()
	defer w.life[n].RUnlock()
	w.imports[n].Lock()
	defer w.imports[n].Unlock()
	id, ctx := worldID(n), context.Background()
	head, err := w.s.Head(ctx, id)
	if errors.Is(err, store.ErrNamespaceNotFound) {
		return
	}
	if err != nil {
		w.t.Errorf("head: %v", err)
		return
	}
	stream := "imported-" + fmt.Sprint(random.IntN(2))
	version, err := w.s.Version(ctx, id, stream)
	if err != nil {
		w.t.Errorf("version: %v", err)
		return
	}
	batch, count := w.number(), 1+random.IntN(20)
	var list []store.ImportMessage
	var facts []fact
	for range count {
		head, version = head+1+int64(random.IntN(3)), version+1
		m := store.Message{Stream: stream, Type: "I", Position: version, GlobalPosition: head, Data: w.payload(id, batch, count)}
		list = append(list, store.ImportMessage{Message: m})
		facts = append(facts, fact{stream, version, head, string(m.Data)})
	}
	err = w.s.Import(ctx, id, list)
	if errors.Is(err, store.ErrPositionExists) {
		return
	}
	if err != nil {
		w.t.Errorf("import: %v", err)
		return
	}
	w.note(id, func(t *tenancy) { t.facts = append(t.facts, facts...) })
}
