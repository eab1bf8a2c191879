package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// categoriesEvery is how often the categories are counted while they are seen.
const categoriesEvery = 2 * time.Second

// spans are the lengths of the time axis, in seconds, that zooming walks
// through.
func spans() []int { return []int{60, 300, 900, hour} }

// overview is the first page: what the engine does now and did in the past
// hour, as far as [Env.Past] knows it.
type overview struct {
	busy busy
	feed engineFeed // its events; figures come with the samples

	span   int  // index into spans
	zoomed bool // by the user: the axis does not follow what there is any more

	gen      uint64
	countGen uint64    // of the question under way; 0: none
	counted  time.Time // when the categories were asked for last
	fault    string    // why the last question failed

	axis    timeAxis // as it was drawn last
	room    [][]float64
	lent    int   // of room, in the drawing under way
	live    Live  // of the last frame
	last    int64 // the newest second then
	version int   // rises with everything that is seen
	memo    overviewMemo
}

func newOverview() *overview { return &overview{} }

// Update implements [Pane].
func (p *overview) Update(t *Turn, msg any) {
	switch msg := msg.(type) {
	case AtMsg:
		p.showCursor(&t.Env)
	case ReconnectMsg:
		p.countGen, p.counted = 0, time.Time{}
		p.feed = engineFeed{} // another process counts its events from 1 again
	case NamespaceMsg:
		p.busy, p.countGen = busy{}, 0
		p.counted = time.Time{}
		p.feed.eventGen = 0
	case FrameMsg:
		p.frame(t)
		return
	case Reply:
		p.replied(t, msg)
	case ActionMsg:
		p.act(t, msg.Action)
	case RestoreMsg:
		p.restore(t, msg)
	case tea.MouseWheelMsg:
		p.zoom(wheel(msg.Button))
	case tea.MouseClickMsg:
		p.click(t, msg.X, msg.Y)
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
	if t.Past.last.index != p.last || p.widen(t.Past) {
		p.last = t.Past.last.index
		p.changed(t)
	}
	p.feed.askEvents(t, &p.gen, engineEvery)
	if p.countGen == 0 && t.Now.Sub(p.counted) >= categoriesEvery {
		p.counted = t.Now
		p.gen++
		p.countGen = p.gen
		t.Ask(p.gen, func(ctx context.Context, c *client.Client) (any, error) { return c.Categories(ctx) })
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
	if msg.Gen != p.countGen {
		return
	}
	p.countGen = 0
	if p.fault = ""; msg.Err != nil {
		if !client.NotOffered(msg.Err) && !client.Unreachable(msg.Err) {
			p.fault = msg.Err.Error()
		}
		return
	}
	if counts, ok := msg.Value.([]store.CategoryCount); ok {
		p.busy.look(t.Now, counts)
	}
}

func (p *overview) act(t *Turn, a Action) {
	switch a {
	case ActZoomIn:
		p.zoom(-1)
	case ActZoomOut:
		p.zoom(1)
	case ActLeft:
		p.walk(t, 1)
	case ActRight:
		p.walk(t, -1)
	case ActOut:
		t.SetAt(time.Time{})
	case ActRefresh:
		p.counted = time.Time{}
	case ActCopyView:
		t.Copy("this view as a command", evtui(t.Env, "stats", "--watch"))
	case ActOpen:
		if row, ok := p.busiest(&t.Env); ok {
			t.Go(Location{Page: PageStreams, Namespace: row.namespace, Category: row.category})
		}
	}
}

// widen makes the axis longer than a minute once there is more to show, for the
// user who has not chosen one.
func (p *overview) widen(past *past) bool {
	if p.zoomed || p.span > 0 {
		return false
	}
	for before := spans()[0]; before < spans()[1]; before++ {
		if _, known := past.before(before); known {
			p.span = 1
			return true
		}
	}
	return false
}

func (p *overview) zoom(n int) {
	p.zoomed = true
	p.span = min(max(p.span+n, 0), len(spans())-1)
}

// Bindings implements [Pane].
func (p *overview) Bindings() []Binding {
	return []Binding{
		Bind(ActZoomIn, "shorter time axis", "zoom in"),
		Bind(ActZoomOut, "longer time axis", "zoom out"),
		Bind(ActLeft, "time cursor into the past, for every page", "back in time"),
		Bind(ActRight, "time cursor towards now, for every page", ""),
		Bind(ActOpen, "streams of the busiest category", "busiest category"),
		Bind(ActRefresh, "count the categories now", ""),
		Bind(ActOut, "leave the time cursor", ""),
		Bind(ActCopyView, "copy a command that prints these figures each second", ""),
	}
}
