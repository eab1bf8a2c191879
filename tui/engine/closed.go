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

// closed are the namespaces that are closed just now, by name, what is wrong first.
type closed struct {
	sight   *sight
	list    *kit.List[*closedRow]
	all     []store.Namespace
	known   bool // all was read
	refused string
	fault   string
	gen     uint64
	asked   time.Time
}

func newClosed(sight *sight, search *kit.Finder) *closed {
	c := &closed{sight: sight}
	c.list = kit.NewList(kit.ListOptions[*closedRow]{
		Columns: c.columns(), Finder: search,
		Same: func(a, b *closedRow) bool { return a.ID == b.ID },
	})
	return c
}

// restart forgets what was known; the list shows it on until it is read again.
func (c *closed) restart() { *c = closed{sight: c.sight, list: c.list} }

// closedRow is a closed namespace as it is listed.
type closedRow struct {
	store.Namespace
	how store.EngineEvent // the newest that says how it came to be closed; zero where none is known
}

func (c *closed) columns() []kit.Column[*closedRow] {
	return []kit.Column[*closedRow]{
		{Title: "namespace", Min: 12, Flex: 1, Max: 48, Text: func(n *closedRow) string { return n.ID }},
		{
			Title: "closed at", Min: 14, Muted: true, Order: kit.By(func(n *closedRow) uint64 { return n.how.Seq }),
			Text: func(n *closedRow) string {
				at, _ := c.why(n)
				return at
			},
		},
		{
			Title: "why", Min: 22, Flex: 2, Max: 60, Cell: c.whyCell,
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
			Text:  func(n *closedRow) string { return text.Ago(n.LastActivity, c.sight.now) },
			Order: func(a, b *closedRow) int { return a.LastActivity.Compare(b.LastActivity) },
		},
	}
}

func (c *closed) whyCell(t *page.Theme, n *closedRow) grid.Cell {
	if n.Fault != "" {
		return grid.Cell{Text: t.Sym.Cross + " " + text.Sanitize(n.Fault), Pen: t.Bad}
	}
	_, why := c.why(n)
	return grid.Cell{Text: why}
}

// sift works out which of them are listed, and how each came to be closed, by the newest
// event that says so.
func (c *closed) sift(keeps func(id string) bool) {
	how := map[string]store.EngineEvent{}
	for i := range c.sight.feed.Events {
		if e := &c.sight.feed.Events[i]; e.Kind == store.EventClosed || e.Kind == store.EventCreated {
			how[e.Namespace] = *e
		}
	}
	var rows []*closedRow
	for _, n := range c.all {
		if keeps(n.ID) {
			rows = append(rows, &closedRow{n, how[n.ID]})
		}
	}
	c.list.SetRows(rows)
}

// ask asks once in a while: there may be thousands.
func (c *closed) ask(t *page.Turn, gen *uint64) {
	if c.refused != "" || c.gen != 0 || t.Now.Sub(c.asked) < closedEvery {
		return
	}
	*gen++
	c.gen, c.asked = *gen, t.Now
	t.Ask(*gen, func(ctx context.Context, cl *client.Client) (any, error) { return cl.Namespaces(ctx) })
}

// replied takes what the server told.
func (c *closed) replied(msg page.Reply) {
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

// none has the list say why there are none; filtered is what a filter says that hides all.
func (c *closed) none(filtered string) {
	switch {
	case c.refused != "":
		c.list.SetUnread(c.refused)
	case c.fault != "":
		c.list.SetUnread(c.fault)
	case !c.known:
		c.list.SetUnread(c.sight.pending("asking"))
	case c.sight.feed.Refused != "":
		c.list.SetUnread("closed namespaces are " + c.sight.feed.Refused)
	case len(c.all) > 0:
		c.list.SetEmpty(filtered)
	default:
		c.list.SetEmpty("every namespace is open")
	}
}

// why says when and why a namespace was closed, by the newest event that tells.
func (c *closed) why(n *closedRow) (at, why string) {
	s, dash := c.sight, c.sight.theme.Sym.Dash
	switch n.how.Kind {
	case store.EventClosed:
		return text.Clock(n.how.Time, s.now), cmp.Or(n.how.Reason, "idle")
	case store.EventCreated:
		return dash, "never used: created at " + text.Clock(n.how.Time, s.now)
	}
	if !s.feed.Told {
		return dash, "not known: " + s.pending("reading events")
	}
	if events := s.feed.Events; len(events) > 0 && events[0].Seq > 1 {
		return dash, "not used since " + text.Clock(events[0].Time, s.now) + ", or earlier"
	}
	return dash, "not used since the server started"
}
