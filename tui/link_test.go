package tui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/tui/page/pagetest"
)

// TestSilentIsNotGone lets a request hang, and one end with an error of its
// own: only the first is a server that does not answer.
func TestSilentIsNotGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := promptly(t.Context(), func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, ctx.Err() })
		if !errors.Is(err, errSilent) || !isGone(err) {
			t.Errorf("a request without an answer: %v", err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("known after %v", took)
		}
		broken := errors.New("broken")
		if _, err := promptly(t.Context(), func(context.Context) (int, error) { return 0, broken }); !errors.Is(err, broken) {
			t.Errorf("an error of the request's own became %v", err)
		}
	})
}

// TestTheScreenDatesWhatItShows holds header and frame to one word for how the
// server answers, and to the age of what it said.
func TestTheScreenDatesWhatItShows(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.frames(6)
	said := s.app.link // answers at once
	ago := func(d time.Duration) time.Time { return s.now.Add(-d) }
	for _, c := range []struct {
		name      string
		link      func(l *link)
		want, not []string
	}{
		{"fresh", func(l *link) { l.heardOf, l.figured = ago(time.Second), ago(time.Second) }, []string{"w/s"}, []string{"old"}},
		{"dated", func(l *link) { l.heardOf, l.figured = ago(2500*time.Millisecond), ago(2500*time.Millisecond) }, []string{"2 s old"}, []string{"not answering"}},
		{"slow", func(l *link) { l.took, l.heardOf = 2*time.Second, ago(2200*time.Millisecond) }, []string{"answers take 2 s", "2 s old"}, []string{"not answering"}},
		{"silent", func(l *link) { l.fault, l.since = errSilent, ago(4*time.Second) }, []string{"not answering", "for 4 s"}, []string{"old", "reconnecting"}},
		{"garbled", func(l *link) { l.fault, l.since = errGarbled, ago(70*time.Second) }, []string{"answers not understood", "for 1m 10s"}, []string{"old"}},
		{"gone", func(l *link) { l.fault, l.since = errors.New("refused"), ago(time.Second) }, []string{"reconnecting…", "for 1 s"}, []string{"not answering"}},
	} {
		s.app.link = said
		c.link(&s.app.link)
		s.app.screen.touch()
		lines := strings.Split(s.text(), "\n")
		header, frame := lines[0], lines[bodyRow]
		for _, want := range c.want {
			if !strings.Contains(header, want) {
				t.Errorf("%s: the header does not say %q:\n%s", c.name, want, header)
			}
			if c.name != "fresh" && !strings.Contains(frame, want) {
				t.Errorf("%s: the frame does not say %q:\n%s", c.name, want, frame)
			}
		}
		for _, not := range c.not {
			if strings.Contains(header, not) || strings.Contains(frame, not) {
				t.Errorf("%s: the screen says %q:\n%s\n%s", c.name, not, header, frame)
			}
		}
	}
}

// TestWarningsOutliveEveryWidth narrows the header until only warnings are left.
func TestWarningsOutliveEveryWidth(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.frames(6)
	s.app.env.Live.HasInfo, s.app.env.Live.Info.Durability, s.app.env.Live.Info.Exposed = true, "interval", true
	s.app.env.ReadOnly = true
	h := newHeader(s.app)
	for w := 140; w >= 60; w-- {
		line := ansi.Strip(h.line(w))
		for _, warning := range []string{"interval", "no TLS", "read-only"} {
			if !strings.Contains(line, warning) {
				t.Fatalf("at %d columns %q is dropped:\n%s", w, warning, line)
			}
		}
	}
}
