package profile

import (
	"strings"

	"github.com/evtui/evtui/profiler"
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

// click opens a tab, puts the cursor somewhere, or sorts top by the column whose head it is.
func (p *profilePage) click(t *page.Turn, x, y int) {
	head := headHeight(t.Height)
	switch {
	case y < head:
		if tab := p.views.tab.line().At(x); tab >= 0 && y == 0 {
			p.views.turn(t, profileTab(tab), &p.asks)
		}
	case p.views.tab == profileFlame:
		p.views.graph.click(x, y-head)
	case p.views.tab == profileTop && p.views.top.clickHead(x, y-head):
		p.reorder(t)
	default:
		p.views.table().Click(x, y-head)
	}
}

// reorder shows top in the order that was asked for; one that the profile has itself is made by it.
func (p *profilePage) reorder(t *page.Turn) {
	if p.views.top.settle() {
		p.look(t)
	} else {
		p.views.show(p.views.shown)
	}
}

// copyCommand copies what shows the same in a shell: of a kept profile this view
// as a command, of another one how to take its like.
func (p *profilePage) copyCommand(t *page.Turn) {
	held, base := p.subject.held(), p.views.shown.compared()
	switch {
	case p.views.tab == profileKept:
		t.Toast(page.LevelInfo, "open one first (enter)")
	case held != nil && held.about.ID != "" && (base == nil || base.about.ID != ""):
		t.Copy("this view as a command", p.command(held, base))
	case base != nil:
		t.Toast(page.LevelInfo, "save both sides of the difference first (x)")
	case t.URL != "":
		t.Copy("a go tool pprof command that captures such a profile", p.subject.typ.fetchCommand(t.URL, p.captures.seconds))
	default:
		t.Toast(page.LevelInfo, "save the profile first (x): this server has no network to fetch it over")
	}
}

// command is the open view as the command line has it.
func (p *profilePage) command(held, base *loadedProfile) string {
	words := []string{"evtui profile"}
	file := kit.ShellQuote(profiler.SessionPath(p.views.kept.dir, held.about.ID))
	function := kit.ShellQuote(p.views.function.pattern())
	switch p.views.tab {
	case profileFlame:
		words = append(words, "flame", file)
	case profileCallers:
		words = append(words, "callers", file, function)
	case profileSource:
		words = append(words, "lines", file, function)
	default:
		words = append(words, "top", file)
		if p.views.top.byCum {
			words = append(words, "--cum")
		}
	}
	if base != nil {
		words = append(words, "--diff-base", kit.ShellQuote(profiler.SessionPath(p.views.kept.dir, base.about.ID)))
	}
	return strings.Join(append(words, p.subject.flags()...), " ")
}
