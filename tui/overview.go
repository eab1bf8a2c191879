package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// categoriesEvery is how often the categories are counted while they are seen.
const categoriesEvery = 2 * time.Second

// spans are the lengths of the time axis, in seconds, that zooming walks
// through.
func spans() []int { return []int{60, 300, 900, hour} }

// overview is the first page: what the engine does now and did in the past
// hour. Figures come with the shell's samples; the past, and what was missed
// while the page was hidden, from the server's history.
type overview struct {
	past history
	busy busy
	feed engineFeed // its events; figures come with the samples

	span   int // index into spans
	cursor int // seconds before the last sample; -1: live

	gen        uint64
	historyGen uint64 // of the question under way; 0: none
	countGen   uint64
	asked      bool      // the history was asked for and had nothing new
	counted    time.Time // when the categories were asked for last
	fault      string    // why the last question failed

	live    Live // of the last frame
	version int  // rises with everything that is seen
	memo    overviewMemo
}

func newOverview() *overview { return &overview{span: 1, cursor: -1} }

// Update implements [Pane].
func (p *overview) Update(t *Turn, msg any) {
	switch msg := msg.(type) {
	case ShowMsg:
		p.asked = false
	case ReconnectMsg:
		p.asked, p.historyGen, p.countGen = false, 0, 0
		p.counted = time.Time{}
		p.feed = engineFeed{} // another process counts its events from 1 again
	case NamespaceMsg:
		p.busy, p.countGen, p.historyGen = busy{}, 0, 0
		p.counted = time.Time{}
		p.feed.eventGen = 0
	case FrameMsg:
		p.frame(t)
		return
	case Reply:
		p.replied(t, msg)
	case ActionMsg:
		p.act(t, msg.Action)
	case tea.MouseWheelMsg:
		p.zoom(wheel(msg.Button))
	}
	p.version++
}

// frame takes the newest sample and asks for what is missing.
func (p *overview) frame(t *Turn) {
	live := t.Live
	if live.HasSample != p.live.HasSample || live.NoFigures != p.live.NoFigures || live.HasInfo != p.live.HasInfo {
		p.changed(t)
	}
	p.live = live
	if live.HasSample {
		p.sample(t, live.Sample)
	}
	p.feed.askEvents(t, &p.gen, engineEvery)
	if p.countGen == 0 && t.Now.Sub(p.counted) >= categoriesEvery {
		p.counted = t.Now
		p.gen++
		p.countGen = p.gen
		t.Ask(p.gen, func(ctx context.Context, c *client.Client) (any, error) { return c.Categories(ctx) })
	}
}

// sample adds the newest second; when it does not follow on the last one, the
// history is asked for what lies between.
func (p *overview) sample(t *Turn, s wire.Sample) {
	if !s.Time.After(p.past.last.at) {
		return
	}
	gap := s.Time.Sub(p.past.last.at) > 1500*time.Millisecond
	if gap && !p.asked && p.historyGen == 0 {
		since := p.past.last.at
		if since.IsZero() {
			since = s.Time.Add(-time.Hour)
		}
		p.gen++
		p.historyGen, p.asked = p.gen, true
		t.Ask(p.gen, func(ctx context.Context, c *client.Client) (any, error) { return c.In("").History(ctx, since) })
	}
	if p.historyGen != 0 {
		return // samples are kept in order: what is under way comes first
	}
	p.asked = false
	p.add(s)
	p.changed(t)
}

// add takes a second; a cursor in the past stays on its second.
func (p *overview) add(s wire.Sample) {
	before := p.past.last.index
	if p.past.add(s) && p.cursor >= 0 && before > 0 {
		p.cursor = min(p.cursor+int(p.past.last.index-before), hour-1)
	}
}

func (p *overview) changed(t *Turn) {
	p.version++
	t.Redraw()
}

func (p *overview) replied(t *Turn, msg Reply) {
	if news := p.feed.replied(msg); news.mine {
		if !news.changed {
			t.Same()
			p.version-- // the same page
		}
		return
	}
	switch msg.Gen {
	case p.historyGen:
		p.historyGen = 0
	case p.countGen:
		p.countGen = 0
	default:
		return
	}
	if p.fault = ""; msg.Err != nil {
		if !client.NotOffered(msg.Err) && !client.Unreachable(msg.Err) {
			p.fault = msg.Err.Error()
		}
		return
	}
	switch r := msg.Value.(type) {
	case []wire.Sample:
		for _, s := range r {
			before := p.past.last.at
			p.add(s)
			p.asked = p.asked && p.past.last.at.Equal(before) // it helps: the next gap may ask again
		}
	case []store.CategoryCount:
		p.busy.look(t.Now, r)
	}
}

func (p *overview) act(t *Turn, a Action) {
	switch a {
	case ActZoomIn:
		p.zoom(-1)
	case ActZoomOut:
		p.zoom(1)
	case ActLeft:
		p.walk(1)
	case ActRight:
		p.walk(-1)
	case ActNow, ActOut:
		p.cursor = -1
	case ActRefresh:
		p.counted = time.Time{}
	case ActOpen:
		if len(p.busy.ranked) > 0 {
			t.Go(Location{Page: PageStreams, Category: p.busy.ranked[0].category})
		}
	}
}

func (p *overview) zoom(n int) {
	p.span = min(max(p.span+n, 0), len(spans())-1)
}

// walk moves the time cursor into the past (n > 0) or back, a sixtieth of the
// axis at a time; walking past the newest second is live again.
func (p *overview) walk(n int) {
	step := spans()[p.span] / 60
	if p.cursor < 0 && n > 0 {
		p.cursor = 0
	}
	if p.cursor += n * step; p.cursor < 0 {
		p.cursor = -1
	}
	p.cursor = min(p.cursor, spans()[p.span]-1)
}

// Bindings implements [Pane].
func (p *overview) Bindings() []Binding {
	return []Binding{
		Bind(ActZoomIn, "shorter time axis", "zoom in"),
		Bind(ActZoomOut, "longer time axis", "zoom out"),
		Bind(ActLeft, "time cursor into the past", "back in time"),
		Bind(ActRight, "time cursor towards now", ""),
		Bind(ActNow, "live again", "live"),
		Bind(ActOpen, "streams of the busiest category", "busiest category"),
		Bind(ActRefresh, "count the categories now", ""),
		Bind(ActOut, "leave the time cursor", ""),
	}
}
