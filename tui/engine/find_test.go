package engine

import (
	"strings"
	"testing"

	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// TestEngineFind searches the list, then the events.
func TestEngineFind(t *testing.T) {
	p, e := engineAt(t, page.LookFull)
	p.View(t, 118, 35)
	p.Send(page.ActionMsg{Action: page.ActSearch})
	if p.Last.Wishes().Prompt == nil {
		t.Fatal("no prompt")
	}
	last := e.feed.Figures.Namespaces[e.order[len(e.order)-1]].ID
	p.Send(page.PromptMsg{ID: kit.FinderPrompt, Text: last, State: page.PromptDone})
	if e.key != last {
		t.Errorf("on %q, want %q", e.key, last)
	}
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	p.Send(page.ActionMsg{Action: page.ActNextPane})
	p.Send(page.PromptMsg{ID: kit.FinderPrompt, Text: "compact", State: page.PromptDone})
	if row := e.events.Cursor(); row < 0 || e.feed.Events[e.found[row]].Kind != "compact" && !strings.Contains(e.feed.Events[e.found[row]].Kind, "compact") {
		t.Errorf("the cursor is on event %d", row)
	}
}
