package server_test

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
)

func TestLogRingPassesOnAndKeeps(t *testing.T) {
	var text logText
	ring := server.NewLogRing(10, slog.LevelInfo, slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelWarn}))
	log := slog.New(ring)
	log.Debug("too fine")
	log.Info("kept", "time", "x", "level", 5, "msg", "y")
	log.With("a", 1).WithGroup("g").With("b", 2).Warn("nested", "c", 3)
	log.WithGroup("").Error("failed", "err", errors.New("why"))
	log.Info("bare")
	var got []string
	for _, l := range ring.After(0, 100) {
		got = append(got, fmt.Sprintf("%d %s %s %s", l.Seq, l.Level, l.Text, l.Attrs))
		if time.Since(l.Time) > time.Minute || l.Time.Location() != time.UTC {
			t.Errorf("the time is %v", l.Time)
		}
	}
	want := []string{
		`1 INFO kept {"time":"x","level":5,"msg":"y"}`,
		`2 WARN nested {"a":1,"g":{"b":2,"c":3}}`,
		`3 ERROR failed {"err":"why"}`,
		`4 INFO bare `,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if passed := text.String(); strings.Contains(passed, "kept") || !strings.Contains(passed, "a=1 g.b=2 g.c=3") || !strings.Contains(passed, "failed") {
		t.Errorf("passed on: %s", passed)
	}
}

func TestLogRingUnderLoad(t *testing.T) {
	ring := server.NewLogRing(50, nil, nil)
	log := slog.New(ring)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 500 {
				log.Info("line", "w", w, "i", i)
			}
		})
	}
	wg.Go(func() {
		last := uint64(0)
		for last < 2000 {
			for _, l := range ring.After(last, 7) {
				if l.Seq <= last {
					t.Errorf("line %d follows %d", l.Seq, last)
				}
				last = l.Seq
			}
			runtime.Gosched()
		}
	})
	wg.Wait()
}
