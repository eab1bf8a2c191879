//go:build unix

package pebblestore

import (
	"context"
	"flag"
	"fmt"
	"math"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
)

var (
	typeRounds = flag.Int("types.rounds", 30, "how many alternating rounds BenchmarkTypesOnOff takes")
	typeWrites = flag.Int("types.writes", 1500, "how many writes a round of BenchmarkTypesOnOff takes")
	typeMemory = flag.Bool("types.memory", false, "whether BenchmarkTypesOnOff writes to a file system in memory, whose syncs cost nothing")
)

// mustFillCold stores a message in each of n streams.
func mustFillCold(b *testing.B, s *Store, n int, stream func(i int) string) {
	b.Helper()
	for from := 0; from < n; from += importLines {
		lines := make([]store.ImportMessage, importLines)
		for i := range lines {
			e := payload(from + i)
			lines[i].Message = store.Message{
				ID: store.NewID(time.Unix(1, 0)), Stream: stream(from + i), Type: "Type0", Data: e.Data, Time: time.Unix(1, 0),
				GlobalPosition: int64(from + i + 1),
			}
		}
		if err := s.Import(context.Background(), "bench", lines); err != nil {
			b.Fatal(err)
		}
	}
}

// coldStreams are more than heads are cached; importLines are stored at once.
const (
	coldStreams = 100_000
	importLines = 2000
)

// BenchmarkTypesOnOff compares what a write costs in processor time with counts by
// type and without, in alternating rounds on stores of their own, from 10 callers:
// warm is an append to streams whose heads are cached, cold one to streams whose
// heads are not, served a stream.write over HTTP, of which the server's processor
// time counts. It prints the median of the rounds' ratios with its 95 % interval,
// and what is allocated beyond.
func BenchmarkTypesOnOff(b *testing.B) {
	b.Run("warm", func(b *testing.B) { typesOnOff(b, 0, streamName) }) // 2,000 streams
	b.Run("cold", func(b *testing.B) {
		typesOnOff(b, coldStreams, func(i int) string { return fmt.Sprintf("order%d-%d", i%10, i*7919%coldStreams) })
	})
	b.Run("served", typesServed)
}

const (
	typeCallers = 10
	typeNames   = 12 // types
)

func typesOnOff(b *testing.B, fill int, stream func(i int) string) {
	writes := *typeWrites
	events := make([]store.Event, 4096)
	for i := range events {
		events[i] = payload(i)
		events[i].Type = fmt.Sprintf("Type%d", i%typeNames)
	}
	var stores [2]*Store
	var written [2]int
	for i := range stores {
		o := Options{uncounted: i == 0}
		if *typeMemory {
			o.FS = vfs.NewMem()
		}
		s, err := Open(b.TempDir(), o)
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		mustCreate(b, s, "bench")
		mustFillCold(b, s, fill, stream)
		stores[i] = s
	}
	alternate(b, func(of int) (cpu, allocated float64) {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		from, began := written[of], processorTime(b)
		spread(b, typeCallers, writes, func(i int) error {
			i += from
			_, err := stores[of].Append(context.Background(), "bench", store.Write{
				Stream: stream(i), ExpectedVersion: store.AnyVersion, Events: events[i%len(events):][:1],
			})
			return err
		})
		cpu = float64(processorTime(b)-began) / float64(writes)
		runtime.ReadMemStats(&after)
		written[of] += writes
		return cpu, float64(after.Mallocs-before.Mallocs) / float64(writes)
	})
}

// alternate runs rounds of writes without counts, of 0, and with, of 1, in turn,
// and reports how they compare. A round returns what a write took: nanoseconds of
// processor time, and allocations.
func alternate(b *testing.B, round func(of int) (cpu, allocated float64)) {
	b.Helper()
	for _, of := range []int{0, 1, 0, 1} { // until shapes are learned and heads cached
		round(of)
	}
	var ratios, off, more []float64
	for i := range *typeRounds {
		var cpu, allocated [2]float64
		for _, of := range [][]int{{0, 1}, {1, 0}}[i%2] {
			cpu[of], allocated[of] = round(of)
		}
		ratios = append(ratios, cpu[1]/cpu[0])
		off, more = append(off, cpu[0]), append(more, allocated[1]-allocated[0])
	}
	for _, list := range [][]float64{ratios, off, more} {
		slices.Sort(list)
	}
	n := len(ratios)
	low, high := medianInterval(n)
	b.ReportMetric(off[n/2]/1000, "µs/write-off")
	b.ReportMetric(ratios[n/2], "×-on")
	b.ReportMetric(ratios[low], "×-from")
	b.ReportMetric(ratios[high], "×-to")
	b.ReportMetric(more[n/2], "allocs-more")
	b.ReportMetric(0, "ns/op")
}

// medianInterval returns the ranks between which the median lies in 95 of 100
// cases.
func medianInterval(n int) (low, high int) {
	low = int(float64(n)/2 - 0.98*math.Sqrt(float64(n)))
	return max(low, 0), min(n-1-low, n-1)
}

// processorTime is what the process has used, in nanoseconds.
func processorTime(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
