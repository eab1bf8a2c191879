package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/filesys"
)

const logName = "data/registry/namespaces.log"

// ruins makes a data directory and removes its registry.
func ruins(t *testing.T) (*disk, *home, map[string]entry) {
	d := newDisk()
	h := mustOpen(t, d)
	made := map[string]entry{}
	for _, id := range []string{"default", "Orders", "a b"} {
		made[id] = mustMake(t, d, h, id)
	}
	mustDo(t, h.close(true))
	mustDo(t, d.Remove(logName))
	return d, h, made
}

func mustRebuild(t *testing.T, d *disk) (store.RebuildReport, map[string]entry) {
	t.Helper()
	out, err := rebuild(d, "data", testOptions(), func(dir string, id identity) (Mark, error) {
		return Mark{Known: true, Head: 3, Messages: 3, Streams: 1}, nil
	})
	mustDo(t, err)
	is := map[string]entry{}
	for _, e := range mustOpen(t, d).entries() {
		is[e.ID] = e
	}
	return out, is
}

func says(out store.RebuildReport, where, detail string) bool {
	for _, f := range out.Lost {
		if strings.Contains(f.Where, where) && strings.Contains(f.Detail, detail) {
			return true
		}
	}
	return false
}

func TestRebuildMissing(t *testing.T) {
	d, h, made := ruins(t)
	unfinished, err := h.create(made["default"])
	mustDo(t, err)
	deleted, err := h.create(entry{ID: "deleted"})
	mustDo(t, err)
	mustDo(t, h.bury("deleted", leaving{Dir: deleted.Dir, Identity: deleted.Identity}))
	mustCopy(t, d, h.path(made["default"].Dir), "data/ns/default.1.damaged-20260101T000000Z")
	if _, err := openHome(d, "data", testOptions()); err == nil {
		t.Fatal("opened without a registry")
	}
	before := d.tree()
	o := testOptions()
	o.ReadOnly = true
	dry, err := rebuild(d, "data", o, describeNothing)
	mustDo(t, err)
	if !dry.Changed || len(dry.Namespaces) != 3 || !reflect.DeepEqual(before, d.tree()) {
		t.Errorf("to be done: %+v", dry)
	}
	out, is := mustRebuild(t, d)
	if !out.Changed || len(is) != 3 || !says(out, unfinished.Dir, "being made") {
		t.Errorf("rebuilt %+v: %v", out, is)
	}
	for id, e := range made {
		e.Mark = Mark{Known: true, Head: 3, Messages: 3, Streams: 1}
		if !reflect.DeepEqual(is[id], e) {
			t.Errorf("%q is %+v, was %+v", id, is[id], e)
		}
	}
	again, _ := mustRebuild(t, d)
	if again.Changed {
		t.Errorf("rebuilt again: %+v", again)
	}
}

// TestRebuildTwins: two directories of one identity are both named, and none is taken.
func TestRebuildTwins(t *testing.T) {
	d, h, made := ruins(t)
	e := made["Orders"]
	mustCopy(t, d, h.path(e.Dir), "data/ns/_4Frders.9")
	out, is := mustRebuild(t, d)
	if _, ok := is["Orders"]; ok || len(is) != 2 || !says(out, "ns/"+e.Dir+", ns/_4Frders.9", `namespace "Orders"`) {
		t.Errorf("rebuilt %+v: %v", out, is)
	}
	if !exists(d, h.path(e.Dir)+"/database") || !exists(d, "data/ns/_4Frders.9/database") {
		t.Error("one is gone")
	}
	mustDo(t, d.RemoveAll(h.path(e.Dir)))
	out, is = mustRebuild(t, d)
	if is["Orders"].Dir != "_4Frders.9" || is["Orders"].Identity != e.Identity || is["Orders"].TokenHash != e.TokenHash {
		t.Errorf("once one was moved away: %+v: %v", out, is)
	}
}

// TestRebuildReplaced has both the old and the new content there, as a crash can leave
// them.
func TestRebuildReplaced(t *testing.T) {
	d := newDisk()
	h := mustOpen(t, d)
	old := mustMake(t, d, h, "default")
	fresh, err := h.create(old)
	mustDo(t, err)
	mustDo(t, fillDatabase(d, h, fresh))
	mustDo(t, h.counted(fresh))
	mustDo(t, h.close(false))
	mustDo(t, d.Remove(logName))
	_, is := mustRebuild(t, d)
	if is["default"].Identity != fresh.Identity || !d.IsDir(h.path(old.Dir)) {
		t.Errorf("entries %v", is)
	}
}

func TestRebuildWithoutIdentity(t *testing.T) {
	d, h, made := ruins(t)
	mustDo(t, d.Remove(h.path(made["Orders"].Dir)+"/identity"))
	long := "data/ns/" + strings.Repeat("x", 80) + ".7"
	mustDo(t, d.MakeDir(long))
	mustDo(t, writeSynced(d, long+"/database", nil))
	out, is := mustRebuild(t, d)
	e := is["Orders"]
	if e.Dir != made["Orders"].Dir || e.TokenHash != [32]byte{} || !says(out, e.Dir, "its token") || h.identify(e) != nil {
		t.Errorf("entry %+v, %+v", e, out)
	}
	if len(is) != 3 || !says(out, "xxx.7", "not taken") {
		t.Errorf("entries %v, %+v", is, out)
	}
}

// TestRebuildFromRecords: what a damaged registry still says is used where
// nothing else says it.
func TestRebuildFromRecords(t *testing.T) {
	d := newDisk()
	h := mustOpen(t, d)
	a, b, gone := mustMake(t, d, h, "a"), mustMake(t, d, h, "b"), mustMake(t, d, h, "gone")
	mustDo(t, h.marks(map[string]Mark{"a": {Known: true, Clean: true, Head: 9, Messages: 9, Streams: 2, Files: []FileMark{{Name: "x"}}}}))
	mustDo(t, h.close(true))
	data, err := d.ReadFile(logName)
	mustDo(t, err)
	lines := strings.SplitAfter(string(data), "\n")
	lines[2] = "ruined\n" // the line of b
	mustDo(t, writeSynced(d, logName, []byte(strings.Join(lines, ""))))
	mustDo(t, d.Remove(h.path(a.Dir)+"/identity"))
	mustDo(t, d.RemoveAll(h.path(gone.Dir)))
	mustCopy(t, d, h.path(b.Dir), h.path(b.Dir)+"-copy")
	mustDo(t, d.RemoveAll(h.path(b.Dir)+"-copy"))
	out, is := mustRebuild(t, d)
	if e := is["a"]; e.TokenHash != a.TokenHash || e.Mark.Head != 9 || e.Mark.Clean || e.Mark.Files != nil || h.identify(e) != nil {
		t.Errorf("a is %+v: %v", e, h.identify(e))
	}
	if e := is["b"]; e.Identity != b.Identity || e.TokenHash != b.TokenHash {
		t.Errorf("b is %+v", e)
	}
	var damage *DamageError
	if err := h.identify(is["gone"]); !errors.As(err, &damage) || !says(out, gone.Dir, "missing") {
		t.Errorf("what is gone: %v, %+v", err, out)
	}
	kept, err := d.ReadFile("data/" + out.Kept)
	if err != nil || string(kept) != strings.Join(lines, "") {
		t.Errorf("the damaged registry is not in %q: %v", out.Kept, err)
	}
}

// TestRebuildOfWhole takes what a whole registry lacks, and nothing else.
func TestRebuildOfWhole(t *testing.T) {
	d := newDisk()
	h := mustOpen(t, d)
	a := mustMake(t, d, h, "a")
	before, err := d.ReadFile(logName)
	mustDo(t, err)
	b := mustMake(t, d, h, "b")
	mustDo(t, h.close(false))
	mustDo(t, writeSynced(d, logName, before)) // the last line is gone
	mustCopy(t, d, h.path(a.Dir), "data/ns/a.9")
	mustDo(t, d.MakeDir("data/ns/c.10"))
	out, is := mustRebuild(t, d)
	if len(is) != 2 || is["a"].Dir != a.Dir || is["b"].Identity != b.Identity || is["b"].TokenHash != b.TokenHash || !out.Changed {
		t.Errorf("rebuilt %+v: %v", out, is)
	}
	if !exists(d, "data/ns/a.9/database") || !d.IsDir("data/ns/c.10") {
		t.Error("what is not taken is gone")
	}
}

// TestRebuildCrashes loses the power at every change of a rebuild, which then is
// done again.
func TestRebuildCrashes(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 5))
	for _, registry := range []string{"missing", "damaged"} {
		for at := 1; ; at++ {
			d, _, made := ruins(t)
			if registry == "damaged" {
				mustDo(t, writeSynced(d, logName, []byte("nonsense")))
			}
			mustDo(t, d.SyncDir("data/registry"))
			d.ops, d.failAt, d.lasts, d.done = 0, at, true, at%2 == 0
			if _, err := rebuild(d, "data", testOptions(), describeNothing); err == nil && !d.dead {
				break
			}
			again := d.crashed(random)
			what := fmt.Sprintf("%s, power lost at change %d, %s (seed %d)", registry, at, d.last, seed)
			_, is := mustRebuild(t, again)
			for id, e := range made {
				if is[id].Identity != e.Identity || is[id].TokenHash != e.TokenHash {
					t.Fatalf("%s: %q is %+v", what, id, is[id])
				}
			}
		}
	}
}

func TestRebuildRefuses(t *testing.T) {
	if _, err := rebuild(newDisk(), "data", testOptions(), describeNothing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
	d := newDisk()
	h := mustOpen(t, d)
	mustMake(t, d, h, "a")
	mustDo(t, h.close(true))
	o := testOptions()
	o.Engine = "sqlite"
	if _, err := rebuild(d, "data", o, describeNothing); err == nil || !strings.Contains(err.Error(), "pebble") {
		t.Errorf("another engine's: %v", err)
	}
	if _, err := openHome(d, "data", o); err == nil || !strings.Contains(err.Error(), "pebble") {
		t.Errorf("another engine's: %v", err)
	}
	d = newLegacy(t, true)
	before := d.tree()
	out, err := rebuild(d, "data", legacyOptions(true), describeNothing)
	if err != nil || out.Changed || !reflect.DeepEqual(before, d.tree()) {
		t.Errorf("a whole registry of the format before: %+v, %v", out, err)
	}
	o = legacyOptions(true)
	o.Format.Legacy = func(filesys.Files, string) ([]LegacyEntry, bool, error) {
		return nil, false, &FormatError{What: "it", Found: 9, Known: 2}
	}
	var format *FormatError
	if _, err := rebuild(d, "data", o, describeNothing); !errors.As(err, &format) {
		t.Errorf("a newer format: %v", err)
	}
	if _, err := openHome(d, "data", o); !errors.As(err, &format) {
		t.Errorf("a newer format: %v", err)
	}
}

// TestRebuildLegacy: a damaged registry of the format before.
func TestRebuildLegacy(t *testing.T) {
	for _, moves := range []bool{false, true} {
		d, o := newLegacy(t, moves), legacyOptions(moves)
		broken := o
		broken.Format.Legacy = func(filesys.Files, string) ([]LegacyEntry, bool, error) { return nil, false, errors.New("broken") }
		if _, err := openHome(d, "data", broken); err == nil || !strings.Contains(err.Error(), "broken") {
			t.Errorf("opened: %v", err)
		}
		out, err := rebuild(d, "data", broken, describeNothing)
		mustDo(t, err)
		h, err := openHome(d, "data", o)
		mustDo(t, err)
		for _, e := range h.entries() {
			if e.ID == "orders" && !moves {
				t.Errorf("one of two directories was taken: %+v", e)
			}
			if data, _ := d.ReadFile(h.dirOf(e) + "/database"); string(data) != e.ID || h.identify(e) != nil {
				t.Errorf("%q holds %q: %v", e.ID, data, h.identify(e))
			}
		}
		if want := map[bool]int{false: 1, true: 2}[moves]; len(h.entries()) != want {
			t.Errorf("entries %v, %+v", h.entries(), out)
		}
	}
}
