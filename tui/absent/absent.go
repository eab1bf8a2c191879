package absent

import (
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// Spec keeps a page's place and key, and shows why it cannot be filled. Its
// commands are not there: they are about an event store.
func Spec(of page.Spec) page.Spec {
	return page.Spec{Name: of.Name, Action: of.Action, New: func(page.Setup) page.Pane { return pane{of.Name} }}
}

type pane struct{ name page.Name }

// Update implements [page.Pane].
func (pane) Update(*page.Turn, any) {}

// Chrome implements [page.Pane].
func (p pane) Chrome(page.Env) page.Chrome { return page.Chrome{Crumbs: []string{string(p.name)}} }

// Bindings implements [page.Pane].
func (pane) Bindings() []page.Binding { return nil }

// View implements [page.Pane].
func (p pane) View(env page.Env, w, h int) string {
	words := []string{"", string(p.name) + " cannot be filled", ""}
	said := text.Sanitize(env.URL) + " is a Go program that serves its profiles, and no event store. What it has to show is on the page Profile."
	words = append(words, text.Wrap(said, min(w-4, 76))...)
	return strings.Join(kit.WordLines(&env.Theme, words, w, h), "\n")
}
