package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// engineNow is when the tests of the engine's page look.
var engineNow = time.Date(2026, 11, 23, 14, 2, 7, 0, time.UTC)

// treeOf makes up a namespace whose sizes grow by ten a level from L0 on.
func treeOf(id string, sub int, l0 int64) store.NamespaceFigures {
	n := store.NamespaceFigures{
		ID: id, Messages: 3_120_004, Subscriptions: 3, ReadAmp: sub + 3,
		Limits:        store.Limits{CompactAtSublevels: 4, StopAtSublevels: 20, StopAtMemtables: 4, MemtableBytes: 16 << 20},
		MemtableBytes: 12 << 20, Memtables: 1,
		WAL:     store.WALFigures{Files: 2, Size: 14e6, BytesIn: 1.2e9, BytesWritten: 1.25e9},
		Flushes: 81, Compactions: 34, Debt: 12.4e6, FilterHits: 9310, FilterMisses: 690,
		FsyncP50: 900 * time.Microsecond, FsyncP99: 4200 * time.Microsecond, Fsyncs: 88123, Uptime: 2*time.Hour + 5*time.Minute,
	}
	for level := range 7 {
		l := store.Level{Level: level}
		switch {
		case level == 0:
			l = store.Level{Sublevels: sub, Tables: int64(sub), Size: l0, Score: float64(sub) / 4, BytesIn: 1.1e9, Written: 1.1e9, WriteAmp: 1}
		case level >= 4:
			l.Size = l0
			for range level - 3 {
				l.Size *= 10
			}
			l.Tables, l.Score, l.WriteAmp = l.Size/2e6+1, 0.41, 2.5+float64(level)/10
			l.BytesIn, l.BytesRead, l.BytesMoved, l.Written = 1e9, 2.5e9, 1e7, 2.2e9
		}
		n.Levels = append(n.Levels, l)
		n.DiskBytes += l.Size
	}
	return n
}

func engineFigures() store.EngineFigures {
	calm, empty := treeOf("default", 2, 4e6), store.NamespaceFigures{ID: "empty", Levels: make([]store.Level, 7)}
	empty.Limits = calm.Limits
	busy := treeOf("prod", 16, 61e6)
	busy.Compacting = 1
	return store.EngineFigures{
		Namespaces: []store.NamespaceFigures{calm, empty, busy}, Known: 12, MaxOpen: 64, Opened: 14, Closed: 11,
		BlockCache: store.CacheFigures{Size: 41e6, Capacity: 48 << 20, Count: 5000, Hits: 981, Misses: 19},
		FileCache:  store.CacheFigures{Count: 120, Hits: 4, Misses: 1},
	}
}

func engineEvents() []store.EngineEvent {
	at := func(back int) time.Time { return engineNow.Add(-time.Duration(back) * time.Second) }
	return []store.EngineEvent{
		{Seq: 1, Time: at(500), Namespace: "prod", Kind: store.EventOpened},
		{Seq: 2, Time: at(400), Namespace: "prod", Kind: store.EventFlush, Reason: "memtable full", BytesIn: 16e6, BytesOut: 12.1e6, Duration: 210 * time.Millisecond},
		{Seq: 3, Time: at(300), Namespace: "prod", Kind: store.EventStall, Reason: "L0 file count limit exceeded"},
		{Seq: 4, Time: at(299), Namespace: "prod", Kind: store.EventCompact, Reason: "default", FromLevel: 0, ToLevel: 5, BytesIn: 120e6, BytesOut: 98e6, Duration: 1230 * time.Millisecond},
		{Seq: 5, Time: at(298), Namespace: "prod", Kind: store.EventStallEnd},
		{Seq: 6, Time: at(60), Namespace: "default", Kind: store.EventFlush, BytesIn: 9e6, BytesOut: 7e6, Duration: 90 * time.Millisecond},
		{Seq: 7, Time: at(30), Namespace: "", Kind: wire.EventProfile, Reason: "cpu profile", Duration: 10 * time.Second},
		{Seq: 8, Time: at(5), Namespace: "old\x1b[2J", Kind: store.EventClosed},
	}
}

func engineSubscriptions() []wire.Subscription {
	n := func(v int64) *int64 { return &v }
	return []wire.Subscription{
		{ID: 1, Namespace: "prod", Kind: wire.KindCategory, Name: "account", Member: 1, Size: 4, Cursor: n(88_120), Lag: n(12), Sent: 4001, Since: engineNow.Add(-time.Hour), Remote: "10.0.0.7:41230"},
		{ID: 2, Namespace: "prod", Kind: wire.KindAll, Cursor: n(88_132), Lag: n(0), Sent: 99, Waiting: true, Since: engineNow.Add(-time.Minute), Remote: "10.0.0.8:1"},
		{ID: 3, Namespace: "prod", Kind: wire.KindStream, Name: "order-7", Sent: 1, UI: true, Since: engineNow, Remote: "pipe"},
		{ID: 4, Namespace: "default", Kind: wire.KindAll, Waiting: true, Since: engineNow, Remote: "10.0.0.9:1"},
	}
}

// engineAt is the engine's page after its first looks.
func engineAt(t testing.TB, look page.Look) (*pagetest.Pane, *enginePage) {
	t.Helper()
	pane := newEnginePage()
	p := pagetest.New(pane, look)
	p.Env.Now, p.Env.Namespace = engineNow, "prod"
	p.Send(page.ShowMsg{})
	answer(p, nil)
	return p, pane
}

// answer plays the engine: it answers what was asked by the last message, and
// what the answers ask for.
func answer(p *pagetest.Pane, err error) {
	e := p.Pane.(*enginePage)
	asks := p.Last.Wishes().Asks
	for len(asks) > 0 {
		gen := asks[0].Gen
		asks = asks[1:]
		reply := page.Reply{Gen: gen, Err: err}
		switch {
		case err != nil:
		case gen == e.sight.feed.FiguresGen:
			reply.Value = engineFigures()
		case gen == e.sight.feed.TablesGen:
			reply.Value = logTables()
		case gen == e.sight.feed.EventGen:
			reply.Value = engineEvents()
		case gen == e.subscriptions.gen:
			for _, s := range engineSubscriptions() {
				if list, _ := reply.Value.([]wire.Subscription); s.Namespace == e.subscriptions.of {
					reply.Value = append(list, s)
				}
			}
		case gen == e.closed.gen:
			reply.Value = []store.Namespace{
				{ID: "default", Open: true}, {ID: "prod", Open: true}, {ID: "empty", Open: true}, {ID: "archive", MessageCount: 12_004, LastActivity: engineNow.Add(-26 * time.Hour)},
				{ID: "old\x1b[2J", MessageCount: 7, LastActivity: engineNow.Add(-time.Hour)},
			}
		case gen == e.storage.gen:
			reply.Value = store.Storage{Messages: 3_000_000, Total: 1.3e9, Families: []store.StorageFamily{
				{Name: "stream index", Bytes: 1e8}, {Name: "messages", Bytes: 1.1e9}, {Name: "id index", Bytes: 9e7}}}
		}
		asks = append(asks, p.Send(reply)...)
	}
}

// later lets a second pass and answers.
func later(p *pagetest.Pane) {
	p.Env.Now = p.Env.Now.Add(time.Second)
	p.Send(page.FrameMsg{})
	answer(p, nil)
}

func TestEngineGolden(t *testing.T) {
	for name, c := range engineScenes() {
		for _, size := range [][2]int{{78, 19}, {118, 35}, {38, 7}} {
			t.Run(fmt.Sprintf("%s/%dx%d", name, size[0]+2, size[1]+5), func(t *testing.T) {
				screen := pagetest.Colourless(t, func(look page.Look) string {
					p, _ := engineAt(t, look)
					c.play(p)
					return p.View(t, size[0], size[1])
				})
				pagetest.Says(t, screen, c.says...)
				if size[0] > 70 {
					pagetest.Says(t, screen, c.wide...)
				}
				if name == "levels" || size[0] == 118 && c.golden {
					golden.RequireEqual(t, screen)
				}
			})
		}
	}
}

// engineScene is the page on one of its tabs: what it says at every size, and
// where there is room.
type engineScene struct {
	play       func(*pagetest.Pane)
	says, wide []string
	golden     bool
}

func engineScenes() map[string]engineScene {
	next, previous := page.ActionMsg{Action: page.ActNextTab}, page.ActionMsg{Action: page.ActPrevTab}
	open := []string{"3 of 12 namespaces open", "prod", "16 of 20 12.4 MB", "2 of 20 12.4 MB", "empty"}
	return map[string]engineScene{
		"levels": {play: func(*pagetest.Pane) {}, says: open},
		"events": {
			play: func(p *pagetest.Pane) {
				p.Send(next)
				p.Send(page.ActionMsg{Action: page.ActOpen})
			},
			says: []string{"3 of 12 namespaces open", "time event", "▌ 14:02:02 - closed", "14:01:37 ◎ profile", "in 10 s c", "14:01:07 ▾ flush", "9 MB → 7 MB", "13:57:09 □ stall ended"},
			wide: []string{
				"14:01:37 ◎ profile in 10 s cpu profile", "14:01:07 ▾ flush default 9 MB → 7 MB in 90 ms", "13:57:08 ◆ compaction prod L0→L5 120 MB → 98 MB in 1.23 s",
				"13:57:07 ■ stall prod L0 file count limit exceeded", "13:55:27 ▾ flush prod 16 MB → 12.1 MB in 210 ms memtable", "13:53:47 + opened prod", "closed old␛[2J",
			},
			golden: true,
		},
		"subscriptions": {
			play: func(p *pagetest.Pane) {
				p.Send(next)
				p.Send(next)
				later(p)
			},
			says: open,
			wide: []string{"subscribed to member cursor behind sent state for", "account 1 of 4 88,120 12 4,001 sending 1h 00m", "88,132 0 99 waiting 1m 01s", "stream order-7 ? ? 1 this UI 1 s"},
		},
		"closed": {
			play: func(p *pagetest.Pane) {
				p.Send(previous)
				p.Send(previous)
				later(p)
			},
			says: open,
			wide: []string{"namespace closed at why messages", "archive – not used since the server sta", "12,004", "old␛[2J 14:02:02 idle 7"},
		},
		"then": {
			play: func(p *pagetest.Pane) {
				p.Env.Past.Add(pastSecond(engineNow.Add(-301 * time.Second)))
				p.Env.At = p.Env.Past.Last.At
				p.Send(page.AtMsg{})
			},
			says: []string{"2 of 12 namespaces open then", "all open namespaces together; histor", "state ! 1 stalled", "L0 sublevels █████████████████··· 1", "memtables 41.9 MB in total", "compaction 210 MB debt, 2 compact"},
			wide: []string{
				"1 opened 0 closed in that second", "17 of 20 in prod", "210 MB debt, 2 compactions running", "p99 ≤31 ms the worst, since it was opened", "1.1 GB on disk, 18 GB left", "log 31 MB",
				"20 worst namespace", "8,120/s appended, 400/s read", "busiest then w/s r/s", "prod 8,000 400", "test‹U+202E› 120 0",
			},
			golden: true,
		},
		"storage": {
			play: func(p *pagetest.Pane) {
				p.Send(previous)
				p.Send(page.ActionMsg{Action: page.ActRefresh})
				answer(p, nil)
			},
			says: open,
			wide: []string{
				"family bytes share a message", "messages 1.1 GB 84.6% 367 B █", "stream index 100 MB 7.7% 33.3 B", "id index 90 MB 6.9% 30 B", "log and rest 10 MB 0.8% 3.33 B", "on disk 1.3 GB 100.0% 433 B",
				"measured 14:02:07 in 0 ns; families estimated from the tables' indexes",
			},
		},
	}
}

func TestEngineExactAtEverySize(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		for tab := range engineTabs {
			p, pane := engineAt(t, page.LookFull)
			p.Env.Theme = page.NewTheme(true, page.LookFull, ascii)
			empty := pagetest.New(newEnginePage(), page.LookFull)
			pane.tabs.on = tab
			later(p)
			for w := 1; w < 170; w += 7 {
				for h := 1; h < 50; h += 4 {
					pane.open = h%3 == 0
					view := p.View(t, w, h)
					if ascii && strings.ContainsFunc(plainOwn(view), func(r rune) bool { return r > 0x7e }) {
						t.Fatalf("not plain at %d×%d:\n%s", w, h, ansi.Strip(view))
					}
					empty.View(t, w, h)
				}
			}
		}
	}
}

// plainOwn is a view as the shell spells it with plain signs, without the sign
// that shows a control character of the data.
func plainOwn(view string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text.Plain(ansi.Strip(view)), "␛", ""), "\n", "")
}

func TestEngineWorstFirst(t *testing.T) {
	a, b, c, d := treeOf("a", 1, 1e6), treeOf("b", 1, 9e6), treeOf("c", 12, 1e6), treeOf("d", 1, 1e6)
	list := []store.NamespaceFigures{a, b, c, d}
	names := func(stalled string) (out string) {
		for _, n := range worstFirst(list, func(id string) bool { return id == stalled }) {
			out += n.ID
		}
		return out
	}
	if got := names(""); got != "cbad" {
		t.Errorf("order %q: pressure first, then size, then name", got)
	}
	if got := names("d"); got != "dcba" {
		t.Errorf("order %q: the one that is stalled first", got)
	}
	list[0].Poisoned = true
	if got := names("d"); got != "adcb" {
		t.Errorf("order %q: the damaged one first", got)
	}
}

func TestLogScaleIsHonest(t *testing.T) {
	theme := page.NewTheme(true, page.LookMono, true)
	for _, width := range []int{12, 30, 47, 80} {
		levels := []store.Level{{Size: 1e3}, {Size: 1e6}, {Size: 3e9}}
		s := scaleOf(levels, width)
		if s.decades != 7 {
			t.Fatalf("%d decades up to 10 GB", s.decades)
		}
		for decade := 1; decade <= 7; decade++ {
			l := store.Level{Size: 1e3}
			for range decade {
				l.Size *= 10
			}
			cells := strings.Count(s.bar(theme, &l), "#")
			if off := cells - s.at(decade); off < 0 || off > 1 {
				t.Errorf("width %d: the bar of %d has %d cells, its tick stands at %d", width, l.Size, cells, s.at(decade))
			}
		}
		axis := s.axis(theme)
		if len([]rune(axis)) != width || !strings.HasPrefix(axis, "|1 kB") {
			t.Errorf("axis %q of width %d", axis, width)
		}
		if width >= 30 && !strings.Contains(axis, "(log)") {
			t.Errorf("axis %q does not say that it is logarithmic", axis)
		}
	}
	if got := scaleOf(nil, 30).decades; got != 3 {
		t.Errorf("an empty tree has %d decades", got)
	}
}

func TestSublevelGauge(t *testing.T) {
	theme := page.NewTheme(true, page.LookMono, true)
	for sub, want := range map[int]string{
		0:  "....|............... 0 of 20, compacts at 4",
		3:  "###.|............... 3 of 20, compacts at 4",
		4:  "####|............... 4 of 20, compacts at 4",
		16: "################.... 16 of 20, compacts at 4",
		25: "#################### 25 of 20, compacts at 4",
	} {
		n := treeOf("x", sub, 1e6)
		if got := ansi.Strip(sheet{&theme}.sublevelGauge(&n)); got != want {
			t.Errorf("%d sublevels: %q, want %q", sub, got, want)
		}
	}
	n := treeOf("x", 3, 1e6)
	n.Limits = store.Limits{}
	if got := ansi.Strip(sheet{&theme}.sublevelGauge(&n)); got != "3" {
		t.Errorf("without a limit: %q", got)
	}
}

func TestEngineKeepsItsPlace(t *testing.T) {
	p, pane := engineAt(t, page.LookFull)
	p.View(t, 78, 19)
	if pane.sight.key != "prod" {
		t.Fatalf("begins with %q", pane.sight.key)
	}
	p.Send(page.ActionMsg{Action: page.ActDown})
	if pane.sight.key != "default" {
		t.Fatalf("down leads to %q", pane.sight.key)
	}
	later(p) // the order is worked out anew
	if pane.sight.key != "default" || pane.names.list.Cursor() != 1 {
		t.Errorf("a refresh moves the cursor to %q", pane.sight.key)
	}
	p.Send(page.NamespaceMsg{})
	if pane.sight.key != "prod" {
		t.Errorf("another namespace is entered and %q is shown", pane.sight.key)
	}
}

func TestEngineEventsScrollAndFilter(t *testing.T) {
	p, pane := engineAt(t, page.LookFull)
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	p.Send(page.ActionMsg{Action: page.ActOpen})
	p.View(t, 78, 19)
	at := func() store.EngineEvent { return *pane.events.list.Rows()[pane.events.list.Cursor()] }
	if at().Seq != 8 {
		t.Fatalf("the newest event is %d", at().Seq)
	}
	p.Send(page.ActionMsg{Action: page.ActDown})
	p.Env.Now = p.Env.Now.Add(time.Second)
	p.Send(page.FrameMsg{})
	p.Send(page.Reply{Gen: pane.sight.feed.EventGen, Value: []store.EngineEvent{{Seq: 9, Kind: store.EventStall, Namespace: "default"}}})
	if at().Seq != 7 {
		t.Errorf("a new event moves the cursor to %d", at().Seq)
	}
	if !pane.sight.feed.Stalled("default") || pane.sight.feed.Stalled("prod") {
		t.Error("who is stalled is wrong")
	}
	for filter, want := range map[string]int{"": 9, "stall": 3, "ns:prod": 5, "ns:prod stall": 2, "NS:Prod COMPACT": 1, "nothing": 0, "memtable": 1} {
		p.Send(page.PromptMsg{ID: kit.FilterPrompt, Text: filter})
		if n, _ := pane.events.list.Len(); n != want {
			t.Errorf("%q keeps %d events, want %d", filter, n, want)
		}
	}
	p.Send(page.PromptMsg{ID: kit.FilterPrompt, Text: "nothing"})
	if got := ansi.Strip(p.View(t, 78, 19)); !strings.Contains(got, "none of 9 events match") {
		t.Errorf("an empty list does not say why:\n%s", got)
	}
	p.Send(page.ActionMsg{Action: page.ActOut})
	if pane.events.filter != "" || !pane.open {
		t.Error("esc takes the filter off first")
	}
	if got := ansi.Strip(p.View(t, 78, 19)); strings.Contains(got, "\x1b") || !strings.Contains(got, "old␛[2J") {
		t.Errorf("a hostile name:\n%s", got)
	}
}

// TestEngineMakesCheckpoints makes one: where it lies is told, and a cancelled
// one leaves nothing.
func TestEngineMakesCheckpoints(t *testing.T) {
	p, pane := engineAt(t, page.LookFull)
	for name, ok := range map[string]bool{"before-upgrade": true, "": false, "../up": false, ".hidden": false} {
		if err := (engineActMsg{commandCheckpoint, name}).check(); (err == nil) != ok {
			t.Errorf("name %q: %v", name, err)
		}
	}
	begin := func() []page.Ask {
		t.Helper()
		p.Send(engineActMsg{commandCheckpoint, "before-upgrade"})
		return p.Send(page.PromptMsg{ID: actPrompt, Text: "before-upgrade", State: page.PromptDone})
	}
	asks := begin()
	if len(asks) != 1 || pane.jobs.job == nil {
		t.Fatalf("%d questions after the name was typed", len(asks))
	}
	p.Send(page.Reply{Gen: asks[0].Gen, Value: store.Checkpoint{Name: "before-upgrade", Dir: "/data/checkpoints/before-upgrade", Namespaces: 3, Messages: 12_004}})
	if toasts := p.Last.Wishes().Toasts; len(toasts) != 1 || !strings.Contains(toasts[0].Text, "3 namespaces, 12,004 messages in /data/checkpoints/before-upgrade") {
		t.Errorf("it says %v", toasts)
	}
	asks = begin()
	p.Send(page.Reply{Gen: asks[0].Gen, Err: context.Canceled})
	if toasts := p.Last.Wishes().Toasts; len(toasts) != 1 || !strings.Contains(toasts[0].Text, "nothing was kept") {
		t.Errorf("cancelled, it says %v", toasts)
	}
}

func TestEngineActsOnlyWhenTheNameIsTyped(t *testing.T) {
	p, pane := engineAt(t, page.LookFull)
	act := engineActMsg{commandCompact, "prod"}
	p.Env.ReadOnly = true
	if p.Send(act); p.Last.Wishes().Prompt != nil || pane.jobs.confirmation != nil {
		t.Fatal("read-only asks for a confirmation")
	}
	p.Env.ReadOnly = false
	for _, no := range []page.PromptMsg{
		{ID: actPrompt, State: page.PromptDone}, {ID: actPrompt, State: page.PromptDone, Text: "y"},
		{ID: actPrompt, State: page.PromptDone, Text: "Prod"}, {ID: actPrompt, State: page.PromptCancelled, Text: "prod"},
	} {
		p.Send(act)
		if p.Last.Wishes().Prompt == nil || p.Last.Wishes().Prompt.Text != "" {
			t.Fatal("no question, or one that is answered already")
		}
		if asks := p.Send(no); len(asks) != 0 || pane.jobs.job != nil {
			t.Fatalf("%+v compacts", no)
		}
	}
	if asks := p.Send(page.PromptMsg{ID: actPrompt, State: page.PromptDone, Text: "prod"}); len(asks) != 0 {
		t.Fatal("a name without a question compacts")
	}
	p.Send(act)
	asks := p.Send(page.PromptMsg{ID: actPrompt, State: page.PromptDone, Text: "prod"})
	if len(asks) != 1 || pane.jobs.job == nil {
		t.Fatal("the name does not compact")
	}
	if got := ansi.Strip(p.View(t, 78, 19)); !strings.Contains(got, "compact prod…") {
		t.Errorf("what runs is not shown:\n%s", got)
	}
	p.Send(engineActMsg{commandFlush, "prod"})
	if pane.jobs.confirmation != nil {
		t.Error("a second action while one runs")
	}
	p.Send(page.ActionMsg{Action: page.ActOut})
	p.Send(page.Reply{Gen: asks[0].Gen, Err: fmt.Errorf("compact: %w", context.Canceled)})
	if pane.jobs.job != nil || !strings.Contains(p.Last.Wishes().Toasts[0].Text, "cancelled") {
		t.Errorf("after esc: %+v, %+v", pane.jobs.job, p.Last.Wishes().Toasts)
	}
}

func TestEngineStorageIsAskedForOnly(t *testing.T) {
	p, pane := engineAt(t, page.LookFull)
	p.Send(page.ActionMsg{Action: page.ActPrevTab})
	later(p)
	if pane.storage.gen != 0 || pane.storage.found != nil {
		t.Fatal("looking at the tab measures")
	}
	if got := ansi.Strip(p.View(t, 78, 19)); !strings.Contains(got, "on request only") || !strings.Contains(got, "indexes of all its tables") {
		t.Errorf("the cost is not told:\n%s", got)
	}
	p.Send(page.ActionMsg{Action: page.ActRefresh})
	if got := ansi.Strip(p.View(t, 78, 19)); !strings.Contains(got, "measuring prod") {
		t.Errorf("under way:\n%s", got)
	}
	answer(p, nil)
	got := ansi.Strip(p.View(t, 78, 19))
	for _, want := range []string{"messages", "1.1 GB", "84.6%", "log and rest", "10 MB"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	pane.sight.key = "default"
	if got := ansi.Strip(p.View(t, 78, 19)); strings.Contains(got, "84.6%") {
		t.Error("another namespace shows what was measured of prod")
	}
	p.Send(page.ActionMsg{Action: page.ActRefresh})
	answer(p, errors.New("boom"))
	if got := ansi.Strip(p.View(t, 78, 19)); !strings.Contains(got, "boom") {
		t.Errorf("a failure is not told:\n%s", got)
	}
}

func TestEngineHonestStates(t *testing.T) {
	p := pagetest.New(newEnginePage(), page.LookFull)
	pane := p.Pane.(*enginePage)
	if got := ansi.Strip(p.View(t, 78, 19)); !strings.Contains(got, "reading the engine") {
		t.Errorf("before the first look:\n%s", got)
	}
	p.Send(page.ShowMsg{})
	answer(p, fmt.Errorf("read figures: %w", store.ErrNotOffered))
	p.Send(page.FrameMsg{}) // which asks for tables instead
	answer(p, fmt.Errorf("read sections: %w", store.ErrNotOffered))
	if got := ansi.Strip(p.View(t, 78, 19)); !strings.Contains(got, "not offered by this server or its engine") {
		t.Errorf("a plain server:\n%s", got)
	}
	p.Env.Now = p.Env.Now.Add(time.Minute)
	if asks := p.Send(page.FrameMsg{}); len(asks) != 0 {
		t.Error("what is not offered is asked for again")
	}
	p.Send(page.ReconnectMsg{})
	p.Send(page.FrameMsg{})
	answer(p, errors.New("boom"))
	if got := ansi.Strip(p.View(t, 78, 19)); !strings.Contains(got, "boom") {
		t.Errorf("a failure is not told:\n%s", got)
	}
	later(p)
	later(p)
	pane.sight.key = "closed-one"
	if got := ansi.Strip(p.View(t, 78, 19)); strings.Contains(got, "boom") {
		t.Errorf("after the failure:\n%s", got)
	}
}

func TestEngineSubscriptions(t *testing.T) {
	p, pane := engineAt(t, page.LookFull)
	if pane.subscriptions.known {
		t.Fatal("subscriptions are asked for before anybody looks")
	}
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	later(p)
	got := ansi.Strip(p.View(t, 118, 35))
	for _, want := range []string{"account", "1 of 4", "88,120", "12", "the whole namespace", "stream order-7", "?", "this UI"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	if strings.Contains(got, "10.0.0.9") {
		t.Error("another namespace's subscription is listed")
	}
	p.Send(page.ActionMsg{Action: page.ActOpen})
	p.Send(page.ActionMsg{Action: page.ActOpen})
	if l := p.Last.Wishes().GoTo; l == nil || l.Category != "account" || l.Namespace != "prod" {
		t.Errorf("enter goes to %+v", l)
	}
}

// TestTurningTabsIsSeen: where there is room for the list alone, the tab that ] and [ turn
// to takes its place, and esc goes back to it; else the list keeps the keys.
func TestTurningTabsIsSeen(t *testing.T) {
	p, pane := engineAt(t, page.LookFull)
	p.View(t, 58, 10)
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	pagetest.Says(t, p.View(t, 58, 10), "time event", "▌ 14:02:02 - closed")
	p.Send(page.ActionMsg{Action: page.ActNextTab})
	later(p)
	pagetest.Says(t, p.View(t, 58, 10), "subscribed to", "88,120")
	p.Send(page.ActionMsg{Action: page.ActOut})
	pagetest.Says(t, p.View(t, 58, 10), "namespace R-amp", "16 of 20")
	p.Send(page.ActionMsg{Action: page.ActPrevTab})
	pagetest.Says(t, p.View(t, 58, 10), "time event")
	p.Send(page.ActionMsg{Action: page.ActOut})
	p.View(t, 78, 19)
	if p.Send(page.ActionMsg{Action: page.ActNextTab}); pane.open {
		t.Error("beside the list, turning tabs takes the keys from it")
	}
}

func TestEngineMouse(t *testing.T) {
	p, page := engineAt(t, page.LookFull)
	p.View(t, 78, 19)
	p.Send(tea.MouseClickMsg{X: 5, Y: page.areas(78, 19).list.Y + 2})
	if page.sight.key != "default" || page.open {
		t.Errorf("a click on the second row chose %q", page.sight.key)
	}
	a := page.areas(78, 19)
	p.Send(tea.MouseClickMsg{X: 12, Y: a.detail.Y})
	if page.tabs.on != tabEvents {
		t.Errorf("a click on events opened %s", page.tabs.on)
	}
	p.View(t, 78, 19)
	p.Send(tea.MouseClickMsg{X: 5, Y: a.detail.Y + 3})
	if !page.open || page.events.list.Cursor() != 1 {
		t.Errorf("a click on the second event: open %v, cursor %d", page.open, page.events.list.Cursor())
	}
	p.Send(tea.MouseWheelMsg{X: 5, Y: 1, Button: tea.MouseWheelDown})
}

func BenchmarkEngine(b *testing.B) {
	p, page := engineAt(b, page.LookFull)
	for b.Loop() {
		page.show()
		page.View(p.Env, 158, 45)
	}
}

// TestEngineWithoutATree checks that an engine that has no levels is not drawn
// as an empty tree: what it cannot tell is said, and the rest is shown.
func TestEngineWithoutATree(t *testing.T) {
	theme := page.NewTheme(true, page.LookMono, true)
	s := sheet{&theme}
	n := &store.NamespaceFigures{
		ID: "plain", Messages: 10, DiskBytes: 4570, Flushes: 3, WAL: store.WALFigures{Files: 1, Size: 2048},
		Fsyncs: 7, FsyncP50: time.Millisecond, FsyncP99: 2 * time.Millisecond,
	}
	if !treeless(n) || treeless(&store.NamespaceFigures{Levels: make([]store.Level, 7)}) {
		t.Error("a tree is told by its levels")
	}
	shown := ansi.Strip(strings.Join(append(notATree(&theme, 60), s.lines(s.facts(n), 80)...), "\n"))
	for _, want := range []string{"are not offered", "checkpoints", "3 of the log", "7 commits", "457 B per message"} {
		if !strings.Contains(shown, want) {
			t.Errorf("no %q in\n%s", want, shown)
		}
	}
	for _, not := range []string{"sublevels", "write amp", "debt"} {
		if strings.Contains(shown, not) {
			t.Errorf("%q in\n%s", not, shown)
		}
	}
}

// TestEngineIsDrawnWhileItReconnects draws each tab before the server, which may be
// another process, has answered again.
func TestEngineIsDrawnWhileItReconnects(t *testing.T) {
	for tab := tabLevels; tab < engineTabs; tab++ {
		p, pane := engineAt(t, page.LookFull)
		pane.tabs.on, pane.open = tab, true
		later(p)
		p.View(t, 118, 35)
		p.Send(page.ReconnectMsg{})
		p.Send(page.ActionMsg{Action: page.ActDown})
		p.View(t, 118, 35)
	}
}
