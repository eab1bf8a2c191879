package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
)

// printSamples prints a line for each second since then that the server
// remembers, or from the last one on; with watch it goes on. None is printed
// twice and none left out.
func printSamples(ctx context.Context, out *output.Sheet[wire.Sample], s *target.Session, since time.Time, watch bool) error {
	if since.IsZero() {
		last, err := s.Sample(ctx)
		if err != nil {
			return err
		}
		if err := out.Add(last); err != nil {
			return err
		}
		since = last.Time
	} else {
		since = since.Add(-1) // the server leaves out what is of the very time
	}
	err := poll(ctx, watch, func() (bool, error) {
		fresh, err := s.History(ctx, since)
		if err != nil || len(fresh) == 0 {
			return false, err
		}
		since = fresh[len(fresh)-1].Time
		return true, out.Add(fresh...)
	})
	if err != nil {
		return err
	}
	return out.End()
}

func sampleFields() []output.Field[wire.Sample] {
	perSecond := func(name string, of func(wire.Sample) float64) output.Field[wire.Sample] {
		return inFullField(name, of, text.Rate).AtLeast(9)
	}
	disk := output.Known("disk", "", bytesOnDisk, func(int64) string { return "" }).AtLeast(7)
	disk.Show = diskOf
	return []output.Field[wire.Sample]{
		output.Time("time", time.TimeOnly, func(s wire.Sample) time.Time { return s.Time }),
		perSecond("appended", func(s wire.Sample) float64 { return s.Appends }),
		perSecond("read", func(s wire.Sample) float64 { return s.Reads }),
		perSecond("announced", func(s wire.Sample) float64 { return s.Announced }),
		perSecond("errors", func(s wire.Sample) float64 { return s.Errors }),
		inFullField("cpu", func(s wire.Sample) float64 { return s.CPU }, func(v float64) string { return fmt.Sprintf("%.2f", v) }).AtLeast(5),
		output.Shown("memory", func(s wire.Sample) uint64 { return s.RSSBytes }, func(s wire.Sample) string { return text.Bytes(float64(s.RSSBytes)) }).AtLeast(7),
		latency("stream.write", "p50", func(m wire.Method) int64 { return m.P50 }),
		latency("stream.write", "p99", func(m wire.Method) int64 { return m.P99 }),
		latency("stream.append", "p99", func(m wire.Method) int64 { return m.P99 }),
		disk,
		output.Raw("heap", func(s wire.Sample) any { return s.HeapBytes }),
		output.Raw("goroutines", func(s wire.Sample) any { return s.Goroutines }),
		output.Raw("connections", func(s wire.Sample) any { return s.Connections }),
		output.Raw("subscribers", func(s wire.Sample) any { return s.Subscribers }),
		output.Raw("ui_cpu", func(s wire.Sample) any {
			if s.UICPU == 0 {
				return "" // not known
			}
			return s.UICPU
		}),
	}
}

// inFullField is a figure of a whole second; nothing before the server has seen one.
func inFullField(name string, of func(wire.Sample) float64, show func(float64) string) output.Field[wire.Sample] {
	return output.Known(name, text.Unknown, func(s wire.Sample) *float64 {
		if s.Partial {
			return nil
		}
		return new(of(s))
	}, func(v float64) string { return text.IfKnown(v, show) })
}

// latency is a method's latency; nothing for a second in which nobody called it.
func latency(method, name string, of func(wire.Method) int64) output.Field[wire.Sample] {
	return output.Known(method[len("stream."):]+"_"+name, "–", func(s wire.Sample) *int64 {
		if m, called := s.Methods[method]; called {
			return new(of(m))
		}
		return nil
	}, func(n int64) string { return text.Duration(time.Duration(n)) }).AtLeast(9)
}

// bytesOnDisk is what the engine takes there; nil where it does not say.
func bytesOnDisk(s wire.Sample) *int64 {
	if s.Engine == nil {
		return nil
	}
	if _, _, known := s.Engine.Disk(); !known {
		return nil
	}
	return new(s.Engine.DiskBytes)
}

func diskOf(s wire.Sample) string {
	if s.Engine == nil {
		return "–"
	}
	bytes, exact, known := s.Engine.Disk()
	return text.Bound(text.Bytes(float64(bytes)), exact, known)
}
