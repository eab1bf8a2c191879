package tui

import (
	"strings"

	"github.com/evtui/evtui/store"
)

// Bindings implements [Pane].
func (p *tail) Bindings() []Binding {
	if p.open != nil {
		return append([]Binding{
			Bind(ActOut, "back to the tail", "out"), Bind(ActPrevious, "", "previous"), Bind(ActNext, "", "next"),
			Bind(ActOpen, "fold or unfold", "fold"), Bind(ActFold, "", ""), Bind(ActFoldAll, "", ""), Bind(ActRaw, "", "raw"),
			Bind(ActNextPane, "to the metadata, or back", "metadata"), Bind(ActPrevPane, "to the metadata, or back", ""),
			Bind(ActSearch, "", "search"), Bind(ActNextMatch, "", ""), Bind(ActPrevMatch, "", ""), Bind(ActWrap, "", ""),
			Bind(ActGoStream, "", "stream"), Bind(ActCopyValue, "", ""), Bind(ActCopyPath, "", ""), Bind(ActCopyID, "", ""),
			Bind(ActCopyStream, "", ""), Bind(ActLeft, "scroll left", ""), Bind(ActRight, "scroll right", ""),
		}, Movement()...)
	}
	return append([]Binding{
		Bind(ActPause, "pause the display, or go on; the count goes on", "pause"),
		Bind(ActFollow, "", "follow"),
		Bind(ActFilter, "keep messages: text, type~Dep*, stream~acc*, ! inverts", "filter"),
		Bind(ActCategory, "tail another category, or all", "category"),
		Bind(ActOpen, "open the message, or load the fold", "open"),
		Bind(ActOut, "clear the filter; then the whole namespace", ""),
		Bind(ActSearch, "", "search"), Bind(ActNextMatch, "", ""), Bind(ActPrevMatch, "", ""),
		Bind(ActRefresh, "begin anew with the newest messages", ""),
		Bind(ActGoStream, "", ""), Bind(ActGoCategory, "", ""),
		Bind(ActCopyValue, "copy the data", ""), Bind(ActCopyID, "", ""), Bind(ActCopyStream, "", ""), Bind(ActCopyView, "", ""),
		Bind(ActLeft, "scroll left", ""), Bind(ActRight, "scroll right", ""),
	}, Movement()...)
}

func (p *tail) act(t *Turn, a Action) {
	if p.open != nil && p.actInMessage(t, a) {
		return
	}
	switch a {
	case ActOpen:
		p.enter(t)
	case ActPause:
		p.pause(t)
	case ActFollow, ActBottom:
		p.follow = true
		p.grid.End()
	case ActOut, ActCancelUI:
		p.out(t)
	case ActRefresh:
		p.restart(t)
	case ActSearch:
		t.Prompt(Prompt{ID: "search", Label: "search", Hint: "text among the rows here"})
	case ActFilter:
		t.Prompt(Prompt{ID: "filter", Label: "filter", Hint: "text, type~Dep*, stream~acc*; ! inverts", Text: p.filter.source})
	case ActCategory:
		t.Prompt(Prompt{ID: "category", Label: "category", Hint: "empty: the whole namespace", Text: p.category})
	case ActNextMatch:
		p.search(t, 1)
	case ActPrevMatch:
		p.search(t, -1)
	case ActLeft, ActRight:
		moveGrid(p.grid, a)
	default:
		if moveGrid(p.grid, a) {
			p.moved()
			return
		}
		p.onMessage(t, a)
	}
}

// actInMessage does what the open message can do, and reports whether it did.
func (p *tail) actInMessage(t *Turn, a Action) bool {
	switch a {
	case ActOut:
		p.open = nil
	case ActNext, ActPrevious:
		p.step(a == ActPrevious)
	case ActNextMatch, ActPrevMatch:
		p.open.nextMatch(a == ActPrevMatch)
	default:
		return p.open.act(t, a)
	}
	return true
}

// step opens the neighbour, past folds.
func (p *tail) step(back bool) {
	step := 1
	if back {
		step = -1
	}
	for i := p.grid.Cursor() + step; i >= 0 && i < len(p.buffer.rows); i += step {
		if m := p.buffer.rows[i].m; m != nil {
			p.grid.SetCursor(i)
			p.open.show(m)
			return
		}
	}
}

func (p *tail) out(t *Turn) {
	switch {
	case !p.filter.isZero():
		p.filter = filter{}
	case p.category != "":
		p.category = ""
	default:
		return
	}
	p.restart(t)
}

func (p *tail) onMessage(t *Turn, a Action) {
	if a == ActCopyView {
		t.Copy("this view as a command", strings.TrimSpace("evtui tail "+p.category))
		return
	}
	m := p.current()
	if m == nil {
		return
	}
	switch a {
	case ActGoStream:
		t.Go(Location{Page: PageStreams, Stream: m.Stream, Position: m.Position, HasPosition: true})
	case ActGoCategory:
		t.Go(Location{Page: PageStreams, Category: store.Category(m.Stream), GlobalPosition: m.GlobalPosition})
	case ActCopyID:
		t.Copy("the id "+m.ID.String(), m.ID.String())
	case ActCopyStream:
		t.Copy("the stream "+m.Stream, m.Stream)
	case ActCopyValue:
		t.Copy("the data", string(m.Data))
	}
}

func (p *tail) prompted(t *Turn, msg PromptMsg) {
	if msg.State != PromptDone {
		return
	}
	switch msg.ID {
	case "search":
		p.query = msg.Text
		if p.open != nil {
			p.open.search(msg.Text)
			return
		}
		p.search(t, -1)
	case "filter":
		f, err := parseFilter(msg.Text)
		if err != nil {
			t.Toast(LevelWarn, "%v", err)
			return
		}
		p.filter = f
		p.restart(t)
	case "category":
		category := strings.TrimSpace(msg.Text)
		if category != "" {
			if err := store.CheckCategory(category); err != nil {
				t.Toast(LevelWarn, "%v", err)
				return
			}
		}
		p.category = category
		p.restart(t)
	}
}

// search goes to the next row with the text, newest first.
func (p *tail) search(t *Turn, step int) {
	needle := []byte(strings.ToLower(p.query))
	n := len(p.buffer.rows)
	if len(needle) == 0 || n == 0 {
		return
	}
	at := p.grid.Cursor()
	for i := 1; i <= n; i++ {
		row := ((at+i*step)%n + n) % n
		if m := p.buffer.rows[row].m; m != nil && containsFold([]byte(rowText(m)), needle) {
			p.grid.SetCursor(row)
			p.moved()
			return
		}
	}
	t.Toast(LevelWarn, "%q is not among the rows here", p.query)
}
