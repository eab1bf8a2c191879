package overview

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// categoriesEvery is how often the categories are counted while they are seen.
const categoriesEvery = 2 * time.Second

// spans are the lengths of the time axis, in seconds, that zooming walks
// through.
func spans() []int { return []int{60, 300, 900, page.HistorySeconds} }

// overview is the first page: what the engine does now and did in the past
// hour, as far as [page.Env.Past] knows it.
type overview struct {
	busy busy
	feed kit.EngineFeed // its events; figures come with the samples

	sort   kit.Sorting // of the busiest
	span   int         // index into spans
	limit  int         // how long the axis becomes by itself, an index into spans too
	chosen bool        // limit is the user's, be it in a session before
	zoomed bool        // the user has just chosen: the axis does not follow what there is any more

	gen      uint64
	countGen uint64    // of the question under way; 0: none
	counted  time.Time // when the categories were asked for last
	recount  bool      // all of them are to be counted next
	fault    string    // why the last question failed

	axis    timeAxis // as it was drawn last
	room    [][]float64
	lent    int       // of room, in the drawing under way
	live    page.Live // of the last frame
	last    int64     // the newest second then
	version int       // rises with everything that is seen
	memo    overviewMemo
}

func newOverview() *overview { return &overview{limit: 1} }

// Update implements [page.Pane].
func (p *overview) Update(t *page.Turn, msg any) {
	switch msg := msg.(type) {
	case page.AtMsg:
		p.showCursor(&t.Env)
	case page.ReconnectMsg:
		p.countGen, p.counted = 0, time.Time{}
		p.feed = kit.EngineFeed{} // another process counts its events from 1 again
	case page.NamespaceMsg:
		p.busy, p.countGen = busy{}, 0
		p.counted = time.Time{}
		p.feed.EventGen = 0
	case page.FrameMsg:
		p.frame(t)
		return
	case page.Reply:
		p.replied(t, msg)
	case page.ActionMsg:
		p.act(t, msg.Action)
	case page.PromptMsg:
		p.sort.PromptedOf(t, msg, busyHeads())
	case page.RestoreMsg:
		p.restore(t, msg)
	case tea.MouseWheelMsg:
		p.zoom(kit.Wheel(msg.Button))
	case tea.MouseClickMsg:
		p.click(t, msg.X, msg.Y)
	}
	p.version++
}

// frame takes the newest sample and asks for what is missing.
func (p *overview) frame(t *page.Turn) {
	live := t.Live
	if live.HasSample != p.live.HasSample || live.NoFigures != p.live.NoFigures || live.HasInfo != p.live.HasInfo {
		p.changed(t)
	}
	p.live = live
	if t.Past.Last.Index != p.last {
		p.last = t.Past.Last.Index
		p.widen(t.Past)
		p.changed(t)
	}
	p.feed.AskEvents(t, &p.gen, kit.EngineEvery)
	if p.countGen == 0 && t.Now.Sub(p.counted) >= categoriesEvery {
		p.counted = t.Now
		p.gen++
		p.countGen = p.gen
		t.Ask(p.gen, p.count(&t.Env))
	}
}

func (p *overview) changed(t *page.Turn) {
	p.version++
	t.Redraw()
}

func (p *overview) replied(t *page.Turn, msg page.Reply) {
	if news := p.feed.Replied(msg); news.Mine {
		if !news.Changed {
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
	switch counts := msg.Value.(type) {
	case []store.CategoryCount:
		p.busy.look(t.Now, counts)
	case someCounts:
		p.busy.lookAt(t.Now, counts)
	}
}

// someCounts are the counts of some categories, and of all together.
type someCounts struct {
	list   []store.CategoryCount
	totals store.CategoryTotals
}

// count asks for the counts of the categories: of all of them, or where there are
// many, once they are known, of those that can be seen.
func (p *overview) count(env *page.Env) page.Call {
	if p.busy.looked.IsZero() || p.busy.categories <= busyAll || p.recount {
		p.recount = false
		return func(ctx context.Context, c *client.Client) (any, error) { return c.Categories(ctx) }
	}
	names := p.busy.seen(env)
	return func(ctx context.Context, c *client.Client) (any, error) {
		list, totals, err := c.CountCategories(ctx, names...)
		return someCounts{list, totals}, err
	}
}

func (p *overview) act(t *page.Turn, a page.Action) {
	switch a {
	case page.ActZoomIn:
		p.zoom(-1)
	case page.ActZoomOut:
		p.zoom(1)
	case page.ActLeft:
		p.walk(t, 1)
	case page.ActRight:
		p.walk(t, -1)
	case page.ActOut:
		t.SetAt(time.Time{})
	case page.ActSort:
		p.sort.AskOf(t, busyHeads())
	case page.ActRefresh:
		p.counted, p.recount = time.Time{}, true
	case page.ActCopyView:
		t.Copy("this view as a command", kit.Command(t.Env, "stats", "--watch"))
	case page.ActOpen:
		if row, ok := p.busiest(&t.Env); ok {
			t.Go(page.Location{Page: page.Streams, Namespace: row.Namespace, Category: row.Category})
		}
	}
}

// widen makes the axis longer once there is more to show, as long as the user
// once chose it, else no longer than five minutes: on an axis of an hour a server
// that has just started would be one column.
func (p *overview) widen(past *page.Past) {
	if p.zoomed || p.span >= p.limit {
		return
	}
	for oldest := past.Oldest(); p.span < p.limit && oldest >= spans()[p.span]; {
		p.span++
	}
}

func (p *overview) zoom(n int) {
	p.span = min(max(p.span+n, 0), len(spans())-1)
	p.limit, p.chosen, p.zoomed = p.span, true, true
}

// Bindings implements [page.Pane].
func (p *overview) Bindings() []page.Binding {
	return []page.Binding{
		page.Bind(page.ActZoomIn, "shorter time axis", "zoom in"),
		page.Bind(page.ActZoomOut, "longer time axis", "zoom out"),
		page.Bind(page.ActLeft, "time cursor into the past, for every page", "back in time"),
		page.Bind(page.ActRight, "time cursor towards now, for every page", ""),
		page.Bind(page.ActOpen, "streams of the busiest category", "busiest category"),
		page.Bind(page.ActSort, "sort the busiest by a column: its letter follows", ""),
		page.Bind(page.ActRefresh, "count the categories now", ""),
		page.Bind(page.ActOut, "return to live", ""),
		page.Bind(page.ActCopyView, "copy a command that prints these stats each second", ""),
	}
}

// Spec is the page for the shell.
func Spec() page.Spec {
	return page.Spec{Name: page.Overview, Action: "overview", New: func(page.Setup) page.Pane { return newOverview() }, Live: true}
}

// Linear implements [page.Linear]: figures instead of charts.
func (p *overview) Linear(env page.Env) []string {
	const w = 400 // nothing is cut
	d := p.drawing(env)
	p.lent = 0
	if reason := p.noFigures(&env); reason != "" {
		return append([]string{reason}, d.categories(w, 20)...)
	}
	lines := []string{d.totals(w), d.health(w)}
	for _, panel := range panels(28) {
		c := d.build(panel, spans()[p.span])
		lines = append(lines, d.title(panel, &c, w))
	}
	events := d.onAxis(spans()[p.span])
	lines = append(lines, "events: "+d.laneLegend(events, w))
	return append(lines, d.categories(w, 20)...)
}
