package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/filesys"
)

// load reads the registry, or makes the first one.
func (h *home) load() error {
	data, err := h.files.ReadFile(h.files.Join(h.reg.dir, registryName))
	if filesys.IsNotExist(err) {
		return h.loadOther()
	}
	if err != nil {
		return fmt.Errorf("read registry: %w", err)
	}
	c, err := parseRegistry(data, h.o.Engine, false)
	if err != nil {
		return err
	}
	h.reg.held = *c
	if tail := c.tail; tail.Bytes > 0 {
		h.o.Logger.Warn("the end of the registry could not be read and was dropped", "file", tail.File, "offset", tail.Offset, "bytes", tail.Bytes)
		h.o.Note(store.EngineEvent{Kind: store.EventDropped, Reason: fmt.Sprintf("%d bytes at offset %d of %s", tail.Bytes, tail.Offset, tail.File)})
	}
	if h.o.ReadOnly {
		return nil
	}
	return h.start(int64(len(data)))
}

// start opens the registry. What an upgrade had decided on was carried out.
func (h *home) start(size int64) error {
	err := h.reg.start(size)
	if err == nil {
		err = removeIfThere(h.files, h.files.Join(h.reg.dir, pendingName))
	}
	if err != nil {
		return fmt.Errorf("open registry: %w", err)
	}
	return nil
}

// loadOther opens a directory that has no registry of this format.
func (h *home) loadOther() error {
	entries, found, legacyErr := h.o.Format.Legacy(h.files, h.dir)
	if found && legacyErr == nil {
		return h.upgrade(entries)
	}
	var format *FormatError
	if errors.As(legacyErr, &format) {
		return format
	}
	data, err := h.files.ReadFile(h.files.Join(h.reg.dir, pendingName))
	if err != nil && !filesys.IsNotExist(err) {
		return fmt.Errorf("read registry: %w", err)
	}
	c, err := parseRegistry(data, h.o.Engine, false)
	switch {
	case errors.As(err, &format):
		return format
	case err != nil && legacyErr != nil:
		return fmt.Errorf("read the registry of the format before: %w", legacyErr)
	case err != nil:
		return h.begin()
	case h.o.ReadOnly:
		return errors.New("the upgrade of the data directory was interrupted: open it for writing once, so that it is finished")
	}
	h.reg.held = *c
	return h.carryOut()
}

// begin makes the registry of an empty directory.
func (h *home) begin() error {
	namespaces, err := h.names(namespacesDir)
	others, fault := h.names(registryDir)
	if err := errors.Join(err, fault); err != nil {
		return err
	}
	others = slices.DeleteFunc(others, func(name string) bool { return strings.HasPrefix(name, pendingName) })
	switch {
	case len(namespaces)+len(others) > 0:
		return damagedRegistry(nil, "%s is missing, and the data directory is not empty", registryName)
	case h.o.ReadOnly:
		return fmt.Errorf("there is no evtui data directory here: %w", fs.ErrNotExist)
	}
	return h.establish()
}

// names lists a directory that need not be there.
func (h *home) names(dir string) ([]string, error) {
	names, err := h.files.List(h.files.Join(h.dir, dir))
	if err != nil && !filesys.IsNotExist(err) {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	return names, nil
}

// upgrade makes a directory of the format before one of this format, unless it
// is only read.
func (h *home) upgrade(entries []LegacyEntry) error {
	for _, l := range entries {
		e := entry{
			ID: l.ID, Dir: l.Place, Identity: newIdentity(), Description: l.Description, Metadata: l.Metadata,
			CreatedAt: l.CreatedAt, TokenHash: l.TokenHash, LastActivity: l.LastActivity, Place: l.Place,
		}
		if h.o.Format.Move != nil {
			e.Dir = h.newDir(l.ID)
			h.rest(e.Dir)
		}
		if l.Clean { // its counts hold; where it ended is not known
			e.Mark = Mark{Known: true, Messages: l.Messages, Streams: l.Streams}
		}
		if l.Aside != "" {
			e.Leaving = []leaving{{Dir: l.Aside, Aside: damagedName(l.Aside, time.Now())}}
		}
		h.reg.held.live[e.ID] = e
	}
	if h.legacy = h.o.ReadOnly; h.legacy {
		return nil
	}
	if err := h.establish(); err != nil {
		return fmt.Errorf("upgrade data directory: %w", err)
	}
	return nil
}

// establish puts up what the registry holds in a directory that has none. It
// decides durably first, then keeps older versions out, and only then moves
// anything: an older version that came between would take for new and empty
// what is not where it looks.
func (h *home) establish() error {
	data, err := h.reg.held.encode(false)
	if err == nil {
		err = h.files.MakeDir(h.reg.dir)
	}
	if err == nil {
		err = writeWhole(h.files, h.reg.dir, pendingName, data)
	}
	if err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	return h.carryOut()
}

// carryOut does what establish decided on. It may be done again.
func (h *home) carryOut() error {
	if err := h.o.Format.Wall(h.files, h.dir); err != nil {
		return fmt.Errorf("keep older versions out: %w", err)
	}
	if err := h.files.MakeDir(h.files.Join(h.dir, namespacesDir)); err != nil {
		return fmt.Errorf("make directory for namespaces: %w", err)
	}
	list := h.reg.held.sorted()
	for _, e := range list {
		if err := h.bring(e); err != nil {
			return fmt.Errorf("namespace %q: %w", e.ID, err)
		}
	}
	h.reg.held.ragged = true // so that it is written
	if err := h.start(0); err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(e entry) bool { return e.Place != "" }) {
		h.o.Logger.Info("the data directory was upgraded: older versions of evtui cannot open it any more", "format", homeFormat, "namespaces", len(list))
	}
	return nil
}

// bring puts a namespace's files where they belong, and has its directory say
// whose it is. What is missing is damaged, and not made again.
func (h *home) bring(e entry) error {
	dir := h.path(e.Dir)
	move := h.o.Format.Move
	if e.Place != "" && move != nil || e.unused() {
		if err := h.files.MakeDir(dir); err != nil {
			return err
		}
	}
	if e.Place != "" && move != nil {
		before := LegacyEntry{ID: e.ID, Place: e.Place, Clean: e.Mark.Known, Messages: e.Mark.Messages, Streams: e.Mark.Streams}
		err := move(h.files, h.dir, before, dir)
		if filesys.IsNotExist(err) {
			_ = h.files.Remove(dir) // only when it is empty
		} else if err != nil {
			return fmt.Errorf("move it: %w", err)
		}
	}
	e.Place = ""
	h.reg.held.live[e.ID] = e
	l := h.examine(namespacesDir, e.Dir)
	var format *FormatError
	if !l.dir || l.fault == nil || errors.As(l.fault, &format) {
		return nil // it is its own, or else damaged
	}
	return writeIdentity(h.files, dir, identityFile, identityOf(e, ""))
}

// unused reports whether a version before created the namespace, and never
// opened it: its files were made on the first use.
func (e entry) unused() bool {
	return e.Place != "" && e.Mark.Known && e.Mark.Messages == 0 && e.Mark.Streams == 0
}

// seedHome makes a data directory of what lies below dir/ns already: a
// checkpoint. The entries keep their identities.
func seedHome(files filesys.Files, dir string, o homeOptions, entries []entry) error {
	o.ReadOnly = false
	h := newHome(files, dir, o)
	for _, e := range entries {
		e.Leaving = nil
		h.reg.held.live[e.ID] = e
	}
	if err := h.establish(); err != nil {
		return errors.Join(err, h.reg.close(false))
	}
	return h.reg.close(true)
}
