package engine

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/filesys"
)

// home is a data directory: which namespaces there are, where they lie, and
// what else lies there. It knows nothing of databases.
//
// It never deletes, changes or opens what the registry does not name, but for
// what says of itself, by a checksummed file that names it, that it was being
// made or deleted.
type home struct {
	files  filesys.Files
	dir    string
	o      homeOptions
	reg    *registry
	lock   io.Closer // nil: the directory is read without
	legacy bool      // the directory is of the format before, and only read

	mu     sync.Mutex      // guards what follows
	serial int             // the highest number given to a directory
	busy   map[string]bool // directories that are being made, removed, or put aside
	noted  map[string]bool // what was logged of what is unknown
}

type homeOptions struct {
	Options
	Engine string // "pebble" or "sqlite"
	Note   func(store.EngineEvent)
}

func (o homeOptions) withDefaults() homeOptions {
	o.Options = o.Options.withDefaults()
	if o.Note == nil {
		o.Note = func(store.EngineEvent) {}
	}
	if o.Format.Legacy == nil {
		o.Format.Legacy = func(filesys.Files, string) ([]LegacyEntry, bool, error) { return nil, false, nil }
	}
	if o.Format.Wall == nil {
		o.Format.Wall = func(filesys.Files, string) error { return nil }
	}
	return o
}

// The places in a data directory.
const (
	lockName       = "LOCK"
	namespacesDir  = "ns"
	checkpointsDir = "checkpoints"
	// partEnd ends the name of a checkpoint that is being made. It holds an
	// unfinished file that names it and this data directory's identity.
	partEnd = ".part"
)

// openHome opens a data directory, making it unless it is read-only. It
// finishes what a crash left half done. It returns store.ErrLocked, a *FormatError, a
// *store.DamagedError when the registry is damaged, and fs.ErrNotExist when
// there is nothing to read.
func openHome(files filesys.Files, dir string, o homeOptions) (*home, error) {
	h := newHome(files, dir, o)
	var err error
	if h.lock, err = h.takeLock(); err != nil {
		return nil, err
	}
	if err := h.load(); err != nil {
		return nil, errors.Join(err, h.close(false))
	}
	if !h.o.ReadOnly {
		if err := h.finish(); err != nil {
			return nil, errors.Join(err, h.close(false))
		}
	}
	h.inspect()
	return h, nil
}

func newHome(files filesys.Files, dir string, o homeOptions) *home {
	h := &home{files: files, dir: dir, o: o.withDefaults(), busy: map[string]bool{}, noted: map[string]bool{}}
	h.reg = &registry{
		files: files, dir: files.Join(dir, registryDir), logger: h.o.Logger, note: h.o.Note,
		held: contents{live: map[string]entry{}, head: header{Engine: h.o.Engine, Identity: newIdentity()}},
	}
	return h
}

// sharedLocker is what Files may offer besides: readers that keep writers out,
// and not each other. It makes no lock file, and returns fs.ErrNotExist.
type sharedLocker interface {
	LockShared(name string) (io.Closer, error)
}

// takeLock returns nil for a directory that is read without a lock.
func (h *home) takeLock() (io.Closer, error) {
	name := h.files.Join(h.dir, lockName)
	take := h.files.Lock
	if !h.o.ReadOnly {
		if err := h.files.MakeDir(h.dir); err != nil {
			return nil, fmt.Errorf("make data directory: %w", err)
		}
	} else if !exists(h.files, name) {
		return nil, nil
	} else if shared, ok := h.files.(sharedLocker); ok {
		take = shared.LockShared
	}
	lock, err := take(name)
	switch {
	case err == nil || errors.Is(err, store.ErrLocked) && !h.o.Unlocked:
		return lock, err
	case !h.o.ReadOnly:
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	return nil, nil // on read-only media, or somebody else's file: what cannot be locked can be read
}

// close ends the use of the directory. With clean all namespaces were closed,
// and their marks noted, before.
func (h *home) close(clean bool) error {
	var err error
	if !h.o.ReadOnly {
		err = h.reg.close(clean)
	}
	if h.lock != nil {
		if unlock := h.lock.Close(); unlock != nil {
			err = errors.Join(err, fmt.Errorf("unlock data directory: %w", unlock))
		}
		h.lock = nil
	}
	return err
}

func (h *home) path(dir string) string { return h.files.Join(h.dir, namespacesDir, dir) }

// identity returns the data directory's own.
func (h *home) identity() string { return h.reg.held.head.Identity }

func (h *home) entries() []entry { return h.reg.list() }

// sound returns nil, or a *store.PoisonedError once the registry could not be
// written: nothing is acknowledged from there on.
func (h *home) sound() error { return h.reg.sound() }

// writable returns why nothing may be changed.
func (h *home) writable() error {
	if h.o.ReadOnly {
		return store.ErrReadOnly
	}
	return h.reg.sound()
}

// rename renames a directory below one of the places, durably.
func (h *home) rename(root, from, to string) error {
	root = h.files.Join(h.dir, root)
	return errors.Join(h.files.Rename(h.files.Join(root, from), h.files.Join(root, to)), h.files.SyncDir(root))
}

// makeUnfinished makes a directory that says in a file who it is, and that it is
// unfinished: under its own name it always does.
func (h *home) makeUnfinished(root, name, file string, who identity) error {
	who.State = stateUnfinished
	aside := h.files.Join(h.dir, root, name+asideEnd)
	err := h.files.MakeDir(aside)
	if err == nil {
		err = writeIdentity(h.files, aside, file, who)
	}
	if err == nil {
		err = h.rename(root, name+asideEnd, name)
	}
	if err != nil {
		return errors.Join(err, h.files.RemoveAll(aside))
	}
	return nil
}

// create makes a directory for new content of a namespace, which says who it
// is and that it is unfinished. It counts once put or replace name it; remove
// gives it up.
func (h *home) create(e entry) (entry, error) {
	if err := h.writable(); err != nil {
		return e, err
	}
	old, _ := h.reg.find(e.ID)
	e.Dir, e.Identity, e.Leaving = h.newDir(e.ID), newIdentity(), nil
	if err := h.makeUnfinished(namespacesDir, e.Dir, identityFile, identityOf(e, old.Identity)); err != nil {
		h.rest(e.Dir)
		return e, fmt.Errorf("make directory of namespace %q: %w", e.ID, err)
	}
	return e, nil
}

// newDir names a directory that is being made from now on: a readable, harmless
// form of the namespace's id and a number that makes it unique on any file system.
func (h *home) newDir(id string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		h.serial++
		dir := escapeID(id) + "." + strconv.Itoa(h.serial)
		if path := h.path(dir); !exists(h.files, path) && !exists(h.files, path+asideEnd) {
			h.busy[dir] = true
			return dir
		}
	}
}

// work notes that a directory is on its way, and rest that it is not any more.
func (h *home) work(dir string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy[dir] = true
}

func (h *home) rest(dir string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.busy, dir)
}

// put notes an entry durably. Leaving stays as the registry has it.
func (h *home) put(e entry) error {
	if err := h.writable(); err != nil {
		return err
	}
	old, ok := h.reg.find(e.ID)
	if ok && old.Dir != e.Dir {
		return fmt.Errorf("write registry: namespace %q is in %s, not %s", e.ID, old.Dir, e.Dir)
	}
	e.Leaving = old.Leaving
	before := record{Remove: e.ID}
	if ok {
		before = record{Put: []entry{old}}
	}
	return h.count(e, before)
}

// count has content count from now on, or leaves the registry as it was before,
// by the given record. What is acknowledged does not say that it is unfinished:
// without a registry it could not be told from what never counted.
func (h *home) count(e entry, before record) error {
	if err := h.reg.add(record{Put: []entry{e}}); err != nil {
		return err
	}
	if err := h.counted(e); err != nil {
		return errors.Join(err, h.reg.add(before), h.uncount(e))
	}
	h.rest(e.Dir)
	return nil
}

// counted has content that counts not say any more that it is unfinished, and
// uncount has it say so again, where an error left open what it says.
func (h *home) counted(e entry) error { return h.restate(e, stateUnfinished, "") }
func (h *home) uncount(e entry) error { return h.restate(e, "", stateUnfinished) }

func (h *home) restate(e entry, from, to string) error {
	l := h.examine(namespacesDir, e.Dir)
	if l.state != from || l.who.Identity != e.Identity {
		return nil
	}
	l.who.State, l.who.TokenHash, l.who.Tokens = to, e.TokenHash, e.Tokens
	return writeIdentity(h.files, h.path(e.Dir), identityFile, l.who)
}

// marks notes what is in namespaces, by id, durably and at once. Ids that are
// not known are left out. The caller sees to it that a mark is of the content
// that the registry names.
func (h *home) marks(m map[string]Mark) error {
	if err := h.writable(); err != nil || len(m) == 0 {
		return err
	}
	return h.reg.add(record{Marks: m})
}

// remove deletes a namespace, or gives up content that create made and that
// never counted. A namespace is gone once the registry says so: if its directory
// cannot be removed then, that is noted, and done at the next opening.
func (h *home) remove(e entry) error {
	if h.o.ReadOnly {
		return store.ErrReadOnly
	}
	h.work(e.Dir)
	defer h.rest(e.Dir)
	named, ok := h.reg.find(e.ID)
	if !ok || named.Identity != e.Identity {
		l := h.examine(namespacesDir, e.Dir)
		if l.state != stateUnfinished || l.who.Identity != e.Identity {
			return fmt.Errorf("delete namespace %q: %w", e.ID, store.ErrNamespaceNotFound)
		}
		return h.discard(l)
	}
	if err := h.sound(); err != nil {
		return err
	}
	own := leaving{Dir: e.Dir, Identity: e.Identity}
	if err := h.bury(e.ID, own); err != nil {
		return fmt.Errorf("delete namespace %q: %w", e.ID, err)
	}
	if err := h.reg.add(record{Remove: e.ID}); err != nil {
		return err
	}
	for _, l := range append(slices.Clone(named.Leaving), own) {
		h.leave(e.ID, l)
	}
	return nil
}

// replace makes fresh count in the place of old, whose directory is removed, or
// with keep gets another name: if not now, then at the next opening. It returns
// where that content lies then.
func (h *home) replace(old, fresh entry, keep bool) (kept string, err error) {
	if err := h.writable(); err != nil {
		return "", err
	}
	named, _ := h.reg.find(fresh.ID)
	l := leaving{Dir: old.Dir, Identity: old.Identity}
	if keep {
		l.Aside = damagedName(old.Dir, time.Now())
	}
	fresh.Leaving = append(slices.Clone(named.Leaving), l)
	h.work(l.Dir)
	defer h.rest(l.Dir)
	if err := h.count(fresh, record{Put: []entry{named}}); err != nil {
		return "", err
	}
	if err := h.settle(fresh); err != nil { // it counts all the same
		h.o.Logger.Warn("note that replaced content is gone", "namespace", fresh.ID, "error", err)
	}
	if keep && h.files.IsDir(h.path(l.Aside)) {
		return h.path(l.Aside), nil
	}
	return h.path(old.Dir), nil
}

// settle removes or puts aside what e replaced, and notes that in the registry.
// What cannot be done stays for the next opening.
func (h *home) settle(e entry) error {
	left := slices.DeleteFunc(slices.Clone(e.Leaving), func(l leaving) bool { return h.leave(e.ID, l) })
	named, ok := h.reg.find(e.ID)
	if len(left) == len(e.Leaving) || !ok || named.Identity != e.Identity {
		return nil
	}
	named.Leaving = left
	return h.reg.add(record{Put: []entry{named}})
}

// leave reports whether nothing is left to do about content that counts no more.
func (h *home) leave(id string, l leaving) bool {
	if !h.examine(namespacesDir, l.Dir).mayBe(l.Identity) {
		return true
	}
	var err error
	if l.Aside != "" {
		err = h.rename(namespacesDir, l.Dir, l.Aside)
	} else if err = h.bury(id, l); err == nil {
		if err := h.discard(h.examine(namespacesDir, l.Dir)); err != nil { // the tombstone stays, for the next opening
			h.o.Logger.Warn("remove a directory", "directory", l.Dir, "error", err)
		}
	}
	if err != nil {
		h.o.Logger.Warn("remove replaced content, or put it aside", "directory", l.Dir, "error", err)
	}
	return err == nil
}

// bury writes the tombstone of content, durably, if it is there.
func (h *home) bury(id string, l leaving) error {
	found := h.examine(namespacesDir, l.Dir)
	if found.state == stateDeleted || !found.mayBe(l.Identity) {
		return nil
	}
	who := identityOf(entry{ID: id, Dir: l.Dir, Identity: l.Identity}, "")
	who.State = stateDeleted
	return writeIdentity(h.files, h.path(l.Dir), identityFile, who)
}

// owned checks that nothing in a namespace's directory says that it is
// another's, or other content of the same name: nothing is taken from that.
func (h *home) owned(e entry) error {
	if h.legacy {
		return nil
	}
	if l := h.examine(namespacesDir, e.Dir); l.dir && l.fault == nil {
		return e.owns(l)
	}
	return nil
}

// owns checks whose a directory says it is.
func (e entry) owns(l lying) error {
	switch {
	case l.who.ID != e.ID:
		return Damaged(nil, "its directory is namespace %q's", l.who.ID)
	case l.who.Identity != e.Identity:
		return Damaged(nil, "its directory holds other content of this name: identity %s, not %s", l.who.Identity, e.Identity)
	}
	return nil
}

// identify checks, without opening it, that a namespace's directory is there, is
// its own, and has the files that a clean stop left. It returns a *DamageError
// that says what is wrong, or a *FormatError.
func (h *home) identify(e entry) error {
	if h.legacy { // nothing there says whose it is
		if !exists(h.files, h.dirOf(e)) && !(h.o.Format.Move == nil && e.unused()) {
			return Damaged(nil, "its files are missing")
		}
		return nil
	}
	l := h.examine(namespacesDir, e.Dir)
	var format *FormatError
	switch {
	case !l.dir:
		return Damaged(nil, "its directory is missing")
	case filesys.IsNotExist(l.fault):
		return Damaged(l.fault, "file %s is missing, so that nothing says whose this directory is", identityFile)
	case errors.As(l.fault, &format):
		return format
	case l.fault != nil:
		return Damaged(l.fault, "file %s cannot be read: %v", identityFile, l.fault)
	}
	if err := e.owns(l); err != nil {
		return err
	}
	return e.Mark.check(h.files, h.path(e.Dir))
}

// dirOf returns the directory of a namespace; in the format before, if that is
// only read, the place of its files.
func (h *home) dirOf(e entry) string {
	if h.legacy {
		return h.path(e.Place)
	}
	return h.path(e.Dir)
}
