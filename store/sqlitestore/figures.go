package sqlitestore

import (
	"context"
	"fmt"
	"os"

	"github.com/evtui/evtui/store"
)

// Figures fills in what SQLite has a word for. It has no levels, memtables or
// filters; their figures stay empty. Flushes are checkpoints of the log, and
// fsyncs the log's at COMMIT, writing included.
func (d *database) Figures(f *store.NamespaceFigures) {
	f.Flushes = d.checkpoints.Load()
	if d.path == "" {
		return
	}
	f.WAL = store.WALFigures{Files: 1, Size: sizeOf(d.path + logSuffix), BytesIn: d.payload.Load()}
	f.DiskBytes = d.diskBytes()
	if d.opening.Interval == 0 {
		f.Fsyncs, f.FsyncP50, f.FsyncP99 = d.commits.read()
	}
}

func (d *database) diskBytes() (n int64) {
	for _, suffix := range sidecars() {
		n += sizeOf(d.path + suffix)
	}
	return n
}

// sizeOf returns a file's size, 0 when it is not there.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Storage measures where the bytes lie, table by table, as SQLite's dbstat
// counts their pages. What is still in the log counts for its table as well,
// and the log's file with the total.
func (d *database) Storage(ctx context.Context) (store.Storage, error) {
	storage := store.Storage{Messages: d.messages.Load()}
	rows, err := d.reader.db.QueryContext(ctx, `SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE ORDER BY pgsize DESC, name`)
	if err != nil {
		return storage, fmt.Errorf("count pages: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var family store.StorageFamily
		if err := rows.Scan(&family.Name, &family.Bytes); err != nil {
			return storage, fmt.Errorf("count pages: %w", err)
		}
		family.Name = familyName(family.Name)
		storage.Families = append(storage.Families, family)
		storage.Total += family.Bytes
	}
	if err := rows.Err(); err != nil {
		return storage, fmt.Errorf("count pages: %w", err)
	}
	_ = rows.Close() // what follows needs its connection
	var free int64
	if err := d.reader.db.QueryRowContext(ctx, "PRAGMA freelist_count").Scan(&free); err != nil {
		return storage, fmt.Errorf("count free pages: %w", err)
	}
	storage.Families = append(storage.Families, store.StorageFamily{Name: "free pages", Bytes: free * pageBytes})
	if storage.Total += free * pageBytes; d.path != "" {
		storage.Total = d.diskBytes()
	}
	return storage, nil
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
