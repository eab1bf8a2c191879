package pebblestore

import (
	"context"
	"fmt"
	"strconv"
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
		Files: m.WAL.Files, Size: int64(m.WAL.Size), BytesIn: int64(m.WAL.BytesIn) + d.again, BytesWritten: int64(m.WAL.BytesWritten),
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
	for _, family := range families {
		lower, upper := familyBounds(family.key)
		n, err := d.db.EstimateDiskUsage(lower, upper)
		if err != nil {
			return storage, fmt.Errorf("measure storage: %w", err)
		}
		if family.key == familyShapeAgain { // counts as shapes, which stand before it
			storage.Families[len(storage.Families)-1].Bytes += int64(n)
			continue
		}
		storage.Families = append(storage.Families, store.StorageFamily{Name: family.name, Bytes: int64(n)})
	}
	return storage, nil
}

// Sections tells the tree in tables: its levels, and what moves data through them. It
// takes microseconds.
func (d *database) Sections() []store.Section {
	m := d.db.Metrics()
	return []store.Section{d.treeSection(m), levelSection(m)}
}

func (d *database) treeSection(m *pebble.Metrics) store.Section {
	row := func(name string, unit store.Unit, n float64, verdict store.Verdict) store.SectionRow {
		return store.SectionRow{Name: name, Values: []store.SectionValue{{Unit: unit, Number: n, Verdict: verdict}}}
	}
	sublevels, memtables := int64(m.Levels[0].Sublevels), int64(m.MemTable.Size)
	return store.Section{Name: "tree", Title: "LSM tree", Elsewhere: true, Rows: []store.SectionRow{
		row("L0 sublevels", store.UnitCount, float64(sublevels), near(float64(sublevels), l0Stop)),
		row("memtables", store.UnitBytes, float64(memtables), near(float64(memtables), float64(memtablesStop)*float64(d.backend.options.MemtableBytes))),
		row("read amplification", store.UnitCount, float64(m.ReadAmp()), store.VerdictNone),
		row("compaction debt", store.UnitBytes, float64(m.Compact.EstimatedDebt), store.VerdictNone),
		row("compactions running", store.UnitCount, float64(m.Compact.NumInProgress), store.VerdictNone),
		row("compactions", store.UnitCount, float64(m.Compact.Count), store.VerdictNone),
		row("flushes", store.UnitCount, float64(m.Flush.Count), store.VerdictNone),
		row("log", store.UnitBytes, float64(m.WAL.Size), store.VerdictNone),
		row("written to the log", store.UnitBytes, float64(m.WAL.BytesWritten), store.VerdictNone),
	}}
}

// near judges a figure by the limit at which writes stop: three quarters of it is
// close.
func near(n, limit float64) store.Verdict {
	switch {
	case limit <= 0:
		return store.VerdictNone
	case n >= limit:
		return store.VerdictBad
	case n >= 0.75*limit:
		return store.VerdictWarn
	}
	return store.VerdictGood
}

func levelSection(m *pebble.Metrics) store.Section {
	out := store.Section{Name: "levels", Title: "levels", Elsewhere: true, Columns: []string{"tables", "size", "score", "in", "moved", "read", "written"}}
	size := func(n int64) store.SectionValue { return store.SectionValue{Unit: store.UnitBytes, Number: float64(n)} }
	for i := range m.Levels {
		l := level(i, &m.Levels[i])
		out.Rows = append(out.Rows, store.SectionRow{Name: "L" + strconv.Itoa(i), Values: []store.SectionValue{
			{Unit: store.UnitCount, Number: float64(l.Tables)}, size(l.Size), {Unit: store.UnitNumber, Number: l.Score}, size(l.BytesIn), size(l.BytesMoved), size(l.BytesRead), size(l.Written),
		}})
	}
	return out
}
