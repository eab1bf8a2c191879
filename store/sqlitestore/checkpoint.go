package sqlitestore

import (
	"context"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

// checkpointPages is how long the log may grow before its pages go into the
// database file. SQLite's own default is 1000; from there on a longer log
// spares rewriting the same pages, and costs memory for its index.
const checkpointPages = 4000

// checkpoint moves the log into the database file when it has grown long. It
// runs between two groups, when everyone has been answered, so that it ends
// with all of the log and the next group starts it over.
func (c *committer) checkpoint() {
	if c.ns.db.path == "" || c.ns.poisoned() != nil {
		return
	}
	var busy, pages, moved int64
	if err := c.sql.log.QueryRow().Scan(&busy, &pages, &moved); err != nil {
		c.ns.checkpointed(fmt.Errorf("look at the log: %w", err), 0, 0)
		return
	}
	if pages < checkpointPages || pages == moved {
		return
	}
	start := time.Now()
	err := c.sql.run.QueryRow().Scan(&busy, &pages, &moved)
	c.ns.checkpointed(err, moved, time.Since(start))
}

// checkpointed tells operators. A checkpoint that failed has lost nothing: the
// log still holds all, and the next one tries again.
func (ns *namespace) checkpointed(err error, pages int64, took time.Duration) {
	e := store.EngineEvent{
		Namespace: ns.h.id, Kind: store.EventFlush, Reason: "checkpoint", BytesIn: pages * pageBytes, BytesOut: pages * pageBytes, Duration: took,
	}
	if err != nil {
		ns.h.store.logger.Error("checkpoint", "namespace", ns.h.id, "error", err)
		e.Error = "checkpoint did not finish" // the reason is the log's
	} else {
		ns.checkpoints.Add(1)
	}
	ns.h.store.events.add(e)
}

// pageBytes is SQLite's default page size, which namespaces keep.
const pageBytes = 4096

// Flush moves the namespace's log into its database file and empties it. In
// memory there is none.
func (s *Store) Flush(ctx context.Context, namespace string) error {
	ns, err := s.acquire(namespace)
	if err != nil {
		return err
	}
	defer ns.h.release()
	if ns.db.path == "" {
		return fmt.Errorf("flush: %w", store.ErrNotOffered)
	}
	return ns.truncateLog(ctx)
}

func (ns *namespace) truncateLog(ctx context.Context) error {
	var busy, pages, moved int64
	start, before := time.Now(), sizeOf(ns.db.path+"-wal")
	err := ns.db.write.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
	if err == nil && busy != 0 {
		err = fmt.Errorf("readers held on to the log for %s", busyTimeout)
	}
	ns.checkpointed(err, before/pageBytes, time.Since(start))
	if err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	return nil
}

// Compact writes the database file anew without free pages, in the order of
// its tables. Appends wait meanwhile.
func (s *Store) Compact(ctx context.Context, namespace string) error {
	ns, err := s.acquire(namespace)
	if err != nil {
		return err
	}
	defer ns.h.release()
	e := store.EngineEvent{Namespace: ns.h.id, Kind: store.EventCompact, Reason: "VACUUM", BytesIn: sizeOf(ns.db.path)}
	start := time.Now()
	if _, err = ns.db.write.ExecContext(ctx, "VACUUM"); err != nil {
		err = fmt.Errorf("compact: %w", err)
	} else if ns.db.path != "" {
		err = ns.truncateLog(ctx)
	}
	if err != nil {
		e.Error = "compaction did not finish" // the reason is the caller's
	}
	e.BytesOut, e.Duration = sizeOf(ns.db.path), time.Since(start)
	s.events.add(e)
	return err
}
