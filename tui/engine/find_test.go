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
	rows := e.names.list.Rows()
	last := rows[len(rows)-1].ID
	p.Send(page.PromptMsg{ID: kit.FinderPrompt, Text: last, State: page.PromptDone})
	if e.sight.key != last {
		t.Errorf("on %q, want %q", e.sight.key, last)
	}
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	p.Send(page.ActionMsg{Action: page.ActNextPane})
	p.Send(page.PromptMsg{ID: kit.FinderPrompt, Text: "compact", State: page.PromptDone})
	if event, ok := e.events.list.Chosen(); !ok || !strings.Contains(event.Kind, "compact") {
		t.Errorf("the cursor is on event %v", event)
	}
}
