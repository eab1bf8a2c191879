package tui

import (
	"strings"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/store"
)

// Bindings implements [Pane].
func (p *tail) Bindings() []Binding {
	switch {
	case p.picker != nil:
		return p.picker.bindings()
	case p.compare.on():
		return p.compare.bindings()
	case p.open != nil:
		return append([]Binding{
			Bind(ActOut, "back to the tail", "out"), Bind(ActPrevious, "", "previous"), Bind(ActNext, "", "next"),
			Bind(ActOpen, "fold or unfold", "fold"), Bind(ActFold, "", ""), Bind(ActFoldAll, "", ""), Bind(ActRaw, "", "raw"),
			Bind(ActNextPane, "to the metadata, or back", "metadata"), Bind(ActPrevPane, "to the metadata, or back", ""),
			Bind(ActSearch, "", "search"), Bind(ActNextMatch, "", ""), Bind(ActPrevMatch, "", ""), Bind(ActWrap, "", ""),
			Bind(ActGoStream, "", "stream"), Bind(ActGoCategory, "", ""), Bind(ActGoProcess, "", ""), Bind(ActLanes, "", "lanes"),
			Bind(ActCompare, "", "compare"), Bind(ActCopyValue, "", ""), Bind(ActCopyPath, "", ""), Bind(ActCopyID, "", ""),
			Bind(ActCopyStream, "", ""), Bind(ActCopyCurl, "", ""), Bind(ActCopyView, "", ""),
			Bind(ActLeft, "scroll left", ""), Bind(ActRight, "scroll right", ""),
		}, Movement()...)
	}
	return append([]Binding{
		Bind(ActPause, "pause the display, or go on; the count goes on", "pause"),
		Bind(ActFollow, "", "follow"),
		Bind(ActFilter, filterHelp, "filter"),
		Bind(ActCategory, "tail other categories, all, or a member's share such as order 1/3", "category"),
		Bind(ActOpen, "open the message, or load the fold", "open"),
		Bind(ActColumns, "", "columns"),
		Bind(ActOut, "cancel an export; clear the filter; then the whole namespace", ""),
		Bind(ActSearch, "", "search"), Bind(ActNextMatch, "", ""), Bind(ActPrevMatch, "", ""),
		Bind(ActRefresh, "begin anew with the newest messages", ""),
		Bind(ActGoStream, "", ""), Bind(ActGoCategory, "", ""), Bind(ActGoProcess, "", ""), Bind(ActLanes, "", ""),
		Bind(ActCompare, "", ""), Bind(ActExport, "export what is tailed and matches", ""),
		Bind(ActCopyValue, "copy the data", ""), Bind(ActCopyID, "", ""), Bind(ActCopyStream, "", ""),
		Bind(ActCopyCurl, "", ""), Bind(ActCopyView, "", ""),
		Bind(ActLeft, "scroll left", ""), Bind(ActRight, "scroll right", ""),
	}, Movement()...)
}

func (p *tail) act(t *Turn, a Action) {
	switch {
	case p.picker != nil:
		p.choose(t, a)
		return
	case p.compare.on() && p.compare.act(a):
		return
	case p.open != nil && p.actInMessage(t, a):
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
		p.out(t, a == ActOut)
	case ActRefresh:
		p.restart(t)
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
		p.ask(t, a)
	}
}

// ask opens what asks the user for something.
func (p *tail) ask(t *Turn, a Action) {
	switch a {
	case ActSearch:
		t.Prompt(Prompt{ID: "search", Label: "search", Hint: "text among the rows here"})
	case ActFilter:
		p.typing.ask(t, p.filter, filterHint)
	case ActCategory:
		t.Prompt(Prompt{ID: "category", Label: "tail", Hint: "order account 1/3; empty: the whole namespace", Text: p.what.String()})
	case ActColumns:
		p.picker = newPicker(p.paths, p.recent())
	case ActCompare:
		p.compare.mark(t, p.current())
	case ActExport:
		p.exportTo(t)
	default:
		p.onMessage(t, a)
	}
}

// recent is the messages on hand, newest first.
func (p *tail) recent() []*store.Message {
	var out []*store.Message
	for i := len(p.buffer.rows) - 1; i >= 0 && len(out) < pickerLooks; i-- {
		if m := p.buffer.rows[i].m; m != nil {
			out = append(out, m)
		}
	}
	return out
}

// choose hands an action to the columns being chosen.
func (p *tail) choose(t *Turn, a Action) {
	done, taken := p.picker.act(t, a)
	if taken {
		p.show(p.picker.chosen)
	}
	if done {
		p.picker = nil
	}
}

// show makes columns of paths.
func (p *tail) show(paths []filter.Column) {
	p.paths = paths
	p.grid.SetColumns(p.columns())
}

// exportTo asks where to write what is tailed and matches, from the first row
// on: folds as well.
func (p *tail) exportTo(t *Turn) {
	if len(p.buffer.rows) == 0 {
		t.Toast(LevelWarn, "there is nothing here to export")
		return
	}
	first := p.buffer.rows[0]
	from := first.fold.from
	if first.m != nil {
		from = first.m.GlobalPosition
	}
	name := "tail"
	if len(p.what.categories) > 0 {
		name = strings.Join(p.what.categories, "+")
	}
	columns := p.paths
	if len(columns) > 0 {
		columns = append(placeColumns(), columns...)
	}
	p.export.ask(t, tailedFrom(tailPull{what: p.what, filter: p.filter}, from, p.place.last), columns, name)
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

// out cancels what runs; and, if it is more than that, goes back step by step
// to the whole namespace.
func (p *tail) out(t *Turn, back bool) {
	switch {
	case p.export.cancel(), !back:
		return
	case p.compare.left != nil:
		p.compare.close()
		return
	case !p.filter.IsZero():
		p.filter = filter.Filter{}
	case !p.what.equal(tailed{}):
		p.what = tailed{}
	default:
		return
	}
	p.restart(t)
}

func (p *tail) onMessage(t *Turn, a Action) {
	if a == ActCopyView {
		t.Copy("this view as a command", p.command(t.Env))
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
	case ActGoProcess, ActLanes:
		t.Go(Location{Page: PageStreams, Message: m, Lanes: a == ActLanes})
	case ActCopyID:
		t.Copy("the id "+m.ID.String(), m.ID.String())
	case ActCopyStream:
		t.Copy("the stream "+m.Stream, m.Stream)
	case ActCopyValue:
		t.Copy("the data", string(m.Data))
	case ActCopyCurl:
		t.Copy("a curl call for the message", messageCurl(t.Env, m))
	}
}

func (p *tail) prompted(t *Turn, msg PromptMsg) {
	if p.picker != nil && p.picker.prompted(t, msg) {
		return
	}
	if p.export.prompted(t, msg, p.gens+1) {
		if p.export.gen == p.gens+1 {
			p.gens++
		}
		return
	}
	if msg.ID == "filter" {
		if f, ok := p.typing.typed(t, msg, filter.Parse); ok {
			p.filter = f
			p.restart(t)
		}
		return
	}
	p.typing.fault = ""
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
	case "category":
		what, err := parseTailed(msg.Text)
		if err != nil {
			p.typing.fault = err.Error()
			t.Prompt(Prompt{ID: "category", Label: "tail", Text: msg.Text})
			return
		}
		p.what = what
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
