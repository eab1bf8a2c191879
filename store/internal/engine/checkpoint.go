package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

// Checkpoint copies all namespaces into checkpoints/name, as a data directory
// of its own. Each namespace is as it was at one moment during the call, and
// holds what was acknowledged before; writers go on. Namespaces that are damaged are
// left out, and named.
func (s *Store) Checkpoint(ctx context.Context, name string) (c store.Checkpoint, err error) {
	started := time.Now()
	if name == "" {
		name = started.UTC().Format("20060102T150405.000000Z")
	}
	if err := store.CheckCheckpointName(name); err != nil {
		return c, err
	}
	switch {
	case s.options.InMemory:
		return c, store.ErrNotOffered
	case s.options.ReadOnly:
		return c, store.ErrReadOnly
	}
	c = store.Checkpoint{Name: name, Dir: s.files.Join(s.dir, checkpointsDir, name)}
	if _, taken := s.copying.LoadOrStore(name, true); taken {
		return c, store.ErrCheckpointExists
	}
	defer s.copying.Delete(name)
	if exists(s.files, c.Dir) {
		return c, store.ErrCheckpointExists
	}
	if err := s.home.takePart(name + partEnd); err != nil {
		return c, fmt.Errorf("checkpoint: %w", err)
	}
	err = s.fillCheckpoint(ctx, c.Dir+partEnd, &c)
	if err == nil {
		err = s.home.finishPart(name)
	}
	if err != nil {
		return c, errors.Join(fmt.Errorf("checkpoint: %w", err), s.home.discard(s.home.examine(checkpointsDir, name+partEnd)))
	}
	c.Duration = time.Since(started)
	return c, nil
}

func (s *Store) fillCheckpoint(ctx context.Context, part string, c *store.Checkpoint) error {
	handles, err := s.all()
	if err != nil {
		return err
	}
	var entries []entry
	for _, h := range handles {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		e, err := h.checkpoint(ctx, part)
		var damaged *store.DamagedError
		switch {
		case errors.Is(err, store.ErrNamespaceNotFound):
			continue // deleted meanwhile
		case errors.As(err, &damaged):
			c.Damaged = append(c.Damaged, h.id)
			continue
		case err != nil:
			return fmt.Errorf("namespace %q: %w", h.id, err)
		}
		entries = append(entries, e)
		c.Namespaces++
		c.Messages += e.Mark.Messages
	}
	// The registry comes last: without one there is no data directory.
	return seedHome(s.files, part, s.homeOptions(), entries)
}

// checkpoint copies one namespace, which cannot be closed or deleted
// meanwhile, and checks that the copy holds what it held before.
func (h *handle) checkpoint(ctx context.Context, part string) (entry, error) {
	ns, err := h.acquire()
	if err != nil {
		return entry{}, err
	}
	defer h.release()
	h.mu.Lock()
	e := h.entry
	h.mu.Unlock()
	if err := ns.poisoned(); err != nil {
		return e, err
	}
	files := h.store.files
	dir := files.Join(part, namespacesDir, e.Dir)
	if err := files.MakeDir(files.Join(part, namespacesDir)); err != nil {
		return e, err
	}
	e.Mark = ns.counted()
	if err := ns.db.CopyTo(ctx, dir); err != nil {
		return e, err
	}
	if err := writeIdentity(files, dir, identityFile, identityOf(e, "")); err != nil {
		return e, err
	}
	e.Mark, err = h.store.measure(e, dir)
	return e, errors.Join(err, ns.poisoned())
}

// measure opens a copy, only to read, compares it with the entry's mark, and
// returns what it holds.
func (s *Store) measure(e entry, dir string) (Mark, error) {
	db, err := s.backend.Open(Opening{
		ID: e.ID, Dir: dir, ReadOnly: true, Mark: e.Mark, Failed: func(string, error) {}, Note: func(store.EngineEvent) {},
	})
	if err != nil {
		return Mark{}, fmt.Errorf("open the copy: %w", err)
	}
	loaded, err := db.Load()
	if err == nil {
		err = e.Mark.Compare(loaded.State)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return Mark{}, fmt.Errorf("check the copy: %w", err)
	}
	files, err := db.Extent(true)
	if err != nil {
		return Mark{}, fmt.Errorf("check the copy: %w", err)
	}
	m := Mark{
		Known: true, Clean: true, Head: loaded.State.Next - 1, Messages: loaded.State.Messages, Streams: loaded.State.Streams, Files: files,
	}
	if !loaded.Last.IsZero() {
		m.LastTime = loaded.Last.UnixNano()
	}
	return m, nil
}

// takePart makes checkpoints/NAME.part, which says that it is unfinished and
// this data directory's; name ends in .part. What stands in its way is removed
// if it says the same.
func (h *home) takePart(name string) error {
	if exists(h.files, h.files.Join(h.dir, checkpointsDir, name)) {
		l := h.examine(checkpointsDir, name)
		if l.state == "" {
			return fmt.Errorf("%s/%s is in the way, and nothing says that it is an unfinished checkpoint of this data directory: move it away", checkpointsDir, name)
		}
		if err := h.discard(l); err != nil {
			return err
		}
	}
	return h.makeUnfinished(checkpointsDir, name, partFile, identityOf(entry{Dir: name, Identity: h.identity()}, ""))
}

// finishPart gives a checkpoint that is whole its name.
func (h *home) finishPart(name string) error {
	root := h.files.Join(h.dir, checkpointsDir)
	dir := h.files.Join(root, name)
	if err := h.files.SyncDir(dir + partEnd); err != nil {
		return err
	}
	if err := h.files.Rename(dir+partEnd, dir); err != nil {
		return err
	}
	return errors.Join(removeIfThere(h.files, h.files.Join(dir, partFile)), h.files.SyncDir(dir), h.files.SyncDir(root))
}
