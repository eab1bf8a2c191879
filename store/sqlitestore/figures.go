package sqlitestore

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/evtui/evtui/store"
)

// EngineFigures returns the figures of all open namespaces. SQLite has no
// levels, memtables or filters; their figures stay empty. Flushes are
// checkpoints of the log, and fsyncs the log's at COMMIT, writing included.
func (s *Store) EngineFigures() store.EngineFigures {
	s.mu.RLock()
	open := make([]*handle, 0, len(s.open))
	for h := range s.open {
		open = append(open, h)
	}
	f := store.EngineFigures{Known: len(s.handles), MaxOpen: s.options.MaxOpen}
	s.mu.RUnlock()
	f.Opened, f.Closed = s.opened.Load(), s.closings.Load()
	sort.Slice(open, func(i, j int) bool { return open[i].id < open[j].id })
	f.Namespaces = make([]store.NamespaceFigures, 0, len(open))
	for _, h := range open {
		if ns := h.borrow(); ns != nil {
			f.Namespaces = append(f.Namespaces, ns.figures())
			h.release()
		}
	}
	return f
}

func (ns *namespace) figures() store.NamespaceFigures {
	f := store.NamespaceFigures{
		ID: ns.h.id, Messages: ns.messages.Load(), Subscriptions: ns.h.waiting.Load(),
		Poisoned: ns.poisoned() != nil, Flushes: ns.checkpoints.Load(), Uptime: time.Since(ns.since),
	}
	if p := ns.failure.Load(); p != nil {
		f.PoisonedBy = p.Reason
	}
	if path := ns.db.path; path != "" {
		f.WAL = store.WALFigures{Files: 1, Size: sizeOf(path + "-wal"), BytesIn: ns.payload.Load()}
		for _, suffix := range sidecars() {
			f.DiskBytes += sizeOf(path + suffix)
		}
		if ns.h.store.options.Interval == 0 {
			f.Fsyncs, f.FsyncP50, f.FsyncP99 = ns.commits.read()
		}
	}
	return f
}

// Storage measures where the namespace's bytes lie, table by table, as
// SQLite's dbstat counts their pages. What is still in the log counts for
// its table as well, and the log's file with the total.
func (s *Store) Storage(ctx context.Context, namespace string) (store.Storage, error) {
	ns, err := s.acquire(namespace)
	if err != nil {
		return store.Storage{}, err
	}
	defer ns.h.release()
	storage := store.Storage{Messages: ns.messages.Load()}
	rows, err := ns.db.read.QueryContext(ctx, `SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE ORDER BY pgsize DESC, name`)
	if err != nil {
		return storage, fmt.Errorf("measure storage: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var family store.StorageFamily
		if err := rows.Scan(&family.Name, &family.Bytes); err != nil {
			return storage, fmt.Errorf("measure storage: %w", err)
		}
		family.Name = familyName(family.Name)
		storage.Families = append(storage.Families, family)
		storage.Total += family.Bytes
	}
	if err := rows.Err(); err != nil {
		return storage, fmt.Errorf("measure storage: %w", err)
	}
	_ = rows.Close() // what follows needs its connection
	return storage, ns.measureRest(ctx, &storage)
}

// measureRest adds free pages, and to the total the log.
func (ns *namespace) measureRest(ctx context.Context, storage *store.Storage) error {
	var free int64
	if err := ns.db.read.QueryRowContext(ctx, "PRAGMA freelist_count").Scan(&free); err != nil {
		return fmt.Errorf("measure storage: %w", err)
	}
	storage.Families = append(storage.Families, store.StorageFamily{Name: "free pages", Bytes: free * pageBytes})
	storage.Total += free * pageBytes
	if path := ns.db.path; path != "" {
		storage.Total = 0
		for _, suffix := range sidecars() {
			storage.Total += sizeOf(path + suffix)
		}
	}
	return nil
}

// familyName is what people call a table or an index.
func familyName(table string) string {
	switch table {
	case "by_stream":
		return "stream index"
	case "by_category":
		return "category index"
	case "by_id":
		return "id index"
	case "sqlite_autoindex_streams_1":
		return "stream names"
	case "sqlite_autoindex_categories_1":
		return "category names"
	case "sqlite_schema":
		return "schema"
	default:
		return table
	}
}
