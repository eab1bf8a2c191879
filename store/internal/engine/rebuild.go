package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/filesys"
)

// Rebuild makes the registry of a data directory again, from what can be read
// of it and from what the directories of namespaces say of themselves; with
// Options.ReadOnly it only says what it would do. It takes nothing of which it is
// not clear what it is, and deletes nothing. It closes the backend. It returns
// store.ErrLocked, and a *FormatError when anything there is of another format.
func Rebuild(backend Backend, dir string, o Options) (store.RebuildReport, error) {
	s := &Store{backend: backend, files: backend.Files(), dir: dir, options: o.withDefaults()}
	report, err := rebuild(s.files, dir, s.homeOptions(), func(dir string, id identity) (Mark, error) {
		m, err := s.measure(id.entry, dir)
		m.Clean, m.Files = false, nil // the next opening may have to finish what a crash left
		return m, err
	})
	return report, errors.Join(err, backend.Close())
}

// rebuild is told by describe what is in the database in a directory, given as
// its path.
func rebuild(files filesys.Files, dir string, o homeOptions, describe func(dir string, id identity) (Mark, error)) (out store.RebuildReport, err error) {
	if !files.IsDir(dir) {
		return out, fmt.Errorf("there is no data directory here: %w", fs.ErrNotExist)
	}
	h := newHome(files, dir, o)
	if h.lock, err = h.takeLock(); err != nil {
		return out, err
	}
	r := &rebuilding{
		home: h, describe: describe, records: map[string]entry{}, live: map[string]entry{},
		claims: map[string][]lying{}, byName: map[string][]lying{},
	}
	err = r.run()
	return r.out, errors.Join(err, h.close(false))
}

// rebuilding is a rebuild under way. Namespaces are known by id.
type rebuilding struct {
	home     *home
	describe func(dir string, id identity) (Mark, error)

	whole   bool               // the registry can be read: what it says counts
	present bool               // there is a registry, whatever its state
	records map[string]entry   // what can be read of it
	claims  map[string][]lying // directories that say that they are the namespace
	byName  map[string][]lying // those of which only the name says so: from before there were identities
	live    map[string]entry   // what is to be
	out     store.RebuildReport
}

func (r *rebuilding) run() error {
	upgrade, err := r.read()
	if err != nil || upgrade {
		return err
	}
	if err := r.scan(); err != nil {
		return err
	}
	ids := slices.Concat(slices.Collect(maps.Keys(r.records)), slices.Collect(maps.Keys(r.claims)), slices.Collect(maps.Keys(r.byName)))
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		r.decide(id)
	}
	r.out.Namespaces = slices.Sorted(maps.Keys(r.live))
	r.out.Changed = !r.whole || len(r.out.Done) > 0 || !reflect.DeepEqual(r.live, r.records)
	if !r.out.Changed || r.home.o.ReadOnly {
		return nil
	}
	return r.write()
}

func (r *rebuilding) lost(where, format string, args ...any) {
	r.out.Lost = append(r.out.Lost, store.Finding{Where: where, Detail: fmt.Sprintf(format, args...)})
}

func (r *rebuilding) did(where, format string, args ...any) {
	r.out.Done = append(r.out.Done, store.Finding{Where: where, Detail: fmt.Sprintf(format, args...)})
}

// read reads what can be read of the registry, also where it was before an
// upgrade ended. upgrade says that it is whole, and the format before's.
func (r *rebuilding) read() (upgrade bool, err error) {
	h, name := r.home, registryName
	data, err := h.files.ReadFile(h.files.Join(h.reg.dir, name))
	if r.present = !filesys.IsNotExist(err); !r.present {
		_, found, legacy := h.o.Format.Legacy(h.files, h.dir)
		var format *FormatError
		switch {
		case errors.As(legacy, &format):
			return false, format
		case legacy != nil:
			r.lost(registryDir, "the registry of the format before cannot be read: %v", legacy)
		case found:
			r.did(registryDir, "it is whole, and of the format before: the next opening for writing upgrades it")
			return true, nil
		}
		name = pendingName
		if data, err = h.files.ReadFile(h.files.Join(h.reg.dir, name)); filesys.IsNotExist(err) {
			return false, nil
		}
	}
	if err != nil {
		r.lost(registryDir+"/"+name, "cannot be read: %v", err)
		return false, nil
	}
	c, err := parseRegistry(data, h.o.Engine, false)
	if r.whole = err == nil && r.present; !r.whole {
		if c, err = parseRegistry(data, h.o.Engine, true); err != nil {
			return false, err // another format, another engine
		}
	}
	if c.lost > 0 {
		r.lost(registryDir+"/"+name, "%d lines cannot be read", c.lost)
	}
	r.records = c.live
	if c.head.Identity != "" {
		h.reg.held.head = c.head
	}
	return false, nil
}

// scan looks at all that lies below ns/, and sorts it.
func (r *rebuilding) scan() error {
	names, err := r.home.names(namespacesDir)
	if err != nil {
		return err
	}
	recorded := map[string]bool{}
	for _, e := range r.records {
		recorded[e.Dir] = true
	}
	for _, name := range names {
		if strings.Contains(name, damagedMark) {
			continue
		}
		r.home.serial = max(r.home.serial, serialOf(name))
		l := r.home.examine(namespacesDir, name)
		var format *FormatError
		switch {
		case errors.As(l.fault, &format):
			return fmt.Errorf("%s: %w", l.where(), format)
		case l.state == stateUnfinished && l.who.ID != "" && !r.recorded(l) && !r.whole:
			r.lost(l.where(), "says that namespace %q was being made there, and is not taken", l.who.ID)
		case l.state == stateDeleted || l.state == stateUnfinished && !r.recorded(l):
		case l.dir && l.fault == nil:
			r.claims[l.who.ID] = append(r.claims[l.who.ID], l)
		case !r.whole && !recorded[name]:
			r.addNameless(l)
		}
	}
	return nil
}

// addNameless takes note of what only its name tells of. Of what is no
// namespace's, inspect tells.
func (r *rebuilding) addNameless(l lying) {
	name, file := strings.CutSuffix(l.name, legacyEnd)
	escaped, _ := splitDir(name)
	if escaped == "" || !l.dir && (!file || r.home.o.Format.Move == nil) {
		return
	}
	if id, ok := unescapeID(escaped); ok {
		r.byName[id] = append(r.byName[id], l)
	} else {
		r.lost(l.where(), "does not say whose it is, and its name does not tell: it is not taken")
	}
}

// legacyEnd ends the names of namespaces' files where the format before had
// one file each.
const legacyEnd = ".db"

// recorded reports whether the registry names a directory with its content.
func (r *rebuilding) recorded(l lying) bool {
	e, ok := r.records[l.who.ID]
	return ok && e.Dir == l.name && e.Identity == l.who.Identity
}

// decide decides what a namespace is: what says that it is, else what the
// registry tells of, else what has its name.
func (r *rebuilding) decide(id string) {
	found, named := r.current(id), r.byName[id]
	e, recorded := r.records[id]
	if len(found) > 1 {
		r.dispute(id, found)
	}
	switch {
	case len(found) == 1:
		r.take(found[0])
	case recorded:
		r.takeRecorded(e)
	case len(found) == 0 && len(named) == 1:
		r.takeByName(id, named[0])
		return
	case len(found) == 0:
		r.dispute(id, named)
		return
	}
	for _, l := range named {
		r.lost(l.where(), "does not say whose it is; going by its name it is namespace %q, and there is another: it is not taken", id)
	}
}

// current returns the directories that say that they are a namespace, but for
// those that hold what it was before, or that are not the registry's.
func (r *rebuilding) current(id string) []lying {
	found := r.claims[id]
	if !r.whole { // what was replaced is not wanted back
		found = slices.DeleteFunc(slices.Clone(found), func(l lying) bool {
			replaced := slices.ContainsFunc(found, func(other lying) bool { return other.who.Replaces == l.who.Identity })
			if replaced {
				r.did(l.where(), "holds what namespace %q was before its content was replaced: it is left alone", id)
			}
			return replaced
		})
	}
	i := slices.IndexFunc(found, r.recorded)
	if i < 0 {
		return found
	}
	for j, other := range found {
		if j != i && !r.whole {
			r.did(other.where(), "says that it is namespace %q, as %s does, which the registry names: it is left alone", id, found[i].name)
		}
	}
	return found[i : i+1]
}

func (r *rebuilding) dispute(id string, found []lying) {
	names := make([]string, len(found))
	for i, l := range found {
		names[i] = l.where()
	}
	r.lost(strings.Join(names, ", "), "all say that they are namespace %q: none is taken; move all but one out of the data directory and repair again", id)
}

// take takes a directory that says who it is. What the registry knew of the
// same content stays known.
func (r *rebuilding) take(l lying) {
	id := l.who.ID
	e, ok := r.records[id]
	if ok && e.Identity == l.who.Identity {
		if e.Dir != l.name {
			r.did(l.where(), "is taken for namespace %q, which was in %s", id, e.Dir)
		}
		e.Dir = l.name
		r.live[id] = r.weaken(e)
		return
	}
	e = l.who.entry
	e.Dir = l.name
	mark, err := r.describe(r.home.path(l.name), l.who)
	if err != nil {
		r.lost(l.where(), "is namespace %q, and cannot be opened: %v", id, err)
	} else {
		e.Mark = mark
	}
	r.live[id] = e
	r.did(l.where(), "is taken for namespace %q", id)
}

// weaken makes of an entry of a damaged registry what is still known for sure:
// later lines may have said more.
func (r *rebuilding) weaken(e entry) entry {
	if !r.whole {
		e.Mark.Clean, e.Mark.Files, e.Leaving = false, nil, nil
	}
	return e
}

// takeRecorded takes what only the registry tells of.
func (r *rebuilding) takeRecorded(e entry) {
	l := r.home.examine(namespacesDir, e.Dir)
	switch {
	case l.state == stateDeleted && l.who.Identity == e.Identity:
		r.did(l.where(), "namespace %q was deleted", e.ID)
		return
	case !l.dir:
		r.lost(l.where(), "is missing: namespace %q is damaged", e.ID)
	case l.fault == nil:
		r.lost(l.where(), "is namespace %q's, and not %q's, which is damaged", l.who.ID, e.ID)
	default:
		r.did(l.where(), "did not say whose it is, and says now that it is namespace %q, as the registry does", e.ID)
	}
	r.live[e.ID] = r.weaken(e)
}

func (r *rebuilding) takeByName(id string, l lying) {
	e := entry{ID: id, Dir: l.name, Identity: newIdentity(), CreatedAt: time.Now().UTC()}
	if l.dir {
		mark, err := r.describe(r.home.path(l.name), identityOf(e, ""))
		if err != nil {
			r.lost(l.where(), "does not say whose it is, and cannot be opened: %v: it is not taken", err)
			return
		}
		e.Mark = mark
	} else {
		e.Place, e.Dir = l.name, r.home.newDir(id)
		r.home.rest(e.Dir)
	}
	r.live[id] = e
	r.lost(l.where(), "is taken for namespace %q, going by its name: its token, description and metadata cannot be saved", id)
}

// write keeps the damaged registry beside and puts up the new one.
func (r *rebuilding) write() error {
	h := r.home
	if r.present && !r.whole {
		if err := r.keep(); err != nil {
			return fmt.Errorf("keep the damaged registry: %w", err)
		}
	}
	h.reg.held.live = maps.Clone(r.live)
	return h.establish()
}

// keep copies the damaged registry; what cannot be read is renamed.
func (r *rebuilding) keep() error {
	h := r.home
	name := damagedName(registryName, time.Now())
	r.out.Kept = registryDir + "/" + name
	old := h.files.Join(h.reg.dir, registryName)
	data, err := h.files.ReadFile(old)
	if err == nil {
		return writeWhole(h.files, h.reg.dir, name, data)
	}
	return errors.Join(h.files.Rename(old, h.files.Join(h.reg.dir, name)), h.files.SyncDir(h.reg.dir))
}
