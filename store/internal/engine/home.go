package engine

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

// home is a data directory: which namespaces there are, where they lie, and
// what else lies there. It knows nothing of databases.
//
// It never deletes, changes or opens what the registry does not name, but for
// what says of itself, by a checksummed file that names it, that it was being
// made or deleted.
type home struct {
	files  Files
	dir    string
	o      homeOptions
	reg    *registry
	lock   io.Closer // nil: the directory is read without
	legacy bool      // the directory is of the format before, and only read

	mu       sync.Mutex      // guards what follows
	serial   int             // the highest number given to a directory
	making   map[string]bool // directories that are being made
	removing map[string]bool // and those that are being removed, or put aside
	unknowns inspection      // as of the last look
	noted    map[string]bool // what was logged of it
}

type homeOptions struct {
	ReadOnly bool
	Unlocked bool // with ReadOnly: read also what another process has locked
	Logger   *slog.Logger
	Engine   string // "pebble" or "sqlite"
	Format   Format
	Note     func(store.EngineEvent)
}

func (o homeOptions) withDefaults() homeOptions {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Note == nil {
		o.Note = func(store.EngineEvent) {}
	}
	if o.Format.Legacy == nil {
		o.Format.Legacy = func(Files, string) ([]LegacyEntry, bool, error) { return nil, false, nil }
	}
	if o.Format.Wall == nil {
		o.Format.Wall = func(Files, string) error { return nil }
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
// finishes what a crash left half done. It returns ErrLocked, a *FormatError, a
// *store.DamagedError when the registry is damaged, and fs.ErrNotExist when
// there is nothing to read.
func openHome(files Files, dir string, o homeOptions) (*home, error) {
	h := newHome(files, dir, o)
	var err error
	if h.lock, err = h.takeLock(); err != nil {
		return nil, err
	}
	if err := h.load(); err != nil {
		return nil, errors.Join(err, h.close(false))
	}
	if h.o.ReadOnly {
		h.look()
		return h, nil
	}
	if err := h.finish(); err != nil {
		return nil, errors.Join(err, h.close(false))
	}
	return h, nil
}

func newHome(files Files, dir string, o homeOptions) *home {
	h := &home{files: files, dir: dir, o: o.withDefaults(), making: map[string]bool{}, removing: map[string]bool{}, noted: map[string]bool{}}
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
	if !h.o.ReadOnly {
		if err := h.files.MakeDir(h.dir); err != nil {
			return nil, fmt.Errorf("make data directory: %w", err)
		}
		lock, err := h.files.Lock(name)
		if err != nil && !errors.Is(err, ErrLocked) {
			return nil, fmt.Errorf("lock data directory: %w", err)
		}
		return lock, err
	}
	if !exists(h.files, name) {
		return nil, nil
	}
	take := h.files.Lock
	if shared, ok := h.files.(sharedLocker); ok {
		take = shared.LockShared
	}
	lock, err := take(name)
	if errors.Is(err, ErrLocked) && !h.o.Unlocked {
		return nil, err
	}
	if err != nil { // read-only media, or somebody else's file
		return nil, nil //nolint:nilerr // what cannot be locked can be read
	}
	return lock, nil
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

// path returns where a namespace's directory lies.
func (h *home) path(dir string) string { return h.files.Join(h.dir, namespacesDir, dir) }

// identity returns the data directory's own.
func (h *home) identity() string { return h.reg.held.head.Identity }

// entries returns all namespaces, by id.
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

// create makes a directory for new content of a namespace, which says who it
// is and that it is unfinished. It counts once put or replaced name it; remove
// gives it up.
func (h *home) create(e entry) (entry, error) {
	if err := h.writable(); err != nil {
		return e, err
	}
	replaces := ""
	if old, ok := h.reg.find(e.ID); ok {
		replaces = old.Identity
	}
	e.Dir, e.Identity, e.Leaving = h.newDir(e.ID), newIdentity(), nil
	if err := h.fill(e, replaces); err != nil {
		h.unmake(e.Dir)
		return e, fmt.Errorf("make directory of namespace %q: %w", e.ID, err)
	}
	return e, nil
}

// fill makes the directory under another name, so that under its own it always
// says who it is.
func (h *home) fill(e entry, replaces string) error {
	aside := h.path(e.Dir) + asideEnd
	if err := h.files.MakeDir(aside); err != nil {
		return err
	}
	err := writeSign(h.files, aside, unfinishedFile, e.Dir, e.Identity)
	if err == nil {
		err = writeIdentity(h.files, aside, identityOf(e, replaces))
	}
	if err == nil {
		err = h.files.Rename(aside, h.path(e.Dir))
	}
	if err != nil {
		return errors.Join(err, h.files.RemoveAll(aside))
	}
	return h.files.SyncDir(h.files.Join(h.dir, namespacesDir))
}

// newDir names a directory that is being made from now on.
func (h *home) newDir(id string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	dir := h.freeDirLocked(id)
	h.making[dir] = true
	return dir
}

// freeDirLocked names a fresh directory for a namespace: a readable, harmless
// form of its id and a number that makes it unique on any file system.
func (h *home) freeDirLocked(id string) string {
	for {
		h.serial++
		dir := escapeID(id) + "." + strconv.Itoa(h.serial)
		if path := h.path(dir); !exists(h.files, path) && !exists(h.files, path+asideEnd) {
			return dir
		}
	}
}

// put notes an entry durably. Leaving stays as the registry has it.
func (h *home) put(e entry) error { return h.puts([]entry{e}) }

// puts notes entries durably, all or none.
func (h *home) puts(list []entry) error {
	if err := h.writable(); err != nil {
		return err
	}
	list = append([]entry(nil), list...)
	for i, e := range list {
		old, ok := h.reg.find(e.ID)
		if ok && old.Dir != e.Dir {
			return fmt.Errorf("write registry: namespace %q is in %s, not %s", e.ID, old.Dir, e.Dir)
		}
		list[i].Leaving = old.Leaving
	}
	if err := h.reg.add(record{Put: list}); err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	for _, e := range list {
		if err := h.made(e); err != nil {
			return err
		}
	}
	return nil
}

// made says that a directory counts now. What is acknowledged does not say that
// it is unfinished: without a registry it could not be told from what never
// counted.
func (h *home) made(e entry) error {
	if !h.unmake(e.Dir) {
		return nil
	}
	dir := h.path(e.Dir)
	if err := errors.Join(removeIfThere(h.files, h.files.Join(dir, unfinishedFile)), h.files.SyncDir(dir)); err != nil {
		return fmt.Errorf("finish directory of namespace %q: %w", e.ID, h.reg.poison("sync failed", err))
	}
	return nil
}

// marks notes what is in namespaces, by id, durably and at once. Ids that are
// not known are left out. The caller sees to it that a mark is of the content
// that the registry names.
func (h *home) marks(m map[string]Mark) error {
	if err := h.writable(); err != nil || len(m) == 0 {
		return err
	}
	if err := h.reg.add(record{Marks: m}); err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	return nil
}

// remove deletes a namespace, or gives up content that create made and that
// never counted. A namespace is gone once the registry says so: if its directory
// cannot be removed then, that is noted, and done at the next opening.
func (h *home) remove(e entry) error {
	if h.o.ReadOnly {
		return store.ErrReadOnly
	}
	if h.isMaking(e.Dir) {
		defer h.unmake(e.Dir)
		if err := h.removeDir(e.Dir, unfinishedFile); err != nil {
			return fmt.Errorf("remove unfinished directory %s: %w", e.Dir, err)
		}
		return nil
	}
	if err := h.sound(); err != nil {
		return err
	}
	named, ok := h.reg.find(e.ID)
	if !ok || named.Identity != e.Identity {
		return fmt.Errorf("delete namespace %q: %w", e.ID, store.ErrNamespaceNotFound)
	}
	h.remember(e.Dir, true)
	defer h.remember(e.Dir, false)
	if err := h.bury(e.Dir, e.Identity); err != nil {
		return fmt.Errorf("delete namespace %q: %w", e.ID, err)
	}
	if err := h.reg.add(record{Remove: e.ID}); err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	for _, l := range named.Leaving {
		h.leave(l)
	}
	h.clear(e.Dir, e.Identity)
	return nil
}

// remember notes that a directory is being removed, or not any more.
func (h *home) remember(dir string, removing bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.removing[dir] = removing
	if !removing {
		delete(h.removing, dir)
	}
}

func (h *home) isMaking(dir string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.making[dir]
}

// unmake notes that a directory is not being made any more, and reports whether it was.
func (h *home) unmake(dir string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	making := h.making[dir]
	delete(h.making, dir)
	return making
}

// replaced makes fresh count in the place of old, whose directory is removed: if
// not now, then at the next opening.
func (h *home) replaced(old, fresh entry) error {
	return h.replace(fresh, leaving{Dir: old.Dir, Identity: old.Identity})
}

// repaired makes fresh count in the place of old, whose directory is kept under
// another name, which it returns.
func (h *home) repaired(old, fresh entry) (kept string, err error) {
	l := leaving{Dir: old.Dir, Identity: old.Identity, Aside: damagedName(old.Dir, time.Now())}
	if err := h.replace(fresh, l); err != nil {
		return "", err
	}
	if h.files.IsDir(h.path(l.Aside)) {
		return h.path(l.Aside), nil
	}
	return h.path(old.Dir), nil // the next opening tries again
}

func (h *home) replace(fresh entry, l leaving) error {
	if err := h.writable(); err != nil {
		return err
	}
	named, _ := h.reg.find(fresh.ID)
	fresh.Leaving = append(append([]leaving(nil), named.Leaving...), l)
	h.remember(l.Dir, true)
	defer h.remember(l.Dir, false)
	if err := h.reg.add(record{Put: []entry{fresh}}); err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	if err := h.made(fresh); err != nil {
		return err
	}
	if err := h.settleLeaving(fresh); err != nil { // it counts all the same
		h.o.Logger.Warn("note that replaced content is gone", "namespace", fresh.ID, "error", err)
	}
	return nil
}

// identify checks that a namespace's directory is there and is its own. It
// returns a *DamageError that says what is wrong, or a *FormatError.
func (h *home) identify(e entry) error {
	if h.legacy { // nothing there says whose it is
		if !exists(h.files, h.dirOf(e)) {
			return Damaged(nil, "its files are missing")
		}
		return nil
	}
	return checkIdentity(h.files, h.dirOf(e), e)
}

// dirOf returns the directory of a namespace; in the format before, if that is
// only read, the place of its files.
func (h *home) dirOf(e entry) string {
	if h.legacy {
		return h.path(e.Place)
	}
	return h.path(e.Dir)
}
