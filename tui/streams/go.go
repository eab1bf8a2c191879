package streams

import (
	"context"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// contextRows is how many rows stand before the one that was sought, so that
// it is seen among its neighbours.
const contextRows = 20

// soughtReply is a list that begins a little before what was sought.
type soughtReply struct {
	of   source
	seek int64 // position in the stream, or global position

	missing string // why there is no such place; "": there is
}

// locate goes where the palette, another page or a message points to.
func (p *streams) locate(t *page.Turn, l page.Location) {
	came, before := p.left, p.way.top()
	p.left = nil
	p.way.giveUp()
	p.tabs.park(t)
	p.front.clear()
	p.tabs.open = nil
	p.lead(t, l)
	if p.front.lanes != nil {
		p.front.lanes.came = came
	} else if p.way.top() != before {
		p.way.top().came, p.way.top().brought = came, p.way.top().of.filter.String()
	}
	if p.tabs.open != nil {
		p.tabs.open.came = came
	}
}

func (p *streams) lead(t *page.Turn, l page.Location) {
	if l.Tab != "" {
		defer p.tabs.turnToNamed(t, l)
	}
	switch {
	case l.Message != nil && l.Lanes:
		p.front.lanes = newLanes(t, p.way.next(), l.Message)
		return
	case l.Message != nil:
		p.way.followProcess(t, l.Message)
		return
	case l.Namespaces:
		p.way.stack = p.way.stack[:1]
	case l.Stream != "":
		p.way.into(source{kind: listStreams, namespace: t.Namespace, category: store.Category(l.Stream)}, l.Stream)
		p.way.stack = append(p.way.stack, p.way.newList(source{kind: listMessages, namespace: t.Namespace,
			category: store.Category(l.Stream), stream: l.Stream}, -1))
		if l.HasPosition {
			position := l.Position
			p.way.top().seek = &position
		}
	case l.Filter != "":
		of := source{kind: listMessages, namespace: t.Namespace, category: l.Category, filter: kit.RestoredFilter(t, l.Filter)}
		p.way.into(of, "")
		if l.GlobalPosition > 0 || !l.At.IsZero() {
			p.way.seekTo(t, l.GlobalPosition, l.At)
			return
		}
	case l.Category != "":
		if l.GlobalPosition > 0 || !l.At.IsZero() {
			p.way.into(source{kind: listMessages, namespace: t.Namespace, category: l.Category}, "")
			p.way.seekTo(t, l.GlobalPosition, l.At)
			return
		}
		p.way.into(source{kind: listStreams, namespace: t.Namespace, category: l.Category}, "")
	case l.GlobalPosition > 0 || !l.At.IsZero():
		if p.way.top().of.kind != listMessages {
			p.way.into(source{kind: listMessages, namespace: t.Namespace}, "")
		}
		p.way.seekTo(t, l.GlobalPosition, l.At)
		return
	case l.Tab != "" && len(p.way.stack) > 2: // of the namespace
		p.way.stack = p.way.stack[:2]
	case l.Tab != "" && len(p.way.stack) < 2:
		p.begin(t.Env)
	}
	p.way.moved()
	p.way.top().pull(t)
}

// pursuit is where the time cursor was followed to.
type pursuit struct {
	shown  bool      // the page is on the screen
	sought time.Time // zero: nowhere, or it has moved since
}

// moved reports whether the messages of the time cursor are to be looked for: once for
// each place of it, as soon as the page is on the screen. From there on that is walked
// freely.
func (c *pursuit) moved(t *page.Turn, msg any) bool {
	switch msg.(type) {
	case page.AtMsg:
		c.sought = time.Time{}
	case page.ShowMsg:
		c.shown = true
	case page.HideMsg:
		c.shown = false
	}
	if !c.shown || c.sought.Equal(t.At) {
		return false
	}
	c.sought = t.At
	return !t.At.IsZero()
}

// seek looks for the messages of the time cursor. An open tab follows that itself, and
// stays: only the messages that it stands beside are looked up.
func (p *streams) seek(t *page.Turn) {
	switch {
	case p.tabs.open == nil:
		p.locate(t, page.Location{At: t.At})
	case p.way.top().of.kind == listMessages:
		p.way.seekTo(t, 0, t.At)
	}
}

// seekTo asks where a global position or a time stands in the innermost list
// of messages.
func (w *way) seekTo(t *page.Turn, global int64, at time.Time) {
	of := w.top().of.plain()
	of.since = at
	w.seeking = w.next()
	t.Ask(w.seeking, func(ctx context.Context, c *client.Client) (any, error) {
		c = c.In(of.namespace)
		if !at.IsZero() {
			var err error
			if global, err = c.PositionAt(ctx, at); err != nil {
				return nil, err
			}
		} else if missing, err := beyondHead(ctx, c, of.namespace, global); err != nil || missing != "" {
			return soughtReply{missing: missing}, err
		}
		if of.stream != "" {
			return of.seekStream(ctx, c, global)
		}
		return of.seekCategory(ctx, c, global)
	})
}

// seekStream finds the stream position of the first message at or after a
// global position.
func (s source) seekStream(ctx context.Context, c *client.Client, global int64) (any, error) {
	list, err := c.ReadStream(ctx, client.StreamQuery{Stream: s.stream, GlobalPosition: global, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(list) == 1 {
		return soughtReply{of: s, seek: list[0].Position}, nil
	}
	version, err := c.Version(ctx, s.stream)
	return soughtReply{of: s, seek: max(version, 0)}, err
}

// seekCategory makes the list begin some rows before the position.
func (s source) seekCategory(ctx context.Context, c *client.Client, global int64) (any, error) {
	q := client.CategoryQuery{Category: s.category, GlobalPosition: global + 1, Limit: contextRows}
	if s.oldest {
		q.GlobalPosition, q.Backward = global-1, true
	}
	s.from = 0
	if s.oldest && q.GlobalPosition < 1 {
		return soughtReply{of: s, seek: global}, nil
	}
	before, err := s.around(ctx, c, q)
	if client.NotOffered(err) && s.oldest {
		s.from = global
		return soughtReply{of: s, seek: global}, nil
	}
	if err == nil && len(before) == contextRows {
		s.from = before[len(before)-1].GlobalPosition
	}
	return soughtReply{of: s, seek: global}, err
}

func (s source) around(ctx context.Context, c *client.Client, q client.CategoryQuery) ([]store.Message, error) {
	if s.process == "" {
		return c.ReadCategory(ctx, q)
	}
	s.oldest = !q.Backward
	ask := s.query(q.GlobalPosition)
	ask.Limit = q.Limit
	p, err := c.ScanPage(ctx, ask)
	return p.Messages, err
}

// giveUp leaves what is sought alone: the user goes elsewhere.
func (w *way) giveUp() { w.seeking = w.next() }

// sought shows what was sought in the place of the innermost list, and reports
// whether it was found.
func (w *way) sought(t *page.Turn, r soughtReply, err error) bool {
	switch {
	case client.NotOffered(err):
		t.Toast(page.LevelWarn, "this server cannot look up times or read backward")
	case client.Unreachable(err):
	case err != nil:
		t.Toast(page.LevelError, "go to: %v", err)
	case r.missing != "":
		t.Toast(page.LevelWarn, "%s", r.missing)
	case !r.of.sameAs(w.top().of): // the user went in or out meanwhile
	default:
		w.replace(t, r.of).seek = &r.seek
		return true
	}
	return false
}

// prompted takes what was typed into one of the page's prompts.
func (p *streams) prompted(t *page.Turn, msg page.PromptMsg) {
	gen := p.way.next() // of an export that may begin
	switch {
	case p.writing.prompted(t, msg, gen):
		return
	case p.front.cover.Picker != nil && p.front.cover.Picker.Prompted(t, msg), p.export.Prompted(t, msg, gen):
		return
	case msg.ID == "search":
		p.typedSearch(t, msg)
		return
	case msg.ID == kit.SortPrompt:
		p.way.typedSort(t, msg)
		return
	case msg.ID == "filter":
		if f, ok := p.typing.Typed(t, msg, filter.Parse); ok {
			p.way.setFilter(t, f)
		}
		return
	case msg.State == page.PromptCancelled && msg.ID != "prefix":
		return
	}
	switch msg.ID {
	case "prefix":
		p.way.sift(t, msg.Text)
	case "position":
		p.toPosition(t, msg.Text)
	case "time":
		at, err := moment.ParseTime(msg.Text, t.Now)
		if err != nil {
			t.Toast(page.LevelWarn, "%v", err)
			return
		}
		if p.way.top().of.kind != listMessages {
			t.Go(page.Location{Page: page.Streams, At: at})
			return
		}
		t.Leave(p.Spot())
		p.way.seekTo(t, 0, at)
	}
}

func (p *streams) typedSearch(t *page.Turn, msg page.PromptMsg) {
	if msg.State != page.PromptCancelled {
		p.query = msg.Text
	}
	switch {
	case p.front.open != nil && msg.State == page.PromptCancelled:
		p.front.open.Search("")
	case p.front.open != nil:
		if p.front.open.Search(msg.Text) == 0 && msg.State == page.PromptDone && msg.Text != "" {
			t.Toast(page.LevelWarn, "%q is not in this message", msg.Text)
		}
	case msg.State == page.PromptDone:
		p.way.top().search(t, p.query, 1, true)
	}
}

func (w *way) typedSort(t *page.Turn, msg page.PromptMsg) {
	top := w.top()
	var chosen kit.Sorting
	if chosen = top.sort; !chosen.Prompted(t, msg, top.grid) {
		return
	}
	column := chosen.Column
	if !chosen.On {
		column = top.sort.Column
	}
	top.sort.Show(top.grid) // the list itself is sorted by the same way as by a click
	w.sortBy(t, column)
}

func (p *streams) toPosition(t *page.Turn, typed string) {
	n, err := kit.ParsePosition(typed)
	top := p.way.top()
	switch {
	case err != nil:
		t.Toast(page.LevelWarn, "%v", err)
	case top.of.kind != listMessages:
		t.Go(page.Location{Page: page.Streams, GlobalPosition: max(n, 1)})
	case top.of.stream == "":
		t.Leave(p.Spot())
		p.way.seekTo(t, max(n, 1), time.Time{})
	case top.of.stream != "" && top.read && n > top.news.base+top.news.rows:
		t.Toast(page.LevelWarn, "stream %s ends at position %s", top.of.stream, text.Count(top.news.base+top.news.rows))
	case top.pager.random != nil:
		t.Leave(p.Spot())
		p.front.open = nil
		top.grid.SetCursor(top.rowOf(n))
	default:
		t.Leave(p.Spot())
		of := top.of.plain()
		of.from = n
		p.way.replace(t, of)
	}
}

// askFilter opens the filter of the innermost list. Those that are sifted in
// memory, and prefixes, bite while they are typed.
func (p *streams) askFilter(t *page.Turn) {
	top := p.way.top()
	switch top.of.kind {
	case listStreams:
		t.Prompt(page.Prompt{ID: "prefix", Label: "prefix", Hint: "prefix of the stream names", Text: top.of.prefix, Live: true})
	case listMessages:
		p.typing.Ask(t, top.of.filter, kit.FilterHint)
	default:
		t.Prompt(page.Prompt{ID: "prefix", Label: "filter", Hint: "text in the name", Text: top.find, Live: true})
	}
}

// setFilter shows only the messages that pass.
func (w *way) setFilter(t *page.Turn, f filter.Filter) {
	of := w.top().of
	if of.kind == listMessages && f.String() != of.filter.String() {
		if at, all := w.wholes(); all {
			kit.SayUnseen(t, f, at)
		}
		of.filter = f
		w.replace(t, of)
	}
}

// sift keeps the streams with a prefix, and of other lists the rows with a text.
func (w *way) sift(t *page.Turn, typed string) {
	top := w.top()
	of := top.of
	switch {
	case of.kind == listMessages:
	case of.kind != listStreams:
		top.find = typed
		top.sift()
	case of.prefix != typed:
		of.prefix = typed
		w.replace(t, of)
	}
}

func (w *way) clearFilter(t *page.Turn) {
	w.setFilter(t, filter.Filter{})
	w.sift(t, "")
}
