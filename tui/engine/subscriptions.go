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

// subscriptionColumns are of the list of subscriptions; in their order, what is not known
// comes below the rest.
func (p drawing) subscriptionColumns() []kit.Column[*wire.Subscription] {
	type subscription = wire.Subscription
	return []kit.Column[*subscription]{
		{Title: "subscribed to", Min: 14, Flex: 2, Max: 48, Text: subscribedTo},
		{
			Title: "member", Min: 7, Right: true, Priority: 2, Muted: true, Text: memberOf,
			Order: func(a, b *subscription) int {
				return cmp.Or(cmp.Compare(a.Size, b.Size), cmp.Compare(a.Member, b.Member))
			},
		},
		{
			Title: "cursor", Min: 11, Right: true,
			Text: func(s *subscription) string { return known(s.Cursor) }, Order: kit.By(func(s *subscription) int64 { return kit.Known(s.Cursor) }),
		},
		{Title: "behind", Min: 9, Right: true, Cell: behindCell, Order: kit.By(behind)},
		{Title: "sent", Min: 10, Right: true, Priority: 3, Muted: true, Count: func(s *subscription) int64 { return s.Sent }},
		{Title: "state", Min: 9, Priority: 1, Muted: true, Text: subscriptionState},
		{
			Title: "for", Min: 8, Right: true, Priority: 4, Muted: true,
			Text: func(s *subscription) string {
				return text.Duration(max(p.subs.asked.Sub(s.Since), 0).Truncate(time.Second))
			},
			Order: func(a, b *subscription) int { return b.Since.Compare(a.Since) }, // the longer, the greater
		},
		{Title: "from", Min: 12, Flex: 1, Max: 24, Priority: 5, Muted: true, Text: func(s *subscription) string { return s.Remote }},
	}
}

func memberOf(s *wire.Subscription) string {
	if s.Size == 0 {
		return ""
	}
	return strconv.Itoa(s.Member) + " of " + strconv.Itoa(s.Size)
}

func behindCell(t *page.Theme, s *wire.Subscription) grid.Cell {
	switch {
	case s.Lag == nil:
		return grid.Cell{Text: known(s.Lag), Pen: t.Muted}
	case *s.Lag > 0:
		return grid.Cell{Text: known(s.Lag), Pen: t.Warn}
	}
	return grid.Cell{Text: known(s.Lag), Pen: t.Good}
}

// ask asks for a namespace's once a second, and at once for another one's; it reports
// whether it let go of those of the one before.
func (s *engineSubs) ask(t *page.Turn, gen *uint64, namespace string) (other bool) {
	if s.refused != "" || namespace == "" {
		return false
	}
	if s.of == namespace && (s.gen != 0 || t.Now.Sub(s.asked) < kit.EngineEvery) {
		return false
	}
	*gen++
	s.gen, s.asked = *gen, t.Now
	if other = s.of != namespace; other {
		s.of, s.list, s.known = namespace, nil, false
	}
	t.Ask(*gen, func(ctx context.Context, c *client.Client) (any, error) {
		return c.In("").Subscriptions(ctx, namespace)
	})
	return other
}

// replied takes what the server told.
func (s *engineSubs) replied(msg page.Reply) {
	s.gen, s.fault = 0, ""
	switch list, ok := msg.Value.([]wire.Subscription); {
	case client.Unreachable(msg.Err):
	case kit.NoEngine(msg.Err) != "":
		s.refused = kit.NoEngine(msg.Err)
	case msg.Err != nil:
		s.fault = msg.Err.Error()
	case ok:
		s.list, s.known = list, true
	}
}

// showSubscriptions tells the list what there is to see now.
func (p *enginePage) showSubscriptions() {
	rows := kit.Pointers(p.subs.list)
	slices.SortStableFunc(rows, func(a, b *wire.Subscription) int {
		return cmp.Or(cmp.Compare(behind(b), behind(a)), cmp.Compare(a.ID, b.ID))
	})
	p.members.SetRows(rows)
	p.drawing().noSubscriptions()
}

// behind orders subscriptions: what is not known comes after what lags.
func behind(s *wire.Subscription) int64 { return kit.Known(s.Lag) }

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
	s, ok := p.members.Chosen()
	if !ok {
		return
	}
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
