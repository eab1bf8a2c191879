package tui

import (
	"strings"

	"github.com/evtui/evtui/tui/text"
)

// overview is the first page: how the engine does.
type overview struct{}

func newOverview() *overview { return &overview{} }

// Update implements [Pane].
func (p *overview) Update(*Turn, any) {}

// Chrome implements [Pane].
func (p *overview) Chrome(Env) Chrome { return Chrome{Crumbs: []string{"Overview"}} }

// Bindings implements [Pane].
func (p *overview) Bindings() []Binding { return nil }

// View implements [Pane].
func (p *overview) View(env Env, w, h int) string {
	lines := make([]string, h)
	for i := range lines {
		lines[i] = text.Spaces(w)
	}
	lines[0] = text.Fit(text.Rate(env.Live.Sample.Appends)+" appended", w)
	return strings.Join(lines, "\n")
}
