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
	"github.com/evtui/evtui/tui/page"
)

// closedEvery is how often the closed namespaces are asked for while they are
// seen.
const closedEvery = 5 * time.Second

// engineClosed are the namespaces that are closed just now, by name.
type engineClosed struct {
	all     []store.Namespace
	list    []store.Namespace // those that the filter keeps
	known   bool              // list was read
	refused string
	fault   string
	gen     uint64
	asked   time.Time
}

func newClosedGrid(row func(int, []grid.Cell)) *grid.Grid {
	return grid.New(grid.Options{Row: row, Columns: []grid.Column{
		{Title: "namespace", Min: 12, Flex: 1, Max: 48},
		{Title: "closed at", Min: 14},
		{Title: "why", Min: 22, Flex: 2, Max: 60},
		{Title: "messages", Min: 12, Right: true, Priority: 1},
		{Title: "last written", Min: 12, Right: true, Priority: 2},
	}})
}

// askClosed asks once in a while, and while their tab is open only: there may
// be thousands.
func (p *enginePage) askClosed(t *page.Turn) {
	c := &p.closed
	if p.tab != tabClosed || c.refused != "" || c.gen != 0 || t.Now.Sub(c.asked) < closedEvery {
		return
	}
	p.gen++
	c.gen, c.asked = p.gen, t.Now
	t.Ask(p.gen, func(ctx context.Context, cl *client.Client) (any, error) { return cl.Namespaces(ctx) })
}

func (p *enginePage) tookClosed(msg page.Reply) {
	c := &p.closed
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
	p.siftClosed()
}

// faults puts namespaces that cannot be used before those that can.
func faults(n store.Namespace) int {
	if n.Fault != "" {
		return 1
	}
	return 0
}

// noClosed says why none are listed.
func (p drawing) noClosed() string {
	switch c := &p.closed; {
	case c.refused != "":
		return c.refused
	case c.fault != "":
		return c.fault
	case !c.known:
		return "asking" + p.theme.Sym.Ellipsis
	case p.feed.Refused != "":
		return "closed namespaces are " + p.feed.Refused
	case len(c.all) > 0:
		return p.noneKept(len(c.all))
	}
	return "every namespace is open"
}

// closedRow is a line of the closed namespaces.
func (p drawing) closedRow(row int, cells []grid.Cell) {
	t, n := p.theme, &p.closed.list[row]
	at, why := p.whyClosed(n.ID)
	cells[0].Text = n.ID
	cells[1] = grid.Cell{Text: at, Pen: t.Muted}
	cells[2] = grid.Cell{Text: why}
	if n.Fault != "" {
		cells[2] = grid.Cell{Text: t.Sym.Cross + " " + text.Sanitize(n.Fault), Pen: t.Bad}
	}
	cells[3] = grid.Cell{Text: text.About(n.MessageCount, n.Estimated), Pen: t.Muted}
	cells[4] = grid.Cell{Text: text.Ago(n.LastActivity, p.now), Pen: t.Muted}
}

// whyClosed says when and why a namespace was closed, by the newest event that
// tells.
func (p drawing) whyClosed(id string) (at, why string) {
	for i := len(p.feed.Events) - 1; i >= 0; i-- {
		e := &p.feed.Events[i]
		if e.Namespace != id {
			continue
		}
		switch e.Kind {
		case store.EventClosed:
			if why = e.Reason; why == "" {
				why = "idle"
			}
			return text.Clock(e.Time, p.now), why
		case store.EventCreated:
			return p.theme.Sym.Dash, "never used: created at " + text.Clock(e.Time, p.now)
		}
	}
	if events := p.feed.Events; len(events) > 0 && events[0].Seq > 1 {
		return p.theme.Sym.Dash, "not used since " + text.Clock(events[0].Time, p.now) + ", or earlier"
	}
	return p.theme.Sym.Dash, "not used since the server started"
}
