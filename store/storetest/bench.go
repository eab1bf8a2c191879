package storetest

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/store"
)

// Benchmark measures an engine: appends of 1, 10 and 64 callers, and of 64
// callers that append 32 messages at a time; reads of a stream and of a
// category, with and without a consumer group; versions. The unit of b.N is a
// message for appends and a call for the rest. What was stored and read is
// counted in every run.
func Benchmark(b *testing.B, fresh func(testing.TB) Harness) {
	b.Run("Append", func(b *testing.B) {
		for _, c := range []struct{ callers, batch int }{{1, 1}, {10, 1}, {64, 1}, {64, 32}} {
			b.Run(fmt.Sprintf("callers=%d/batch=%d", c.callers, c.batch), func(b *testing.B) {
				benchmarkAppend(newEnv(b, fresh(b)), b, c.callers, c.batch)
			})
		}
	})
	b.Run("Read", func(b *testing.B) { benchmarkRead(newEnv(b, fresh(b)), b) })
}

// realistic is about 330 bytes of data and metadata, as the load generator writes.
func realistic(i int) store.Event {
	return store.Event{
		Type: "OrderPlaced",
		Data: fmt.Appendf(nil, `{"orderId":"%08x","customer":{"id":%d,"name":"Customer %d","tier":"gold"},"lines":[{"sku":"SKU-%05d",`+
			`"quantity":%d,"price":%d.%02d}],"currency":"EUR","note":"leave at the door","placedAt":"2026-11-23T10:%02d:%02dZ"}`,
			uint32(i)*2654435761, i%5000, i%5000, i%900, i%7+1, i%500, i%100, i/60%60, i%60),
		Metadata: fmt.Appendf(nil, `{"correlationStreamName":"checkout-%d","causationMessagePosition":%d,"traceId":"%016x"}`,
			i%5000, i%100, i*40503),
		Correlation: "checkout",
	}
}

func benchmarkAppend(e *env, b *testing.B, callers, batch int) {
	e.namespace("n")
	list := make([]store.Event, 4096)
	for i := range list {
		list[i] = realistic(i)
	}
	calls := (b.N + batch - 1) / batch
	var next atomic.Int64
	var g errgroup.Group
	b.ResetTimer()
	start := time.Now()
	for range callers {
		g.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= calls {
					return nil
				}
				_, err := e.store.Append(context.Background(), "n", store.Write{
					Stream: fmt.Sprintf("order%d-%d", i%10, i*7919%2000), ExpectedVersion: store.AnyVersion,
					Events: list[i*batch%len(list):][:batch],
				})
				if err != nil {
					return err
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	total := int64(calls * batch)
	b.ReportMetric(float64(total)/time.Since(start).Seconds(), "msgs/s")
	ns, err := e.store.Namespace(context.Background(), "n")
	if err != nil || ns.MessageCount != total {
		b.Fatalf("%d messages are counted after %d were appended, %v", ns.MessageCount, total, err)
	}
	if head, err := e.store.Head(context.Background(), "n"); err != nil || head != total {
		b.Fatalf("head is %d after %d messages were appended, %v", head, total, err)
	}
}

// Sizes of what is read: every stream holds streamMessages, and a tenth of
// all messages is in each category.
const (
	benchStreams   = 1000
	streamMessages = 120
	benchTotal     = benchStreams * streamMessages
)

func benchStream(i int) string { return fmt.Sprintf("order%d-%d", i%10, i%benchStreams) }

func benchmarkRead(e *env, b *testing.B) {
	e.namespace("n")
	for i := 0; i < benchTotal; i += 1000 {
		list := make([]store.ImportMessage, 1000)
		for j := range list {
			n, ev := i+j, realistic(i+j)
			list[j] = store.ImportMessage{Correlation: ev.Correlation, Message: store.Message{
				ID: store.NewID(longAgo()), Stream: benchStream(n), Type: ev.Type, Data: ev.Data, Metadata: ev.Metadata,
				Position: int64(n / benchStreams), GlobalPosition: int64(n + 1), Time: longAgo().Add(time.Duration(n)),
			}}
		}
		e.importAll("n", list)
	}
	ctx := context.Background()
	for _, limit := range []int{100, 1000} {
		for _, size := range []int{0, 4} {
			name := fmt.Sprintf("category/%d", limit)
			if size > 0 {
				name += fmt.Sprintf("/group=%d", size)
			}
			benchmarkCalls(b, name, limit, func(i int) iter.Seq2[store.Message, error] {
				q := store.CategoryQuery{Category: fmt.Sprintf("order%d", i%10), GlobalPosition: int64(1 + i*977%(benchTotal/4)), Limit: limit}
				if size > 0 {
					q.Group = store.Group{Member: i % size, Size: size}
				}
				return e.store.ReadCategory(ctx, "n", q)
			})
		}
	}
	benchmarkCalls(b, "stream/100", 100, func(i int) iter.Seq2[store.Message, error] {
		return e.store.ReadStream(ctx, "n", store.StreamQuery{Stream: benchStream(i * 7), Position: int64(i % 20), Limit: 100})
	})
	b.Run("version", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			if v, err := e.store.Version(ctx, "n", benchStream(i*7)); err != nil || v != streamMessages-1 {
				b.Fatalf("version %d, %v, want %d", v, err, streamMessages-1)
			}
		}
		reportMicroseconds(b)
	})
}

// benchmarkCalls measures reads that give want messages each.
func benchmarkCalls(b *testing.B, name string, want int, read func(i int) iter.Seq2[store.Message, error]) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			n, last := 0, int64(0)
			for m, err := range read(i) {
				if err != nil {
					b.Fatal(err)
				}
				if m.GlobalPosition <= last || len(m.Data) == 0 {
					b.Fatalf("#%d follows #%d", m.GlobalPosition, last)
				}
				last = m.GlobalPosition
				n++
			}
			if n != want {
				b.Fatalf("read %d messages, want %d", n, want)
			}
		}
		reportMicroseconds(b)
	})
}

func reportMicroseconds(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "µs/op")
}
