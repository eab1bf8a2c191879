package engine

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// serverTables are what an engine without a tree tells of itself.
func serverTables() []store.Section {
	one := func(v store.SectionValue) []store.SectionValue { return []store.SectionValue{v} }
	text := func(s string) store.SectionValue { return store.SectionValue{Unit: store.UnitText, Text: s} }
	at := engineNow.Add(-time.Second)
	return []store.Section{
		{Name: "server", Title: "PostgreSQL 16.2", At: at, Rows: []store.SectionRow{
			{Name: "connections", Help: "connections of all databases.", Values: one(store.SectionValue{Unit: store.UnitCount, Number: 12, Text: "of 100", Verdict: store.VerdictGood})},
			{Name: "temporary files", Values: one(store.SectionValue{})},
		}},
		{Name: "locks", Title: "locks", At: at, Columns: []string{"of", "for", "held up by"}, Rows: []store.SectionRow{
			{Name: "waits for category account", Values: []store.SectionValue{text("process 71 of shop"), {Unit: store.UnitSeconds, Number: 12.5, Verdict: store.VerdictBad}, text("process 70 of \x1b[2Jbatch")}},
			{Name: "holds category account", Values: []store.SectionValue{text("process 70 of batch"), {Unit: store.UnitSeconds, Number: 0.25}, {}}},
		}},
		{Name: "messages", Title: "table message_store.messages", Namespace: "prod", At: engineNow.Add(-time.Minute), Fault: "the role may not read there", Rows: []store.SectionRow{
			{Name: "dead rows", Values: one(store.SectionValue{Unit: store.UnitCount, Number: 1200, Text: "34 % of all", Verdict: store.VerdictWarn})},
			{Name: "table", Values: one(store.SectionValue{Unit: store.UnitBytes, Number: 1.5e9})},
			{Name: "cache hits", Values: one(store.SectionValue{Unit: store.UnitShare, Number: 0.9931})},
		}},
		{Name: "messages", Title: "table of another namespace", Namespace: "other", At: at},
		{Name: "head", Title: "settled head 900", Namespace: "prod", Lacks: "GRANT pg_monitor TO guest", Columns: []string{"for"}},
	}
}

// tablesAt is the page on an engine that has tables alone.
func tablesAt(t *testing.T, look page.Look) (*pagetest.Pane, *enginePage) {
	t.Helper()
	pane := newEnginePage()
	p := pagetest.New(pane, look)
	p.Env.Now, p.Env.Namespace = engineNow, "prod"
	p.Send(page.ShowMsg{})
	answer(p, store.ErrNotOffered)
	if pane.sight.feed.Refused == "" {
		t.Fatal("the figures are not refused")
	}
	for _, ask := range p.Send(page.FrameMsg{}) {
		if ask.Gen == pane.sight.feed.TablesGen {
			p.Send(page.Reply{Gen: ask.Gen, Value: serverTables()})
		}
	}
	return p, pane
}

func TestTablesGolden(t *testing.T) {
	p, _ := tablesAt(t, page.LookMono)
	golden.RequireEqual(t, []byte(ansi.Strip(p.View(t, 110, 30))))
}

// TestTablesTellWhatIsWrong checks what stands on the page, that the keys go through it,
// and what the figures mean.
func TestTablesTellWhatIsWrong(t *testing.T) {
	p, pane := tablesAt(t, page.LookMono)
	shown := ansi.Strip(p.View(t, 120, 34))
	for _, want := range []string{
		"look at: waits for category account, dead rows, table message_store.messages cannot be measured", " engine ", "PostgreSQL 16.2", "12 of 100",
		"process 70 of ␛[2Jbatch", "12.5 s", "1,200 34 % of all", "1.5 GB", "99.3 %", "! measured                ", "1m 00s ago", "✗ cannot be measured", "the role may not read there", "GRANT pg_monitor TO guest",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("no %q in\n%s", want, shown)
		}
	}
	if strings.Contains(shown, "another namespace") || strings.Contains(shown, "levels") {
		t.Errorf("too much:\n%s", shown)
	}
	before := pane.tables.list.Cursor()
	p.Send(page.ActionMsg{Action: page.ActDown})
	if pane.tables.list.Cursor() != before+1 {
		t.Errorf("the cursor went from %d to %d", before, pane.tables.list.Cursor())
	}
	if pane.CursorFigure() != "connections" || len(pane.Meanings()) != 1 || pane.Meanings()[0].Words != "connections of all databases." {
		t.Errorf("on %q, meanings %+v", pane.CursorFigure(), pane.Meanings())
	}
	p.Send(page.ActionMsg{Action: page.ActSort}) // sections stay sections
	if w := p.Last.Wishes(); w.Prompt != nil || len(w.Toasts) != 1 || w.Toasts[0].Text != "engine has an order of its own" {
		t.Errorf("to be sorted, it asks %+v and says %+v", w.Prompt, w.Toasts)
	}
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	if shown = ansi.Strip(p.View(t, 120, 30)); pane.tabs.on != tabEvents || strings.Contains(shown, "connections") {
		t.Errorf("the next tab:\n%s", shown)
	}
}

// TestTablesAreNotOffered is a server of before that has none, and one that fails.
func TestTablesAreNotOffered(t *testing.T) {
	pane := newEnginePage()
	p := pagetest.New(pane, page.LookMono)
	p.Env.Now, p.Env.Namespace = engineNow, "prod"
	p.Send(page.ShowMsg{})
	answer(p, store.ErrNotOffered)
	reply := func(err error) {
		for _, ask := range p.Send(page.FrameMsg{}) {
			if ask.Gen == pane.sight.feed.TablesGen {
				p.Send(page.Reply{Gen: ask.Gen, Err: err})
			}
		}
	}
	reply(errors.New("torn"))
	if pane.sight.feed.Fault != "torn" {
		t.Errorf("a fault: %q", pane.sight.feed.Fault)
	}
	p.Env.Now = p.Env.Now.Add(2 * time.Second)
	reply(&client.Error{Code: wire.MethodNotFound, Status: 404})
	p.Env.Now = p.Env.Now.Add(2 * time.Second)
	for _, ask := range p.Send(page.FrameMsg{}) {
		if ask.Gen == pane.sight.feed.TablesGen {
			t.Error("what is not offered is asked for again")
		}
	}
	if shown := ansi.Strip(p.View(t, 100, 20)); !strings.Contains(shown, "not offered by this server") {
		t.Errorf("without anything:\n%s", shown)
	}
}

// TestTablesOfThen shows what a sample of the past kept of them.
func TestTablesOfThen(t *testing.T) {
	p, pane := tablesAt(t, page.LookMono)
	then := engineNow.Add(-10 * time.Second)
	p.Env.Past.Add(wire.Sample{Time: then, Values: []wire.SampledValue{
		{Section: "server", Name: "connections", Unit: "count", Number: 97, Text: "of 100", Verdict: "bad"},
		{Section: "messages", Namespace: "other", Name: "hidden", Unit: "count", Number: 1},
	}})
	p.Env.At = then
	p.Send(page.AtMsg{})
	shown := ansi.Strip(p.View(t, 100, 20))
	if !pane.inPast() || !strings.Contains(shown, "97 of 100") || strings.Contains(shown, "hidden") {
		t.Errorf("at a second of the past:\n%s", shown)
	}
}

// TestEnterMeansTheTabThatStandsAlone: where there are tables alone, enter does in a tab
// what it says, without another key before.
func TestEnterMeansTheTabThatStandsAlone(t *testing.T) {
	p, pane := tablesAt(t, page.LookMono)
	p.Send(page.ActionMsg{Action: page.ActPrevTab})
	p.View(t, 78, 19)
	p.Send(page.ActionMsg{Action: page.ActOpen})
	if pane.tabs.on != tabStorage || pane.storage.gen == 0 {
		t.Errorf("enter on %s measures nothing", pane.tabs.on)
	}
	if pane.open {
		t.Error("there is no list to be back at")
	}
}
