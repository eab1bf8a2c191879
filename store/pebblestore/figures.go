package pebblestore

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/cockroachdb/pebble/v2"
	dto "github.com/prometheus/client_model/go"

	"github.com/evtui/evtui/store"
)

var _ store.Engine = (*Store)(nil)

// EngineFigures returns the figures of all open namespaces.
func (s *Store) EngineFigures() store.EngineFigures {
	s.mu.RLock()
	open := make([]*handle, 0, len(s.open))
	for h := range s.open {
		open = append(open, h)
	}
	f := store.EngineFigures{Known: len(s.handles), MaxOpen: s.shared.options.MaxOpen}
	s.mu.RUnlock()
	f.Opened, f.Closed = s.opened.Load(), s.closings.Load()
	sort.Slice(open, func(i, j int) bool { return open[i].id < open[j].id })
	f.Namespaces = make([]store.NamespaceFigures, 0, len(open))
	for _, h := range open {
		ns := h.borrow()
		if ns == nil {
			continue // closed meanwhile
		}
		m := ns.db.Metrics()
		f.Namespaces = append(f.Namespaces, ns.figures(m))
		// The caches are shared: every database reports the same ones.
		f.BlockCache = store.CacheFigures{
			Size: m.BlockCache.Size, Capacity: s.shared.options.CacheBytes, Count: m.BlockCache.Count,
			Hits: m.BlockCache.Hits, Misses: m.BlockCache.Misses,
		}
		f.FileCache = store.CacheFigures{
			Size: m.FileCache.Size, Count: m.FileCache.TableCount, Hits: m.FileCache.Hits, Misses: m.FileCache.Misses,
		}
		h.release()
	}
	return f
}

// borrow returns the namespace if it is open already, without counting as a use
// that keeps it open. The caller must release it.
func (h *handle) borrow() *namespace {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.current == nil || h.barred || h.deleted {
		return nil
	}
	h.users.Add(1)
	return h.current
}

func (ns *namespace) figures(m *pebble.Metrics) store.NamespaceFigures {
	o := &ns.h.store.shared.options
	f := store.NamespaceFigures{
		ID: ns.h.id, Messages: ns.messages.Load(), DiskBytes: int64(m.DiskSpaceUsage()),
		Subscriptions: ns.h.waiting.Load(), Poisoned: ns.poisoned() != nil,
		Limits: store.Limits{
			CompactAtSublevels: l0Compact / 2, StopAtSublevels: l0Stop, StopAtMemtables: memtablesStop, MemtableBytes: o.MemtableBytes,
		},
		ReadAmp: m.ReadAmp(), MemtableBytes: int64(m.MemTable.Size), Memtables: m.MemTable.Count,
		WAL: store.WALFigures{
			Files: m.WAL.Files, Size: int64(m.WAL.Size), BytesIn: int64(m.WAL.BytesIn), BytesWritten: int64(m.WAL.BytesWritten),
		},
		Flushes: m.Flush.Count, Compactions: m.Compact.Count, Compacting: m.Compact.NumInProgress,
		Debt:       int64(m.Compact.EstimatedDebt),
		FilterHits: m.Filter.Hits, FilterMisses: m.Filter.Misses, Uptime: m.Uptime,
	}
	for i := range m.Levels {
		f.Levels = append(f.Levels, level(i, &m.Levels[i]))
	}
	if p := ns.failure.Load(); p != nil {
		f.PoisonedBy = p.Reason
	}
	f.Fsyncs, f.FsyncP50, f.FsyncP99 = fsyncs(m)
	return f
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

// Flush writes the namespace's memtables to tables.
func (s *Store) Flush(ctx context.Context, namespace string) error {
	ns, err := s.acquire(namespace)
	if err != nil {
		return err
	}
	defer ns.h.release()
	if err := ns.flush(ctx); err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	return nil
}

// flush waits no longer than ctx lasts and the log is whole: Pebble tries for
// ever to write what cannot be written.
func (ns *namespace) flush(ctx context.Context) error {
	if err := ns.poisoned(); err != nil {
		return err
	}
	flushed, err := ns.db.AsyncFlush()
	if err != nil {
		return err
	}
	select {
	case <-flushed:
		return ns.poisoned()
	case <-ns.whole.Done():
		return ns.poisoned()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Compact merges all of the namespace's tables into the bottom level. It ends
// early, with what is done so far kept, when ctx does.
func (s *Store) Compact(ctx context.Context, namespace string) error {
	ns, err := s.acquire(namespace)
	if err != nil {
		return err
	}
	defer ns.h.release()
	if err := ns.flush(ctx); err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ns.whole, cancel)()
	err = ns.db.Compact(ctx, []byte{0}, []byte{0xff}, false)
	if poisoned := ns.poisoned(); poisoned != nil {
		err = poisoned
	}
	if err != nil {
		return fmt.Errorf("compact: %w", err)
	}
	return nil
}

// Storage measures where the namespace's bytes lie, from the tables' indexes.
// What is still in memtables counts only in the total, as the log.
func (s *Store) Storage(_ context.Context, namespace string) (store.Storage, error) {
	ns, err := s.acquire(namespace)
	if err != nil {
		return store.Storage{}, err
	}
	defer ns.h.release()
	storage := store.Storage{Messages: ns.messages.Load(), Total: int64(ns.db.Metrics().DiskSpaceUsage())}
	for _, family := range []struct{ name, keys string }{
		{"messages", string(familyMessage)}, {"global index", string(familyGlobal)}, {"stream index", string(familyStream)},
		{"id index", string(familyID)}, {"categories", string(familyCategory)}, {"meta", string(familyMeta)},
		{"shapes", string(familyShape) + string(familyShapeAgain)},
	} {
		one := store.StorageFamily{Name: family.name}
		for i := range len(family.keys) {
			lower, upper := familyBounds(family.keys[i])
			n, err := ns.db.EstimateDiskUsage(lower, upper)
			if err != nil {
				return storage, fmt.Errorf("measure storage: %w", err)
			}
			one.Bytes += int64(n)
		}
		storage.Families = append(storage.Families, one)
	}
	return storage, nil
}
