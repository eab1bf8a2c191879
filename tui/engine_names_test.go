package tui

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// listed is the namespaces that the page lists: open ones, then closed ones.
func (p *enginePage) listed() (open, closed []string) {
	for _, i := range p.order {
		open = append(open, p.feed.figures.Namespaces[i].ID)
	}
	for i := range p.closed.list {
		closed = append(closed, p.closed.list[i].ID)
	}
	return open, closed
}

// TestEngineFiltersNamespaces types a filter while the list has the keys: what
// is typed bites at once, holds over refreshes and for closed namespaces, and
// hides nobody's choice.
func TestEngineFiltersNamespaces(t *testing.T) {
	p, page := engineAt(t, LookFull)
	all, _ := page.listed()
	p.send(ActionMsg{ActFilter})
	prompt := p.last.effects.prompt
	if prompt == nil || prompt.ID != namesPrompt || !prompt.Live {
		t.Fatalf("the list asks for %+v", prompt)
	}
	for text, want := range map[string][]string{"": all, "DEF": {"default"}, " prod ": {"prod"}, "p": {"prod", "empty"}, "zzz": nil} {
		p.send(PromptMsg{ID: namesPrompt, Text: text, State: PromptChanged})
		got, _ := page.listed()
		slices.Sort(got)
		want = slices.Sorted(slices.Values(want))
		if !slices.Equal(got, want) {
			t.Errorf("%q lists %q, want %q", text, got, want)
		}
	}
	p.send(PromptMsg{ID: namesPrompt, Text: "zzz", State: PromptChanged})
	if page.key == "" {
		t.Error("a filter that keeps nothing loses the namespace that is shown")
	}
	if got := ansi.Strip(p.view(t, 78, 19)); !strings.Contains(got, "none of 3 namespaces has this in its name") {
		t.Errorf("an empty list does not say why:\n%s", got)
	}
	p.send(PromptMsg{ID: namesPrompt, Text: "def", State: PromptDone})
	if page.key != "default" {
		t.Errorf("%q is shown, and not listed", page.key)
	}
	if c := page.Chrome(p.env); !slices.Contains(c.Chips, "named def") || !strings.Contains(c.Count, "2 hidden") {
		t.Errorf("the box tells %q, %q", c.Chips, c.Count)
	}
	p.later()
	if got, _ := page.listed(); !slices.Equal(got, []string{"default"}) {
		t.Errorf("after a refresh %q are listed", got)
	}
	// What is chosen elsewhere is not hidden by it.
	p.env.Namespace = "prod"
	p.send(NamespaceMsg{})
	if got, _ := page.listed(); page.names != "" || page.key != "prod" || len(got) != len(all) {
		t.Errorf("%q is entered, %q shown of %q, named %q", p.env.Namespace, page.key, got, page.names)
	}
}

// TestEngineFiltersClosedNamespaces filters the closed ones in their tab, and
// leaves the events their own filter.
func TestEngineFiltersClosedNamespaces(t *testing.T) {
	p, page := engineAt(t, LookFull)
	for page.tab != tabClosed {
		p.send(ActionMsg{ActNextTab})
	}
	p.later()
	p.send(ActionMsg{ActOpen})
	p.send(ActionMsg{ActFilter})
	p.send(PromptMsg{ID: namesPrompt, Text: "arch", State: PromptDone})
	if _, got := page.listed(); !slices.Equal(got, []string{"archive"}) {
		t.Errorf("%q are listed", got)
	}
	p.send(ActionMsg{ActOpen})
	if l := p.last.effects.goTo; l == nil || l.Namespace != "archive" {
		t.Errorf("the row under the cursor leads to %+v", l)
	}
	if saved := string(page.Save()); !strings.Contains(saved, `"names":"arch"`) {
		t.Errorf("what is kept of the page: %s", saved)
	}
	p.send(ActionMsg{ActOut})
	if _, got := page.listed(); len(got) != 2 || page.names != "" || !page.open {
		t.Errorf("esc takes the filter off first: %q listed, named %q", got, page.names)
	}
	for page.tab != tabEvents {
		p.send(ActionMsg{ActPrevTab})
	}
	p.send(ActionMsg{ActFilter})
	if prompt := p.last.effects.prompt; prompt == nil || prompt.ID != filterPrompt {
		t.Errorf("the events ask for %+v", prompt)
	}
}
