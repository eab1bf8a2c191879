package tui

import (
	"strings"

	"github.com/evtui/evtui/tui/text"
)

// groups is the page of consumer groups: how a category falls on its members.
type groups struct{}

func newGroups() *groups { return &groups{} }

// Update implements [Pane].
func (p *groups) Update(*Turn, any) {}

// Chrome implements [Pane].
func (p *groups) Chrome(Env) Chrome { return Chrome{Crumbs: []string{"Groups"}} }

// Bindings implements [Pane].
func (p *groups) Bindings() []Binding { return nil }

// View implements [Pane].
func (p *groups) View(_ Env, w, h int) string {
	lines := make([]string, h)
	for i := range lines {
		lines[i] = text.Spaces(w)
	}
	return strings.Join(lines, "\n")
}
