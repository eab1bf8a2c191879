package sqlitestore

import (
	"context"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

// checkpointPages is how long the log may grow before its pages go into the
// file. SQLite's own default is 1000; from there on a longer log spares
// rewriting the same pages, and costs memory for its index.
const checkpointPages = 4000

// pageBytes is SQLite's default page size, which namespaces keep.
const pageBytes = 4096

// shorten moves the log into the file when it has grown long. It runs between
// two batches on the connection that writes, so that it ends with all of the
// log and the next batch starts it over.
func (d *database) shorten() {
	if d.path == "" || d.grown.Load() < checkpointPages {
		return
	}
	start := time.Now()
	var busy, pages, moved int64
	_, err := d.writer.one(`PRAGMA wal_checkpoint(NOOP)`, nil, &busy, &pages, &moved) // only looks
	if err == nil && pages-moved >= checkpointPages {
		_, err = d.writer.one(`PRAGMA wal_checkpoint(PASSIVE)`, nil, &busy, &pages, &moved)
		d.checkpointed(err, moved*pageBytes, start)
	}
	d.grown.Store(pages - moved)
}

// checkpointed tells operators. A checkpoint that failed has lost nothing: the
// log still holds all, and the next one tries again.
func (d *database) checkpointed(err error, bytes int64, start time.Time) {
	e := store.EngineEvent{Kind: store.EventFlush, Reason: "checkpoint", BytesIn: bytes, BytesOut: bytes}
	if err != nil {
		d.backend.options.Logger.Error("checkpoint", "namespace", d.opening.ID, "error", err)
		e.Error = "checkpoint did not finish" // the reason is the log's
	} else {
		d.checkpoints.Add(1)
	}
	d.note(e, start)
}

func (d *database) note(e store.EngineEvent, start time.Time) {
	e.Namespace, e.Duration = d.opening.ID, time.Since(start)
	if d.opening.Note != nil {
		d.opening.Note(e)
	}
}

// Flush moves the log into the file and empties it.
func (d *database) Flush(ctx context.Context) error {
	if d.path == "" {
		return store.ErrNotOffered
	}
	start, before := time.Now(), sizeOf(d.path+logSuffix)
	var busy, pages, moved int64
	err := d.writer.db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved)
	if err == nil && busy != 0 {
		err = fmt.Errorf("readers held on to the log for %s", busyTimeout)
	}
	d.checkpointed(err, before, start)
	if err == nil {
		d.grown.Store(0)
	}
	return err
}

// Compact writes the file again without free pages, in the order of its
// tables. Appends wait meanwhile.
func (d *database) Compact(ctx context.Context) error {
	e := store.EngineEvent{Kind: store.EventCompact, Reason: "VACUUM", BytesIn: sizeOf(d.path)}
	start := time.Now()
	_, err := d.writer.db.ExecContext(ctx, "VACUUM")
	if err == nil && d.path != "" {
		err = d.Flush(ctx)
	}
	if err != nil {
		e.Error = "compaction did not finish" // the reason is the caller's
	}
	e.BytesOut = sizeOf(d.path)
	d.note(e, start)
	return err
}
