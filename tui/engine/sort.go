package engine

import (
	"cmp"
	"strings"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// sorting is the order that was asked for of a grid's rows.
func (p *enginePage) sorting(g *grid.Grid) *kit.Sorting {
	switch g {
	case p.events:
		return &p.eventsBy
	case p.members:
		return &p.membersBy
	case p.closedNamespaces:
		return &p.closedBy
	}
	return &p.by
}

// askSort asks for the column by which the grid with the keys is sorted.
func (p *enginePage) askSort(t *page.Turn) {
	g := p.focused()
	if g == nil {
		t.Toast(page.LevelInfo, "%s has an order of its own; tab goes to the list, which s sorts", p.tab)
		return
	}
	p.sorting(g).Ask(t, g)
}

// resort shows a grid's rows in the order that was asked for. The cursor stays
// on its row.
func (p *enginePage) resort(g *grid.Grid) {
	switch g {
	case p.events:
		p.sift(0)
	case p.members:
		stay := p.staysOnMember()
		p.showSubscriptions()
		stay()
	case p.closedNamespaces:
		p.siftClosed()
	default:
		p.take(kit.FeedNews{})
	}
}

// compareEvents orders events by a column of their list.
func compareEvents(a, b *store.EngineEvent, column int) int {
	switch column {
	case 1:
		return strings.Compare(a.Kind, b.Kind)
	case 2:
		return strings.Compare(a.Namespace, b.Namespace)
	case 3: // what it did: how much, then how long it took
		return cmp.Or(cmp.Compare(a.BytesOut, b.BytesOut), cmp.Compare(a.Duration, b.Duration), strings.Compare(a.Reason+a.Error, b.Reason+b.Error))
	}
	return cmp.Compare(a.Seq, b.Seq)
}

// compareSubscriptions orders subscriptions by a column of their list; what is
// not known comes below the rest.
func compareSubscriptions(a, b wire.Subscription, column int) int {
	known := func(n *int64) int64 {
		if n == nil {
			return -1
		}
		return *n
	}
	switch column {
	case 1:
		return cmp.Or(cmp.Compare(a.Size, b.Size), cmp.Compare(a.Member, b.Member))
	case 2:
		return cmp.Compare(known(a.Cursor), known(b.Cursor))
	case 3:
		return cmp.Compare(behind(&a), behind(&b))
	case 4:
		return cmp.Compare(a.Sent, b.Sent)
	case 5:
		return strings.Compare(subscriptionState(&a), subscriptionState(&b))
	case 6:
		return b.Since.Compare(a.Since) // the longer, the greater
	case 7:
		return strings.Compare(a.Remote, b.Remote)
	}
	return strings.Compare(subscribedTo(&a), subscribedTo(&b))
}

// compareClosed orders closed namespaces by a column of their list.
func (p drawing) compareClosed() func(a, b store.Namespace, column int) int {
	closings := p.closings()
	return func(a, b store.Namespace, column int) int {
		x, y := closings[a.ID], closings[b.ID] // a zero event where none is known
		switch column {
		case 1:
			return cmp.Compare(x.Seq, y.Seq)
		case 2:
			return cmp.Or(cmp.Compare(faults(a), faults(b)), strings.Compare(x.Kind, y.Kind), strings.Compare(x.Reason, y.Reason))
		case 3:
			return cmp.Compare(a.MessageCount, b.MessageCount)
		case 4:
			return a.LastActivity.Compare(b.LastActivity)
		}
		return strings.Compare(a.ID, b.ID)
	}
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
