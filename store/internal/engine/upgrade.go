package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/evtui/evtui/store"
)

// load reads the registry, or makes the first one.
func (h *home) load() error {
	data, err := h.files.ReadFile(h.files.Join(h.reg.dir, registryName))
	if IsNotExist(err) {
		return h.loadOther()
	}
	if err != nil {
		return fmt.Errorf("read registry: %w", err)
	}
	if err := h.take(data); err != nil || h.o.ReadOnly {
		return err
	}
	// What an upgrade had decided on was carried out.
	if err := removeIfThere(h.files, h.files.Join(h.reg.dir, pendingName)); err != nil {
		return fmt.Errorf("open registry: %w", err)
	}
	return h.reg.start(int64(len(data)))
}

func (h *home) take(data []byte) error {
	c, err := parseRegistry(data, h.o.Engine)
	if err != nil {
		return err
	}
	h.reg.held = *c
	if c.tail.Bytes > 0 {
		h.o.Logger.Warn("the end of the registry could not be read and was dropped",
			"file", c.tail.File, "offset", c.tail.Offset, "bytes", c.tail.Bytes)
		h.o.Note(store.EngineEvent{
			Kind:   store.EventDropped,
			Reason: fmt.Sprintf("%d bytes at offset %d of %s", c.tail.Bytes, c.tail.Offset, c.tail.File),
		})
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
	if err != nil && !IsNotExist(err) {
		return fmt.Errorf("read registry: %w", err)
	}
	c, err := parseRegistry(data, h.o.Engine)
	switch {
	case errors.As(err, &format):
		return err
	case err != nil && legacyErr != nil:
		return fmt.Errorf("read the registry of the format before: %w", legacyErr)
	case err == nil && h.o.ReadOnly:
		return errors.New("the upgrade of the data directory was interrupted: open it for writing once, so that it is finished")
	case err == nil:
		h.reg.held = *c
		return h.settle()
	}
	return h.begin()
}

// begin makes the registry of an empty directory.
func (h *home) begin() error {
	namespaces, err := h.names(namespacesDir)
	if err != nil {
		return err
	}
	others, err := h.names(registryDir)
	if err != nil {
		return err
	}
	for _, name := range others {
		if name != pendingName && name != pendingName+asideEnd {
			namespaces = append(namespaces, registryDir+"/"+name)
		}
	}
	if len(namespaces) > 0 {
		return damagedRegistry(nil, "%s is missing, and the data directory is not empty", registryName)
	}
	if h.o.ReadOnly {
		return fmt.Errorf("there is no evtui data directory here: %w", fs.ErrNotExist)
	}
	return h.establish()
}

// names lists a directory that need not be there.
func (h *home) names(dir string) ([]string, error) {
	names, err := h.files.List(h.files.Join(h.dir, dir))
	if err != nil && !IsNotExist(err) {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	return names, nil
}

// upgrade makes a directory of the format before one of this format, unless it
// is only read.
func (h *home) upgrade(entries []LegacyEntry) error {
	h.takeLegacy(entries)
	if h.legacy = h.o.ReadOnly; h.legacy {
		return nil
	}
	if err := h.establish(); err != nil {
		return fmt.Errorf("upgrade data directory: %w", err)
	}
	return nil
}

// takeLegacy makes entries of what the registry of the format before says.
func (h *home) takeLegacy(entries []LegacyEntry) {
	for _, l := range entries {
		e := entry{
			ID: l.ID, Dir: l.Place, Identity: newIdentity(), Description: l.Description, Metadata: l.Metadata,
			CreatedAt: l.CreatedAt, TokenHash: l.TokenHash, LastActivity: l.LastActivity, Place: l.Place,
		}
		if h.o.Format.Move != nil {
			e.Dir = h.freeDirLocked(l.ID) // nobody else has the home yet
		}
		if l.Clean { // its counts hold; where it ended is not known
			e.Mark = Mark{Known: true, Messages: l.Messages, Streams: l.Streams}
		}
		if l.Aside != "" {
			e.Leaving = []leaving{{Dir: l.Aside, Aside: damagedName(l.Aside, time.Now())}}
		}
		h.reg.held.live[e.ID] = e
	}
}

// establish puts up what the registry holds in a directory that has none. It
// decides durably first, then keeps older versions out, and only then moves
// anything: an older version that came between would take for new and empty
// what is not where it looks.
func (h *home) establish() error {
	if err := h.files.MakeDir(h.reg.dir); err != nil {
		return fmt.Errorf("make registry: %w", err)
	}
	data, err := h.reg.held.encode(false)
	if err != nil {
		return err
	}
	if err := writeWhole(h.files, h.reg.dir, pendingName, data); err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	return h.settle()
}

// settle carries out what establish decided on. It may be done again.
func (h *home) settle() error {
	if err := h.o.Format.Wall(h.files, h.dir); err != nil {
		return fmt.Errorf("keep older versions out: %w", err)
	}
	root := h.files.Join(h.dir, namespacesDir)
	if err := h.files.MakeDir(root); err != nil {
		return fmt.Errorf("make directory for namespaces: %w", err)
	}
	upgraded := 0
	for _, e := range h.reg.held.sorted() {
		if e.Place != "" {
			upgraded++
		}
		if err := h.bring(e); err != nil {
			return err
		}
	}
	h.reg.held.ragged = true // so that it is written
	if err := h.reg.start(0); err != nil {
		return err
	}
	if err := removeIfThere(h.files, h.files.Join(h.reg.dir, pendingName)); err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	if upgraded > 0 {
		h.o.Logger.Info("the data directory was upgraded: older versions of evtui cannot open it any more",
			"format", homeFormat, "namespaces", upgraded)
	}
	return nil
}

// bring puts a namespace's files where they belong, and has its directory say
// whose it is. What is missing is damaged, and not made again.
func (h *home) bring(e entry) error {
	dir := h.path(e.Dir)
	if move := h.o.Format.Move; move != nil && e.Place != "" {
		if err := h.files.MakeDir(dir); err != nil {
			return fmt.Errorf("make directory of namespace %q: %w", e.ID, err)
		}
		err := move(h.files, h.dir, e.before(), dir)
		if IsNotExist(err) {
			_ = h.files.Remove(dir) // only when it is empty
		} else if err != nil {
			return fmt.Errorf("move namespace %q: %w", e.ID, err)
		}
	}
	e.Place = ""
	h.reg.held.live[e.ID] = e
	if !h.files.IsDir(dir) {
		return nil
	}
	_, err := readIdentity(h.files, dir)
	var format *FormatError
	if err == nil || errors.As(err, &format) {
		return nil // it is its own, or else damaged
	}
	return writeIdentity(h.files, dir, identityOf(e, ""))
}

// before is what the registry of the format before said, as far as moving
// needs it.
func (e entry) before() LegacyEntry {
	return LegacyEntry{
		ID: e.ID, Place: e.Place, Description: e.Description, Metadata: e.Metadata, CreatedAt: e.CreatedAt,
		TokenHash: e.TokenHash, Clean: e.Mark.Known, Messages: e.Mark.Messages, Streams: e.Mark.Streams, LastActivity: e.LastActivity,
	}
}

// seedHome makes a data directory of what lies below dir/ns already: a
// checkpoint. The entries keep their identities.
func seedHome(files Files, dir string, o homeOptions, entries []entry) error {
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
