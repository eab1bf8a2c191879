package overview

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// sampleAt makes up one second: a load that begins, swings, and pauses once.
func sampleAt(i int) wire.Sample {
	swing := 1 + 0.3*math.Sin(float64(i)/20) + 0.1*math.Sin(float64(i)/3.3)
	s := wire.Sample{
		Time: pagetest.Start.Add(time.Duration(i) * time.Second), Subscribers: 3, Connections: 14,
		HeapBytes: uint64(30e6 + 2e5*float64(i%120)), Methods: map[string]wire.Method{}, Announced: 900 * swing,
		Engine: &wire.EngineSample{
			Open: 3, Known: 12, MaxOpen: 64, DiskBytes: 1.2e9 + 4e6*int64(i), Debt: 12.4e6, Sublevels: 3 + i/40%10, SublevelsStop: 20,
			SublevelsIn: "prod", MemtableBytes: 12 << 20, Memtables: 1 + int64(i/70%2), MemtablesStop: 4, Compacting: int64(i / 30 % 2),
		},
	}
	if i > 60 && (i < 300 || i > 330) {
		s.Appends, s.Reads = 11000*swing, 2900*swing*swing
		s.Methods["stream.write"] = wire.Method{Calls: s.Appends, P50: int64(0.6e6 * swing), P99: int64(1.8e6 * swing * swing)}
	}
	if i == 400 {
		s.Methods["stream.write"] = wire.Method{Calls: 9000, P50: 9e5, P99: 8.4e6}
	}
	return s
}

// overviewEvents make up what the engine did until a second: a flush now and
// then, a compaction after some of them, one stall.
func overviewEvents(upto int) []store.EngineEvent {
	var out []store.EngineEvent
	add := func(i int, e store.EngineEvent) {
		e.Seq, e.Time, e.Namespace = uint64(len(out)+1), pagetest.Start.Add(time.Duration(i)*time.Second-300*time.Millisecond), "prod"
		out = append(out, e)
	}
	for i := range upto + 1 {
		switch {
		case i == 1:
			add(i, store.EngineEvent{Kind: store.EventOpened})
		case i == 401:
			add(i, store.EngineEvent{Kind: store.EventStall, Reason: "L0 file count limit exceeded"})
		case i == 404:
			add(i, store.EngineEvent{Kind: store.EventStallEnd})
		case i%37 == 0:
			add(i, store.EngineEvent{Kind: store.EventFlush, BytesIn: 16e6, BytesOut: 12e6, Duration: 200 * time.Millisecond})
		case i%120 == 3:
			add(i, store.EngineEvent{Kind: store.EventCompact, ToLevel: 5, BytesIn: 80e6, BytesOut: 71e6, Duration: 1200 * time.Millisecond, Reason: "default"})
		case i == 500:
			add(i, store.EngineEvent{Kind: wire.EventProfile, Reason: "cpu", Duration: 10 * time.Second})
		}
	}
	return out
}

func overviewCounts(second int) []store.CategoryCount {
	n := int64(second)
	return []store.CategoryCount{
		{Category: "account", StreamCount: 1200, MessageCount: 40000 + 900*n},
		{Category: "order", StreamCount: 8003, MessageCount: 200_000 + 4000*n + 700*(n/7%3)},
		{Category: "order\u202e日本", StreamCount: 1, MessageCount: 12},
		{Category: "payment", StreamCount: 410, MessageCount: 9000 + 300*(n/5)},
	}
}

// overviewOf feeds a page seconds [0, upto) as history and n more live.
func overviewOf(t *testing.T, look page.Look, upto, n int) *pagetest.Pane {
	p := pagetest.New(newOverview(), look)
	p.Env.Live.Info.StartedAt, p.Env.Live.HasInfo = pagetest.Start.Add(-3*time.Hour), true
	p.Send(page.ShowMsg{})
	for i := range upto {
		p.Env.Past.Add(sampleAt(i))
	}
	for i := upto; i < upto+n; i++ {
		p.Env.Live.Sample, p.Env.Live.HasSample = sampleAt(i), true
		p.Env.Past.Add(sampleAt(i))
		p.Env.Now = sampleAt(i).Time.Add(200 * time.Millisecond)
		for _, a := range p.Send(page.FrameMsg{N: i}) {
			reply := page.Reply{Gen: a.Gen, Value: overviewCounts(i)}
			if a.Gen == p.Pane.(*overview).feed.EventGen {
				reply.Value = overviewEvents(i)
			}
			if rest := p.Send(reply); len(rest) != 0 {
				t.Fatalf("a reply asked for more: %v", rest)
			}
		}
		p.Send(page.FrameMsg{N: i}) // frames come several a second
	}
	return p
}

func TestOverviewGolden(t *testing.T) {
	for _, size := range [][2]int{{78, 19}, {118, 35}, {38, 7}, {158, 45}} {
		t.Run(fmt.Sprintf("%dx%d", size[0]+2, size[1]+5), func(t *testing.T) {
			golden.RequireEqual(t, pagetest.Colourless(t, func(look page.Look) string {
				return overviewOf(t, look, 540, 60).View(t, size[0], size[1])
			}))
		})
	}
}

func TestOverviewExactAtEverySize(t *testing.T) {
	full, empty := overviewOf(t, page.LookFull, 100, 5), pagetest.New(newOverview(), page.LookFull)
	ascii := overviewOf(t, page.LookMono, 100, 5)
	ascii.Env.Theme = page.NewTheme(true, page.LookMono, true)
	for w := 1; w < 170; w += 7 {
		for h := 1; h < 50; h += 5 {
			full.View(t, w, h)
			empty.View(t, w, h)
			plain := text.Plain(ansi.Strip(ascii.View(t, w, h)))
			if strings.ContainsFunc(plain, func(r rune) bool { return r >= 0x2190 && r <= 0x2bff }) {
				t.Fatalf("not plain at %d×%d:\n%s", w, h, plain)
			}
		}
	}
	full.View(t, 20, 5)
	full.View(t, 40, 12)
}

func TestOverviewHonestStates(t *testing.T) {
	p := pagetest.New(newOverview(), page.LookFull)
	if got := ansi.Strip(p.View(t, 78, 19)); !strings.Contains(got, "no samples yet") {
		t.Errorf("before the first sample:\n%s", got)
	}
	p.Env.Live.NoFigures = "metrics are not offered by this server"
	p.Send(page.FrameMsg{})
	p.Send(page.Reply{Gen: p.Pane.(*overview).countGen, Value: overviewCounts(0)})
	got := ansi.Strip(p.View(t, 78, 19))
	for _, want := range []string{"metrics are not offered by this server", "busiest categories", "account", "order‹U+202E›日本", "249,012 messages"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	p.Pane.(*overview).counted = time.Time{}
	p.Send(page.FrameMsg{})
	p.Send(page.Reply{Gen: p.Pane.(*overview).countGen, Err: errors.New("boom")})
	if chips := p.Pane.Chrome(p.Env).Chips; chips[len(chips)-1] != "boom" {
		t.Errorf("chips %q do not tell the error", chips)
	}
	p.Send(page.NamespaceMsg{})
	if got := ansi.Strip(p.View(t, 78, 19)); strings.Contains(got, "account") {
		t.Error("another namespace shows the old one's categories")
	}
}

func TestOverviewZoomAndCursor(t *testing.T) {
	p := overviewOf(t, page.LookFull, 540, 3)
	o := p.Pane.(*overview)
	p.Send(page.ActionMsg{Action: page.ActZoomOut})
	if chips := o.Chrome(p.Env).Chips; chips[0] != "last 15m" {
		t.Errorf("chips %q", chips)
	}
	for range 5 {
		p.Send(page.ActionMsg{Action: page.ActZoomIn})
	}
	if o.span != 0 {
		t.Errorf("span %d", o.span)
	}
	for range 10 {
		p.Send(page.ActionMsg{Action: page.ActLeft})
	}
	if p.Env.AsOf() != "14:00:59" || o.cursor(&p.Env) != 10 {
		t.Fatalf("the cursor is at %s, %d seconds before the newest; want ten", p.Env.AsOf(), o.cursor(&p.Env))
	}
	p.Env.Past.Add(sampleAt(543))
	p.Env.Now = sampleAt(543).Time
	p.Send(page.FrameMsg{})
	if p.Env.AsOf() != "14:00:59" || o.cursor(&p.Env) != 11 {
		t.Errorf("time goes on and the cursor moves to %s, %d seconds before the newest", p.Env.AsOf(), o.cursor(&p.Env))
	}
	for range 70 { // beyond the axis of a minute
		p.Send(page.ActionMsg{Action: page.ActLeft})
	}
	if o.cursor(&p.Env) < 60 || spans()[o.span] <= o.cursor(&p.Env) {
		t.Errorf("the cursor is %d seconds back on an axis of %d", o.cursor(&p.Env), spans()[o.span])
	}
	p.Send(page.ActionMsg{Action: page.ActOut})
	if !p.Env.At.IsZero() {
		t.Errorf("live again: the cursor is at %s", p.Env.AsOf())
	}
	p.Send(page.ActionMsg{Action: page.ActRight})
	if !p.Env.At.IsZero() {
		t.Error("there is nothing to walk to after now")
	}
}

// TestOverviewDatesTheLatencyPeak goes to the time that the chart gives for its
// greatest latency: the value there is that one, at 80 columns as well.
func TestOverviewDatesTheLatencyPeak(t *testing.T) {
	for _, w := range []int{78, 118} {
		p := overviewOf(t, page.LookFull, 440, 3)
		got := regexp.MustCompile(`max 8\.4 ms at (\d\d:\d\d:\d\d) `).FindStringSubmatch(ansi.Strip(p.View(t, w, 35)))
		if got == nil {
			t.Fatalf("%d wide: the peak has no time:\n%s", w, ansi.Strip(p.View(t, w, 35)))
		}
		at, err := moment.ParseTime(got[1], p.Env.Now)
		if err != nil {
			t.Fatal(err)
		}
		p.Env.At = at
		p.Pane.(*overview).version++
		if then := ansi.Strip(p.View(t, w, 35)); !strings.Contains(then, "write p99 8.4 ms") {
			t.Errorf("%d wide: at %s the latency is not the peak's:\n%s", w, got[1], then)
		}
	}
	p := overviewOf(t, page.LookFull, 30, 3) // before the first write
	if got := ansi.Strip(p.View(t, 118, 35)); !strings.Contains(got, "max – ") {
		t.Errorf("no latency has no time:\n%s", got)
	}
}

// TestOverviewMaximumIsOfAllCurves: where appended and read share a chart, its
// maximum is not below what either shows.
func TestOverviewMaximumIsOfAllCurves(t *testing.T) {
	p := overviewOf(t, page.LookFull, 100, 3)
	x := sampleAt(440)
	x.Appends, x.Reads = 5000, 61_000
	p.Env.Past.Add(x)
	p.Env.Now = x.Time
	p.Send(page.FrameMsg{})
	got := ansi.Strip(p.View(t, 78, 19))
	if !strings.Contains(got, "read 61,000/s") || !strings.Contains(got, "max 61,000/s") {
		t.Errorf("reads are above the maximum:\n%s", got)
	}
}

func TestOverviewExplainsEvents(t *testing.T) {
	p := overviewOf(t, page.LookFull, 440, 3)
	o := p.Pane.(*overview)
	all := ansi.Strip(p.View(t, 78, 19))
	for _, want := range []string{"■ 1 stall ", "▾ 8 flushes", "◆ 2 compactions", "4 of 20 L0 sublevels in prod", "12.4 MB debt"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing:\n%s", want, all)
		}
	}
	p.Env.At = p.Env.Past.Last.At.Add(-(442 - 401) * time.Second)
	o.version++
	got := ansi.Strip(p.View(t, 118, 35))
	if !strings.Contains(got, "13:58:47 ■ stall prod L0 file count limit exceeded") {
		t.Errorf("the event under the time cursor is not explained:\n%s", got)
	}
	p.Env.At = p.Env.Past.Last.At.Add(-(442 - 363) * time.Second)
	o.version++
	if got := ansi.Strip(p.View(t, 118, 35)); !strings.Contains(got, "◆ compaction prod L0→L5  80 MB → 71 MB  in 1.2 s") || strings.Contains(got, "in 1.2 s  default") {
		t.Errorf("the compaction under the time cursor is not explained:\n%s", got)
	}
	p.Env.At = p.Env.Past.Last.At.Add(-(442 - 420) * time.Second)
	o.version++
	if got := ansi.Strip(p.View(t, 118, 35)); !strings.Contains(got, "■ 1 stall ") {
		t.Errorf("where nothing happened the legend stays:\n%s", got)
	}
	p.Send(page.ReconnectMsg{})
	p.Send(page.FrameMsg{})
	p.Send(page.Reply{Gen: o.feed.EventGen, Err: store.ErrNotOffered})
	if got := ansi.Strip(p.View(t, 118, 35)); !strings.Contains(got, "events are not offered by this server") {
		t.Errorf("a plain server:\n%s", got)
	}
}

func TestOverviewHealth(t *testing.T) {
	p := overviewOf(t, page.LookFull, 10, 1)
	o, second := p.Pane.(*overview), 20
	for words, change := range map[string]func(*wire.EngineSample){
		"healthy":                       func(*wire.EngineSample) {},
		"! near stop":                   func(e *wire.EngineSample) { e.Sublevels = 15 },
		"healthy  2 of 20 L0 sublevels": func(e *wire.EngineSample) { e.Memtables, e.Sublevels = 3, 2 }, // small ones: their bytes count
		"! 1 stalled":                   func(e *wire.EngineSample) { e.Stalled = 1 },
		"✗ 2 WAL failed":                func(e *wire.EngineSample) { e.Poisoned, e.Stalled = 2, 1 },
	} {
		second++
		s := sampleAt(second)
		change(s.Engine)
		p.Env.Past.Add(s)
		d := o.drawing(p.Env)
		line := strings.ReplaceAll(ansi.Strip(d.health(78)), "   ", "  ")
		if !strings.HasPrefix(line, " "+words) {
			t.Errorf("%q, want %q", line, words)
		}
		second++
		s = sampleAt(second)
		s.Engine = nil
		p.Env.Past.Add(s)
		if d = o.drawing(p.Env); d.health(78) != "" {
			t.Error("an engine that shows nothing has a health")
		}
	}
}

func TestBusyRates(t *testing.T) {
	var b busy
	now := pagetest.Start
	b.look(now, overviewCounts(0))
	if r := b.ranked[0].rate(); !math.IsNaN(r) {
		t.Errorf("a rate of %v out of one look", r)
	}
	b.look(now.Add(2*time.Second), overviewCounts(2))
	if top := b.ranked[0]; top.category != "order" || top.rate() != 4000 {
		t.Errorf("busiest is %s with %v/s", top.category, top.rate())
	}
	b.look(now.Add(4*time.Second), overviewCounts(0))
	if r := b.tracks["order"].rate(); !math.IsNaN(r) {
		t.Errorf("shrinking counts give a rate of %v", r)
	}
	b.look(now.Add(6*time.Second), append(overviewCounts(0), store.CategoryCount{Category: "new", MessageCount: 10}))
	if r := b.tracks["new"].rate(); r != 5 {
		t.Errorf("a new category grows by %v/s, want 5", r)
	}
}

// TestCallsAskTheClient runs the page's questions against a client that
// reaches nobody: they must fail as errors, not block or panic.
func TestCallsAskTheClient(t *testing.T) {
	c, err := client.New("http://127.0.0.1:1", client.WithTimeout(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p := pagetest.New(newOverview(), page.LookFull)
	asks := p.Send(page.FrameMsg{})
	if len(asks) != 2 {
		t.Fatalf("%d questions, want events and categories", len(asks))
	}
	for _, a := range asks {
		if _, err := a.Call(context.Background(), c); err == nil {
			t.Error("no error from nobody")
		}
	}
}

func BenchmarkOverview(b *testing.B) {
	p := pagetest.New(newOverview(), page.LookFull)
	o := p.Pane.(*overview)
	for i := range page.HistorySeconds {
		p.Env.Past.Add(sampleAt(i))
	}
	o.busy.look(pagetest.Start, overviewCounts(0))
	for i := range kit.FeedMost { // as many events as are ever kept
		e := store.EngineEvent{Seq: uint64(i + 1), Kind: store.EventFlush, Time: p.Env.Past.Last.At.Add(time.Duration(i-kit.FeedMost) * time.Second / 2)}
		o.feed.Add([]store.EngineEvent{e})
	}
	for name, span := range map[string]int{"5m": 1, "60m": 3} {
		b.Run(name, func(b *testing.B) {
			o.span = span
			for b.Loop() {
				o.version++
				o.View(p.Env, 158, 45)
			}
		})
	}
}

// TestTheAxisGrowsWithWhatThereIs remembers an axis of an hour, and has a server
// that has just started: the axis is as long as what there is to show needs, up to
// the hour, unless the user asks for more.
func TestTheAxisGrowsWithWhatThereIs(t *testing.T) {
	p := pagetest.New(newOverview(), page.LookFull)
	p.Send(page.RestoreMsg{State: []byte(`{"minutes":60}`)})
	o := p.Pane.(*overview)
	for i := range 1200 {
		p.Env.Past.Add(sampleAt(i))
		p.Send(page.FrameMsg{N: i})
		want := 60
		switch {
		case i >= 900:
			want = 3600
		case i >= 300:
			want = 900
		case i >= 60:
			want = 300
		}
		if got := spans()[o.span]; got != want {
			t.Fatalf("with %d seconds the axis has %d, want %d", i, got, want)
		}
	}
	if got := string(o.Save()); got != `{"minutes":60}` {
		t.Errorf("what is kept became %s", got)
	}
	fresh := pagetest.New(newOverview(), page.LookFull)
	for i := range 1200 {
		fresh.Env.Past.Add(sampleAt(i))
		fresh.Send(page.FrameMsg{N: i})
	}
	if got := spans()[fresh.Pane.(*overview).span]; got != 300 {
		t.Errorf("nobody asked for more than five minutes, and the axis has %d s", got)
	}
	fresh.Send(page.ActionMsg{Action: page.ActZoomOut})
	fresh.Send(page.ActionMsg{Action: page.ActZoomOut})
	if got := spans()[fresh.Pane.(*overview).span]; got != 3600 {
		t.Errorf("the user asked for an hour, and the axis has %d s", got)
	}
}

// TestManyCategoriesAreNotAllCountedAgain: once they are known, only those are
// asked for that can be seen.
func TestManyCategoriesAreNotAllCountedAgain(t *testing.T) {
	var b busy
	now := pagetest.Start
	counts := make([]store.CategoryCount, 3000)
	for i := range counts {
		counts[i] = store.CategoryCount{Category: fmt.Sprintf("c%04d", i), StreamCount: 1, MessageCount: int64(i)}
	}
	b.look(now, counts)
	env := page.Env{Namespace: "default", Past: &page.Past{}}
	env.Past.Add(wire.Sample{Time: now, Appends: 5, Categories: []wire.CategoryRate{{Namespace: "default", Category: "c0007", Appends: 5}, {Namespace: "other", Category: "x", Appends: 1}}})
	names := b.seen(&env)
	if len(names) > busySeen+wire.TopRates || names[0] != "c0007" || !slices.Contains(names, "c2999") || slices.Contains(names, "x") {
		t.Errorf("%d categories are counted again: %v", len(names), names[:3])
	}
	b.lookAt(now.Add(2*time.Second), someCounts{
		[]store.CategoryCount{{Category: "c0007", MessageCount: 17}, {Category: "new", MessageCount: 4}},
		store.CategoryTotals{Categories: 3001, StreamCount: 3001, MessageCount: 5_000_000},
	})
	if r := b.tracks["c0007"].rate(); r != 5 || b.categories != 3001 || b.messages != 5_000_000 {
		t.Errorf("a rate of %v, %d categories, %d messages", r, b.categories, b.messages)
	}
	if r := b.tracks["new"].rate(); !math.IsNaN(r) || b.tracks["c1000"].messages != 1000 {
		t.Errorf("the new one has a rate of %v; one that was not asked for has %d messages", r, b.tracks["c1000"].messages)
	}
}
