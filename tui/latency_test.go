package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAppendIsShownWithinAFrame counts in ticks of the frame clock, not in time,
// so that a slow machine cannot fail it: what was acknowledged before a tick is
// on the screen once that tick's question is answered. With the frame's length
// that bounds the wait. Where the tail is followed at the usual pace it asks
// between the frames as well: see TestAppendIsOnTheTerminalIn150ms.
func TestAppendIsShownWithinAFrame(t *testing.T) {
	s := newStage(t, 120, 30, nil)
	s.press("3")
	s.frames(1)
	for range 50 {
		s.write("order-1", 1)
		want := s.written()
		s.frames(1)
		if !strings.Contains(s.text(), want) {
			t.Fatalf("%s is not on the screen after one frame:\n%s", want, s.text())
		}
	}
	// Nor does what came before keep it: a flood, a filter, a pause that ended.
	s.write("order-2", 5000)
	s.write("order-1", 1)
	s.frames(1)
	s.see(s.written())
	s.press("\\", "stream=order-1", "enter")
	s.write("order-2", 3000)
	s.write("order-1", 1)
	s.frames(1)
	s.see(s.written())
	s.press(" ")
	s.write("order-1", 1)
	s.frames(1)
	s.miss(s.written())
	s.press(" ")
	s.frames(1)
	s.see(s.written())
}

// written is how the last message that the test wrote looks.
func (s *stage) written() string { return fmt.Sprintf(`{"n":%d}`, s.seeds) }

// BenchmarkAppendToRow measures the UI's own share of the way from an
// acknowledged append to the row on the screen: the question, its answer over
// the in-process connection, and the frame that is drawn. To it comes the wait
// for the question, at most 100 ms. Run it with -benchtime 500x; it reports
// the 99th percentile, and that with the longest wait for the question.
func BenchmarkAppendToRow(b *testing.B) {
	s := newStage(b, 160, 50, nil)
	s.press("3")
	s.frames(1)
	var took []time.Duration
	for b.Loop() {
		b.StopTimer()
		s.write("order-1", 1)
		want := s.written()
		b.StartTimer()
		start := time.Now()
		s.now = s.now.Add(s.app.env.Frame)
		s.send(frameMsg{s.app.clock.pace})
		took = append(took, time.Since(start))
		b.StopTimer()
		if !strings.Contains(s.app.View().Content, want) {
			b.Fatalf("%s is not on the screen", want)
		}
		b.StartTimer()
	}
	slices.Sort(took)
	p99 := took[min(len(took)*99/100, len(took)-1)]
	b.ReportMetric(float64(p99.Microseconds())/1e3, "p99-ms")
	b.ReportMetric(float64((p99+100*time.Millisecond).Microseconds())/1e3, "p99-with-wait-ms")
}
