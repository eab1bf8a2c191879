package engine

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// pastSecond is a second in which the engine was under pressure.
func pastSecond(at time.Time) wire.Sample {
	return wire.Sample{
		Time: at, Appends: 8120, Reads: 400, DiskFree: 18e9, DiskSize: 120e9,
		Namespaces: []wire.NamespaceRate{{Namespace: "prod", Appends: 8000, Reads: 400}, {Namespace: "test\u202e", Appends: 120}},
		Engine: &wire.EngineSample{
			Open: 2, Known: 12, MaxOpen: 64, DiskBytes: 1.1e9, WALBytes: 31e6, MemtableBytes: 40 << 20, Debt: 210e6, Compacting: 2,
			Sublevels: 17, SublevelsStop: 20, SublevelsIn: "prod", Memtables: 3, MemtablesStop: 4, ReadAmp: 20, FsyncP99: 31e6, Stalled: 1,
			CacheBytes: 30e6, CacheCapacity: 48 << 20, CacheLookups: 1000, CacheHits: 874, FilesOpen: 88, OpenedSince: 1,
		},
	}
}

// asOf puts the time cursor on a second.
func asOf(p *pagetest.Pane, second wire.Sample) {
	p.Env.Past.Add(second)
	p.Env.At = second.Time
	p.Send(page.AtMsg{})
}

func TestEngineAsOfThen(t *testing.T) {
	p, pane := engineAt(t, page.LookFull)
	at := engineNow.Add(-301 * time.Second)
	asOf(p, pastSecond(at))
	got := ansi.Strip(p.View(t, 118, 35))
	for _, want := range []string{
		"2 of 12 namespaces open then", "87.4% hits", "all open namespaces together; history is not kept per namespace", "! 1 stalled", "17 of 20", "in prod",
		"210 MB debt, 2 compactions running", "p99 ≤31 ms", "18 GB left", "8,120/s appended, 400/s read", "busiest then", "8,000", "latest then", "flush",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	if strings.Contains(got, "compaction     ") || strings.Contains(got, "\u202e") || !pane.Chrome(p.Env).AsOf {
		t.Errorf("what was later, or a bidi mark:\n%s", got)
	}
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	if got := ansi.Strip(p.View(t, 118, 35)); strings.Contains(got, "stall") || !strings.Contains(got, "opened") || len(pane.events.list.Rows()) != 2 {
		t.Errorf("events after the cursor are listed, %d in all:\n%s", len(pane.events.list.Rows()), got)
	}
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	if pane.Chrome(p.Env).AsOf {
		t.Error("subscriptions are of now")
	}
	p.Env.At = engineNow.Add(-2 * time.Hour)
	p.Send(page.AtMsg{})
	pane.tabs.on = tabLevels
	if got := ansi.Strip(p.View(t, 78, 19)); !strings.Contains(got, "are unknown") || !strings.Contains(got, "the server keeps an hour") {
		t.Errorf("two hours ago:\n%s", got)
	}
	p.Env.At = time.Time{}
	p.Send(page.AtMsg{})
	if got := ansi.Strip(p.View(t, 118, 35)); pane.Chrome(p.Env).AsOf || strings.Contains(got, "then") || len(pane.events.list.Rows()) != 8 {
		t.Errorf("live again:\n%s", got)
	}
}

// TestMemtablesOfThenHaveNoLimit: so many young ones are no matter, so their number
// stands against none.
func TestMemtablesOfThenHaveNoLimit(t *testing.T) {
	p, _ := engineAt(t, page.LookFull)
	at := engineNow.Add(-301 * time.Second)
	second := pastSecond(at)
	second.Engine.MemtableBytes, second.Engine.Memtables, second.Engine.Stalled = 8_130_000, 5, 0
	asOf(p, second)
	screen := p.View(t, 118, 35)
	pagetest.Says(t, screen, "state healthy", "memtables 8.13 MB in total, up to 5 in a namespace")
	if got := ansi.Strip(screen); strings.Contains(got, "5 of 4") {
		t.Errorf("a number of memtables is over its limit, and all is healthy:\n%s", got)
	}
}

// TestTheTabOfThenHasTheKeys: no list stands beside a tab of the past, so the cursor is in
// it from the start, enter means its row, and nothing leads to a list.
func TestTheTabOfThenHasTheKeys(t *testing.T) {
	p, pane := engineAt(t, page.LookFull)
	at := engineNow.Add(-30 * time.Second)
	asOf(p, pastSecond(at))
	offered := func() string {
		var words []string
		for _, b := range pane.Bindings() {
			words = append(words, b.Hint)
		}
		return strings.Join(words, " ")
	}
	if strings.Contains(offered(), "list/tab") || strings.Contains(offered(), "open") {
		t.Errorf("levels of then offer %q", offered())
	}
	p.Send(page.ActionMsg{Action: page.ActSort})
	if toasts := p.Last.Wishes().Toasts; len(toasts) != 1 || strings.Contains(toasts[0].Text, "the list") {
		t.Errorf("sorting levels of then says %v", toasts)
	}
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	if !strings.Contains(offered(), "choose") {
		t.Errorf("events of then offer %q", offered())
	}
	pagetest.Says(t, p.View(t, 118, 35), "▌ 14:01:37 ◎ profile")
	p.Send(page.ActionMsg{Action: page.ActDown})
	p.Send(page.ActionMsg{Action: page.ActOpen})
	if toasts := p.Last.Wishes().Toasts; pane.sight.key != "default" || len(toasts) != 1 || toasts[0].Text != "default is selected" {
		t.Errorf("enter on default's event: %q is chosen, %v", pane.sight.key, toasts)
	}
	p.Send(tea.MouseClickMsg{X: 20, Y: 6, Button: tea.MouseLeft})
	p.Send(page.ActionMsg{Action: page.ActNextPane})
	p.Env.At = time.Time{}
	p.Send(page.AtMsg{})
	if pane.open {
		t.Error("what cannot be seen in the past goes to the tab")
	}
}

func TestEngineSaysWhyNamespacesAreClosed(t *testing.T) {
	p, pane := engineAt(t, page.LookFull)
	pane.tabs.on = tabClosed
	later(p)
	got := ansi.Strip(p.View(t, 118, 35))
	for _, want := range []string{"archive", "not used since the server started", "1d ago", "12,004", "old␛[2J", "14:02:02", "idle"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	pane.sight.feed.Add([]store.EngineEvent{{Seq: 9, Time: engineNow, Namespace: "archive", Kind: store.EventClosed, Reason: "made room for another"}})
	pane.closed.sift(pane.names.keeps)
	if got := ansi.Strip(p.View(t, 118, 35)); !strings.Contains(got, "made room for another") {
		t.Errorf("the engine's own reason is missing:\n%s", got)
	}
	p.Send(page.ActionMsg{Action: page.ActOpen})
	p.Send(page.ActionMsg{Action: page.ActOpen})
	if l := p.Last.Wishes().GoTo; l == nil || l.Namespace != "archive" {
		t.Errorf("enter goes to %+v", l)
	}
}

func TestEngineListIsOrderedByAClick(t *testing.T) {
	p, page := engineAt(t, page.LookFull)
	first := func() string { return page.names.list.Rows()[0].ID }
	click := func(head string) {
		t.Helper()
		lines := strings.Split(ansi.Strip(p.View(t, 118, 35)), "\n")
		y := page.areas(118, 35).list.Y
		x := strings.Index(lines[y], head)
		if x < 0 {
			t.Fatalf("no head %q in %q", head, lines[y])
		}
		p.Send(tea.MouseClickMsg{X: ansi.StringWidth(lines[y][:x]), Y: y, Button: tea.MouseLeft})
	}
	if first() != "prod" {
		t.Fatalf("worst is %q", first())
	}
	click("namespace")
	if first() != "default" {
		t.Errorf("by name %q is first", first())
	}
	click("disk")
	if first() != "prod" {
		t.Errorf("most on disk has %q", first())
	}
	click("disk")
	if first() != "empty" {
		t.Errorf("least on disk has %q", first())
	}
	later(p)
	if first() != "empty" {
		t.Errorf("the next look forgets the order: %q", first())
	}
	click("disk")
	if first() != "prod" || page.sight.key != "prod" {
		t.Errorf("worst is %q, chosen %q", first(), page.sight.key)
	}
}
