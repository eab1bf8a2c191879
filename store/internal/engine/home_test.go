package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/filesys"
)

func testOptions() homeOptions { return homeOptions{Engine: "pebble"} }

func mustOpen(t *testing.T, files filesys.Files) *home {
	t.Helper()
	h, err := openHome(files, "data", testOptions())
	mustDo(t, err)
	return h
}

// fill writes what stands for a database into a fresh directory, durably.
func fillDatabase(files filesys.Files, h *home, e entry) error {
	return writeWhole(files, h.path(e.Dir), "database", []byte(e.Identity))
}

// make creates a namespace with a database.
func makeNamespace(files filesys.Files, h *home, id string) (entry, error) {
	e, err := h.create(entry{
		ID: id, Description: "of " + id, Metadata: []byte(`{"a": 1}`), CreatedAt: time.Unix(17, 5).UTC(), TokenHash: [32]byte{1, 2, byte(len(id))},
	})
	if err == nil {
		err = fillDatabase(files, h, e)
	}
	if err == nil {
		err = h.put(e)
	}
	return e, err
}

func mustMake(t *testing.T, files filesys.Files, h *home, id string) entry {
	t.Helper()
	e, err := makeNamespace(files, h, id)
	mustDo(t, err)
	return e
}

func replaceContent(h *home, old, fresh entry) error {
	_, err := h.replace(old, fresh, false)
	return err
}

func mustReplace(t *testing.T, files filesys.Files, h *home, old entry) entry {
	t.Helper()
	fresh, err := h.create(old)
	mustDo(t, err)
	mustDo(t, fillDatabase(files, h, fresh))
	mustDo(t, replaceContent(h, old, fresh))
	return fresh
}

// book is what was acknowledged: the identity of each namespace. Of those that
// an operation is under way for, either may be: "" is none.
type book struct {
	sure  map[string]string
	maybe map[string]string
}

// play makes, replaces, repairs and deletes namespaces until something fails.
func (b *book) play(files filesys.Files, dir string) error {
	h, err := openHome(files, dir, testOptions())
	if err != nil {
		return err
	}
	clean := false
	defer func() {
		if !clean {
			_ = h.close(false)
		}
	}()
	made := map[string]entry{}
	for _, id := range []string{"default", "Orders", "a b"} {
		if made[id], err = b.create(files, h, id); err != nil {
			return err
		}
	}
	if err := h.marks(map[string]Mark{"Orders": {Known: true, Head: 7, Messages: 7, Streams: 1}}); err != nil {
		return err
	}
	if made["Orders"], err = b.swap(files, h, made["Orders"], func(old, fresh entry) error { return replaceContent(h, old, fresh) }); err != nil {
		return err
	}
	keep := func(old, fresh entry) error {
		_, err := h.replace(old, fresh, true)
		return err
	}
	if made["default"], err = b.swap(files, h, made["default"], keep); err != nil {
		return err
	}
	unwanted, err := h.create(made["a b"])
	if err != nil {
		return err
	}
	if err := h.remove(unwanted); err != nil {
		return err
	}
	b.maybe["Orders"] = ""
	if err := h.remove(made["Orders"]); err != nil {
		return err
	}
	delete(b.sure, "Orders")
	delete(b.maybe, "Orders")
	if _, err = b.create(files, h, "Orders"); err != nil {
		return err
	}
	clean = true
	return h.close(true)
}

func (b *book) create(files filesys.Files, h *home, id string) (entry, error) {
	e, err := h.create(entry{ID: id, TokenHash: [32]byte{9}})
	if err != nil {
		return e, err
	}
	if err := fillDatabase(files, h, e); err != nil {
		return e, err
	}
	b.maybe[id] = e.Identity
	if err := h.put(e); err != nil {
		return e, err
	}
	b.sure[id] = e.Identity
	delete(b.maybe, id)
	return e, nil
}

func (b *book) swap(files filesys.Files, h *home, old entry, how func(old, fresh entry) error) (entry, error) {
	fresh, err := h.create(old)
	if err != nil {
		return old, err
	}
	if err := fillDatabase(files, h, fresh); err != nil {
		return old, err
	}
	b.maybe[old.ID] = fresh.Identity
	if err := how(old, fresh); err != nil {
		return old, err
	}
	b.sure[old.ID] = fresh.Identity
	delete(b.maybe, old.ID)
	return fresh, nil
}

// check holds a disk that was opened again against the book.
func (b *book) check(t *testing.T, files *disk, h *home, what string) {
	t.Helper()
	is := map[string]entry{}
	for _, e := range h.entries() {
		is[e.ID] = e
		if err := h.identify(e); err != nil {
			t.Errorf("%s: identify %q: %v", what, e.ID, err)
		}
		if data, err := files.ReadFile(path.Join(h.path(e.Dir), "database")); err != nil || string(data) != e.Identity {
			t.Errorf("%s: database of %q: %q, %v", what, e.ID, data, err)
		}
		if h.examine(namespacesDir, e.Dir).state != "" {
			t.Errorf("%s: %q is still unfinished", what, e.ID)
		}
	}
	for id, identity := range b.sure {
		maybe, unsure := b.maybe[id]
		if got := is[id].Identity; got != identity && (!unsure || got != maybe) {
			t.Errorf("%s: namespace %q is %q, want %q or (%v) %q", what, id, got, identity, unsure, maybe)
		}
	}
	for id, e := range is {
		if b.sure[id] == "" && b.maybe[id] != e.Identity {
			t.Errorf("%s: namespace %q is there", what, id)
		}
	}
	if found := h.inspect(); len(found.Findings) > 0 || slices.ContainsFunc(found.Notes, func(f store.Finding) bool { return !strings.Contains(f.Detail, "dropped") }) {
		t.Errorf("%s: found %v", what, found)
	}
	names, _ := files.List("data/ns")
	for _, name := range names {
		if _, named := h.named()[name]; !named && !strings.Contains(name, damagedMark) {
			t.Errorf("%s: %s was left", what, name)
		}
	}
}

// TestPowerLost loses the power at every change to the disk: what was
// acknowledged is there, and nothing else.
func TestPowerLost(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for at := 1; ; at++ {
		d := newDisk()
		d.failAt, d.lasts, d.done = at, true, at%2 == 0
		b := &book{sure: map[string]string{}, maybe: map[string]string{}}
		err := b.play(d, "data")
		if err == nil && !d.dead {
			break // it was not reached
		}
		for range 12 {
			again := d.crashed(random)
			what := fmt.Sprintf("power lost at change %d, %s (seed %d)", at, d.last, seed)
			h, err := openHome(again, "data", testOptions())
			if err != nil {
				t.Fatalf("%s: open: %v", what, err)
			}
			b.check(t, again, h, what)
			if t.Failed() {
				return
			}
			mustDo(t, h.close(true))
			h = mustOpen(t, again)
			b.check(t, again, h, what+", opened twice")
		}
	}
}

// TestPowerLostTwice loses it again while the first loss is being cleaned up.
func TestPowerLostTwice(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	for at := 1; ; at++ {
		d := newDisk()
		d.failAt, d.lasts = at, true
		b := &book{sure: map[string]string{}, maybe: map[string]string{}}
		if err := b.play(d, "data"); err == nil && !d.dead {
			break
		}
		what := fmt.Sprintf("power lost at change %d, %s (seed %d)", at, d.last, seed)
		again := d.crashed(random)
		for again.failAt, again.lasts = 1, true; ; again.failAt++ {
			again.ops, again.dead = 0, false
			_, err := openHome(again, "data", testOptions())
			if err != nil && !again.dead {
				t.Fatalf("%s, and again: %v", what, err)
			}
			if !again.dead {
				break
			}
			again = &disk{root: again.crashed(random).root, failAt: again.failAt, lasts: true}
		}
		again.failAt = 0
		b.check(t, again, mustOpen(t, again), what)
		if t.Failed() {
			return
		}
	}
}

// TestChangeFails has one change fail, and all others succeed: nothing is
// acknowledged that is not there, and a registry that failed acknowledges no more.
func TestChangeFails(t *testing.T) {
	for _, done := range []bool{false, true} {
		for at := 1; ; at++ {
			d := newDisk()
			d.failAt, d.done = at, done
			b := &book{sure: map[string]string{}, maybe: map[string]string{}}
			err := b.play(d, "data")
			if d.ops < at {
				break
			}
			what := fmt.Sprintf("change %d, %s, failed (done: %v) with %v", at, d.last, done, err)
			h, err := openHome(d, "data", testOptions())
			if err != nil {
				t.Fatalf("%s: open: %v", what, err)
			}
			b.check(t, d, h, what)
			if t.Failed() {
				return
			}
		}
	}
}

func TestRegistryPoisoned(t *testing.T) {
	for _, step := range []string{"write", "sync"} {
		d := newDisk()
		var events []store.EngineEvent
		o := testOptions()
		o.Note = func(e store.EngineEvent) { events = append(events, e) }
		h, err := openHome(d, "data", o)
		mustDo(t, err)
		e := mustMake(t, d, h, "default")
		d.failAt, d.done = d.ops+map[string]int{"write": 1, "sync": 2}[step], true
		e.Description = "new"
		var poisoned *store.PoisonedError
		if err := h.put(e); !errors.As(err, &poisoned) || poisoned.Namespace != "" || poisoned.Reason != step+" failed" {
			t.Fatalf("%s: %v", step, err)
		}
		if got := h.entries()[0].Description; got == "new" {
			t.Errorf("%s: what failed is believed", step)
		}
		for what, err := range map[string]error{
			"put": h.put(e), "marks": h.marks(map[string]Mark{"default": {Known: true}}), "remove": h.remove(e), "sound": h.sound(),
			"replaced": replaceContent(h, e, e), "create": func() error { _, err := h.create(e); return err }(),
		} {
			if !errors.As(err, &poisoned) {
				t.Errorf("%s: %s afterwards: %v", step, what, err)
			}
		}
		if len(events) == 0 || events[len(events)-1].Kind != store.EventPoisoned {
			t.Errorf("%s: events %v", step, events)
		}
		mustDo(t, h.close(true))
		h = mustOpen(t, d)
		if err := h.identify(h.entries()[0]); err != nil {
			t.Errorf("%s: %v", step, err)
		}
	}
}

// TestUnknownIsLeftAlone: an operator's copies, and whatever else.
func TestUnknownIsLeftAlone(t *testing.T) {
	d := newDisk()
	h := mustOpen(t, d)
	e := mustMake(t, d, h, "default")
	other := mustMake(t, d, h, "other")
	fresh := mustReplace(t, d, h, other)
	mustDo(t, h.close(true))
	// copies of a namespace, of a directory with a tombstone, of an unfinished one
	mustCopy(t, d, "data/ns/"+e.Dir, "data/ns/"+e.Dir+"-copy")
	mustCopy(t, d, "data/ns/"+e.Dir, "data/ns/default.77")
	mustCopy(t, d, "data/ns/"+e.Dir, "data/ns/default.78")
	mustDo(t, writeState(d, "data/ns/default.78", e, stateDeleted))
	mustCopy(t, d, "data/ns/"+e.Dir, "data/ns/default.79")
	mustDo(t, writeState(d, "data/ns/default.79", e, stateUnfinished))
	mustDo(t, d.MakeDir("data/ns/empty.5"))
	mustDo(t, d.MakeDir("data/ns/lost+found"))
	mustDo(t, d.MakeDir("data/ns/gone.9"))
	mustDo(t, writeIdentity(d, "data/ns/gone.9", identityFile, identityOf(entry{ID: "gone", Identity: newIdentity()}, "")))
	mustDo(t, writeSynced(d, "data/ns/notes.txt", []byte("mine")))
	mustDo(t, d.MakeDir("data/ns/"+e.Dir+".damaged-20260101T000000Z"))
	mustDo(t, d.MakeDir("data/checkpoints/x.part"))
	before := d.tree()
	h = mustOpen(t, d)
	if after := d.tree(); !reflect.DeepEqual(before, after) {
		t.Errorf("opening changed the directory: %v", difference(before, after))
	}
	if err := errors.Join(h.identify(e), h.identify(fresh)); err != nil {
		t.Error(err)
	}
	found := h.inspect()
	want := map[string]bool{
		"ns/" + e.Dir + "-copy": false, "ns/default.77": false, "ns/default.78": false, "ns/default.79": false, "ns/empty.5": true,
		"ns/lost+found": false, "ns/gone.9": true, "ns/notes.txt": false, "checkpoints/x.part": false,
	}
	got := map[string]bool{}
	for _, f := range found.Findings {
		got[f.Where] = true
	}
	for _, f := range found.Notes {
		got[f.Where] = false
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("found %v, want %v", found, want)
	}
	if next := mustMake(t, d, h, "more"); next.Dir != "more.80" {
		t.Errorf("the next directory is %s", next.Dir)
	}
	mustDo(t, h.takePart("c1.part"))
	if h.examine(checkpointsDir, "c1.part").state == "" || h.takePart("c1.part") != nil || h.takePart("x.part") == nil {
		t.Error("which checkpoints are ours is not known")
	}
}

// writeState has a directory say what is to be done with e's.
func writeState(files filesys.Files, dir string, e entry, state string) error {
	who := identityOf(e, "")
	who.State = state
	return writeIdentity(files, dir, identityFile, who)
}

func difference(a, b map[string]string) (names []string) {
	for name := range a {
		if a[name] != b[name] {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}

func mustCopy(t *testing.T, d *disk, from, to string) {
	t.Helper()
	for name, data := range d.tree() {
		rest, ok := strings.CutPrefix(name, from+"/")
		if !ok || strings.HasSuffix(name, "/") {
			continue
		}
		mustDo(t, d.MakeDir(path.Dir(path.Join(to, rest))))
		mustDo(t, writeSynced(d, path.Join(to, rest), []byte(data)))
	}
}

// TestIdentify says in words what is wrong with a namespace's directory.
func TestIdentify(t *testing.T) {
	for what, c := range map[string]struct {
		damage func(d *disk, a, b string) error
		want   string
	}{
		"missing directory": {func(d *disk, a, _ string) error { return d.RemoveAll(a) }, "its directory is missing"},
		"missing identity":  {func(d *disk, a, _ string) error { return d.Remove(a + "/identity") }, "file identity is missing"},
		"torn identity":     {func(d *disk, a, _ string) error { return writeSynced(d, a+"/identity", []byte("1234")) }, "file identity cannot be read"},
		"swapped": {func(d *disk, a, b string) error {
			return errors.Join(d.Rename(a, a+"x"), d.Rename(b, a), d.Rename(a+"x", b))
		}, `is namespace "b"'s`},
		"other content": {func(d *disk, a, _ string) error {
			return writeIdentity(d, a, identityFile, identityOf(entry{ID: "a", Identity: newIdentity()}, ""))
		}, "holds other content"},
	} {
		d := newDisk()
		h := mustOpen(t, d)
		a, b := mustMake(t, d, h, "a"), mustMake(t, d, h, "b")
		mustDo(t, h.close(true))
		mustDo(t, c.damage(d, h.path(a.Dir), h.path(b.Dir)))
		before := d.tree()
		h = mustOpen(t, d)
		var damage *DamageError
		if err := h.identify(a); !errors.As(err, &damage) || !strings.Contains(damage.Reason, c.want) {
			t.Errorf("%s: %v", what, err)
		}
		if after := d.tree(); !reflect.DeepEqual(before, after) {
			t.Errorf("%s: opening changed %v", what, difference(before, after))
		}
		if what == "swapped" { // whose directory it is not is not deleted with it
			mustDo(t, h.remove(a))
			if !d.IsDir(h.path(a.Dir)) {
				t.Error("another namespace's directory was deleted")
			}
		}
	}
}

// TestRegistryDamaged damages the registry at random: it opens whole, or is
// refused, or says what is not there; nothing is deleted, and a rebuild brings
// every namespace back.
func TestRegistryDamaged(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 3))
	outcomes := map[string]int{}
	for _, clean := range []bool{false, true} {
		d := newDisk()
		h := mustOpen(t, d)
		for i := range 6 {
			mustMake(t, d, h, fmt.Sprintf("ns %d", i))
		}
		mustReplace(t, d, h, h.entries()[2])
		mustDo(t, h.remove(h.entries()[4]))
		mustDo(t, h.marks(map[string]Mark{"ns 1": {Known: true, Head: 5, Messages: 5, Streams: 2}}))
		mustMake(t, d, h, "last")
		want := h.entries()
		mustDo(t, h.close(clean))
		whole, err := d.ReadFile("data/registry/namespaces.log")
		mustDo(t, err)
		for range 400 {
			data, how := damaged(random, whole)
			again := d.clone(t)
			mustDo(t, writeSynced(again, "data/registry/namespaces.log", data))
			outcomes[checkDamaged(t, again, want, fmt.Sprintf("%s (clean %v, seed %d)", how, clean, seed))]++
			if t.Failed() {
				return
			}
		}
	}
	t.Log(outcomes)
	if outcomes["refused"] == 0 || outcomes["reported"] == 0 {
		t.Errorf("outcomes %v", outcomes)
	}
}

func damaged(random *rand.Rand, whole []byte) (data []byte, how string) {
	data = slices.Clone(whole)
	at := random.IntN(len(data))
	switch random.IntN(5) {
	case 0:
		data[at] ^= 1 << random.IntN(8)
		return data, fmt.Sprintf("flipped a bit of byte %d", at)
	case 1:
		return data[:at], fmt.Sprintf("cut to %d of %d bytes", at, len(whole))
	case 2:
		n := min(1+random.IntN(600), len(data)-at)
		clear(data[at : at+n])
		return data, fmt.Sprintf("zeroed %d bytes at %d", n, at)
	case 3:
		lines := strings.SplitAfter(string(data), "\n")
		i := random.IntN(len(lines) - 1)
		return []byte(strings.Join(slices.Delete(lines, i, i+1), "")), fmt.Sprintf("removed line %d", i+1)
	default:
		lines := strings.SplitAfter(string(data), "\n")
		i, j := random.IntN(len(lines)-1), random.IntN(len(lines)-1)
		lines[i], lines[j] = lines[j], lines[i]
		return []byte(strings.Join(lines, "")), fmt.Sprintf("swapped lines %d and %d", i+1, j+1)
	}
}

func checkDamaged(t *testing.T, d *disk, want []entry, what string) string {
	t.Helper()
	before := d.tree()
	h, err := openHome(d, "data", testOptions())
	outcome := "whole"
	if err != nil {
		var damage *store.DamagedError
		if !errors.As(err, &damage) || damage.Namespace != "" {
			t.Errorf("%s: refused with %v", what, err)
		}
		if after := d.tree(); !reflect.DeepEqual(before, after) {
			t.Errorf("%s: refused, and changed %v", what, difference(before, after))
		}
		outcome = "refused"
	} else if !checkReported(t, h, want, what) {
		outcome = "reported"
	}
	for name := range before {
		if strings.HasPrefix(name, "data/ns/") && before[name] != d.tree()[name] {
			t.Errorf("%s: %s changed", what, name)
		}
	}
	out, err := rebuild(d, "data", testOptions(), describeNothing)
	var format *FormatError
	if errors.As(err, &format) { // the damage is in the number of the format: nothing is repaired that is perhaps a newer version's
		return outcome
	}
	mustDo(t, err)
	h = mustOpen(t, d)
	got := map[string]string{}
	for _, e := range h.entries() {
		got[e.ID] = e.Identity
		if e.TokenHash == [32]byte{} {
			t.Errorf("%s: the token of %q is lost", what, e.ID)
		}
	}
	for _, e := range want {
		if got[e.ID] != e.Identity {
			t.Errorf("%s: rebuilt without %q: %+v", what, e.ID, out)
		}
		delete(got, e.ID)
	}
	for id := range got { // deleted, and the line that says so is lost
		e, _ := h.reg.find(id)
		if h.identify(e) == nil {
			t.Errorf("%s: %q came back", what, id)
		}
	}
	return outcome
}

// checkReported looks whether an opened registry says of all that it lacks; it
// returns whether it lacks nothing.
func checkReported(t *testing.T, h *home, want []entry, what string) bool {
	t.Helper()
	got := map[string]entry{}
	for _, e := range h.entries() {
		got[e.ID] = e
	}
	found := h.inspect()
	whole := len(found.Findings) == 0 && len(found.Notes) == 0
	for _, e := range want {
		if got[e.ID].Identity == e.Identity && h.identify(e) == nil {
			continue
		}
		whole = false
		named := slices.ContainsFunc(found.Findings, func(f store.Finding) bool { return f.Where == "ns/"+e.Dir })
		if old, ok := got[e.ID]; !named && (!ok || h.identify(old) == nil) {
			t.Errorf("%s: %q is lost without a word: %+v", what, e.ID, found)
		}
	}
	return whole
}

func describeNothing(string, identity) (Mark, error) { return Mark{}, nil }

// TestOtherFormats: each number but ours is refused, by all.
func TestOtherFormats(t *testing.T) {
	for _, format := range []int{-1, 0, 1, 3, 4, 255} {
		for _, where := range []string{"header", "identity", "pending"} {
			d := newDisk()
			h := mustOpen(t, d)
			e := mustMake(t, d, h, "default")
			mustDo(t, h.close(true))
			log := "data/registry/namespaces.log"
			switch where {
			case "identity":
				i := identityOf(e, "")
				i.Format, i.Reader = format, "evtui 9.1"
				mustDo(t, writeIdentity(d, h.path(e.Dir), identityFile, i))
			case "pending":
				mustDo(t, d.Rename(log, "data/registry/namespaces.log.upgrade"))
				log = "data/registry/namespaces.log.upgrade"
				fallthrough
			case "header":
				data, err := d.ReadFile(log)
				mustDo(t, err)
				_, rest, _ := strings.Cut(string(data), "\n")
				head := h.reg.held.head
				head.Format, head.Reader = format, "evtui 9.1"
				line, err := encodeLine(head)
				mustDo(t, err)
				mustDo(t, writeSynced(d, log, append(line, rest...)))
			}
			before := d.tree()
			what := fmt.Sprintf("format %d in the %s", format, where)
			refused := func(by string, err error) {
				t.Helper()
				var f *FormatError
				if !errors.As(err, &f) || f.Found != format || f.Known != homeFormat {
					t.Errorf("%s: %s: %v", what, by, err)
				}
				if format > homeFormat && (err == nil || !strings.Contains(err.Error(), "evtui 9.1")) {
					t.Errorf("%s: %s does not say what reads it: %v", what, by, err)
				}
			}
			_, err := rebuild(d, "data", testOptions(), describeNothing)
			refused("rebuild", err)
			h, err = openHome(d, "data", testOptions())
			if where == "identity" {
				mustDo(t, err)
				err = h.identify(e)
			}
			refused("open", err)
			if after := d.tree(); !reflect.DeepEqual(before, after) {
				t.Errorf("%s: changed %v", what, difference(before, after))
			}
		}
	}
}

func TestReadOnly(t *testing.T) {
	d := newDisk()
	o := testOptions()
	o.ReadOnly = true
	if _, err := openHome(d, "data", o); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing there: %v", err)
	}
	h := mustOpen(t, d)
	e := mustMake(t, d, h, "default")
	mustDo(t, h.bury(e.ID, leaving{Dir: e.Dir, Identity: e.Identity})) // a deletion under way
	mustDo(t, h.close(false))
	f, err := d.Append("data/registry/namespaces.log")
	mustDo(t, err)
	_, err = f.Write([]byte("torn"))
	mustDo(t, err)
	before := d.tree()
	h, err = openHome(d, "data", o)
	mustDo(t, err)
	if list := h.entries(); len(list) != 1 || h.identify(e) != nil {
		t.Errorf("entries %v", list)
	}
	if found := h.inspect(); len(found.Notes) != 1 || !strings.Contains(found.Notes[0].Detail, "the last 4 bytes") {
		t.Errorf("found %v", found)
	}
	_, err = h.create(e)
	for _, err := range []error{err, h.put(e), h.remove(e), h.marks(map[string]Mark{"default": {}}), replaceContent(h, e, e)} {
		if !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("a change: %v", err)
		}
	}
	mustDo(t, h.close(true))
	if after := d.tree(); !reflect.DeepEqual(before, after) {
		t.Errorf("reading changed %v", difference(before, after))
	}
}

func TestRegistryCompacts(t *testing.T) {
	d := newDisk()
	h := mustOpen(t, d)
	e := mustMake(t, d, h, "default")
	e.Metadata = []byte(strings.Repeat("x", 20<<10))
	for i := range 200 {
		e.Description = fmt.Sprint(i)
		mustDo(t, h.put(e))
	}
	if size, err := d.Size("data/registry/namespaces.log"); err != nil || size > compactAbove+64<<10 {
		t.Errorf("the registry has %d bytes, %v", size, err)
	}
	again := d.crashed(rand.New(rand.NewPCG(1, 1)))
	if list := mustOpen(t, again).entries(); len(list) != 1 || list[0].Description != "199" {
		t.Errorf("entries %v", list)
	}
}

func TestEntryComesBackVerbatim(t *testing.T) {
	d := newDisk()
	h := mustOpen(t, d)
	e := mustMake(t, d, h, "Ünïcode <&> \u2028")
	e.Description, e.Metadata = "bad \xff utf8 \"", []byte("{ \"a\" : \xff}")
	e.CreatedAt = time.Date(2026, 1, 2, 3, 4, 5, 600, time.FixedZone("x", 3600))
	e.LastActivity = time.Unix(1, 2).UTC()
	e.Mark = Mark{Known: true, Clean: true, Head: 3, Messages: 3, Streams: 2, Files: []FileMark{{Name: "a.log", Size: 5, Grows: true}}}
	mustDo(t, h.put(e))
	mustDo(t, h.close(true))
	h = mustOpen(t, d)
	got := h.entries()[0]
	if !got.CreatedAt.Equal(e.CreatedAt) {
		t.Errorf("created at %v", got.CreatedAt)
	}
	got.CreatedAt, got.Description = e.CreatedAt, e.Description
	if !reflect.DeepEqual(got, e) {
		t.Errorf("got %+v, want %+v", got, e)
	}
	mustDo(t, h.marks(map[string]Mark{"nobody": {Known: true}}))
	if len(h.entries()) != 1 {
		t.Error("a mark made a namespace")
	}
}

func TestEscapeID(t *testing.T) {
	for id, want := range map[string]string{"default": "default", "A/b": "_41_2Fb", "ü.1": "_C3_BC_2E1", strings.Repeat("x", 90): strings.Repeat("x", 80)} {
		got := escapeID(id)
		if got != want {
			t.Errorf("%q becomes %q", id, got)
		}
		back, ok := unescapeID(got)
		if legal := store.CheckNamespaceID(id) == nil && len(got) < maxEscaped; ok != legal || ok && back != id {
			t.Errorf("%q comes back as %q, %v", id, back, ok)
		}
	}
	for _, bad := range []string{"", "A", "_4", "_4x", "_61", "a.b", "_2F"} {
		if id, ok := unescapeID(bad); ok {
			t.Errorf("%q is taken for %q", bad, id)
		}
	}
	for name, want := range map[string]int{"a.7": 7, "a.07": 0, "a": 0, ".7": 0, "a.b.7": 0, "a.7.new": 7, "a.7.damaged-2026": 7, "_41.12": 12} {
		if got := serialOf(name); got != want {
			t.Errorf("the serial of %s is %d", name, got)
		}
	}
}

// TestLegacyUpgrade loses the power at every change of an upgrade: it goes on,
// and as long as nothing keeps older versions out, all is where they look.
func TestLegacyUpgrade(t *testing.T) {
	for _, moves := range []bool{false, true} {
		seed := rand.Uint64()
		t.Logf("moves %v, seed %d", moves, seed)
		random := rand.New(rand.NewPCG(seed, 4))
		for at := 1; ; at++ {
			d := newLegacy(t, moves)
			start := d.tree()
			d.ops, d.failAt, d.lasts, d.done = 0, at, true, at%2 == 0
			h, err := openHome(d, "data", legacyOptions(moves))
			if err == nil && !d.dead {
				d.failAt = 0
				checkUpgraded(t, d, h, "without a crash")
				mustDo(t, h.close(true))
				break
			}
			for range 8 {
				again := d.crashed(random)
				what := fmt.Sprintf("moves %v, power lost at change %d, %s (seed %d)", moves, at, d.last, seed)
				if !exists(again, "data/wall") {
					for name, data := range again.tree() {
						if old, ok := start[name]; ok && old != data {
							t.Errorf("%s: %s changed before the wall", what, name)
						}
						delete(start, name)
					}
					if len(start) > 0 {
						t.Errorf("%s: gone before the wall: %v", what, slices.Collect(maps.Keys(start)))
					}
					start = newLegacy(t, moves).tree()
				}
				h, err := openHome(again, "data", legacyOptions(moves))
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				checkUpgraded(t, again, h, what)
				if t.Failed() {
					return
				}
			}
		}
	}
}

// newLegacy makes a directory of a format before, in which one namespace is
// missing.
func newLegacy(t *testing.T, moves bool) *disk {
	d := newDisk()
	mustDo(t, d.MakeDir("data/ns"))
	mustDo(t, writeSynced(d, "data/old", nil))
	for _, id := range []string{"default", "orders"} {
		if moves {
			mustDo(t, writeSynced(d, "data/ns/"+id+".3.db", []byte(id)))
			continue
		}
		mustDo(t, d.MakeDir("data/ns/"+id+".3"))
		mustDo(t, writeSynced(d, "data/ns/"+id+".3/database", []byte(id)))
		mustDo(t, d.SyncDir("data/ns/"+id+".3"))
	}
	if !moves {
		mustDo(t, d.MakeDir("data/ns/orders.2"))
	}
	mustDo(t, d.SyncDir("data/ns"))
	mustDo(t, d.SyncDir("data"))
	return d
}

func legacyOptions(moves bool) homeOptions {
	o := testOptions()
	o.Format.Legacy = func(files filesys.Files, dir string) (entries []LegacyEntry, found bool, err error) {
		if exists(files, files.Join(dir, "wall")) || !exists(files, files.Join(dir, "old")) {
			return nil, false, nil
		}
		for _, id := range []string{"default", "gone", "orders"} {
			e := LegacyEntry{ID: id, Place: id + ".3", TokenHash: [32]byte{7}, Clean: id == "orders", Messages: 4, Streams: 2}
			if moves {
				e.Place += ".db"
			} else if id == "orders" {
				e.Aside = "orders.2"
			}
			entries = append(entries, e)
		}
		return entries, true, nil
	}
	o.Format.Wall = func(files filesys.Files, dir string) error {
		return writeWhole(files, dir, "wall", []byte("up"))
	}
	if moves {
		o.Format.Move = func(files filesys.Files, dir string, e LegacyEntry, to string) error {
			// This disk may lose half of a rename from one directory to another.
			from := files.Join(dir, "ns", e.Place)
			data, err := files.ReadFile(from)
			if filesys.IsNotExist(err) && exists(files, files.Join(to, "database")) {
				return nil
			}
			if err == nil {
				err = writeWhole(files, to, "database", data)
			}
			return errors.Join(err, removeIfThere(files, from), files.SyncDir(files.Join(dir, "ns")))
		}
	}
	return o
}

func checkUpgraded(t *testing.T, d *disk, h *home, what string) {
	t.Helper()
	list := h.entries()
	if len(list) != 3 || list[1].ID != "gone" || list[2].Mark.Messages != 4 || list[0].Mark.Known || list[2].Mark.Clean {
		t.Fatalf("%s: entries %+v", what, list)
	}
	for _, e := range list {
		err := h.identify(e)
		var damage *DamageError
		if e.ID == "gone" {
			if !errors.As(err, &damage) || !strings.Contains(damage.Reason, "missing") || exists(d, h.dirOf(e)) {
				t.Errorf("%s: what is missing: %v", what, err)
			}
			continue
		}
		if data, _ := d.ReadFile(h.dirOf(e) + "/database"); err != nil || string(data) != e.ID {
			t.Errorf("%s: %q has %q: %v", what, e.ID, data, err)
		}
		if e.TokenHash != [32]byte{7} || len(e.Leaving) > 0 || e.Place != "" {
			t.Errorf("%s: entry %+v", what, e)
		}
	}
	found := h.inspect()
	found.Notes = slices.DeleteFunc(found.Notes, func(f store.Finding) bool { return strings.Contains(f.Detail, "dropped") })
	if len(found.Findings)+len(found.Notes) > 0 || exists(d, "data/registry/"+pendingName) || !exists(d, "data/wall") {
		t.Errorf("%s: found %v in %v", what, found, d.tree())
	}
}

func TestLegacyReadOnly(t *testing.T) {
	for _, moves := range []bool{false, true} {
		d := newLegacy(t, moves)
		before := d.tree()
		o := legacyOptions(moves)
		o.ReadOnly = true
		h, err := openHome(d, "data", o)
		mustDo(t, err)
		for _, e := range h.entries() {
			if err := h.identify(e); (err == nil) != (e.ID != "gone") {
				t.Errorf("%s: %v", e.ID, err)
			}
		}
		mustDo(t, h.close(true))
		if after := d.tree(); !reflect.DeepEqual(before, after) {
			t.Errorf("reading changed %v", difference(before, after))
		}
	}
}

func TestSeedHome(t *testing.T) {
	d := newDisk()
	h := mustOpen(t, d)
	e := mustMake(t, d, h, "default")
	mustCopy(t, d, h.path(e.Dir), "copy/ns/"+e.Dir)
	mustDo(t, d.Remove("copy/ns/"+e.Dir+"/identity"))
	o := legacyOptions(false)
	mustDo(t, seedHome(d, "copy", o, h.entries()))
	c, err := openHome(d, "copy", o)
	mustDo(t, err)
	if list := c.entries(); len(list) != 1 || c.identify(e) != nil || !exists(d, "copy/wall") || c.identity() == h.identity() {
		t.Errorf("entries %v: %v", list, c.identify(e))
	}
}

func TestLocks(t *testing.T) {
	files, dir := filesys.Disk{}, t.TempDir()
	h, err := openHome(files, dir, testOptions())
	mustDo(t, err)
	if _, err := openHome(files, dir, testOptions()); !errors.Is(err, store.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	o := testOptions()
	o.ReadOnly = true
	if _, err := openHome(files, dir, o); !errors.Is(err, store.ErrLocked) {
		t.Errorf("read while it is written: %v", err)
	}
	unlocked := o
	unlocked.Unlocked = true
	r, err := openHome(files, dir, unlocked)
	mustDo(t, err)
	mustDo(t, r.close(false))
	mustDo(t, h.close(true))
	one, err := openHome(files, dir, o)
	mustDo(t, err)
	two, err := openHome(files, dir, o)
	mustDo(t, err)
	if _, err := openHome(files, dir, testOptions()); !errors.Is(err, store.ErrLocked) {
		t.Errorf("written while it is read: %v", err)
	}
	mustDo(t, errors.Join(one.close(false), two.close(false)))
	h, err = openHome(files, dir, testOptions())
	mustDo(t, err)
	mustDo(t, h.close(true))
}

// TestRegistryRefused: what no crash can leave is damage, even where each line
// can be read.
func TestRegistryRefused(t *testing.T) {
	for _, clean := range []bool{false, true} {
		d := newDisk()
		h := mustOpen(t, d)
		for _, id := range []string{"a", "b", "c"} {
			mustMake(t, d, h, id)
		}
		mustDo(t, h.close(clean))
		data, err := d.ReadFile("data/registry/namespaces.log")
		mustDo(t, err)
		lines := strings.SplitAfter(strings.TrimSuffix(string(data), "\n"), "\n")
		last := len(lines) - 1
		lines[last] += "\n"
		type try struct {
			what  string
			lines []string
			opens bool
		}
		tries := []try{
			{"as it is", lines, true},
			{"a line twice", slices.Insert(slices.Clone(lines), 2, lines[1]), false},
			{"the last line twice", append(slices.Clone(lines), lines[last]), false},
			{"lines swapped", slices.Concat(lines[:1], lines[2:3], lines[1:2], lines[3:]), false},
			{"the last line torn", append(slices.Clone(lines[:last]), lines[last][:20]), !clean},
			{"the last line damaged", append(slices.Clone(lines[:last]), "x"+lines[last]), !clean},
			{"without its last byte", append(slices.Clone(lines[:last]), strings.TrimSuffix(lines[last], "\n")), true},
			{"without its last line", lines[:last], !clean},
			{"the header alone", lines[:1], !clean},
			{"empty", nil, false},
		}
		for i := range last {
			tries = append(tries, try{fmt.Sprintf("without line %d", i+1), slices.Delete(slices.Clone(lines), i, i+1), false})
		}
		strange, err := encodeLine(map[string]int{"n": len(lines), "merge": 1})
		mustDo(t, err)
		tries = append(tries, try{"a record of a kind that is not known", append(slices.Clone(lines), string(strange)), false})
		wrong, err := encodeLine(record{N: len(lines), Clean: &cleanStop{Entries: 3, Sum: 1}})
		mustDo(t, err)
		tries = append(tries, try{"a clean stop of others", append(slices.Clone(lines), string(wrong)), false})
		for _, c := range tries {
			_, err := parseRegistry([]byte(strings.Join(c.lines, "")), "pebble", false)
			var damage *store.DamagedError
			if c.opens != (err == nil) || err != nil && !errors.As(err, &damage) {
				t.Errorf("clean %v, %s: %v", clean, c.what, err)
			}
		}
	}
}
