package tui

import (
	"strings"

	"github.com/evtui/evtui/tui/text"
)

// unbuilt is a page whose subject evtui does not cover so far: it says so and
// where to look meanwhile.
type unbuilt struct {
	name  string
	lines []string
}

func newEnginePage() *unbuilt {
	return &unbuilt{name: "Engine", lines: []string{
		"The Engine page is not part of this version.",
		"The engine's rates, times and memory stand on Overview (1), its messages on Log (7).",
	}}
}

func (p *unbuilt) Update(*Turn, any) {}

func (p *unbuilt) Chrome(Env) Chrome { return Chrome{Crumbs: []string{p.name}} }

func (p *unbuilt) Bindings() []Binding { return nil }

func (p *unbuilt) View(env Env, w, h int) string {
	lines := make([]string, h)
	top := max(0, (h-len(p.lines))/2)
	for i := range lines {
		lines[i] = text.Spaces(w)
		if n := i - top; n >= 0 && n < len(p.lines) {
			lines[i] = env.Theme.Muted.Paint(text.Center(p.lines[n], w))
		}
	}
	return strings.Join(lines, "\n")
}
