package profile

import (
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

func (p *profilePage) act(t *page.Turn, a page.Action) {
	switch a {
	case page.ActCapture:
		p.capture(t)
	case page.ActKind:
		p.subject.next()
		p.fault = ""
		p.look(t)
	case page.ActNextTab:
		p.turn(t, (p.tab+1)%profileTabs)
	case page.ActPrevTab:
		p.turn(t, (p.tab+profileTabs-1)%profileTabs)
	case page.ActOpen:
		p.openCursor(t)
	case page.ActOut:
		p.out(t)
	case page.ActBaseline:
		if p.tab == profileKept {
			p.open(t, true)
		} else if p.subject.setBase(t) {
			p.look(t)
		}
	case page.ActDifference:
		if p.subject.toggleDiff(t) {
			p.look(t)
		}
	case page.ActExport:
		p.kept.save(t, p.subject.held(), p.shown.compared(), &p.asks)
	case page.ActFollow:
		p.captures.auto = !p.captures.auto
	case page.ActPause:
		p.captures.auto = false
	case page.ActMore:
		p.captures.lengthen(t, 1)
	case page.ActLess:
		p.captures.lengthen(t, -1)
	case page.ActRefresh:
		p.kept.read(t, &p.asks)
	default:
		p.actOnView(t, a)
	}
}

// actOnView does what concerns only what is on the screen.
func (p *profilePage) actOnView(t *page.Turn, a page.Action) {
	switch a {
	case page.ActOrder:
		p.top.orderBy(!p.top.byCum)
		p.look(t)
	case page.ActSort:
		p.askSort(t)
	case page.ActFilter:
		t.Prompt(page.Prompt{ID: "filter", Label: "filter", Hint: "method=stream.write, FUNCTION, !LEFT-OUT, ui", Text: p.subject.filter})
	case page.ActSearch:
		t.Prompt(page.Prompt{ID: "search", Label: "search", Hint: "a function's name, or a part of it"})
	case page.ActNextMatch:
		p.nextMatch(t, false)
	case page.ActPrevMatch:
		p.nextMatch(t, true)
	case page.ActCopyValue:
		if name := p.drawing().current(); name != "" {
			t.Copy("the function's name", name)
		}
	case page.ActCopyView:
		p.drawing().copyCommand(t)
	default:
		p.move(a)
	}
}

// turn opens a view. Callers and source show the function that the cursor was
// on in the view left.
func (p *profilePage) turn(t *page.Turn, to profileTab) {
	if name := p.drawing().current(); name != "" {
		p.function.name = name
	}
	p.tab = to
	if to == profileKept {
		p.kept.read(t, &p.asks)
		return
	}
	p.function.ask(t, to, &p.asks)
}

func (p *profilePage) openCursor(t *page.Turn) {
	switch p.tab {
	case profileFlame:
		p.graph.move(page.ActOpen)
	case profileKept:
		p.open(t, false)
	default:
		p.turn(t, profileCallers)
	}
}

// out cancels, zooms out, goes back to top, or clears the filter: the first of
// them that there is something to do for.
func (p *profilePage) out(t *page.Turn) {
	switch {
	case p.captures.stop():
	case p.tab == profileFlame && p.graph.Graph != nil && p.graph.ZoomOut():
	case p.tab.ofFunction() || p.tab == profileKept:
		p.tab = profileTop
	case p.search != nil:
		p.search = nil
		p.graph.mark()
	case p.subject.filter != "":
		p.subject.filter = ""
		p.look(t)
	}
}

func (p *profilePage) prompted(t *page.Turn, msg page.PromptMsg) {
	if msg.State != page.PromptDone {
		return
	}
	switch msg.ID {
	case kit.SortPrompt:
		switch {
		case p.tab == profileKept:
			p.kept.Prompted(t, msg)
		case p.top.byLetter(t, msg):
			p.reorder(t)
		}
	case "filter":
		if err := p.subject.cut(msg.Text); err != nil {
			t.Toast(page.LevelWarn, "not a filter: %v", err)
			return
		}
		p.look(t)
	case "search":
		p.searchFor(t, msg.Text)
	}
}

func (p *profilePage) move(a page.Action) {
	if p.tab == profileFlame {
		p.graph.move(a)
	} else {
		kit.MoveGrid(p.drawing().table().Grid, a)
	}
}

// table is the open view where it is a table, else top.
func (p drawing) table() *kit.Table {
	return [...]*kit.Table{&p.top.Table, &p.top.Table, &p.function.callers.Table, &p.function.source.Table, &p.kept.Table}[p.tab]
}

func (p *profilePage) wheel(by int) {
	switch {
	case p.tab != profileFlame:
		p.drawing().table().Scroll(3 * by)
	case p.graph.Graph != nil:
		p.graph.Scroll(2 * by)
	}
}

// click opens a tab, or puts the cursor somewhere.
func (p *profilePage) click(t *page.Turn, x, y int) {
	head := p.drawing().headHeight(t.Height)
	switch {
	case y < head:
		if tab := p.tab.line().At(x); tab >= 0 && y == 0 {
			p.turn(t, profileTab(tab))
		}
	case p.tab != profileFlame:
		p.clickTable(t, x, y-head)
	default:
		p.graph.click(x, y-head)
	}
}

// clickTable puts the cursor on a row, or sorts by the column whose head it is.
func (p *profilePage) clickTable(t *page.Turn, x, y int) {
	if column := p.top.HitHeader(x, y); p.tab == profileTop && column >= 0 {
		p.top.byHead(column)
		p.reorder(t)
		return
	}
	p.drawing().table().Click(x, y)
}

// reorder shows top in the order that was asked for; one that the profile has
// itself is made by it.
func (p *profilePage) reorder(t *page.Turn) {
	if p.top.settle() {
		p.look(t)
	} else {
		p.show(p.shown)
	}
}

func (p *profilePage) askSort(t *page.Turn) {
	switch p.tab {
	case profileTop:
		p.top.Sorting.Ask(t, p.top.Grid)
	case profileKept:
		p.kept.Act(t, page.ActSort)
	default:
		t.Toast(page.LevelInfo, "%s has an order of its own", p.tab)
	}
}
