package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// logTables are what an engine tells that follows a log on a cluster.
func logTables() []store.Section {
	one := func(v store.SectionValue) []store.SectionValue { return []store.SectionValue{v} }
	text := func(s string, v store.Verdict) store.SectionValue {
		return store.SectionValue{Unit: store.UnitText, Text: s, Verdict: v}
	}
	count := func(n float64) store.SectionValue { return store.SectionValue{Unit: store.UnitCount, Number: n} }
	age := func(n float64) store.SectionValue { return store.SectionValue{Unit: store.UnitSeconds, Number: n} }
	at := engineNow.Add(-time.Second)
	return []store.Section{
		{Name: "copies", Title: "The log, as this evtui follows it", At: at, Rows: []store.SectionRow{
			{Name: "cut off", Key: true, Help: "Namespaces whose log is not reached.", Values: one(store.SectionValue{Unit: store.UnitCount, Number: 1, Verdict: store.VerdictWarn})},
			{Name: "behind", Key: true, Help: "Records that are still to come.", Values: one(count(12))},
		}},
		{Name: "projection", Title: "This evtui's copy of the log", At: at, Columns: []string{"sequence", "behind", "age", "void", "foreign", "state"}, Rows: []store.SectionRow{
			{Name: "default", Values: []store.SectionValue{count(88120), count(0), age(0), count(3), count(0), text("follows", store.VerdictGood)}},
			{Name: "prod", Values: []store.SectionValue{count(41), count(12), age(14), count(0), count(0), text("cut off from the log\x1b[2J", store.VerdictWarn)}},
		}},
		{Name: "servers", Title: "Servers", At: at, Columns: []string{"leads", "lag"}, Rows: []store.SectionRow{
			{Name: "db1", Values: []store.SectionValue{text("2 of 2 namespaces", ""), count(0)}},
		}},
		{Name: "levels", Title: "what the tree tells", Namespace: "prod", At: at, Elsewhere: true, Rows: []store.SectionRow{{Name: "L0", Values: one(count(7))}}},
	}
}

// logAt is the page on an engine that follows a log.
func logAt(t *testing.T, restored string) (*pagetest.Pane, *enginePage) {
	t.Helper()
	pane := newEnginePage()
	p := pagetest.New(pane, page.LookMono)
	p.Env.Now, p.Env.Namespace = engineNow, "prod"
	p.Env.Live.HasInfo, p.Env.Live.Info = true, wire.Info{Shared: true}
	p.Env.Live.HasSample = true
	p.Env.Live.Sample.Engine = &wire.EngineSample{Noticed: 1, Notices: []wire.Notice{{Namespace: "prod", State: "cut off", Age: 14e9}}}
	if restored != "" {
		p.Send(page.RestoreMsg{State: []byte(restored)})
	}
	p.Send(page.ShowMsg{})
	answer(p, nil)
	if len(pane.sight.feed.Tables) == 0 {
		t.Fatal("the page does not ask for the log's tables")
	}
	return p, pane
}

func TestLogGolden(t *testing.T) {
	p, _ := logAt(t, "")
	golden.RequireEqual(t, []byte(ansi.Strip(p.View(t, 120, 34))))
}

// TestTheLogComesFirst: the page begins with the log, where the engine follows one, tells of it what
// the tree does not, and explains it; the tree is a tab further.
func TestTheLogComesFirst(t *testing.T) {
	p, pane := logAt(t, "")
	shown := ansi.Strip(p.View(t, 120, 34))
	pagetest.Says(t, shown, " log ", " levels ", "88,120", "This evtui's copy of the log", "cut off from the log␛[2J", "2 of 2 namespaces", "! cut off")
	if strings.Index(shown, " log ") > strings.Index(shown, " levels ") {
		t.Errorf("the log is not the first tab:\n%s", shown)
	}
	if strings.Contains(shown, "what the tree tells") {
		t.Errorf("what the levels tab tells stands here as well:\n%s", shown)
	}
	figures := map[string]int{}
	for _, m := range pane.Meanings() {
		for _, f := range m.Names() {
			figures[f]++
		}
	}
	for _, want := range []string{"cut off", "behind", "sequence", "age", "state"} {
		if figures[want] != 1 {
			t.Errorf("%q is explained %d times", want, figures[want])
		}
	}
	if raw := pane.Save(); raw != nil {
		t.Errorf("what the page begins with is kept: %s", raw)
	}
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	if pane.tabs.on != tabLevels {
		t.Errorf("] leads to %s", pane.tabs.on)
	}
	pagetest.Says(t, ansi.Strip(p.View(t, 120, 34)), "L0", "memtables")
	raw := pane.Save()
	if p.Send(page.FrameMsg{}); pane.tabs.on != tabLevels {
		t.Errorf("the tab that was chosen is left for %s", pane.tabs.on)
	}
	if _, again := logAt(t, string(raw)); again.tabs.on != tabLevels {
		t.Errorf("%s is restored as %s", raw, again.tabs.on)
	}
	p.Send(page.ActionMsg{Action: page.ActPrevTab})
	p.Send(page.ActionMsg{Action: page.ActPrevTab})
	if pane.tabs.on != tabStorage {
		t.Errorf("[ from the log leads to %s", pane.tabs.on)
	}
}

// TestTheLogIsLeftWithItsServer: on a server whose engine has a log of its own there is no such tab.
func TestTheLogIsLeftWithItsServer(t *testing.T) {
	p, pane := logAt(t, "")
	p.Env.Live.Info.Shared = false
	p.Send(page.FrameMsg{})
	if shown := ansi.Strip(p.View(t, 120, 34)); pane.tabs.on != tabLevels || strings.Contains(shown, " log  levels") {
		t.Errorf("%s is left, in\n%s", pane.tabs.on, shown)
	}
	for tab, want := range map[bool]engineTab{true: tabStorage, false: tabEvents} {
		action := page.ActNextTab
		if tab {
			action = page.ActPrevTab
		}
		_, other := engineAt(t, page.LookMono)
		p := pagetest.New(other, page.LookMono)
		p.Send(page.ActionMsg{Action: action})
		if other.tabs.on != want {
			t.Errorf("%v leads to %s, want %s", action, other.tabs.on, want)
		}
	}
}

// TestTheLogOfThen: with the time cursor the tab has what each second keeps of it.
func TestTheLogOfThen(t *testing.T) {
	p, _ := logAt(t, "")
	at := engineNow.Add(-301 * time.Second)
	second := pastSecond(at)
	second.Values = []wire.SampledValue{{Section: "copies", Name: "oldest read", Unit: "seconds", Number: 14, Verdict: "warn"}}
	asOf(p, second)
	pagetest.Says(t, ansi.Strip(p.View(t, 120, 34)), "what each second keeps", "oldest read", "! 14 s")
}
