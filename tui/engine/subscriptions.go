package engine

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// engineSubs are the open subscriptions of one namespace.
type engineSubs struct {
	of      string              // the namespace asked about last
	list    []wire.Subscription // furthest behind first
	known   bool                // list was read
	refused string
	fault   string
	gen     uint64
	asked   time.Time
}

func newSubscriptionGrid(row func(int, []grid.Cell)) *grid.Grid {
	return grid.New(grid.Options{Row: row, Columns: []grid.Column{
		{Title: "subscribed to", Min: 14, Flex: 2, Max: 48},
		{Title: "member", Min: 7, Right: true, Priority: 2},
		{Title: "cursor", Min: 11, Right: true},
		{Title: "behind", Min: 9, Right: true},
		{Title: "sent", Min: 10, Right: true, Priority: 3},
		{Title: "state", Min: 9, Priority: 1},
		{Title: "for", Min: 8, Right: true, Priority: 4},
		{Title: "from", Min: 12, Flex: 1, Max: 24, Priority: 5},
	}})
}

// askSubscriptions asks once a second while their tab is open, and at once for
// another namespace.
func (p *enginePage) askSubscriptions(t *page.Turn) {
	s := &p.subs
	if p.tab != tabSubscriptions || s.refused != "" || p.key == "" {
		return
	}
	if s.of == p.key && (s.gen != 0 || t.Now.Sub(s.asked) < kit.EngineEvery) {
		return
	}
	p.gen++
	s.gen, s.asked = p.gen, t.Now
	if s.of != p.key {
		s.of, s.list, s.known = p.key, nil, false
		p.showSubscriptions()
	}
	namespace := p.key
	t.Ask(p.gen, func(ctx context.Context, c *client.Client) (any, error) {
		return c.In("").Subscriptions(ctx, namespace)
	})
}

func (p *enginePage) tookSubscriptions(msg page.Reply) {
	s := &p.subs
	s.gen, s.fault = 0, ""
	switch list, ok := msg.Value.([]wire.Subscription); {
	case client.Unreachable(msg.Err):
	case kit.NoEngine(msg.Err) != "":
		s.refused = kit.NoEngine(msg.Err)
	case msg.Err != nil:
		s.fault = msg.Err.Error()
	case ok:
		stay := p.staysOnMember()
		s.list, s.known = list, true
		p.showSubscriptions()
		stay()
		return
	}
	p.showSubscriptions()
}

// staysOnMember keeps the cursor on its subscription over a change of the list.
func (p *enginePage) staysOnMember() func() {
	return kit.Stay(p.members, func(row int) uint64 {
		if row >= len(p.subs.list) {
			return 0 // the list was dropped
		}
		return p.subs.list[row].ID
	})
}

// showSubscriptions tells the grid what there is to see now.
func (p *enginePage) showSubscriptions() {
	slices.SortStableFunc(p.subs.list, func(a, b wire.Subscription) int {
		return cmp.Or(cmp.Compare(behind(&b), behind(&a)), cmp.Compare(a.ID, b.ID))
	})
	kit.Sorted(p.membersBy, p.subs.list, compareSubscriptions)
	p.members.SetLen(len(p.subs.list), false)
	p.drawing().noSubscriptions()
	p.members.Changed()
}

// behind orders subscriptions: what is not known comes after what lags.
func behind(s *wire.Subscription) int64 {
	if s.Lag == nil {
		return -1
	}
	return *s.Lag
}

// noSubscriptions has their list say why there are none.
func (p drawing) noSubscriptions() {
	switch s := &p.subs; {
	case s.refused != "":
		p.members.SetUnread(s.refused)
	case s.fault != "":
		p.members.SetUnread(s.fault)
	case !s.known || s.of != p.key:
		p.members.SetUnread(p.pending("asking"))
	default:
		p.members.SetEmpty("no subscriptions in " + p.key)
	}
}

// subscriptionRow is a line of the subscriptions.
func (p drawing) subscriptionRow(row int, cells []grid.Cell) {
	t, s := p.theme, &p.subs.list[row]
	cells[0].Text = subscribedTo(s)
	if s.Size > 0 {
		cells[1] = grid.Cell{Text: strconv.Itoa(s.Member) + " of " + strconv.Itoa(s.Size), Pen: t.Muted}
	}
	cells[2].Text = known(s.Cursor)
	cells[3] = grid.Cell{Text: known(s.Lag), Pen: t.Good}
	if s.Lag == nil {
		cells[3].Pen = t.Muted
	} else if *s.Lag > 0 {
		cells[3].Pen = t.Warn
	}
	cells[4] = grid.Cell{Text: text.Count(s.Sent), Pen: t.Muted}
	cells[5] = grid.Cell{Text: subscriptionState(s), Pen: t.Muted}
	cells[6] = grid.Cell{Text: text.Duration(max(p.subs.asked.Sub(s.Since), 0).Truncate(time.Second)), Pen: t.Muted}
	cells[7] = grid.Cell{Text: s.Remote, Pen: t.Muted}
}

// subscribedTo names what a subscription announces.
func subscribedTo(s *wire.Subscription) string {
	switch s.Kind {
	case wire.KindAll:
		return "the whole namespace"
	case wire.KindStream:
		return "stream " + s.Name
	}
	return s.Name
}

func subscriptionState(s *wire.Subscription) string {
	switch {
	case s.UI:
		return "this UI"
	case s.Waiting:
		return "waiting"
	}
	return "sending"
}

// known is a figure that may not be known.
func known(n *int64) string {
	if n == nil {
		return "?"
	}
	return text.Count(*n)
}

// goSubscribed goes to the stream or category under the cursor.
func (p *enginePage) goSubscribed(t *page.Turn) {
	row := p.members.Cursor()
	if row < 0 || row >= len(p.subs.list) {
		return
	}
	s := &p.subs.list[row]
	l := page.Location{Page: page.Streams, Namespace: s.Namespace}
	switch s.Kind {
	case wire.KindStream:
		l.Stream = s.Name
	case wire.KindCategory:
		l.Category = s.Name
	default:
		l.Page, l.All = page.Tail, true
	}
	t.Go(l)
}
