package sqlitestore

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

// Figures fills in what any engine has: what lies on disk, and its syncs, those of the
// log at COMMIT with writing included. SQLite has no tree; see Sections.
func (d *database) Figures(f *store.NamespaceFigures) {
	if d.path == "" {
		return
	}
	f.WAL = store.WALFigures{Files: 1, Size: sizeOf(d.path + logSuffix)}
	f.DiskBytes = d.diskBytes()
	if d.opening.Interval == 0 {
		f.Fsyncs, f.FsyncP50, f.FsyncP99 = d.commits.read()
	}
}

// Sections tells of the log and what moves it into the tables.
func (d *database) Sections() []store.Section {
	s := store.Section{Name: "log", Title: "write-ahead log"}
	row := func(name string, unit store.Unit, n int64, words string) {
		s.Rows = append(s.Rows, store.SectionRow{Name: name, Values: []store.SectionValue{{Unit: unit, Number: float64(n), Text: words}}})
	}
	if d.path != "" {
		row("size", store.UnitBytes, sizeOf(d.path+logSuffix), "")
	}
	row("payloads", store.UnitBytes, d.payload.Load(), "went through it since it was opened")
	row("checkpoints", store.UnitCount, d.checkpoints.Load(), "of the log since it was opened")
	return []store.Section{s}
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
	names := map[string]string{
		"by_stream": "stream index", "by_category": "category index", "by_id": "id index", "sqlite_schema": "schema", "kept": "types",
		"sqlite_autoindex_streams_1": "stream names", "sqlite_autoindex_categories_1": "category names",
	}
	var family store.StorageFamily
	err := each(ctx, d.reader.db, func() error {
		family.Name = cmp.Or(names[family.Name], family.Name)
		storage.Families = append(storage.Families, family)
		storage.Total += family.Bytes
		return nil
	}, []any{&family.Name, &family.Bytes}, `SELECT name, pgsize FROM (SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE ORDER BY pgsize DESC, name)
		UNION ALL SELECT 'free pages', freelist_count * ? FROM pragma_freelist_count`, pageBytes)
	if d.path != "" {
		storage.Total = d.diskBytes()
	}
	if err != nil {
		return storage, fmt.Errorf("count pages: %w", err)
	}
	return storage, nil
}

// timings are the latest durations of something that was done over and over.
type timings struct {
	mu     sync.Mutex // guards what follows
	count  int64      // of all
	latest [1024]time.Duration
}

func (t *timings) add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.latest[t.count%int64(len(t.latest))] = d
	t.count++
}

// read returns how many durations there were, and what half and 99 in 100 of
// the latest stayed below.
func (t *timings) read() (count int64, p50, p99 time.Duration) {
	t.mu.Lock()
	latest := slices.Clone(t.latest[:min(t.count, int64(len(t.latest)))])
	count = t.count
	t.mu.Unlock()
	if count == 0 {
		return 0, 0, 0
	}
	slices.Sort(latest)
	return count, latest[len(latest)/2], latest[len(latest)*99/100]
}
