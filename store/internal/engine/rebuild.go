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
)

// rebuilt says what rebuild found and did.
type rebuilt struct {
	Changed  bool            // the registry was written, or would be with ReadOnly
	Entries  []entry         // what the registry says now, by id
	Findings []store.Finding // what could not be saved
	Notes    []store.Finding // what was done
	Kept     string          // the damaged registry lies there; "": there was none
}

// rebuild makes the registry of a data directory again, from what can still be
// read of it and from what the directories of namespaces say of themselves. It
// takes nothing of which it is not clear what it is, and deletes nothing. With
// ReadOnly it only says what would be. describe opens the database in a
// directory, given as its path, and says what is in it. rebuild returns
// ErrLocked, and a *FormatError when anything there is of another format.
func rebuild(files Files, dir string, o homeOptions, describe func(dir string, id identity) (Mark, error)) (rebuilt, error) {
	if !files.IsDir(dir) {
		return rebuilt{}, fmt.Errorf("there is no data directory here: %w", fs.ErrNotExist)
	}
	h := newHome(files, dir, o)
	var err error
	if h.lock, err = h.takeLock(); err != nil {
		return rebuilt{}, err
	}
	r := &rebuilding{
		home: h, describe: describe, records: map[string]entry{}, live: map[string]entry{},
		disputed: map[string]bool{}, claimed: map[string]bool{},
	}
	err = r.run()
	return r.out, errors.Join(err, h.close(false))
}

// rebuilding is a rebuild under way.
type rebuilding struct {
	home     *home
	describe func(dir string, id identity) (Mark, error)

	whole    bool             // the registry can be read: what it says counts
	present  bool             // there is a registry, whatever its state
	upgrade  bool             // it is the format before's, and whole
	records  map[string]entry // what can be read of it, by id
	dirs     []lying
	live     map[string]entry // what is to be
	disputed map[string]bool  // ids that two directories claim
	claimed  map[string]bool  // directories that are dealt with
	out      rebuilt
}

func (r *rebuilding) run() error {
	if err := r.read(); err != nil || r.upgrade {
		return err
	}
	if err := r.scan(); err != nil {
		return err
	}
	r.takeIdentified()
	r.takeRecorded()
	if !r.whole {
		r.takeNameless()
	}
	r.out.Entries = (&contents{live: r.live}).sorted()
	r.out.Changed = !r.whole || len(r.out.Notes) > 0 || !reflect.DeepEqual(r.live, r.records)
	if !r.out.Changed || r.home.o.ReadOnly {
		return nil
	}
	return r.write()
}

func (r *rebuilding) lost(where, format string, args ...any) {
	r.out.Findings = append(r.out.Findings, store.Finding{Where: where, Detail: fmt.Sprintf(format, args...)})
}

func (r *rebuilding) did(where, format string, args ...any) {
	r.out.Notes = append(r.out.Notes, store.Finding{Where: where, Detail: fmt.Sprintf(format, args...)})
}

// read reads what can be read of the registry.
func (r *rebuilding) read() error {
	h := r.home
	data, err := h.files.ReadFile(h.files.Join(h.reg.dir, registryName))
	if IsNotExist(err) {
		return r.readOther()
	}
	r.present = true
	if err != nil {
		r.lost(registryDir+"/"+registryName, "cannot be read: %v", err)
		return nil
	}
	c, err := parseRegistry(data, h.o.Engine)
	if err == nil {
		r.whole, r.records, h.reg.held.head = true, c.live, c.head
		return nil
	}
	return r.salvage(data, registryName, err)
}

// readOther looks for the registry where it was before an upgrade ended.
func (r *rebuilding) readOther() error {
	h := r.home
	_, found, err := h.o.Format.Legacy(h.files, h.dir)
	if err == nil && found {
		r.upgrade = true
		r.did(registryDir, "it is whole, and of the format before: the next opening for writing upgrades it")
		return nil
	}
	var format *FormatError
	if errors.As(err, &format) {
		return format
	}
	if err != nil {
		r.lost(registryDir, "the registry of the format before cannot be read: %v", err)
	}
	data, err := h.files.ReadFile(h.files.Join(h.reg.dir, pendingName))
	if IsNotExist(err) {
		return nil
	}
	if err != nil {
		r.lost(registryDir+"/"+pendingName, "cannot be read: %v", err)
		return nil
	}
	return r.salvage(data, pendingName, nil)
}

// salvage takes what can be read of a registry that fault says is damaged.
func (r *rebuilding) salvage(data []byte, name string, fault error) error {
	var damage *store.DamagedError
	if fault != nil && !errors.As(fault, &damage) {
		return fault // another format, another engine
	}
	c, lost, err := salvageRegistry(data)
	if err != nil {
		return err
	}
	if engine := c.head.Engine; engine != "" && engine != r.home.o.Engine {
		return fmt.Errorf("the data directory is the %s engine's, not %s's", engine, r.home.o.Engine)
	}
	if c.head.Identity != "" {
		r.home.reg.held.head = c.head
	}
	r.records = c.live
	if lost > 0 {
		r.lost(registryDir+"/"+name, "%d lines cannot be read", lost)
	}
	return nil
}

// scan looks at all that lies below ns/.
func (r *rebuilding) scan() error {
	names, err := r.home.names(namespacesDir)
	if err != nil {
		return err
	}
	var format *FormatError
	for _, name := range names {
		if strings.Contains(name, damagedMark) {
			continue
		}
		l := r.home.examine(name)
		if errors.As(l.fault, &format) {
			return fmt.Errorf("%s/%s: %w", namespacesDir, name, format)
		}
		r.dirs = append(r.dirs, l)
		r.home.serial = max(r.home.serial, serialOf(name))
	}
	return nil
}

// recorded reports whether the registry names a directory with its content.
func (r *rebuilding) recorded(l lying) bool {
	e, ok := r.records[l.who.ID]
	return ok && e.Dir == l.name && e.Identity == l.who.Identity
}

// takeIdentified takes the directories that say who they are.
func (r *rebuilding) takeIdentified() {
	byID := map[string][]lying{}
	for _, l := range r.dirs {
		switch {
		case !l.dir || l.fault != nil && !l.deleted:
			continue
		case l.deleted:
			r.claimed[l.name] = true
		case l.unfinished && !r.recorded(l):
			r.claimed[l.name] = true
			if !r.whole {
				r.lost(namespacesDir+"/"+l.name, "says that namespace %q was being made there, and is not taken", l.who.ID)
			}
		default:
			r.claimed[l.name] = true
			byID[l.who.ID] = append(byID[l.who.ID], l)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		r.choose(id, byID[id])
	}
}

// choose decides which of the directories that say they are a namespace it is.
func (r *rebuilding) choose(id string, found []lying) {
	if !r.whole { // what was replaced is not wanted back
		var current []lying
		for _, l := range found {
			if slices.ContainsFunc(found, func(other lying) bool { return other.who.Replaces == l.who.Identity }) {
				r.did(namespacesDir+"/"+l.name, "holds what namespace %q was before its content was replaced: it is left alone", id)
			} else {
				current = append(current, l)
			}
		}
		found = current
	}
	if i := slices.IndexFunc(found, r.recorded); i >= 0 && len(found) > 1 {
		for _, other := range slices.Delete(slices.Clone(found), i, i+1) {
			if !r.whole {
				r.did(namespacesDir+"/"+other.name, "says that it is namespace %q, as %s does, which the registry names: it is left alone", id, found[i].name)
			}
		}
		found = found[i : i+1]
	}
	if len(found) > 1 {
		r.dispute(id, found)
		return
	}
	if len(found) == 1 {
		r.take(found[0])
	}
}

func (r *rebuilding) dispute(id string, found []lying) {
	r.disputed[id] = true
	names := make([]string, len(found))
	for i, l := range found {
		names[i] = namespacesDir + "/" + l.name
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
			r.did(namespacesDir+"/"+l.name, "is taken for namespace %q, which was in %s", id, e.Dir)
		}
		e.Dir = l.name
		r.live[id] = r.weaken(e)
		return
	}
	e = l.who.entry(l.name)
	mark, err := r.describe(r.home.path(l.name), l.who)
	if err != nil {
		r.lost(namespacesDir+"/"+l.name, "is namespace %q, and cannot be opened: %v", id, err)
	} else {
		e.Mark = mark
	}
	r.live[id] = e
	r.did(namespacesDir+"/"+l.name, "is taken for namespace %q", id)
}

// weaken makes of an entry of a damaged registry what is still known for sure:
// later lines may have said more.
func (r *rebuilding) weaken(e entry) entry {
	if r.whole {
		return e
	}
	e.Mark.Clean, e.Mark.Files, e.Leaving = false, nil, nil
	return e
}

// takeRecorded takes what only the registry tells of.
func (r *rebuilding) takeRecorded() {
	for _, id := range slices.Sorted(maps.Keys(r.records)) {
		e := r.records[id]
		if _, ok := r.live[id]; ok {
			continue
		}
		l := r.home.examine(e.Dir)
		switch {
		case l.deleted && l.bySign == e.Identity:
			r.did(namespacesDir+"/"+e.Dir, "namespace %q was deleted", id)
			continue
		case !l.dir:
			r.lost(namespacesDir+"/"+e.Dir, "is missing: namespace %q is damaged", id)
		case l.fault == nil:
			r.lost(namespacesDir+"/"+e.Dir, "is namespace %q's, and not %q's, which is damaged", l.who.ID, id)
		default:
			r.claimed[e.Dir] = true
			r.did(namespacesDir+"/"+e.Dir, "did not say whose it is, and says now that it is namespace %q, as the registry does", id)
		}
		r.live[id] = r.weaken(e)
	}
}

// takeNameless takes directories that nothing but their names tells of: those
// from before there were identities.
func (r *rebuilding) takeNameless() {
	byID := map[string][]lying{}
	for _, l := range r.dirs {
		if r.claimed[l.name] || l.unfinished {
			continue
		}
		escaped, _, ok := splitDir(strings.TrimSuffix(l.name, legacyEnd))
		if !ok || !l.dir && (r.home.o.Format.Move == nil || !strings.HasSuffix(l.name, legacyEnd)) {
			continue // inspect tells of it
		}
		id, ok := unescapeID(escaped)
		if !ok {
			r.lost(namespacesDir+"/"+l.name, "does not say whose it is, and its name does not tell: it is not taken")
			continue
		}
		byID[id] = append(byID[id], l)
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		_, taken := r.live[id]
		switch found := byID[id]; {
		case taken || r.disputed[id]:
			for _, l := range found {
				r.lost(namespacesDir+"/"+l.name, "does not say whose it is; going by its name it is namespace %q, and there is another: it is not taken", id)
			}
		case len(found) > 1:
			r.dispute(id, found)
		default:
			r.takeByName(id, found[0])
		}
	}
}

// legacyEnd ends the names of namespaces' files where the format before had
// one file each.
const legacyEnd = ".db"

func (r *rebuilding) takeByName(id string, l lying) {
	e := entry{ID: id, Dir: l.name, Identity: newIdentity(), CreatedAt: time.Now().UTC()}
	if l.dir {
		mark, err := r.describe(r.home.path(l.name), identityOf(e, ""))
		if err != nil {
			r.lost(namespacesDir+"/"+l.name, "does not say whose it is, and cannot be opened: %v: it is not taken", err)
			return
		}
		e.Mark = mark
	} else {
		e.Place, e.Dir = l.name, r.home.freeDirLocked(id) // nobody else has the home
	}
	r.live[id] = e
	r.lost(namespacesDir+"/"+l.name, "is taken for namespace %q, going by its name: its token, description and metadata cannot be saved", id)
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
	if err := h.establish(); err != nil {
		return fmt.Errorf("write the rebuilt registry: %w", err)
	}
	r.out.Entries = h.entries()
	return nil
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
