package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
)

var (
	_ store.Checkpointer = (*Store)(nil)
	_ store.Reopener     = (*Store)(nil)
)

// checkpointsDir is where checkpoints lie, in the data directory.
const checkpointsDir = "checkpoints"

// Checkpoint copies all namespaces into checkpoints/name, as a data directory
// of its own. Tables are linked, not copied, where the file system can. Each
// namespace is as it was at one moment during the call, and holds what was
// acknowledged before; writers go on. It is there as a whole or not at all.
func (s *Store) Checkpoint(ctx context.Context, name string) (c store.Checkpoint, err error) {
	started := time.Now()
	if name == "" {
		name = started.UTC().Format("20060102T150405.000Z")
	}
	if err := store.CheckCheckpointName(name); err != nil {
		return c, err
	}
	if s.inMemory {
		return c, store.ErrNotOffered
	}
	files := s.shared.options.FS
	root := filepath.Join(s.dir, checkpointsDir)
	c = store.Checkpoint{Name: name, Dir: filepath.Join(root, name)}
	if _, err := files.Stat(c.Dir); err == nil {
		return c, &store.InvalidError{Field: "name", Reason: fmt.Sprintf("must be new: there is a checkpoint %q", name)}
	}
	part := c.Dir + ".part"
	if err := errors.Join(files.RemoveAll(part), makeDirs(files, filepath.Join(part, "ns"))); err != nil {
		return c, fmt.Errorf("checkpoint: %w", err)
	}
	err = s.fillCheckpoint(ctx, part, &c)
	if err == nil {
		err = errors.Join(files.Rename(part, c.Dir), syncDir(files, root))
	}
	if err != nil {
		return c, errors.Join(fmt.Errorf("checkpoint: %w", err), files.RemoveAll(part))
	}
	c.Duration = time.Since(started)
	return c, nil
}

func (s *Store) fillCheckpoint(ctx context.Context, part string, c *store.Checkpoint) error {
	s.mu.RLock()
	handles := make([]*handle, 0, len(s.handles))
	for _, h := range s.handles {
		handles = append(handles, h)
	}
	closed := s.closed
	s.mu.RUnlock()
	if closed {
		return store.ErrClosed
	}
	var entries []entry
	for _, h := range handles {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		e, messages, err := h.checkpoint(filepath.Join(part, "ns"))
		if errors.Is(err, store.ErrNamespaceNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			return fmt.Errorf("namespace %q: %w", h.id, err)
		}
		entries = append(entries, e)
		c.Namespaces++
		c.Messages += messages
	}
	if err := syncDir(s.shared.options.FS, filepath.Join(part, "ns")); err != nil {
		return err
	}
	// The registry comes last: without one there is no data directory.
	return errors.Join(s.writeRegistry(filepath.Join(part, "registry"), entries), syncDir(s.shared.options.FS, part))
}

// checkpoint copies one namespace, which cannot be closed or deleted meanwhile.
func (h *handle) checkpoint(into string) (e entry, messages int64, err error) {
	ns, err := h.acquire()
	if err != nil {
		return e, 0, err
	}
	defer h.release()
	h.mu.Lock()
	e = h.entry
	h.mu.Unlock()
	if err := ns.poisoned(); err != nil {
		return e, 0, err
	}
	messages = ns.messages.Load()
	if err := ns.db.Checkpoint(filepath.Join(into, e.Dir), pebble.WithFlushedWAL()); err != nil {
		return e, 0, err
	}
	e.Dirty, e.Aside = true, "" // its counts are told when it is opened
	return e, messages, ns.poisoned()
}

// writeRegistry makes a registry that holds the entries.
func (s *Store) writeRegistry(dir string, entries []entry) error {
	r, _, err := openRegistry(dir, s.shared)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := r.put(e); err != nil {
			return errors.Join(err, r.close())
		}
	}
	return r.close()
}
