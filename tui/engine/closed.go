package engine

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// closedEvery is how often the closed namespaces are asked for while they are
// seen.
const closedEvery = 5 * time.Second

// engineClosed are the namespaces that are closed just now, by name.
type engineClosed struct {
	all     []store.Namespace
	known   bool // list was read
	refused string
	fault   string
	gen     uint64
	asked   time.Time
}

// closedRow is a closed namespace as it is listed.
type closedRow struct {
	store.Namespace
	how store.EngineEvent // the newest that says how it came to be closed; zero where none is known
}

// closedColumns are of the list of closed namespaces.
func (p drawing) closedColumns() []kit.Column[*closedRow] {
	return []kit.Column[*closedRow]{
		{Title: "namespace", Min: 12, Flex: 1, Max: 48, Text: func(n *closedRow) string { return n.ID }},
		{
			Title: "closed at", Min: 14, Muted: true, Order: kit.By(func(n *closedRow) uint64 { return n.how.Seq }),
			Text: func(n *closedRow) string {
				at, _ := p.whyClosed(n)
				return at
			},
		},
		{
			Title: "why", Min: 22, Flex: 2, Max: 60, Cell: p.whyCell,
			Order: func(a, b *closedRow) int {
				return cmp.Or(cmp.Compare(faults(a.Namespace), faults(b.Namespace)), strings.Compare(a.how.Kind, b.how.Kind), strings.Compare(a.how.Reason, b.how.Reason))
			},
		},
		{
			Title: "messages", Min: 12, Right: true, Priority: 1, Muted: true,
			Text: func(n *closedRow) string { return text.About(n.MessageCount, n.Estimated) }, Order: kit.By(func(n *closedRow) int64 { return n.MessageCount }),
		},
		{
			Title: "last written", Min: 12, Right: true, Priority: 2, Muted: true,
			Text:  func(n *closedRow) string { return text.Ago(n.LastActivity, p.now) },
			Order: func(a, b *closedRow) int { return a.LastActivity.Compare(b.LastActivity) },
		},
	}
}

func (p drawing) whyCell(t *page.Theme, n *closedRow) grid.Cell {
	if n.Fault != "" {
		return grid.Cell{Text: t.Sym.Cross + " " + text.Sanitize(n.Fault), Pen: t.Bad}
	}
	_, why := p.whyClosed(n)
	return grid.Cell{Text: why}
}

// closings are the newest events that say how a namespace came to be closed, by
// its name.
func (p drawing) closings() map[string]store.EngineEvent {
	by := map[string]store.EngineEvent{}
	for i := range p.feed.Events {
		if e := &p.feed.Events[i]; e.Kind == store.EventClosed || e.Kind == store.EventCreated {
			by[e.Namespace] = *e
		}
	}
	return by
}

// ask asks once in a while: there may be thousands.
func (c *engineClosed) ask(t *page.Turn, gen *uint64) {
	if c.refused != "" || c.gen != 0 || t.Now.Sub(c.asked) < closedEvery {
		return
	}
	*gen++
	c.gen, c.asked = *gen, t.Now
	t.Ask(*gen, func(ctx context.Context, cl *client.Client) (any, error) { return cl.Namespaces(ctx) })
}

// replied takes what the server told.
func (c *engineClosed) replied(msg page.Reply) {
	c.gen, c.fault = 0, ""
	switch list, ok := msg.Value.([]store.Namespace); {
	case client.Unreachable(msg.Err):
	case client.Unauthorized(msg.Err):
		c.refused = "the list of namespaces needs the admin token"
	case client.NotOffered(msg.Err):
		c.refused = "not offered by this server"
	case msg.Err != nil:
		c.fault = msg.Err.Error()
	case ok:
		c.all, c.known = slices.DeleteFunc(list, func(n store.Namespace) bool { return n.Open }), true
		slices.SortFunc(c.all, func(a, b store.Namespace) int {
			return cmp.Or(-cmp.Compare(faults(a), faults(b)), strings.Compare(a.ID, b.ID))
		})
	}
}

// faults puts namespaces that cannot be used before those that can.
func faults(n store.Namespace) int {
	if n.Fault != "" {
		return 1
	}
	return 0
}

// noClosed has their list say why there are none.
func (p drawing) noClosed() {
	switch c := &p.closed; {
	case c.refused != "":
		p.gone.SetUnread(c.refused)
	case c.fault != "":
		p.gone.SetUnread(c.fault)
	case !c.known:
		p.gone.SetUnread(p.pending("asking"))
	case p.feed.Refused != "":
		p.gone.SetUnread("closed namespaces are " + p.feed.Refused)
	case len(c.all) > 0:
		p.gone.SetEmpty(p.noneKept(len(c.all)))
	default:
		p.gone.SetEmpty("every namespace is open")
	}
}

// whyClosed says when and why a namespace was closed, by the newest event that
// tells.
func (p drawing) whyClosed(n *closedRow) (at, why string) {
	switch n.how.Kind {
	case store.EventClosed:
		return text.Clock(n.how.Time, p.now), cmp.Or(n.how.Reason, "idle")
	case store.EventCreated:
		return p.theme.Sym.Dash, "never used: created at " + text.Clock(n.how.Time, p.now)
	}
	if !p.feed.Told {
		return p.theme.Sym.Dash, "not known: " + p.pending("reading events")
	}
	if events := p.feed.Events; len(events) > 0 && events[0].Seq > 1 {
		return p.theme.Sym.Dash, "not used since " + text.Clock(events[0].Time, p.now) + ", or earlier"
	}
	return p.theme.Sym.Dash, "not used since the server started"
}
