package pebblestore

import (
	"context"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"
	dto "github.com/prometheus/client_model/go"

	"github.com/evtui/evtui/store"
)

// Figures fills in the figures of the tree. It takes microseconds.
func (d *database) Figures(f *store.NamespaceFigures) {
	m := d.db.Metrics()
	d.backend.opened.Store(&store.CacheFigures{
		Size: m.FileCache.Size, Count: m.FileCache.TableCount, Hits: m.FileCache.Hits, Misses: m.FileCache.Misses,
	})
	f.DiskBytes = int64(m.DiskSpaceUsage())
	f.Limits = store.Limits{
		CompactAtSublevels: l0Compact / 2, StopAtSublevels: l0Stop, StopAtMemtables: memtablesStop,
		MemtableBytes: d.backend.options.MemtableBytes,
	}
	f.ReadAmp, f.MemtableBytes, f.Memtables = m.ReadAmp(), int64(m.MemTable.Size), m.MemTable.Count
	f.WAL = store.WALFigures{
		Files: m.WAL.Files, Size: int64(m.WAL.Size), BytesIn: int64(m.WAL.BytesIn), BytesWritten: int64(m.WAL.BytesWritten),
	}
	f.Flushes, f.Compactions, f.Compacting = m.Flush.Count, m.Compact.Count, m.Compact.NumInProgress
	f.Debt = int64(m.Compact.EstimatedDebt)
	f.FilterHits, f.FilterMisses = m.Filter.Hits, m.Filter.Misses
	for i := range m.Levels {
		f.Levels = append(f.Levels, level(i, &m.Levels[i]))
	}
	f.Fsyncs, f.FsyncP50, f.FsyncP99 = fsyncs(m)
}

func level(n int, m *pebble.LevelMetrics) store.Level {
	return store.Level{
		Level: n, Sublevels: int(m.Sublevels), Tables: m.TablesCount, Size: m.TablesSize, Score: m.Score,
		BytesIn: int64(m.TableBytesIn), BytesRead: int64(m.TableBytesRead), BytesMoved: int64(m.TableBytesMoved),
		Written: int64(m.TableBytesFlushed + m.TableBytesCompacted), WriteAmp: m.WriteAmp(),
	}
}

// fsyncs reads count and percentiles of the log's syncs out of Pebble's
// histogram, whose buckets are bounds in nanoseconds.
func fsyncs(m *pebble.Metrics) (count int64, p50, p99 time.Duration) {
	if m.LogWriter.FsyncLatency == nil {
		return 0, 0, 0
	}
	var out dto.Metric
	if err := m.LogWriter.FsyncLatency.Write(&out); err != nil || out.Histogram == nil {
		return 0, 0, 0
	}
	total := out.Histogram.GetSampleCount()
	at := func(share float64) time.Duration {
		for _, b := range out.Histogram.Bucket {
			if float64(b.GetCumulativeCount()) >= share*float64(total) {
				return time.Duration(b.GetUpperBound())
			}
		}
		return 0
	}
	if total == 0 {
		return 0, 0, 0
	}
	return int64(total), at(0.5), at(0.99)
}

// Flush writes the memtables to tables. It waits no longer than ctx lasts and
// the log is whole: Pebble tries for ever to write what cannot be written.
func (d *database) Flush(ctx context.Context) error {
	if err := d.failed(); err != nil {
		return err
	}
	flushed, err := d.db.AsyncFlush()
	if err != nil {
		return err
	}
	select {
	case <-flushed:
		return d.failed()
	case <-d.whole.Done():
		return d.failed()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Compact merges all tables into the bottom level. It ends early, with what is
// done so far kept, when ctx does.
func (d *database) Compact(ctx context.Context) error {
	if err := d.Flush(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.whole, cancel)()
	err := d.db.Compact(ctx, []byte{0}, []byte{0xff}, false)
	if failed := d.failed(); failed != nil {
		return failed
	}
	return err
}

// Storage measures where the bytes lie, from the tables' indexes. What is still
// in memtables counts only in the total, as the log.
func (d *database) Storage(context.Context) (store.Storage, error) {
	storage := store.Storage{Total: int64(d.db.Metrics().DiskSpaceUsage())}
	for _, family := range []struct{ name, keys string }{
		{"messages", string(familyMessage)}, {"global index", string(familyGlobal)}, {"stream index", string(familyStream)},
		{"id index", string(familyID)}, {"categories", string(familyCategory)}, {"meta", string(familyMeta)},
		{"shapes", string(familyShape) + string(familyShapeAgain)}, {"types", string(familyKept)},
	} {
		one := store.StorageFamily{Name: family.name}
		for i := range len(family.keys) {
			lower, upper := familyBounds(family.keys[i])
			n, err := d.db.EstimateDiskUsage(lower, upper)
			if err != nil {
				return storage, fmt.Errorf("measure storage: %w", err)
			}
			one.Bytes += int64(n)
		}
		storage.Families = append(storage.Families, one)
	}
	return storage, nil
}
