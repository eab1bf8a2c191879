package tui

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// overviewStart is the first second of the tests' past.
var overviewStart = time.Date(2026, 11, 23, 13, 52, 7, 3e6, time.UTC)

// sampleAt makes up one second: a load that begins, swings, and pauses once.
func sampleAt(i int) wire.Sample {
	swing := 1 + 0.3*math.Sin(float64(i)/20) + 0.1*math.Sin(float64(i)/3.3)
	s := wire.Sample{
		Time: overviewStart.Add(time.Duration(i) * time.Second), Subscribers: 3, Connections: 14,
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

// paneAt is a pane under test with its environment.
type paneAt struct {
	pane Pane
	env  Env
	last *Turn
}

func newPaneAt(p Pane, look Look) *paneAt {
	return &paneAt{pane: p, env: Env{
		Namespace: "default", Theme: NewTheme(true, look, false), Width: 78, Height: 19, Now: overviewStart,
		Live: Live{Connected: true}, Past: &past{},
	}}
}

// send delivers a message and returns what the pane asked for.
func (p *paneAt) send(msg any) []ask {
	p.last = &Turn{Env: p.env}
	p.pane.Update(p.last, msg)
	asks := p.last.effects.asks
	if at := p.last.effects.at; at != nil && !at.Equal(p.env.At) {
		p.env.At = *at
		asks = append(asks, p.send(AtMsg{})...)
	}
	return asks
}

// view draws the pane and checks that it is exact.
func (p *paneAt) view(t *testing.T, w, h int) string {
	t.Helper()
	p.env.Layout, p.env.Width, p.env.Height = LayoutFor(w+2, h+5), w, h
	view := p.pane.View(p.env, w, h)
	lines := strings.Split(view, "\n")
	if len(lines) != h {
		t.Fatalf("%dx%d: %d lines", w, h, len(lines))
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n != w {
			t.Fatalf("%dx%d: line %d is %d cells: %q", w, h, i, n, ansi.Strip(l))
		}
	}
	return view
}

// overviewEvents make up what the engine did until a second: a flush now and
// then, a compaction after some of them, one stall.
func overviewEvents(upto int) []store.EngineEvent {
	var out []store.EngineEvent
	add := func(i int, e store.EngineEvent) {
		e.Seq, e.Time, e.Namespace = uint64(len(out)+1), overviewStart.Add(time.Duration(i)*time.Second-300*time.Millisecond), "prod"
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
func overviewOf(t *testing.T, look Look, upto, n int) *paneAt {
	p := newPaneAt(newOverview(), look)
	p.env.Live.Info.StartedAt, p.env.Live.HasInfo = overviewStart.Add(-3*time.Hour), true
	p.send(ShowMsg{})
	for i := range upto {
		p.env.Past.add(sampleAt(i))
	}
	for i := upto; i < upto+n; i++ {
		p.env.Live.Sample, p.env.Live.HasSample = sampleAt(i), true
		p.env.Past.add(sampleAt(i))
		p.env.Now = sampleAt(i).Time.Add(200 * time.Millisecond)
		for _, a := range p.send(FrameMsg{N: i}) {
			reply := Reply{Gen: a.gen, Value: overviewCounts(i)}
			if a.gen == p.pane.(*overview).feed.eventGen {
				reply.Value = overviewEvents(i)
			}
			if rest := p.send(reply); len(rest) != 0 {
				t.Fatalf("a reply asked for more: %v", rest)
			}
		}
		p.send(FrameMsg{N: i}) // frames come several a second
	}
	return p
}

func TestOverviewGolden(t *testing.T) {
	for name, look := range map[string]Look{"colour": LookFull, "mono": LookMono} {
		for _, size := range [][2]int{{78, 19}, {118, 35}, {38, 7}, {158, 45}} {
			t.Run(fmt.Sprintf("%s/%dx%d", name, size[0]+2, size[1]+5), func(t *testing.T) {
				p := overviewOf(t, look, 540, 60)
				golden.RequireEqual(t, p.view(t, size[0], size[1]))
			})
		}
	}
}

func TestOverviewExactAtEverySize(t *testing.T) {
	full, empty := overviewOf(t, LookFull, 100, 5), newPaneAt(newOverview(), LookFull)
	ascii := overviewOf(t, LookMono, 100, 5)
	ascii.env.Theme = NewTheme(true, LookMono, true)
	for w := 1; w < 170; w += 7 {
		for h := 1; h < 50; h += 5 {
			full.view(t, w, h)
			empty.view(t, w, h)
			plain := plainView(ascii.view(t, w, h))
			if strings.ContainsFunc(plain, func(r rune) bool { return r >= 0x2190 && r <= 0x2bff }) {
				t.Fatalf("not plain at %d×%d:\n%s", w, h, plain)
			}
		}
	}
	full.view(t, 20, 5)
	full.view(t, 40, 12)
}

func TestOverviewHonestStates(t *testing.T) {
	p := newPaneAt(newOverview(), LookFull)
	if got := ansi.Strip(p.view(t, 78, 19)); !strings.Contains(got, "no samples yet") {
		t.Errorf("before the first sample:\n%s", got)
	}
	p.env.Live.NoFigures = "figures are not offered by this server"
	p.send(FrameMsg{})
	p.send(Reply{Gen: p.pane.(*overview).countGen, Value: overviewCounts(0)})
	got := ansi.Strip(p.view(t, 78, 19))
	for _, want := range []string{"figures are not offered by this server", "busiest categories", "account", "order‹U+202E›日本", "249,012 messages"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
	p.pane.(*overview).counted = time.Time{}
	p.send(FrameMsg{})
	p.send(Reply{Gen: p.pane.(*overview).countGen, Err: errors.New("boom")})
	if chips := p.pane.Chrome(p.env).Chips; chips[len(chips)-1] != "boom" {
		t.Errorf("chips %q do not tell the error", chips)
	}
	p.send(NamespaceMsg{})
	if got := ansi.Strip(p.view(t, 78, 19)); strings.Contains(got, "account") {
		t.Error("another namespace shows the old one's categories")
	}
}

func TestOverviewZoomAndCursor(t *testing.T) {
	p := overviewOf(t, LookFull, 540, 3)
	o := p.pane.(*overview)
	p.send(ActionMsg{ActZoomOut})
	if chips := o.Chrome(p.env).Chips; chips[0] != "last 15m" {
		t.Errorf("chips %q", chips)
	}
	for range 5 {
		p.send(ActionMsg{ActZoomIn})
	}
	if o.span != 0 {
		t.Errorf("span %d", o.span)
	}
	for range 10 {
		p.send(ActionMsg{ActLeft})
	}
	if p.env.asOf() != "14:00:59" || o.cursor(&p.env) != 10 {
		t.Fatalf("the cursor is at %s, %d seconds before the newest; want ten", p.env.asOf(), o.cursor(&p.env))
	}
	p.env.Past.add(sampleAt(543))
	p.env.Now = sampleAt(543).Time
	p.send(FrameMsg{})
	if p.env.asOf() != "14:00:59" || o.cursor(&p.env) != 11 {
		t.Errorf("time goes on and the cursor moves to %s, %d seconds before the newest", p.env.asOf(), o.cursor(&p.env))
	}
	for range 70 { // beyond the axis of a minute
		p.send(ActionMsg{ActLeft})
	}
	if o.cursor(&p.env) < 60 || spans()[o.span] <= o.cursor(&p.env) {
		t.Errorf("the cursor is %d seconds back on an axis of %d", o.cursor(&p.env), spans()[o.span])
	}
	p.send(ActionMsg{ActOut})
	if !p.env.At.IsZero() {
		t.Errorf("live again: the cursor is at %s", p.env.asOf())
	}
	p.send(ActionMsg{ActRight})
	if !p.env.At.IsZero() {
		t.Error("there is nothing to walk to after now")
	}
}

func TestOverviewExplainsEvents(t *testing.T) {
	p := overviewOf(t, LookFull, 440, 3)
	o := p.pane.(*overview)
	all := ansi.Strip(p.view(t, 78, 19))
	for _, want := range []string{"■ 1 stall ", "▾ 8 flushes", "◆ 2 compactions", "4 of 20 L0 sublevels in prod", "12.4 MB debt"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing:\n%s", want, all)
		}
	}
	p.env.At = p.env.Past.last.at.Add(-(442 - 401) * time.Second)
	o.version++
	got := ansi.Strip(p.view(t, 118, 35))
	if !strings.Contains(got, "13:58:47 ■ stall prod L0 file count limit exceeded") {
		t.Errorf("the event under the time cursor is not explained:\n%s", got)
	}
	p.env.At = p.env.Past.last.at.Add(-(442 - 363) * time.Second)
	o.version++
	if got := ansi.Strip(p.view(t, 118, 35)); !strings.Contains(got, "◆ compaction prod L0→L5  80 MB → 71 MB  in 1.2 s") || strings.Contains(got, "in 1.2 s  default") {
		t.Errorf("the compaction under the time cursor is not explained:\n%s", got)
	}
	p.env.At = p.env.Past.last.at.Add(-(442 - 420) * time.Second)
	o.version++
	if got := ansi.Strip(p.view(t, 118, 35)); !strings.Contains(got, "■ 1 stall ") {
		t.Errorf("where nothing happened the legend stays:\n%s", got)
	}
	p.send(ReconnectMsg{})
	p.send(FrameMsg{})
	p.send(Reply{Gen: o.feed.eventGen, Err: store.ErrNotOffered})
	if got := ansi.Strip(p.view(t, 118, 35)); !strings.Contains(got, "events are not offered by this server") {
		t.Errorf("a plain server:\n%s", got)
	}
}

func TestOverviewHealth(t *testing.T) {
	p := overviewOf(t, LookFull, 10, 1)
	o := p.pane.(*overview)
	for words, change := range map[string]func(*wire.EngineSample){
		"at ease":                 func(*wire.EngineSample) {},
		"! near stop":             func(e *wire.EngineSample) { e.Sublevels = 15 },
		"at ease  0 stalls  2 of": func(e *wire.EngineSample) { e.Memtables, e.Sublevels = 3, 2 }, // small ones: their bytes count
		"! 1 stalled":             func(e *wire.EngineSample) { e.Stalled = 1 },
		"✗ 2 log lost":            func(e *wire.EngineSample) { e.Poisoned, e.Stalled = 2, 1 },
	} {
		e := *sampleAt(0).Engine
		change(&e)
		at := p.env.Past.last.index % hour
		p.env.Past.ring[at].engine = &e
		d := o.drawing(p.env)
		line := strings.ReplaceAll(ansi.Strip(d.health(78)), "   ", "  ")
		if !strings.HasPrefix(line, " "+words) {
			t.Errorf("%q, want %q", line, words)
		}
		if p.env.Past.ring[at].engine = nil; d.health(78) != "" {
			t.Error("an engine that shows nothing has a health")
		}
	}
}

func TestHistoryOfAnUnsteadySampler(t *testing.T) {
	var h history
	at := time.Unix(1000, 490e6)
	for i := range 200 {
		// Half a second of phase and jitter: the clock's second alone would
		// count some twice and leave others out.
		jitter := time.Duration(i%7-3) * 5 * time.Millisecond
		h.add(wire.Sample{Time: at.Add(time.Duration(i)*time.Second + jitter), Appends: float64(i)})
	}
	for i, v := range h.values(200, appendsOf) {
		if v != float64(i) {
			t.Fatalf("second %d holds %v", i, v)
		}
	}
	if h.add(wire.Sample{Time: at}) {
		t.Error("an old sample was taken")
	}
	h.add(wire.Sample{Time: h.last.at.Add(10 * time.Second)})
	if v := h.values(5, appendsOf); !math.IsNaN(v[3]) || math.IsNaN(v[4]) {
		t.Errorf("a gap of ten seconds: %v", v)
	}
}

func TestBusyRates(t *testing.T) {
	var b busy
	now := overviewStart
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
	p := newPaneAt(newOverview(), LookFull)
	asks := p.send(FrameMsg{})
	if len(asks) != 2 {
		t.Fatalf("%d questions, want events and categories", len(asks))
	}
	for _, a := range asks {
		if _, err := a.call(context.Background(), c); err == nil {
			t.Error("no error from nobody")
		}
	}
}

func BenchmarkOverview(b *testing.B) {
	p := newPaneAt(newOverview(), LookFull)
	o := p.pane.(*overview)
	for i := range hour {
		p.env.Past.add(sampleAt(i))
	}
	o.busy.look(overviewStart, overviewCounts(0))
	for i := range feedMost { // as many events as are ever kept
		e := store.EngineEvent{Seq: uint64(i + 1), Kind: store.EventFlush, Time: p.env.Past.last.at.Add(time.Duration(i-feedMost) * time.Second / 2)}
		o.feed.add([]store.EngineEvent{e})
	}
	for name, span := range map[string]int{"5m": 1, "60m": 3} {
		b.Run(name, func(b *testing.B) {
			o.span = span
			for b.Loop() {
				o.version++
				o.View(p.env, 158, 45)
			}
		})
	}
}
