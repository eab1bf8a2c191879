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
		err := promptly(t.Context(), func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		if !errors.Is(err, errSilent) || !isGone(err) {
			t.Errorf("a request without an answer: %v", err)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("known after %v", took)
		}
		broken := errors.New("broken")
		if err := promptly(t.Context(), func(context.Context) error { return broken }); !errors.Is(err, broken) {
			t.Errorf("an error of the request's own became %v", err)
		}
	})
}

// TestHeaderDatesOldFigures holds the header to the age of what it shows.
func TestHeaderDatesOldFigures(t *testing.T) {
	s := newStage(t, 120, 40, pagetest.Shop())
	s.frames(6)
	h := newHeader(s.app)
	for _, c := range []struct {
		age  time.Duration
		want string
		not  string
	}{
		{time.Second, "w/s", "old"},
		{2500 * time.Millisecond, "2 s old", "not answering"},
		{4 * time.Second, "not answering  for 4 s", "old"},
	} {
		h.age = c.age
		line := ansi.Strip(h.line(120))
		if !strings.Contains(line, c.want) || strings.Contains(line, c.not) {
			t.Errorf("figures %v old: want %q, not %q:\n%s", c.age, c.want, c.not, line)
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
