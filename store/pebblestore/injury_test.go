package pebblestore

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/internal/race"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

var (
	injurySeed = flag.Uint64("injury.seed", 0, "seed of the injury test; 0 takes a random one")
	injuryRuns = flag.Int("injury.runs", 0, "how many injuries the injury test does, 0: 300, under the race detector 40")
)

// scribe writes to a database without the shared layer.
type scribe struct {
	t     *testing.T
	d     *database
	state engine.State
	cat   *engine.Category
	heads []*engine.Head
}

const scribeDir = "data/ns/a.1"

func mustOpenDatabase(t *testing.T, fs vfs.FS, o engine.Opening) (*backend, engine.Database, error) {
	t.Helper()
	b := newBackend(Options{FS: fs, Memory: 4 << 20, MemtableBytes: 32 << 10}.withDefaults())
	o.ID, o.Dir = "a", scribeDir
	d, err := b.Open(o)
	return b, d, err
}

func newScribe(t *testing.T, fs vfs.FS) (*backend, *scribe) {
	t.Helper()
	if err := makeDirs(fs, scribeDir); err != nil {
		t.Fatal(err)
	}
	b, d, err := mustOpenDatabase(t, fs, engine.Opening{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	s := &scribe{t: t, d: d.(*database), state: engine.State{Next: 1}, cat: &engine.Category{Name: "c", Number: 1}}
	for i := range 5 {
		s.heads = append(s.heads, &engine.Head{Stream: fmt.Sprintf("c-%d", i), Version: store.NoStream, Category: s.cat})
	}
	return b, s
}

func scribeData(position int64, size int) []byte {
	return fmt.Appendf(nil, `{"position":%d,"filler":"%0*d"}`, position, size, position)
}

// write stores messages in batches of one to three, each durably.
func (s *scribe) write(random *rand.Rand, batches int) {
	s.t.Helper()
	for range batches {
		batch, err := s.d.Begin()
		if err != nil {
			s.t.Fatal(err)
		}
		for range 1 + random.IntN(3) {
			h := s.heads[random.IntN(len(s.heads))]
			m := &engine.Record{
				ID: store.ID{1, byte(s.state.Next), byte(s.state.Next >> 8)}, Given: s.state.Next%3 == 0, Time: 1000 + s.state.Next,
				Position: h.Version + 1, GlobalPosition: s.state.Next, Type: "T", Data: scribeData(s.state.Next, random.IntN(700)),
			}
			err = errors.Join(err, batch.Put(h, m, nil, 0))
			if h.Version == store.NoStream {
				s.state.Streams++
				s.cat.Counts.Streams++
			}
			h.Version, s.state.LastTime = m.Position, m.Time
			s.state.Next, s.state.Messages = s.state.Next+1, s.state.Messages+1
			s.cat.Counts.Messages, s.cat.Counts.Last = s.cat.Counts.Messages+1, m.GlobalPosition
		}
		if err := errors.Join(err, batch.Seal(s.state, []*engine.Category{s.cat}), batch.Apply(), batch.Sync(), batch.Close()); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *scribe) mark(exact bool) engine.Mark {
	s.t.Helper()
	files, err := s.d.Extent(exact)
	if err != nil {
		s.t.Fatal(err)
	}
	return engine.Mark{
		Known: true, Clean: exact, Head: s.state.Next - 1, Messages: s.state.Messages, Streams: s.state.Streams, Files: files,
	}
}

// contents are the files below a directory by name.
func contents(t *testing.T, fs vfs.FS, dir string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	names, err := fs.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		path := fs.PathJoin(dir, name)
		if info, err := fs.Stat(path); err == nil && info.IsDir() {
			for below, data := range contents(t, fs, path) {
				found[name+"/"+below] = data
			}
			continue
		}
		data, err := files{fs}.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found[name] = data
	}
	return found
}

func mustPut(t *testing.T, fs vfs.FS, name string, data []byte) {
	t.Helper()
	f, err := fs.Create(name, category)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(f, bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Sync(), f.Close(), syncDir(fs, fs.PathDir(name))); err != nil {
		t.Fatal(err)
	}
}

// injure damages one or two files of a database and says how.
func injure(t *testing.T, fs vfs.FS, random *rand.Rand) string {
	t.Helper()
	held := contents(t, fs, scribeDir)
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(held)), func(name string) bool { return name == "LOCK" })
	kind := []string{".log", ".sst", "MANIFEST-", "marker.", "OPTIONS-", ""}[random.IntN(6)]
	var some []string
	for _, name := range names {
		if strings.Contains(name, kind) && !(kind == "MANIFEST-" && strings.HasPrefix(name, "marker.")) {
			some = append(some, name)
		}
	}
	if len(some) == 0 {
		some = names
	}
	name := some[len(some)-1] // the newest
	if random.IntN(2) == 0 {
		name = some[random.IntN(len(some))]
	}
	data, path := held[name], fs.PathJoin(scribeDir, name)
	damage := random.IntN(6)
	if len(data) == 0 {
		damage = 3
	}
	switch damage {
	case 0:
		at := random.IntN(len(data))
		data[at] ^= 1 << random.IntN(8)
		mustPut(t, fs, path, data)
		return fmt.Sprintf("a bit of byte %d of %s flipped", at, name)
	case 1:
		at := random.IntN(len(data))
		clear(data[at:min(len(data), at+512<<random.IntN(4))])
		mustPut(t, fs, path, data)
		return fmt.Sprintf("zeros in %s from byte %d on", name, at)
	case 2:
		at := random.IntN(len(data))
		mustPut(t, fs, path, data[:at])
		return fmt.Sprintf("%s cut from %d to %d bytes", name, len(data), at)
	case 3:
		if err := errors.Join(fs.Remove(path), syncDir(fs, scribeDir)); err != nil {
			t.Fatal(err)
		}
		return name + " missing"
	case 4:
		other := names[random.IntN(len(names))]
		mustPut(t, fs, path, held[other])
		mustPut(t, fs, fs.PathJoin(scribeDir, other), data)
		return name + " and " + other + " swapped"
	default: // the end of what was written, where a torn write and damage look alike
		end := len(data)
		for end > 0 && data[end-1] == 0 {
			end--
		}
		at := max(0, end-1-random.IntN(40))
		data[at] ^= 0xff
		mustPut(t, fs, path, data)
		return fmt.Sprintf("byte %d of %s, of %d, changed", at, name, end)
	}
}

// TestInjuredDatabase damages databases that were closed, or killed, at random: what was
// known to be there is there, or the damage is told, and an opening that is
// refused changes nothing.
func TestInjuredDatabase(t *testing.T) {
	seed, runs := *injurySeed, *injuryRuns
	if seed == 0 {
		seed = rand.Uint64()
	}
	if runs == 0 {
		if runs = 300; race.Enabled || testing.Short() {
			runs = 40
		}
	}
	t.Logf("%d damages, seed %d (replay with -injury.seed, more with -injury.runs)", runs, seed)
	random := rand.New(rand.NewPCG(seed, 0))
	told := map[string]int{}
	for range runs {
		one := random.Uint64()
		outcome, how := injureOnce(t, one)
		told[outcome]++
		if t.Failed() {
			t.Fatalf("seed of the run %d: %s: %s", one, how, outcome)
		}
	}
	t.Logf("outcomes: %v", told)
}

func injureOnce(t *testing.T, seed uint64) (outcome, how string) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	disk := vfs.NewCrashableMem()
	b, s := newScribe(t, disk)
	s.write(random, 1+random.IntN(150))
	mark := s.mark(false)
	switch random.IntN(4) {
	case 0:
		s.write(random, random.IntN(100))
	case 1:
		if err := s.d.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	killed := disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: random})
	if err := s.d.Close(); err != nil {
		t.Fatal(err)
	}
	on, when := killed, "killed"
	if random.IntN(2) == 0 {
		mark, on, when = s.mark(true), disk, "closed"
	}
	_ = b.Close()
	how = when + ", then " + injure(t, on, random)
	before := contents(t, on, scribeDir)
	outcome = judge(t, on, mark, how)
	if strings.HasPrefix(outcome, "refused") {
		after := contents(t, on, scribeDir)
		delete(after, "LOCK")
		delete(before, "LOCK")
		if !maps.EqualFunc(before, after, bytes.Equal) {
			t.Errorf("%s: the refused opening left %v of %v", how, slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)))
		}
	}
	return outcome, how
}

// judge opens a damaged database as the shared layer does.
func judge(t *testing.T, on vfs.FS, mark engine.Mark, how string) string {
	t.Helper()
	if reason := sizesDiffer(on, mark); reason != "" {
		return "refused for its files"
	}
	b, opened, err := mustOpenDatabase(t, on, engine.Opening{Mark: mark})
	defer func() { _ = b.Close() }()
	if err != nil {
		var damage *engine.DamageError
		if !errors.As(err, &damage) {
			t.Errorf("%s: no damage: %v", how, err)
		}
		return "refused"
	}
	d := opened.(*database)
	defer func() { _ = d.Close() }()
	loaded, err := d.Load()
	if err == nil {
		err = mark.Compare(loaded.State)
	}
	if err != nil {
		return "told by Load"
	}
	report, err := d.Verify(engine.NewWatch(context.Background()))
	if err != nil || len(report.Findings) > 0 {
		return "told by Verify"
	}
	seen := int64(0)
	_, err = d.ReadCategory(engine.NewWatch(context.Background()), store.CategoryQuery{Limit: store.NoLimit}, loaded.State.Next-1, func(m store.Message) bool {
		if seen++; m.GlobalPosition != seen || !strings.HasPrefix(string(m.Data), fmt.Sprintf(`{"position":%d,`, seen)) {
			t.Errorf("%s: at %d there is %d: %s", how, seen, m.GlobalPosition, m.Data)
		}
		return true
	})
	if err != nil || seen < mark.Head {
		t.Errorf("%s: %d messages of %d are there, and nobody says so: %v", how, seen, mark.Head, err)
	}
	if len(d.Dropped()) > 0 {
		return "told as dropped"
	}
	return "whole"
}

// sizesDiffer is what the shared layer looks at first.
func sizesDiffer(on vfs.FS, m engine.Mark) string {
	if !m.Clean {
		return ""
	}
	for _, f := range m.Files {
		if size, err := (files{on}).Size(on.PathJoin(scribeDir, f.Name)); err != nil || size != f.Size {
			return f.Name
		}
	}
	return ""
}
