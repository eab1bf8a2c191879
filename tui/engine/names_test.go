package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// listed is the namespaces that the page lists: open ones, then closed ones.
func (p *enginePage) listed() (open, closed []string) {
	for _, n := range p.names.list.Rows() {
		open = append(open, n.ID)
	}
	for _, n := range p.closed.list.Rows() {
		closed = append(closed, n.ID)
	}
	return open, closed
}

// TestEngineFiltersNamespaces types a filter while the list has the keys: what
// is typed bites at once, holds over refreshes and for closed namespaces, and
// hides nobody's choice.
func TestEngineFiltersNamespaces(t *testing.T) {
	p, pane := engineAt(t, page.LookFull)
	all, _ := pane.listed()
	p.Send(page.ActionMsg{Action: page.ActFilter})
	prompt := p.Last.Wishes().Prompt
	if prompt == nil || prompt.ID != namesPrompt || !prompt.Live {
		t.Fatalf("the list asks for %+v", prompt)
	}
	for text, want := range map[string][]string{"": all, "DEF": {"default"}, " prod ": {"prod"}, "p": {"prod", "empty"}, "zzz": nil} {
		p.Send(page.PromptMsg{ID: namesPrompt, Text: text, State: page.PromptChanged})
		got, _ := pane.listed()
		slices.Sort(got)
		want = slices.Sorted(slices.Values(want))
		if !slices.Equal(got, want) {
			t.Errorf("%q lists %q, want %q", text, got, want)
		}
	}
	p.Send(page.PromptMsg{ID: namesPrompt, Text: "zzz", State: page.PromptChanged})
	if pane.sight.key == "" {
		t.Error("a filter that keeps nothing loses the namespace that is shown")
	}
	if got := ansi.Strip(p.View(t, 78, 19)); !strings.Contains(got, "none of 3 namespaces match") {
		t.Errorf("an empty list does not say why:\n%s", got)
	}
	p.Send(page.PromptMsg{ID: namesPrompt, Text: "def", State: page.PromptDone})
	if pane.sight.key != "default" {
		t.Errorf("%q is shown, and not listed", pane.sight.key)
	}
	if c := pane.Chrome(p.Env); !slices.Contains(c.Chips, "named def") || !strings.Contains(c.Count, "2 hidden") {
		t.Errorf("the box tells %q, %q", c.Chips, c.Count)
	}
	later(p)
	if got, _ := pane.listed(); !slices.Equal(got, []string{"default"}) {
		t.Errorf("after a refresh %q are listed", got)
	}
	// What is chosen elsewhere is not hidden by it.
	p.Env.Namespace = "prod"
	p.Send(page.NamespaceMsg{})
	if got, _ := pane.listed(); pane.names.find != "" || pane.sight.key != "prod" || len(got) != len(all) {
		t.Errorf("%q is entered, %q shown of %q, named %q", p.Env.Namespace, pane.sight.key, got, pane.names.find)
	}
}

// TestEventsOfWhatIsNotOpenChooseNothing: enter on the event of a namespace that is not
// listed, or of none, leaves what is chosen and says why; a filter stays.
func TestEventsOfWhatIsNotOpenChooseNothing(t *testing.T) {
	p, pane := engineAt(t, page.LookFull)
	p.Send(page.PromptMsg{ID: namesPrompt, Text: "default", State: page.PromptDone})
	pane.sight.feed.Add([]store.EngineEvent{{Seq: 9, Time: engineNow, Namespace: "dropped", Kind: store.EventDeleted}})
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	p.Send(page.ActionMsg{Action: page.ActOpen})
	enter := func(event string) []page.Toast {
		p.Send(page.PromptMsg{ID: kit.FilterPrompt, Text: event})
		p.Send(page.ActionMsg{Action: page.ActOpen})
		return p.Last.Wishes().Toasts
	}
	for event, want := range map[string]string{
		"closed": "old\x1b[2J is closed: the server opens a namespace on first use", "profile": "profile belongs to no namespace", "deleted": "dropped was deleted",
	} {
		if toasts := enter(event); len(toasts) != 1 || toasts[0].Text != want {
			t.Errorf("%s says %v, want %q", event, toasts, want)
		}
		if pane.sight.key != "default" || pane.names.find != "default" {
			t.Errorf("%s chooses %q, filtered by %q", event, pane.sight.key, pane.names.find)
		}
	}
	if toasts := enter("ns:prod opened"); len(toasts) != 0 || pane.sight.key != "prod" || pane.names.find != "" {
		t.Errorf("an open one: %q is chosen, filtered by %q, %v", pane.sight.key, pane.names.find, toasts)
	}
}

// TestCopyingTakesTheNameUnderTheCursor: in the lists of namespaces, open and closed, and
// of events it is the row's; elsewhere that of the namespace that is shown.
func TestCopyingTakesTheNameUnderTheCursor(t *testing.T) {
	p, pane := engineAt(t, page.LookFull)
	copied := func() string {
		p.Send(page.ActionMsg{Action: page.ActCopyValue})
		if c := p.Last.Wishes().Copied; c != nil {
			return c.Text
		}
		return ""
	}
	for _, c := range []struct {
		tab        engineTab
		open       bool
		down, name string
	}{
		{tabClosed, false, "", "prod"}, {tabClosed, true, "", "archive"}, {tabClosed, true, "down", "old\x1b[2J"},
		{tabEvents, true, "", "old\x1b[2J"}, {tabEvents, true, "down", ""}, {tabEvents, true, "down", "default"}, {tabSubscriptions, true, "", "prod"},
	} {
		pane.tabs.on, pane.open = c.tab, c.open
		later(p)
		p.View(t, 78, 19)
		if c.down != "" {
			p.Send(page.ActionMsg{Action: page.ActDown})
		}
		if got := copied(); got != c.name {
			t.Errorf("%s, open: %v: %q is copied, want %q", c.tab, c.open, got, c.name)
		}
	}
	pane.tabs.on, pane.open = tabClosed, true
	p.Send(page.PromptMsg{ID: namesPrompt, Text: "zzz", State: page.PromptDone})
	if got := copied(); got != "" {
		t.Errorf("no row is listed, and %q is copied", got)
	}
}

// TestEngineFiltersClosedNamespaces filters the closed ones in their tab, and
// leaves the events their own filter.
func TestEngineFiltersClosedNamespaces(t *testing.T) {
	p, pane := engineAt(t, page.LookFull)
	for pane.tabs.on != tabClosed {
		p.Send(page.ActionMsg{Action: page.ActNextTab})
	}
	later(p)
	p.Send(page.ActionMsg{Action: page.ActOpen})
	p.Send(page.ActionMsg{Action: page.ActFilter})
	p.Send(page.PromptMsg{ID: namesPrompt, Text: "arch", State: page.PromptDone})
	if _, got := pane.listed(); !slices.Equal(got, []string{"archive"}) {
		t.Errorf("%q are listed", got)
	}
	p.Send(page.ActionMsg{Action: page.ActOpen})
	if l := p.Last.Wishes().GoTo; l == nil || l.Namespace != "archive" {
		t.Errorf("the row under the cursor leads to %+v", l)
	}
	if saved := string(pane.Save()); !strings.Contains(saved, `"names":"arch"`) {
		t.Errorf("what is kept of the page: %s", saved)
	}
	p.Send(page.ActionMsg{Action: page.ActOut})
	if _, got := pane.listed(); len(got) != 2 || pane.names.find != "" || !pane.open {
		t.Errorf("esc takes the filter off first: %q listed, named %q", got, pane.names.find)
	}
	for pane.tabs.on != tabEvents {
		p.Send(page.ActionMsg{Action: page.ActPrevTab})
	}
	p.Send(page.ActionMsg{Action: page.ActFilter})
	if prompt := p.Last.Wishes().Prompt; prompt == nil || prompt.ID != kit.FilterPrompt {
		t.Errorf("the events ask for %+v", prompt)
	}
}
