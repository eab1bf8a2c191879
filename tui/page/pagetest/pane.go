package pagetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/tui/page"
)

// Start is the first second of the tests' past.
var Start = time.Date(2026, 11, 23, 13, 52, 7, 3e6, time.UTC)

// Pane is a pane under test with its environment.
type Pane struct {
	Pane page.Pane
	Env  page.Env
	Last *page.Turn
}

// New is a pane in an environment of its own: dark, 78×19 cells, connected, and
// with no past yet.
func New(p page.Pane, look page.Look) *Pane {
	return &Pane{Pane: p, Env: page.Env{
		Namespace: "default", Theme: page.NewTheme(true, look, false), Width: 78, Height: 19, Now: Start,
		Live: page.Live{Connected: true}, Past: &page.Past{}, Links: causes.BuiltIn(),
	}}
}

// Send delivers a message and returns what the pane asked for.
func (p *Pane) Send(msg any) []page.Ask {
	p.Last = &page.Turn{Env: p.Env}
	p.Pane.Update(p.Last, msg)
	asks := p.Last.Wishes().Asks
	if at := p.Last.Wishes().At; at != nil && !at.Equal(p.Env.At) {
		p.Env.At = *at
		asks = append(asks, p.Send(page.AtMsg{})...)
	}
	return asks
}

// View draws the pane and checks that it is exact.
func (p *Pane) View(t *testing.T, w, h int) string {
	t.Helper()
	p.Env.Layout, p.Env.Width, p.Env.Height = page.LayoutFor(w+2, h+5), w, h
	view := p.Pane.View(p.Env, w, h)
	if err := exact(view, w, h); err != nil {
		t.Fatal(err)
	}
	return view
}

// exact reports a view that does not have exactly its lines and cells.
func exact(view string, w, h int) error {
	lines := strings.Split(view, "\n")
	if len(lines) != h {
		return fmt.Errorf("%dx%d: %d lines", w, h, len(lines))
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n != w {
			return fmt.Errorf("%dx%d: line %d is %d cells: %q", w, h, i, n, ansi.Strip(l))
		}
	}
	return nil
}
