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

// subscriptions are the open ones of one namespace.
type subscriptions struct {
	sight   *sight
	list    *kit.List[*wire.Subscription] // furthest behind first
	of      string                        // the namespace asked about last
	all     []wire.Subscription           // as they were told
	known   bool                          // all was read
	refused string
	fault   string
	gen     uint64
	asked   time.Time
}

func newSubscriptions(sight *sight, search *kit.Finder) *subscriptions {
	s := &subscriptions{sight: sight}
	s.list = kit.NewList(kit.ListOptions[*wire.Subscription]{
		Columns: s.columns(), Finder: search,
		Same: func(a, b *wire.Subscription) bool { return a.ID == b.ID },
	})
	return s
}

// restart forgets what was known; the list shows it on until it is read again.
func (s *subscriptions) restart() { *s = subscriptions{sight: s.sight, list: s.list} }

// columns are of the list; in their order, what is not known comes below the rest.
func (s *subscriptions) columns() []kit.Column[*wire.Subscription] {
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
			Text: func(one *subscription) string {
				return text.Duration(max(s.asked.Sub(one.Since), 0).Truncate(time.Second))
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

// ask asks for the chosen namespace's once a second, and at once for another one's, when
// it lets go of those of the one before.
func (s *subscriptions) ask(t *page.Turn, gen *uint64) {
	namespace := s.sight.key
	if s.refused != "" || namespace == "" {
		return
	}
	other := s.of != namespace
	if !other && (s.gen != 0 || t.Now.Sub(s.asked) < kit.EngineEvery) {
		return
	}
	*gen++
	s.gen, s.asked = *gen, t.Now
	t.Ask(*gen, func(ctx context.Context, c *client.Client) (any, error) {
		return c.In("").Subscriptions(ctx, namespace)
	})
	if other {
		s.of, s.all, s.known = namespace, nil, false
		s.show()
	}
}

// replied takes what the server told.
func (s *subscriptions) replied(msg page.Reply) {
	s.gen, s.fault = 0, ""
	switch list, ok := msg.Value.([]wire.Subscription); {
	case client.Unreachable(msg.Err):
	case kit.NoEngine(msg.Err) != "":
		s.refused = kit.NoEngine(msg.Err)
	case msg.Err != nil:
		s.fault = msg.Err.Error()
	case ok:
		s.all, s.known = list, true
	}
	s.show()
}

// show tells the list what there is to see now.
func (s *subscriptions) show() {
	rows := kit.Pointers(s.all)
	slices.SortStableFunc(rows, func(a, b *wire.Subscription) int {
		return cmp.Or(cmp.Compare(behind(b), behind(a)), cmp.Compare(a.ID, b.ID))
	})
	s.list.SetRows(rows)
	s.none()
}

// behind orders subscriptions: what is not known comes after what lags.
func behind(s *wire.Subscription) int64 { return kit.Known(s.Lag) }

// none has the list say why there are none.
func (s *subscriptions) none() {
	switch {
	case s.refused != "":
		s.list.SetUnread(s.refused)
	case s.fault != "":
		s.list.SetUnread(s.fault)
	case !s.known || s.of != s.sight.key:
		s.list.SetUnread(s.sight.pending("asking"))
	default:
		s.list.SetEmpty("no subscriptions in " + s.sight.key)
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

// visit goes to the stream or category under the cursor.
func (s *subscriptions) visit(t *page.Turn) {
	one, ok := s.list.Chosen()
	if !ok {
		return
	}
	l := page.Location{Page: page.Streams, Namespace: one.Namespace}
	switch one.Kind {
	case wire.KindStream:
		l.Stream = one.Name
	case wire.KindCategory:
		l.Category = one.Name
	default:
		l.Page, l.All = page.Tail, true
	}
	t.Go(l)
}
