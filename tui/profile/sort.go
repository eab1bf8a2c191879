package profile

import (
	"cmp"
	"strings"

	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// orderBy puts top into one of the orders that a profile has itself, which its
// sum% is of.
func (p *profilePage) orderBy(t *page.Turn, cum bool) {
	p.byCum, p.by = cum, kit.Sorting{}
	p.markOrder()
	p.look(t)
}

// markOrder says in the head of top's column by which it is sorted.
func (p *profilePage) markOrder() {
	if p.by.On {
		p.by.Show(p.topGrid)
		return
	}
	p.topGrid.SetSort(p.ownOrder(), true)
}

func (p *profilePage) ownOrder() int {
	if p.byCum {
		return topCum
	}
	return topFlat
}

func (p *profilePage) sortTop(t *page.Turn, column int) {
	switch {
	case column < topCum:
		column = topFlat // shares and sums follow from it
	case column < topNames:
		column = topCum
	}
	p.seedOrder()
	p.by.Click(p.topGrid, column)
	p.ordered(t)
}

// seedOrder makes the profile's own order one that was asked for, so that asking
// for it again turns it round.
func (p *profilePage) seedOrder() {
	if !p.by.On {
		p.by = kit.Sorting{Column: p.ownOrder(), On: true}
	}
}

// ordered shows top in the order that was asked for; one that the profile has
// itself is made by it.
func (p *profilePage) ordered(t *page.Turn) {
	switch {
	case !p.by.On:
		p.orderBy(t, p.byCum)
	case p.by.Column < topNames && p.by.Descending():
		p.orderBy(t, p.by.Column >= topCum)
	default:
		p.markOrder()
		p.show(p.shown)
	}
}

func (p *profilePage) askSort(t *page.Turn) {
	switch p.tab {
	case profileTop:
		p.by.Ask(t, p.topGrid)
	case profileKept:
		p.kept.Act(t, page.ActSort)
	default:
		t.Toast(page.LevelInfo, "%s has an order of its own", p.tab)
	}
}

func (p *profilePage) sortPrompted(t *page.Turn, msg page.PromptMsg) {
	if p.tab == profileKept {
		p.kept.Prompted(t, msg)
		return
	}
	before := p.by
	p.seedOrder()
	if !p.by.Prompted(t, msg, p.topGrid) {
		p.by = before
		p.markOrder()
		return
	}
	p.ordered(t)
}

func compareTop(a, b profiler.Row, column int) int {
	switch {
	case column < topCum:
		return cmp.Compare(a.Flat, b.Flat)
	case column < topNames:
		return cmp.Compare(a.Cum, b.Cum)
	}
	return strings.Compare(a.Name, b.Name)
}
