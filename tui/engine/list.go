package engine

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// listColumns are of the list of open namespaces.
func (p drawing) listColumns() []kit.Column[*store.NamespaceFigures] {
	type figures = store.NamespaceFigures
	size := func(bytes func(n *figures) int64) func(n *figures) string {
		return func(n *figures) string { return text.Bytes(float64(bytes(n))) }
	}
	debt, disk, memtables := func(n *figures) int64 { return n.Debt }, func(n *figures) int64 { return n.DiskBytes }, func(n *figures) int64 { return n.MemtableBytes }
	return []kit.Column[*figures]{
		{Title: "namespace", Min: 10, Flex: 1, Max: 48, Text: func(n *figures) string { return n.ID }},
		{
			Title: "state", Min: 12, Priority: 3, Order: kit.By(pressure),
			Cell: func(_ *page.Theme, n *figures) grid.Cell {
				state, pen := p.state(n)
				return grid.Cell{Text: state, Pen: pen}
			},
		},
		{
			Title: "R-amp", Min: 5, Right: true,
			Text: func(n *figures) string { return strconv.Itoa(n.ReadAmp) }, Order: kit.By(func(n *figures) int { return n.ReadAmp }),
		},
		{
			Title: "L0", Min: 8, Right: true, Order: kit.By(sublevels),
			Cell: func(t *page.Theme, n *figures) grid.Cell {
				return grid.Cell{Text: kit.OfLimit(sublevels(n), n.Limits.StopAtSublevels), Pen: sublevelPen(t, n)}
			},
		},
		{Title: "debt", Min: 8, Right: true, Text: size(debt), Order: kit.By(debt)},
		{Title: "disk", Min: 8, Right: true, Priority: 1, Text: size(disk), Order: kit.By(disk)},
		{
			Title: "fsync p99", Min: 10, Right: true, Priority: 2, Muted: true,
			Text: func(n *figures) string { return sheet{&p.theme}.fsync(n, n.FsyncP99.Seconds()) }, Order: kit.By(func(n *figures) time.Duration { return n.FsyncP99 }),
		},
		{Title: "memtables", Min: 9, Right: true, Priority: 6, Muted: true, Text: size(memtables), Order: kit.By(memtables)},
		{
			Title: "W-amp", Min: 6, Right: true, Priority: 5, Muted: true, Text: writeAmp,
			Order: kit.By(func(n *figures) float64 {
				v, _ := strconv.ParseFloat(writeAmp(n), 64) // "–" is 0: nothing was written
				return v
			}),
		},
		{Title: "messages", Min: 12, Right: true, Priority: 4, Muted: true, Count: func(n *figures) int64 { return n.Messages }},
		{
			Title: "per message", Min: 11, Right: true, Priority: 7, Muted: true,
			Text:  func(n *figures) string { return perMessage(n.DiskBytes, n.Messages) },
			Order: kit.By(func(n *figures) float64 { return float64(n.DiskBytes) / float64(max(n.Messages, 1)) }),
		},
	}
}

// withoutTree leaves out the tree's figures where there is none.
func withoutTree(t *page.Theme, n *store.NamespaceFigures, cells []grid.Cell) {
	if treeless(n) {
		for _, of := range []int{2, 3, 4, 7, 8} {
			cells[of] = grid.Cell{Text: "–", Pen: t.Muted}
		}
	}
}

// state is a namespace's condition in a word.
func (p drawing) state(n *store.NamespaceFigures) (string, text.Pen) {
	t := p.theme
	switch {
	case n.Poisoned:
		return t.Sym.Cross + " WAL failed", t.Bad
	case p.feed.Stalled(n.ID):
		return "! stalled", t.Bad
	case p.noticed(n.ID) != "":
		return "! " + p.noticed(n.ID), t.Warn
	case pressure(n) >= wire.NearStop:
		return "near stop", t.Warn
	case n.Compacting > 0:
		return "compacting", t.Accent
	}
	return "healthy", t.Good
}

// worstLine says which of the open namespaces is to be looked at first, and why,
// however the list is sorted.
func (p drawing) worstLine(w int) string {
	list := p.feed.Figures.Namespaces
	n := worstFirst(list, p.feed.Stalled)[0]
	t := p.theme
	state, pen := p.state(n)
	line := " " + t.Muted.Paint("worst") + " " + t.Title.Paint(text.Sanitize(n.ID)) + "  " + pen.Paint(state)
	return text.Fit(line+t.Muted.Paint(", "+whyWorst(n)), w)
}

// whyWorst is what puts a namespace before others: why its log failed, else how close
// it is to the point where its writes stop, and by what.
func whyWorst(n *store.NamespaceFigures) string {
	l := n.Limits
	limit := float64(l.StopAtMemtables) * float64(l.MemtableBytes)
	switch {
	case n.Poisoned:
		return "poisoned: " + text.Sanitize(cmp.Or(n.PoisonedBy, "its WAL failed"))
	case treeless(n):
		return text.Bytes(float64(n.DiskBytes)) + " on disk"
	case limit > 0 && float64(n.MemtableBytes)/limit > pressureOfSublevels(n):
		return "memtables " + text.Bytes(float64(n.MemtableBytes)) + " of " + text.Bytes(limit)
	case l.StopAtSublevels > 0:
		return "L0 " + kit.OfLimit(sublevels(n), l.StopAtSublevels) + " sublevels, debt " + text.Bytes(float64(n.Debt))
	}
	return "debt " + text.Bytes(float64(n.Debt))
}

// pressureOfSublevels is the share of L0's sublevels that stop writes.
func pressureOfSublevels(n *store.NamespaceFigures) float64 {
	return float64(sublevels(n)) / float64(max(n.Limits.StopAtSublevels, 1))
}

// sublevelPen warns from where L0 compacts on.
func sublevelPen(t *page.Theme, n *store.NamespaceFigures) text.Pen {
	l := n.Limits
	switch now := sublevels(n); {
	case l.StopAtSublevels > 0 && float64(now) >= wire.NearStop*float64(l.StopAtSublevels):
		return t.Bad
	case l.CompactAtSublevels > 0 && now > l.CompactAtSublevels:
		return t.Warn
	}
	return t.Text
}

// namesPrompt names the prompt of the filter of namespaces.
const namesPrompt = "namespaces"

// askFilter opens the filter of the list that has the keys: of namespaces by
// their names, open ones and closed ones alike; else of the events.
func (p *enginePage) askFilter(t *page.Turn) {
	if p.drawing().listsNames() {
		t.Prompt(page.Prompt{ID: namesPrompt, Label: "filter", Hint: "text in the namespace's name", Text: p.names, Live: true})
		return
	}
	p.tab, p.open = tabEvents, true
	t.Prompt(page.Prompt{ID: kit.FilterPrompt, Label: "filter", Hint: "words such as stall or ns:" + p.key, Text: p.filter, Live: true})
}

// listsNames reports whether what has the keys is a list of namespaces.
func (p drawing) listsNames() bool {
	if p.open {
		return p.tab == tabClosed
	}
	return p.feed.Figures != nil && !p.inPast()
}

// setNames keeps the namespaces with a text in their names; the cursor stays on
// the one that is shown, if it is among them.
func (p *enginePage) setNames(names string) {
	p.names = strings.TrimSpace(names)
	p.take(kit.FeedNews{})
	p.siftClosed()
}

// keeps reports whether a namespace is listed.
func (p drawing) keeps(id string) bool {
	return kit.ContainsFold([]byte(id), []byte(strings.ToLower(p.names)))
}

// choose has a namespace shown; a filter that would hide it is taken off.
func (p *enginePage) choose(id string) {
	p.key = id
	if !p.drawing().keeps(id) {
		p.setNames("")
	}
}

// siftClosed works out which closed namespaces are listed.
func (p *enginePage) siftClosed() {
	how := p.drawing().closings()
	var rows []*closedRow
	for _, n := range p.closed.all {
		if p.drawing().keeps(n.ID) {
			rows = append(rows, &closedRow{n, how[n.ID]})
		}
	}
	p.gone.SetRows(rows)
}

// noneKept says that the filter hides all of so many namespaces; "" when there
// are none to hide.
func (p drawing) noneKept(n int) string {
	if p.names == "" || n == 0 {
		return ""
	}
	return "none of " + text.Count(int64(n)) + " " + text.Plural(int64(n), "namespace") + " match; esc clears the filter"
}

// hiddenNames is how many the list that has the keys does not show.
func (p drawing) hiddenNames() int {
	switch {
	case !p.listsNames():
		return 0
	case p.open:
		return len(p.closed.all) - len(p.gone.Rows())
	}
	return len(p.feed.Figures.Namespaces) - len(p.list.Rows())
}
