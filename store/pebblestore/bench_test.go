package pebblestore

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/pebblestore/shape"
)

// payload is about the load test's 330 bytes of JSON a message.
func payload(i int) store.Event {
	return store.Event{
		Type: "OrderPlaced",
		Data: fmt.Appendf(nil, `{"orderId":"%08x","customer":{"id":%d,"name":"Customer %d","tier":"gold"},"lines":[{"sku":"SKU-%05d","quantity":%d,"price":%d.%02d}],"currency":"EUR","note":"leave at the door","placedAt":"2026-11-23T10:%02d:%02dZ"}`,
			i*2654435761, i%5000, i%5000, i%900, i%7+1, i%500, i%100, i/60%60, i%60),
		Metadata:    fmt.Appendf(nil, `{"correlationStreamName":"checkout-%d","causationMessagePosition":%d,"traceId":"%016x"}`, i%5000, i%100, i*40503),
		Correlation: "checkout",
	}
}

func streamName(i int) string { return fmt.Sprintf("order%d-%d", i%10, i*7919%2000) }

func openBench(b *testing.B) *Store {
	b.Helper()
	s, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	if _, err := s.CreateNamespace(context.Background(), store.NamespaceSpec{ID: "bench"}); err != nil {
		b.Fatal(err)
	}
	return s
}

// spread runs n calls of do over callers goroutines and returns the rate.
func spread(b *testing.B, callers, n int, do func(i int) error) float64 {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range callers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(n) / time.Since(start).Seconds()
}

// BenchmarkAppend compares durable appends with raw Pebble batches of the same
// keys and bytes, each synced by its caller, in the same run.
func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 10, 64, 256} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			raw := rawAppend(b, callers, b.N)
			s := openBench(b)
			events := make([]store.Event, 4096)
			for i := range events {
				events[i] = payload(i)
			}
			b.ResetTimer()
			rate := spread(b, callers, b.N, func(i int) error {
				_, err := s.Append(context.Background(), "bench", store.Write{
					Stream: streamName(i), ExpectedVersion: store.AnyVersion, Events: events[i%len(events):][:1],
				})
				return err
			})
			b.StopTimer()
			b.ReportMetric(rate, "msgs/s")
			b.ReportMetric(rate/raw, "of-raw-pebble")
			if head, err := s.Head(context.Background(), "bench"); err != nil || head != int64(b.N) {
				b.Fatalf("head %d (%v) after %d appends", head, err, b.N)
			}
		})
	}
}

// rawAppend writes the same keys and bytes with one synced batch a message.
func rawAppend(b *testing.B, callers, n int) float64 {
	b.Helper()
	sh := newBackend(Options{}.withDefaults())
	defer sh.Close()
	dir := b.TempDir()
	fence := newFence(sh.options.FS, dir, sh.options.tablePause, func(_ string, err error) { b.Error(err) })
	db, err := pebble.Open(dir, sh.pebbleOptions("raw", fence, nil))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	records := rawRecords(4096)
	return spread(b, callers, n, func(i int) error {
		batch := db.NewBatch()
		r := records[i%len(records)]
		r.stream = streamName(i)
		o := batch.SetDeferred(messageKeyLen, r.size())
		appendMessageKey(o.Key[:0], uint32(i%10), int64(i))
		r.encode(o.Value)
		if err := o.Finish(); err != nil {
			return err
		}
		_ = batch.Set(appendGlobalKey(nil, int64(i)), []byte{1}, nil)
		_ = batch.Set(appendStreamKey(nil, r.stream, int64(i)), encodeEntry(nil, int64(i), r.Time, 1), nil)
		if err := batch.Commit(pebble.Sync); err != nil {
			return err
		}
		return batch.Close()
	})
}

// rawRecords are the benchmarks' messages as the engine stores them once it knows
// their shapes.
func rawRecords(n int) []record {
	known := newShapes()
	records := make([]record, n)
	for i := range records {
		e := payload(i)
		r := &records[i]
		*r = record{Record: engine.Record{Type: e.Type, Metadata: e.Metadata, Data: e.Data, Correlation: e.Correlation}}
		r.mark()
		if outline, values, ok := shape.Cut(nil, nil, e.Type, e.Metadata, e.Data); ok {
			r.shape, _ = known.learn(outline)
			r.Metadata, r.Data, r.flags = nil, values, r.flags|flagShaped
		}
	}
	return records
}

// BenchmarkAppendBatch appends 32 events a call.
func BenchmarkAppendBatch(b *testing.B) {
	s := openBench(b)
	events := make([]store.Event, 4096)
	for i := range events {
		events[i] = payload(i)
	}
	b.ResetTimer()
	rate := spread(b, 64, b.N, func(i int) error {
		_, err := s.Append(context.Background(), "bench", store.Write{
			Stream: streamName(i), ExpectedVersion: store.AnyVersion, Events: events[i*32%len(events):][:32],
		})
		return err
	})
	b.ReportMetric(rate*32, "msgs/s")
}

// BenchmarkRead reads from a store of 300,000 messages, flushed and compacted.
func BenchmarkRead(b *testing.B) {
	s := openBench(b)
	const stored = 300_000
	for i := 0; i < stored; i += 50 {
		batch := make([]store.ImportMessage, 0, 50)
		for j := i; j < i+50; j++ {
			e := payload(j)
			batch = append(batch, store.ImportMessage{Correlation: e.Correlation, Message: store.Message{
				Stream: streamName(j), Type: e.Type, Position: int64(j / 2000), GlobalPosition: int64(j + 1),
				Time: time.Unix(0, int64(j)), Data: e.Data, Metadata: e.Metadata,
			}})
		}
		if err := s.Import(context.Background(), "bench", batch); err != nil {
			b.Fatal(err)
		}
	}
	compact(b, s)
	ctx := context.Background()
	for _, c := range []struct {
		name string
		q    store.CategoryQuery
	}{
		{"category/100", store.CategoryQuery{Category: "order3", Limit: 100}},
		{"category/1000", store.CategoryQuery{Category: "order3", Limit: 1000}},
		{"category/100/group", store.CategoryQuery{Category: "order3", Limit: 100, Group: store.Group{Member: 1, Size: 4}}},
		{"all/100", store.CategoryQuery{Limit: 100}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				q := c.q
				q.GlobalPosition = int64(1 + i*977%200_000)
				n := 0
				for _, err := range s.ReadCategory(ctx, "bench", q) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != q.Limit {
					b.Fatalf("%d messages instead of %d", n, q.Limit)
				}
			}
		})
	}
	b.Run("stream/100", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			n := 0
			for _, err := range s.ReadStream(ctx, "bench", store.StreamQuery{Stream: streamName(i), Limit: 100}) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
			if n != 100 {
				b.Fatalf("%d messages instead of 100", n)
			}
		}
	})
	b.Run("version", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			if v, err := s.Version(ctx, "bench", streamName(i)); err != nil || v < 100 {
				b.Fatal(v, err)
			}
		}
	})
	b.Run("streams/100", func(b *testing.B) {
		for i := range b.N {
			page, err := s.Streams(ctx, "bench", store.StreamsQuery{Cursor: fmt.Sprintf("order%d-", i%10), Limit: 100})
			if err != nil || len(page) == 0 {
				b.Fatal(len(page), err)
			}
		}
	})
}

// compact brings everything to the bottom level and reports bytes a message.
func compact(b *testing.B, s *Store) {
	b.Helper()
	if err := s.Compact(context.Background(), "bench"); err != nil {
		b.Fatal(err)
	}
	f := s.EngineFigures().Namespaces[0]
	size := int64(0)
	for _, l := range f.Levels {
		size += l.Size
	}
	b.Logf("%.1f bytes a message", float64(size)/float64(f.Messages))
}
