package damage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

// world is a store's directory, and what was acknowledged to be in it.
type world struct {
	stop   string
	dir    string // as it was left; never opened
	older  string // as it was some time before
	spaces map[string]*space
	gone   []string         // namespaces that were deleted, by id
	known  map[string]int64 // heads that marks outside of the logs tell of
	notes  map[string]bool  // what the store says of itself undamaged
}

// space is one namespace.
type space struct {
	spec    store.NamespaceSpec
	list    []store.Message // by global position, without times
	streams map[string]int64
}

func (s *space) head() int64 {
	if len(s.list) == 0 {
		return 0
	}
	return s.list[len(s.list)-1].GlobalPosition
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

// filler fills a world's store.
type filler struct {
	t      *testing.T
	w      *world
	st     store.Store
	random *rand.Rand
}

// fillWorld makes a store in a directory of its own and stops it.
func fillWorld(t *testing.T, d Engine, seed uint64, stop string) *world {
	t.Helper()
	root := memoryDir(t)
	w := &world{stop: stop, dir: filepath.Join(root, "left"), older: filepath.Join(root, "older"), spaces: map[string]*space{}}
	live := filepath.Join(root, "live")
	f := &filler{t: t, w: w, random: rand.New(rand.NewPCG(seed, 0))}
	f.open(d, live)
	for _, id := range []string{"shop", "Größe ü", "short-lived", "twice"} {
		f.create(id)
	}
	f.steps(45)
	f.delete("short-lived")
	f.delete("twice")
	if f.random.IntN(2) == 0 {
		f.close()
		mustCopy(t, live, w.older)
		f.open(d, live)
	} else {
		mustCopy(t, live, w.older)
	}
	f.create("twice")
	f.steps(35)
	if stop == "clean" {
		f.close()
	} else {
		f.awaitMarks(live)
	}
	w.known = map[string]int64{}
	for id, s := range w.spaces {
		w.known[id] = s.head()
	}
	if stop == "killed in writing" { // what follows is not marked yet
		f.steps(10)
	}
	mustCopy(t, live, w.dir)
	if stop != "clean" {
		f.close()
	}
	return w
}

func (f *filler) open(d Engine, dir string) {
	f.t.Helper()
	st, err := d.Open(dir)
	if err != nil {
		f.t.Fatalf("open: %v", err)
	}
	f.st = st
}

func (f *filler) close() {
	f.t.Helper()
	if err := f.st.Close(); err != nil {
		f.t.Fatalf("close: %v", err)
	}
}

func (f *filler) create(id string) {
	f.t.Helper()
	spec := store.NamespaceSpec{
		ID: id, TokenHash: sha256.Sum256([]byte(id)),
		Description: "about " + id, Metadata: []byte(`{"team" : "a", "n":12345678901234567890}`),
	}
	if _, err := f.st.CreateNamespace(f.t.Context(), spec); err != nil {
		f.t.Fatalf("create namespace %q: %v", id, err)
	}
	f.w.spaces[id] = &space{spec: spec, streams: map[string]int64{}}
	f.w.gone = slices.DeleteFunc(f.w.gone, func(one string) bool { return one == id })
}

func (f *filler) delete(id string) {
	f.t.Helper()
	if _, err := f.st.DeleteNamespace(f.t.Context(), id); err != nil {
		f.t.Fatalf("delete namespace %q: %v", id, err)
	}
	delete(f.w.spaces, id)
	f.w.gone = append(f.w.gone, id)
}

func (f *filler) steps(n int) {
	f.t.Helper()
	ids := slices.Sorted(maps.Keys(f.w.spaces))
	for range n {
		id := pick(f.random, ids)
		switch f.random.IntN(12) {
		case 0:
			f.importBatch(id)
		case 1:
			if engine, ok := f.st.(store.Engine); ok {
				if err := engine.Flush(f.t.Context(), id); err != nil && !errors.Is(err, store.ErrNotOffered) {
					f.t.Fatalf("flush: %v", err)
				}
			}
		default:
			f.append(id)
		}
	}
}

// event makes an event with an id, small mostly.
func (f *filler) event() store.Event {
	size := f.random.IntN(200)
	if f.random.IntN(15) == 0 {
		size = f.random.IntN(40_000)
	}
	noise := make([]byte, size/2)
	for i := range noise {
		noise[i] = byte(f.random.Uint32())
	}
	ev := store.Event{ID: store.NewID(time.Now()), Type: pick(f.random, []string{"Opened", "Closed", "Größe"}), Data: fmt.Appendf(nil, `{"n":%d,"noise":"%x"}`, f.random.Uint32(), noise)}
	if f.random.IntN(2) == 0 {
		ev.Metadata = fmt.Appendf(nil, `{"trace":"%x"}`, f.random.Uint64())
	}
	return ev
}

func (f *filler) append(id string) {
	f.t.Helper()
	s := f.w.spaces[id]
	w := store.Write{Stream: fmt.Sprintf("%s-%d", pick(f.random, []string{"account", "accounts", "a"}), f.random.IntN(4)), ExpectedVersion: store.AnyVersion}
	for range 1 + f.random.IntN(3)*f.random.IntN(4) {
		w.Events = append(w.Events, f.event())
	}
	a, err := f.st.Append(f.t.Context(), id, w)
	if err != nil {
		f.t.Fatalf("append: %v", err)
	}
	for i, ev := range w.Events {
		s.keep(store.Message{
			ID: ev.ID, Stream: w.Stream, Type: ev.Type, Position: a.FirstPosition + int64(i), GlobalPosition: a.FirstGlobalPosition + int64(i),
			Data: ev.Data, Metadata: ev.Metadata,
		})
	}
}

func (f *filler) importBatch(id string) {
	f.t.Helper()
	im, ok := f.st.(store.Importer)
	if !ok {
		return
	}
	s := f.w.spaces[id]
	global := s.head() + int64(f.random.IntN(4))
	var list []store.ImportMessage
	for range 1 + f.random.IntN(8) {
		ev := f.event()
		stream := fmt.Sprintf("imported-%d", f.random.IntN(3))
		global++
		m := store.Message{
			ID: ev.ID, Stream: stream, Type: ev.Type, Position: s.streams[stream], GlobalPosition: global,
			Data: ev.Data, Metadata: ev.Metadata,
		}
		s.keep(m)
		m.Time = time.Now()
		list = append(list, store.ImportMessage{Message: m})
	}
	if err := im.Import(f.t.Context(), id, list); err != nil {
		f.t.Fatalf("import: %v", err)
	}
}

func (s *space) keep(m store.Message) {
	s.list = append(s.list, m)
	s.streams[m.Stream] = m.Position + 1
}

// awaitMarks waits until the registry says of each namespace how far it went.
func (f *filler) awaitMarks(dir string) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), damageDeadline)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		marks, all := marksIn(dir), true
		for id, s := range f.w.spaces {
			all = all && marks[id] == s.head()
		}
		if all {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			f.t.Fatalf("the registry's marks are %v", marks)
		}
	}
}

// marksIn reads the registry of a directory: the last head of each namespace
// that it tells of.
func marksIn(dir string) map[string]int64 {
	type mark struct{ Head int64 }
	heads := map[string]int64{}
	data, _ := os.ReadFile(filepath.Join(dir, "registry", "namespaces.log"))
	for _, line := range bytes.Split(data, []byte("\n")) {
		var r struct {
			Put []struct {
				ID   string
				Mark mark
			}
			Marks  map[string]mark
			Remove string
		}
		if _, text, ok := bytes.Cut(line, []byte(" ")); !ok || json.Unmarshal(text, &r) != nil {
			continue
		}
		for _, e := range r.Put {
			heads[e.ID] = e.Mark.Head
		}
		for id, m := range r.Marks {
			heads[id] = m.Head
		}
		delete(heads, r.Remove)
	}
	return heads
}

// memoryDir makes a directory that goes with the test, in memory where the
// system has such a place: nothing here depends on what a sync does, and a disk
// would take ten times as long.
func memoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "evtui-damage-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// mustCopy copies a directory, or a file, with the times of its files.
func mustCopy(t testing.TB, from, to string) {
	t.Helper()
	if err := copyTree(from, to); err != nil {
		t.Fatalf("copy: %v", err)
	}
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went meanwhile
		}
		if err != nil {
			return err
		}
		target := to + strings.TrimPrefix(name, from)
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		return copyFile(name, target)
	})
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	target, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	if err = errors.Join(err, target.Close()); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}
