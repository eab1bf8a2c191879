package groups

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// How often is asked again while the page is seen. A distribution that takes
// long is asked for less often.
const (
	groupsCountEvery = 3 * time.Second
	groupsDistEvery  = 3 * time.Second
	groupsScanEvery  = 5 * time.Second // and as much again for each few pages that it takes
	groupsShare      = 20              // at most 1/20 of the time is spent on distributions, and on lists of categories
)

// distReply is a distribution with the time it took.
type distReply struct {
	dist wire.Distribution
	took time.Duration
}

// frame asks for what is missing or old, one question of a kind at a time.
func (p *groups) frame(t *page.Turn) {
	a := &p.asks
	if a.counts == 0 && t.Now.Sub(a.counted) >= max(groupsCountEvery, groupsShare*a.countTook) {
		a.counted = t.Now
		a.counts = p.ask(t, func(ctx context.Context, c *client.Client) (any, error) { return c.Categories(ctx) })
	}
	if p.key == "" || !p.rested {
		return
	}
	p.askDistribution(t)
	p.seen.ask(t, p)
	if p.scan.category != p.key || p.drawing().outdated(t.Now) {
		p.scan = placement{category: p.key}
		a.streams, a.scanned = 0, t.Now
	}
	p.askStreams(t)
}

func (p *groups) ask(t *page.Turn, call page.Call) uint64 {
	p.asks.gen++
	t.Ask(p.asks.gen, call)
	return p.asks.gen
}

func (p *groups) askDistribution(t *page.Turn) {
	a, category, size := &p.asks, p.key, p.size
	stale := a.distCategory != category || a.distSize != size
	if p.plain || a.dist != 0 && !stale {
		return
	}
	if !stale && t.Now.Sub(a.distributed) < max(groupsDistEvery, groupsShare*a.took) {
		return
	}
	a.distributed, a.distCategory, a.distSize = t.Now, category, size
	a.dist = p.ask(t, func(ctx context.Context, c *client.Client) (any, error) {
		start := time.Now()
		d, err := c.Distribution(ctx, category, size, hottestShown)
		return distReply{d, time.Since(start)}, err
	})
}

// askStreams reads the next page of the category's streams.
func (p *groups) askStreams(t *page.Turn) {
	if p.asks.streams != 0 || !p.scan.reading() || p.fault != "" {
		return
	}
	q := client.StreamsQuery{Category: p.key, Cursor: p.scan.cursor(), Limit: placedPage}
	p.asks.streams = p.ask(t, func(ctx context.Context, c *client.Client) (any, error) {
		page, err := c.Streams(ctx, q)
		return placedOf(page), err
	})
}

func (p *groups) replied(t *page.Turn, msg page.Reply) {
	a := &p.asks
	if msg.Gen != 0 && p.seen.replied(t, msg) {
		p.showObserved()
		return
	}
	switch msg.Gen {
	case a.counts:
		a.counts, a.countTook = 0, t.Now.Sub(a.counted)
	case a.dist:
		a.dist = 0
	case a.streams:
		a.streams = 0
	case a.sums:
		a.sums = 0
	default:
		return
	}
	if msg.Err != nil {
		_, dist := msg.Value.(distReply)
		switch {
		case dist && client.NotOffered(msg.Err):
			p.plain = true
		case !client.Unreachable(msg.Err):
			p.fault = msg.Err.Error()
		}
		p.show(t)
		return
	}
	p.fault = ""
	switch r := msg.Value.(type) {
	case []store.CategoryCount:
		p.take(r)
	case distReply:
		a.took = r.took
		p.rates.look(t.Now, &r.dist)
		p.dist = &r.dist
	case sums:
		p.summed(r)
	case []placed:
		p.scan.add(r)
		if p.place.category != p.key || !p.place.done || !p.scan.reading() {
			p.place = p.scan
		}
		p.askStreams(t)
	}
	p.show(t)
}

// take sets the list of categories.
func (p *groups) take(counts []store.CategoryCount) {
	p.all, p.listed = counts, true
	p.sift()
	if gone := !p.open && p.count() == nil; (p.key == "" || gone) && len(p.counts) > 0 {
		p.key = p.counts[0].Category
	}
}

// complete reports whether place holds all the streams that there are now:
// otherwise what is worked out from it is "at least".
func (p *groups) complete() bool {
	c := p.count()
	return p.place.category == p.key && p.place.done && (c == nil || c.StreamCount <= int64(len(p.place.streams)))
}

// exact reports whether place also holds the messages that there are now.
func (p drawing) exact() bool {
	c := p.count()
	return p.complete() && (c == nil || c.MessageCount <= p.place.messages)
}

// outdated reports whether the streams are to be read again. What was too much
// to read in whole is not, unless asked for.
func (p drawing) outdated(now time.Time) bool {
	if p.exact() || p.scan.reading() || p.scan.full {
		return false
	}
	pages := len(p.scan.streams) / placedPage
	return now.Sub(p.asks.scanned) >= groupsScanEvery*time.Duration(4+pages)/4
}

func (p *groups) act(t *page.Turn, action page.Action) {
	switch action {
	case page.ActMore:
		p.resize(t, 1)
	case page.ActLess:
		p.resize(t, -1)
	case page.ActOpen:
		p.enter(t)
	case page.ActOut:
		p.out(t)
	case page.ActNextPane, page.ActPrevPane:
		p.open = !p.open
	case page.ActNextTab:
		p.turn(1)
	case page.ActPrevTab:
		p.turn(-1)
	case page.ActRefresh:
		p.asks.counted, p.asks.distributed, p.asks.took = time.Time{}, time.Time{}, 0
		p.seen.asked, p.seen.refused = time.Time{}, ""
		p.scan, p.asks.streams, p.fault = placement{}, 0, ""
		p.rested = true
	case page.ActTail:
		if p.key != "" {
			t.Go(page.Location{Page: page.Tail, Category: p.key})
		}
	case page.ActGoStream:
		p.goStream(t)
	case page.ActFilter:
		t.Prompt(page.Prompt{ID: kit.FilterPrompt, Label: "filter", Hint: "text in the category's name", Text: p.find, Live: true})
	case page.ActCopyView, page.ActCopyValue, page.ActCopyStream:
		p.copyRow(t, action)
	default:
		if !p.search.Act(t, action, p.focused()) {
			p.moveCursor(t, action)
		}
	}
}

func (p *groups) moveCursor(t *page.Turn, action page.Action) {
	g := p.focused()
	switch action {
	case page.ActUp:
		g.Move(-1)
	case page.ActDown:
		g.Move(1)
	case page.ActHalfUp:
		g.HalfPage(-1)
	case page.ActHalfDown:
		g.HalfPage(1)
	case page.ActPageUp:
		g.Page(-1)
	case page.ActPageDown:
		g.Page(1)
	case page.ActTop:
		g.Home()
	case page.ActBottom:
		g.End()
	}
	p.follow(t)
}

// enter goes from the list to the distribution, and from there to the stream.
func (p *groups) enter(t *page.Turn) {
	if !p.open {
		p.open = p.key != ""
		return
	}
	p.goStream(t)
}

// goStream opens the stream that the cursor names: a moving one, a member's
// hottest, or where an observed consumer is.
func (p *groups) goStream(t *page.Turn) {
	if l := p.drawing().pointed(); l.Stream != "" || l.GlobalPosition > 0 {
		t.Go(l)
	}
}

// pointed is where the cursor points at: the zero place for nowhere.
func (p drawing) pointed() page.Location {
	row, l := p.focused().Cursor(), page.Location{Page: page.Streams}
	switch {
	case !p.open || row < 0:
	case p.tab == tabMoves:
		l.Stream = p.moving.moves[row].stream
	case p.tab == tabObserved:
		l = p.whereConsumer(&p.seen.rows[row])
	default:
		if hot := p.dist.Members[p.order[row]].Hottest; len(hot) > 0 {
			l.Stream = hot[0].Stream
		}
	}
	return l
}

// whereConsumer is the stream in which a consumer records its position, or the
// message that it would read next.
func (p drawing) whereConsumer(r *observedRow) page.Location {
	switch {
	case r.Via == wire.ViaPosition:
		return page.Location{Page: page.Streams, Stream: positionStream(p.key, r.Consumer)}
	case r.Position != nil:
		return page.Location{Page: page.Streams, Category: p.key, GlobalPosition: max(*r.Position, 1)}
	}
	return page.Location{}
}

func (p *groups) turn(n int) { p.tab = (p.tab + groupsTab(n) + groupsTabs) % groupsTabs }

// Bindings implements [page.Pane].
func (p *groups) Bindings() []page.Binding {
	open := page.Bind(page.ActOpen, "open the distribution", "open")
	if p.open {
		open = page.Bind(page.ActOpen, "go to the stream under the cursor", "stream")
	}
	return append(append([]page.Binding{
		page.Bind(page.ActMore, "one member more", "member more"),
		page.Bind(page.ActLess, "one member less", "member less"),
		open,
		page.Bind(page.ActOut, "back to the categories", "back"),
		page.Bind(page.ActNextTab, "next tab: members, streams that move, observed consumers", "tabs"),
		page.Bind(page.ActPrevTab, "previous tab", ""),
		page.Bind(page.ActTail, "tail the category live", "tail"),
		page.Bind(page.ActFilter, "filter the categories by name", "filter"),
		page.Bind(page.ActRefresh, "count again", "refresh"),
		page.Bind(page.ActGoStream, "go to the stream under the cursor", ""),
		page.Bind(page.ActCopyValue, "copy the category's or the stream's name", ""),
		page.Bind(page.ActCopyStream, "copy the stream's name", ""),
		page.Bind(page.ActCopyView, "", ""),
		page.Bind(page.ActNextPane, "between list and distribution", ""),
		page.Bind(page.ActPrevPane, "between list and distribution", ""),
	}, p.search.Bindings()...), page.Movement()...)
}

// sift keeps the categories whose names hold the filter's text.
func (p *groups) sift() {
	needle := strings.ToLower(p.find)
	p.counts = p.counts[:0]
	for _, c := range p.all {
		if needle == "" || strings.Contains(strings.ToLower(c.Category), needle) {
			p.counts = append(p.counts, c)
		}
	}
	p.drawing().byName()
}

// prompted takes the filter as it is typed, and what is searched for.
func (p *groups) prompted(t *page.Turn, msg page.PromptMsg) {
	if msg.ID == kit.FinderPrompt {
		p.search.Prompted(t, msg, p.focused())
		p.follow(t)
		return
	}
	p.filter(t, msg.Text)
}

// filter keeps the categories with a text in their names; the cursor stays on
// the one that is shown, if it is among them.
func (p *groups) filter(t *page.Turn, find string) {
	p.find, p.open = strings.TrimSpace(find), false
	p.sift()
	p.show(t)
	p.follow(t)
}

// out takes the filter off, else goes back to the list.
func (p *groups) out(t *page.Turn) {
	if p.find != "" && !p.open {
		p.filter(t, "")
	}
	p.open = false
}

// copy puts names, or the view as a command, into the clipboard.
func (p *groups) copyRow(t *page.Turn, a page.Action) {
	stream := p.drawing().pointed().Stream
	switch {
	case p.key == "":
	case a == page.ActCopyView:
		t.Copy("this view as a command", p.drawing().command(t.Env))
	case stream != "":
		t.Copy("the stream "+stream, stream)
	case a == page.ActCopyValue:
		t.Copy("the category "+p.key, p.key)
	}
}

// command is the open tab as a command that prints the same.
func (p drawing) command(env page.Env) string {
	size := strconv.Itoa(p.size)
	switch {
	case p.tab == tabObserved:
		return kit.Command(env, "groups", p.key)
	case p.tab == tabMoves && p.before > 0 && p.before != p.size:
		return kit.Command(env, "groups", p.key, "--size", strconv.Itoa(p.before), "--to", size)
	}
	return kit.Command(env, "groups", p.key, "--size", size)
}
