package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/evtui/evtui/store"
)

var _ store.Checkpointer = (*Store)(nil)

// checkpointsDir is where checkpoints lie, in the data directory.
const checkpointsDir = "checkpoints"

// Checkpoint copies all namespaces into checkpoints/name, as a data directory
// of its own. Each namespace is as it was at one moment during the call, and
// holds what was acknowledged before; writers go on. It is there as a whole or
// not at all.
func (s *Store) Checkpoint(ctx context.Context, name string) (c store.Checkpoint, err error) {
	started := time.Now()
	if name == "" {
		name = started.UTC().Format("20060102T150405.000Z")
	}
	if err := store.CheckCheckpointName(name); err != nil {
		return c, err
	}
	if s.dir == "" {
		return c, store.ErrNotOffered
	}
	root := filepath.Join(s.dir, checkpointsDir)
	c = store.Checkpoint{Name: name, Dir: filepath.Join(root, name)}
	if _, err := os.Stat(c.Dir); err == nil {
		return c, &store.InvalidError{Field: "name", Reason: fmt.Sprintf("must be new: there is a checkpoint %q", name)}
	}
	part := c.Dir + ".part"
	if err := errors.Join(os.RemoveAll(part), makeDirs(filepath.Join(part, "ns"))); err != nil {
		return c, fmt.Errorf("checkpoint: %w", err)
	}
	err = s.fillCheckpoint(ctx, part, &c)
	if err == nil {
		err = errors.Join(os.Rename(part, c.Dir), syncDir(root))
	}
	if err != nil {
		return c, errors.Join(fmt.Errorf("checkpoint: %w", err), os.RemoveAll(part))
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
		e, messages, err := h.checkpoint(ctx, filepath.Join(part, "ns"))
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
	// The registry comes last: without one there is no data directory.
	return errors.Join(writeRegistry(filepath.Join(part, RegistryFile), entries), syncDir(filepath.Join(part, "ns")), syncDir(part))
}

// checkpoint copies one namespace, which cannot be closed or deleted meanwhile.
func (h *handle) checkpoint(ctx context.Context, into string) (e entry, messages int64, err error) {
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
	path := filepath.Join(into, e.File)
	if err := createFile(path); err != nil { // for its owner alone
		return e, 0, err
	}
	if err := vacuumInto(ctx, ns.db.path, path); err != nil {
		return e, 0, err
	}
	e.Dirty = true // its counts are told when it is opened
	return e, messages, syncFile(path)
}

// vacuumInto copies a database as its last commit left it, on a connection of
// its own: the readers' may change nothing, and appends have the other.
func vacuumInto(ctx context.Context, from, to string) error {
	db, err := openPool(from, 1, 1<<20)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", to)
	return errors.Join(err, db.Close())
}

// writeRegistry makes a registry that holds the entries.
func writeRegistry(path string, entries []entry) error {
	r, _, err := openRegistry(path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := r.put(e); err != nil {
			return errors.Join(err, r.db.close())
		}
	}
	return r.db.close()
}
