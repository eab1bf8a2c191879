//go:build unix

package cli

import (
	"io"
	"runtime"
	"runtime/pprof"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/server/client"
)

// processTime is how long processors have worked for this process.
func processTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkCaptureCost is what a CPU profile under way costs the engine: calls
// with and without one by turns, by processor time a call, since that does not
// depend on what else the machine does. The processor's clock ticks ten times as
// often as in a capture, so that the cost stands out of the noise; what it comes
// to is a tenth. What the machine adds all the same only ever makes a turn
// dearer, so the lower quartiles of the turns are compared. 3 % is the limit.
// Give it -benchtime 30x. The runtime says once a turn that it keeps our rate.
func BenchmarkCaptureCost(b *testing.B) {
	h := mustHost(b, host.Config{Dir: host.Place(b.TempDir()), Listen: host.NoNetwork, Interval: 50 * time.Millisecond})
	c, err := client.New("http://evtui.internal", client.WithToken(h.Token), client.WithDialer(h.Dial))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	const (
		span  = 500 * time.Millisecond
		often = 10
	)
	for range 4 { // caches, files, connections
		costOfCalls(b, c, span)
	}
	var with, without []float64
	for i := 0; b.Loop(); i++ {
		// First with, then without, and the other way round in the next turn:
		// what drifts favours neither.
		for _, capturing := range []bool{i%2 == 0, i%2 == 1} {
			if !capturing {
				without = append(without, costOfCalls(b, c, span))
				continue
			}
			runtime.SetCPUProfileRate(100 * often) // which the next line keeps
			if err := pprof.StartCPUProfile(io.Discard); err != nil {
				b.Fatal(err)
			}
			with = append(with, costOfCalls(b, c, span))
			pprof.StopCPUProfile()
		}
	}
	slices.Sort(with)
	slices.Sort(without)
	quartile := len(with) / 4
	b.ReportMetric(without[quartile]/1000, "µs/call")
	b.ReportMetric(100*(with[quartile]/without[quartile]-1)/often, "%more")
}

// costOfCalls returns the processor time of a call, in nanoseconds, while one
// caller writes and reads for that long.
func costOfCalls(b *testing.B, c *client.Client, span time.Duration) float64 {
	b.Helper()
	calls := 0
	before := processTime(b)
	for end := time.Now().Add(span); time.Now().Before(end); calls += 2 {
		_, err := c.Write(b.Context(), "cost-1", client.Event{Type: "T", Data: []byte(`{"amount":100}`)}, client.AnyVersion())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.ReadStream(b.Context(), client.StreamQuery{Stream: "cost-1", Limit: 10, Backward: true}); err != nil {
			b.Fatal(err)
		}
	}
	return float64(processTime(b)-before) / float64(calls)
}
