package engine

import (
	"cmp"
	"slices"
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

// names are the open namespaces, worst first, and the filter of namespaces, open and closed.
type names struct {
	sight *sight
	list  *kit.List[*store.NamespaceFigures]
	find  string // text in their names
}

func newNames(sight *sight, search *kit.Finder) *names {
	o := &names{sight: sight}
	o.list = kit.NewList(kit.ListOptions[*store.NamespaceFigures]{
		Columns: o.columns(), Finder: search, Over: withoutTree,
		Same: func(a, b *store.NamespaceFigures) bool { return a.ID == b.ID },
	})
	o.list.SetUnread("")
	return o
}

func (o *names) columns() []kit.Column[*store.NamespaceFigures] {
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
				state, pen := o.sight.state(n)
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
			Text: func(n *figures) string { return sheet{&o.sight.theme}.fsync(n, n.FsyncP99.Seconds()) }, Order: kit.By(func(n *figures) time.Duration { return n.FsyncP99 }),
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

// worstLine says which of the open namespaces is to be looked at first, and why,
// however the list is sorted.
func (o *names) worstLine(w int) string {
	n := worstFirst(o.sight.feed.Figures.Namespaces, o.sight.feed.Stalled)[0]
	t := o.sight.theme
	state, pen := o.sight.state(n)
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

// noneOpen stands where the open namespaces do.
const noneOpen = "no open namespaces: the server opens one on first use"

// namesPrompt names the prompt of the filter of namespaces.
const namesPrompt = "namespaces"

// keeps reports whether a namespace is listed.
func (o *names) keeps(id string) bool {
	return kit.ContainsFold([]byte(id), []byte(strings.ToLower(o.find)))
}

// none says that the filter hides all of so many namespaces; "" when there are
// none to hide.
func (o *names) none(n int) string {
	if o.find == "" || n == 0 {
		return ""
	}
	return "none of " + text.Count(int64(n)) + " " + text.Plural(int64(n), "namespace") + " match; esc clears the filter"
}

// take lists what a look at the engine brought.
func (o *names) take() {
	if f := o.sight.feed.Figures; f != nil {
		o.list.SetRows(slices.DeleteFunc(worstFirst(f.Namespaces, o.sight.feed.Stalled), func(n *store.NamespaceFigures) bool { return !o.keeps(n.ID) }))
	}
}

// show tells the list what there is to see now: under its cursor is the namespace that is
// shown, or the first becomes that.
func (o *names) show() {
	feed := &o.sight.feed
	o.list.SetUnread(o.sight.pending("reading"))
	if feed.Refused != "" {
		o.list.SetUnread("open namespaces are " + feed.Refused)
	}
	if f := feed.Figures; f != nil {
		o.list.SetEmpty(noneOpen)
		rows := o.list.Rows()
		if !o.list.Choose(func(n *store.NamespaceFigures) bool { return n.ID == o.sight.key }) && len(rows) > 0 {
			o.sight.key = rows[0].ID
			o.list.Home()
		}
		if none := o.none(len(f.Namespaces)); none != "" {
			o.list.SetEmpty(none)
		}
	}
	o.list.Changed()
}

// worstFirst orders namespaces by what should be looked at first. Pressure
// counts in steps, so that the order is calm.
func worstFirst(list []store.NamespaceFigures, stalled func(string) bool) []*store.NamespaceFigures {
	order := kit.Pointers(list)
	stands := make(map[*store.NamespaceFigures]int, len(list)) // 2: damaged, 1: stalled
	for i := range list {
		switch {
		case list[i].Poisoned:
			stands[order[i]] = 2
		case stalled(list[i].ID):
			stands[order[i]] = 1
		}
	}
	slices.SortStableFunc(order, func(a, b *store.NamespaceFigures) int {
		return cmp.Or(
			cmp.Compare(stands[b], stands[a]),
			cmp.Compare(int(10*pressure(b)), int(10*pressure(a))),
			cmp.Compare(b.ReadAmp, a.ReadAmp),
			cmp.Compare(b.Debt, a.Debt),
			cmp.Compare(b.DiskBytes, a.DiskBytes),
			cmp.Compare(a.ID, b.ID),
		)
	})
	return order
}

// pressure is how close a namespace is to the point where its writes stop, 0
// to 1: by the sublevels of L0 or by its memtables, whichever is closer.
func pressure(n *store.NamespaceFigures) float64 {
	share := func(part, whole float64) float64 {
		if whole <= 0 {
			return 0
		}
		return min(part/whole, 1)
	}
	return max(
		share(float64(sublevels(n)), float64(n.Limits.StopAtSublevels)),
		share(float64(n.MemtableBytes), float64(n.Limits.StopAtMemtables)*float64(n.Limits.MemtableBytes)),
	)
}

// sublevels is how many sublevels L0 has.
func sublevels(n *store.NamespaceFigures) int {
	if len(n.Levels) == 0 {
		return 0
	}
	return n.Levels[0].Sublevels
}
