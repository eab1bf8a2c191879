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
		p.views.turn(t, (p.views.tab+1)%profileTabs, &p.asks)
	case page.ActPrevTab:
		p.views.turn(t, (p.views.tab+profileTabs-1)%profileTabs, &p.asks)
	case page.ActOpen:
		p.openCursor(t)
	case page.ActOut:
		p.out(t)
	case page.ActBaseline:
		if p.views.tab == profileKept {
			p.views.kept.open(t, true, &p.asks, p.opened)
		} else if p.subject.setBase(t) {
			p.look(t)
		}
	case page.ActDifference:
		if p.subject.toggleDiff(t) {
			p.look(t)
		}
	case page.ActExport:
		p.views.kept.save(t, p.subject.held(), p.views.shown.compared(), &p.asks)
	case page.ActFollow:
		p.captures.auto = !p.captures.auto
	case page.ActPause:
		p.captures.auto = false
	case page.ActMore:
		p.captures.lengthen(t, 1)
	case page.ActLess:
		p.captures.lengthen(t, -1)
	case page.ActRefresh:
		p.views.kept.read(t, &p.asks)
	case page.ActOrder:
		p.views.top.orderBy(!p.views.top.byCum)
		p.look(t)
	case page.ActFilter:
		t.Prompt(page.Prompt{ID: "filter", Label: "filter", Hint: "method=stream.write, FUNCTION, !LEFT-OUT, ui", Text: p.subject.filter})
	case page.ActCopyView:
		p.copyCommand(t)
	default:
		p.views.act(t, a)
	}
}

func (p *profilePage) openCursor(t *page.Turn) {
	switch p.views.tab {
	case profileFlame:
		p.views.graph.move(page.ActOpen)
	case profileKept:
		p.views.kept.open(t, false, &p.asks, p.opened)
	default:
		p.views.turn(t, profileCallers, &p.asks)
	}
}

// out cancels, goes out of what the open view is in, or clears the filter: the
// first of them that there is something to do for.
func (p *profilePage) out(t *page.Turn) {
	switch {
	case p.captures.stop():
	case p.views.out():
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
		case p.views.tab == profileKept:
			p.views.kept.Prompted(t, msg)
		case p.views.top.byLetter(t, msg):
			p.reorder(t)
		}
	case "filter":
		if err := p.subject.cut(msg.Text); err != nil {
			t.Toast(page.LevelWarn, "not a filter: %v", err)
			return
		}
		p.look(t)
	case "search":
		p.views.find(t, msg.Text)
	}
}

// click opens a tab, or puts the cursor somewhere.
func (p *profilePage) click(t *page.Turn, x, y int) {
	head := headHeight(t.Height)
	switch {
	case y < head:
		if tab := p.views.tab.line().At(x); tab >= 0 && y == 0 {
			p.views.turn(t, profileTab(tab), &p.asks)
		}
	case p.views.tab != profileFlame:
		p.clickTable(t, x, y-head)
	default:
		p.views.graph.click(x, y-head)
	}
}

// clickTable puts the cursor on a row, or sorts by the column whose head it is.
func (p *profilePage) clickTable(t *page.Turn, x, y int) {
	if column := p.views.top.HitHeader(x, y); p.views.tab == profileTop && column >= 0 {
		p.views.top.byHead(column)
		p.reorder(t)
		return
	}
	p.views.table().Click(x, y)
}

// reorder shows top in the order that was asked for; one that the profile has
// itself is made by it.
func (p *profilePage) reorder(t *page.Turn) {
	if p.views.top.settle() {
		p.look(t)
	} else {
		p.views.show(p.views.shown)
	}
}
