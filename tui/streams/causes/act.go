package causes

import (
	"context"

	tea "charm.land/bubbletea/v2"

	story "github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/internal/story/causes/search"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

func (p *Pane) act(t *page.Turn, a page.Action) {
	switch {
	case p.open != nil:
		if !p.open.Act(t, a) {
			p.actInMessage(t, a)
		}
	case p.many != nil:
		p.many.act(t, p, a)
	default:
		p.actInTree(t, a)
	}
}

func (p *Pane) actInMessage(t *page.Turn, a page.Action) {
	m := p.open.M
	switch a {
	case page.ActOut:
		p.open = nil
	case page.ActNext, page.ActPrevious:
		step := 1
		if a == page.ActPrevious {
			step = -1
		}
		p.grid.Move(step)
		p.read(t, p.node(p.grid.Cursor()))
	default:
		kit.OnMessage(t, a, m, true)
	}
}

func (p *Pane) actInTree(t *page.Turn, a page.Action) {
	n := p.node(p.grid.Cursor())
	switch {
	case a == page.ActOut, a == page.ActCancelUI:
		p.halt()
	case a == page.ActMore, a == page.ActOpen && n == nil:
		p.goOn(t)
	case a == page.ActOpen:
		p.read(t, n)
	case a == page.ActPercentiles:
		of := p.at.Stream
		if n != nil {
			of = n.Stream
		}
		p.percentiles(search.Span{Categories: []string{store.Category(of)}}, of)
	case a == page.ActRefresh:
		p.restart(t)
	case kit.MoveGrid(p.grid, a):
	case a == page.ActCopyView:
		t.Copy("this view as a command", p.command(t.Env))
	case n != nil:
		p.lead(t, a, n)
	}
}

// lead does what leads from a message of the tree elsewhere.
func (p *Pane) lead(t *page.Turn, a page.Action, n *story.Node) {
	head := store.Message{ID: n.ID, Stream: n.Stream, Position: n.Position}
	if !kit.OnMessage(t, a, &head, false) && (a == page.ActGoProcess || a == page.ActLanes) {
		p.fetch(t, story.Place(n.Stream, n.Position), readReply{forth: a})
	}
}

// Title is what the tab is called.
const Title = kit.CausesTab

// readReply is a message read whole.
type readReply struct {
	m     store.Message
	forth page.Action // what it was read for; "": to be opened
}

// read opens a message of the tree, which keeps none whole.
func (p *Pane) read(t *page.Turn, n *story.Node) {
	if n != nil {
		p.fetch(t, story.Place(n.Stream, n.Position), readReply{})
	}
}

func (p *Pane) fetch(t *page.Turn, at story.Ref, r readReply) {
	t.Ask(p.base+genMessage, func(ctx context.Context, c *client.Client) (any, error) {
		var err error
		r.m, err = search.Find(ctx, c, at)
		return r, err
	})
}

func (p *Pane) tookMessage(t *page.Turn, msg page.Reply) {
	r, ok := msg.Value.(readReply)
	switch {
	case client.Unreachable(msg.Err):
	case msg.Err != nil:
		t.Toast(page.LevelError, "read the message: %v", msg.Err)
	case !ok:
	case r.forth != "":
		t.Go(page.Location{Page: page.Streams, Message: &r.m, Lanes: r.forth == page.ActLanes})
	case p.open != nil:
		p.open.Show(&r.m)
	default:
		p.open = kit.NewMessage(&r.m)
	}
}

func (p *Pane) mouse(t *page.Turn, msg any) {
	g := p.grid
	if p.many != nil {
		g = p.many.list.Grid
	}
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		if n := kit.Wheel(msg.Button) * 3; p.open != nil {
			p.open.Active().Scroll(n)
		} else {
			g.Scroll(n)
		}
	case tea.MouseClickMsg:
		if row := g.HitRow(msg.X, msg.Y); p.open == nil && row >= 0 {
			if row == g.Cursor() {
				p.act(t, page.ActOpen)
				return
			}
			g.SetCursor(row)
		}
	}
}

// Bindings implements [page.Pane].
func (p *Pane) Bindings() []page.Binding {
	switch {
	case p.open != nil:
		return append([]page.Binding{
			page.Bind(page.ActOut, "back to the tree", "out"), page.Bind(page.ActNext, "", ""), page.Bind(page.ActPrevious, "", "prev/next"),
			page.Bind(page.ActOpen, "fold or unfold", ""), page.Bind(page.ActFold, "", "fold"), page.Bind(page.ActFoldAll, "", ""),
			page.Bind(page.ActRaw, "", "raw"), page.Bind(page.ActWrap, "", ""), page.Bind(page.ActNextPane, "", ""), page.Bind(page.ActPrevPane, "", ""),
			page.Bind(page.ActGoCauses, "the causes of this message", ""), page.Bind(page.ActGoStream, "", "stream"), page.Bind(page.ActLanes, "", "lanes"), page.Bind(page.ActGoProcess, "", ""),
			page.Bind(page.ActCopyValue, "", "copy"), page.Bind(page.ActCopyID, "", ""), page.Bind(page.ActCopyStream, "", ""), page.Bind(page.ActCopyPath, "", ""), page.Bind(page.ActCopyCurl, "", ""),
			page.Bind(page.ActLeft, "", ""), page.Bind(page.ActRight, "", ""),
		}, page.Movement()...)
	case p.many != nil:
		return p.many.bindings()
	}
	out := "back to the messages"
	if p.Within() {
		out = "stop the search"
	}
	return append([]page.Binding{
		page.Bind(page.ActOpen, "open the message; on the last row, look further for effects", "open"), page.Bind(page.ActOut, out, "out"),
		page.Bind(page.ActMore, "look further for effects", "further"), page.Bind(page.ActPercentiles, "percentiles of each hop to messages of this one's category, over many", "percentiles"),
		page.Bind(page.ActGoCauses, "the causes and effects of this message", "this one's"), page.Bind(page.ActLanes, "the same process as lanes", "lanes"),
		page.Bind(page.ActGoStream, "", ""), page.Bind(page.ActGoProcess, "", ""), page.Bind(page.ActRefresh, "look for it again", ""),
		page.Bind(page.ActCopyID, "", ""), page.Bind(page.ActCopyStream, "", ""), page.Bind(page.ActCopyView, "", ""),
		page.Bind(page.ActLeft, "", ""), page.Bind(page.ActRight, "", ""),
	}, page.Movement()...)
}
