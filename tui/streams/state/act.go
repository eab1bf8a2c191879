package state

import (
	"strconv"

	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

func (p *tab) act(t *page.Turn, a page.Action) {
	switch a {
	case page.ActNext:
		p.goTo(t, p.cursor+1)
	case page.ActPrevious:
		p.goTo(t, p.cursor-1)
	case page.ActNextPane:
		p.panes.turn(1)
	case page.ActPrevPane:
		p.panes.turn(paneCount - 1)
	case page.ActFollow:
		p.goTo(t, p.version)
	case page.ActMore:
		p.goOn(t)
	case page.ActOut:
		p.stop(t)
	case page.ActOpen:
		p.open(t)
	case page.ActGoPosition:
		t.Prompt(page.Prompt{ID: promptPosition, Label: "position", Hint: "in the stream"})
	case page.ActGoTime:
		t.Prompt(page.Prompt{ID: promptTime, Label: "time", Hint: "-5m, 14:02:07, 2026-01-15"})
	case page.ActUntil:
		p.askCondition(t)
	case page.ActSearch:
		t.Prompt(page.Prompt{ID: promptSearch, Label: "/", Hint: "text in the state", Live: true})
	case page.ActCopyValue:
		if p.unread() {
			t.Toast(page.LevelInfo, "the state is %s", notKnown)
			return
		}
		t.Copy("the state", string(p.result.moment.State))
	case page.ActCopyView:
		t.Copy("this view as a command", p.command(t.Env))
	default:
		p.move(t, a)
	}
}

// goOn goes on where reading stopped, as far as it takes.
func (p *tab) goOn(t *page.Turn) {
	p.work.allowed, p.work.stopped = p.cursor, false
	p.fault, p.rows.fault = "", "" // what failed is tried again
	p.work.begun = t.Now
	p.pull(t)
}

// stop stops what runs; what it came to is shown.
func (p *tab) stop(t *page.Turn) {
	w := &p.work
	if w.search != nil {
		w.end(t, p.next())
		t.Toast(page.LevelInfo, "stopped looking for %s", w.asked)
		return
	}
	w.end(t, p.next())
	w.stopped = true
}

// open leads to the message under the cursor.
func (p *tab) open(t *page.Turn) {
	if p.panes.focus == paneState {
		p.result.view.Toggle()
		return
	}
	if p.panes.focus == paneChange {
		p.result.change.Act(page.ActFold)
		return
	}
	if b := p.rows.at(p.cursor); b != nil {
		t.Go(page.Location{Page: page.Streams, Namespace: p.of.Namespace, Category: p.of.Category, Stream: b.Stream, Position: b.Position, HasPosition: true})
	}
}

// askCondition asks for a condition, where one can be run.
func (p *tab) askCondition(t *page.Turn) {
	if !p.setup.Reducers.Runs {
		t.Toast(page.LevelWarn, "conditions are jq, which is not run here, over SSH")
		return
	}
	t.Prompt(page.Prompt{ID: promptUntil, Label: "first version at which", Hint: "a condition in jq of the state: .balance < 0 (what is not there is null, and less than 0)", Text: p.condition})
}

func (p *tab) move(t *page.Turn, a page.Action) {
	switch p.panes.focus {
	case paneMessages:
		if kit.MoveGrid(p.rows.grid, a) && p.version >= 0 {
			p.goTo(t, int64(p.rows.grid.Cursor()))
			return
		}
		p.result.act(a)
	case paneChange:
		p.result.change.Act(a)
	default:
		p.result.act(a)
	}
}

func (p *tab) scroll(n int) {
	switch p.panes.focus {
	case paneMessages:
		p.rows.grid.Scroll(n)
	case paneChange:
		p.result.change.Grid.Scroll(n)
	default:
		p.result.view.Scroll(n)
	}
}

// click gives the pane under the mouse the keys, and puts its cursor there.
func (p *tab) click(t *page.Turn, x, y int) {
	for _, a := range p.panes.areas(t.Env, t.Width, t.Height) {
		if x < a.X || x >= a.X+a.W || y < a.Y || y >= a.Y+a.H {
			continue
		}
		if p.panes.focus = a.pane; a.pane != paneMessages {
			p.panes.below = a.pane
		} else if row := p.rows.grid.HitRow(x-a.X, y-a.Y-1); row >= 0 {
			p.goTo(t, int64(row))
		}
	}
}

func (p *tab) command(env page.Env) string {
	args := []string{"state", p.of.Stream, "--position", strconv.FormatInt(max(p.cursor, 0), 10)}
	d := p.work.definition
	switch {
	case d.Merges():
		args = append(args, "--merge")
	case d.Category == "":
		args = append(args, "--reducer", d.Name)
	}
	return kit.Command(env, args...)
}

// Bindings implements [page.Pane].
func (p *tab) Bindings() []page.Binding {
	list := []page.Binding{
		page.Bind(page.ActPrevious, "the message before, and the state then", "step"), page.Bind(page.ActNext, "the next message, and the state then", "step"),
		page.Bind(page.ActNextPane, "messages, state, change", "panes"), page.Bind(page.ActPrevPane, "", ""),
		page.Bind(page.ActUntil, "", "until"), page.Bind(page.ActGoPosition, "", ""), page.Bind(page.ActGoTime, "", ""),
		page.Bind(page.ActFollow, "to the end, and follow it", "follow"), page.Bind(page.ActMore, "read on where reading stopped", "read on"),
	}
	if p.Within() {
		list = append(list, page.Bind(page.ActOut, "stop reading", "stop"))
	}
	open := "the message itself, in the list"
	if p.panes.focus != paneMessages {
		open = "fold or unfold"
	}
	list = append(list, page.Bind(page.ActOpen, open, ""), page.Bind(page.ActFold, "", ""))
	if p.panes.focus == paneChange {
		list = append(list, page.Bind(page.ActNextMatch, "next difference", ""), page.Bind(page.ActPrevMatch, "previous difference", ""), page.Bind(page.ActFoldAll, "fold or unfold identical lines", ""))
	} else {
		list = append(list, page.Bind(page.ActNextMatch, "", ""), page.Bind(page.ActPrevMatch, "", ""))
	}
	list = append(list, page.Bind(page.ActSearch, "search in the state", ""), page.Bind(page.ActRaw, "", ""), page.Bind(page.ActWrap, "", ""),
		page.Bind(page.ActCopyValue, "copy the state", ""), page.Bind(page.ActCopyView, "", ""),
		page.Bind(page.ActLeft, "scroll left", ""), page.Bind(page.ActRight, "scroll right", ""))
	return append(list, page.Movement()...)
}
