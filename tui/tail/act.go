package tail

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// Bindings implements [page.Pane].
func (p *tail) Bindings() []page.Binding {
	switch {
	case p.picker != nil:
		return p.picker.Bindings()
	case p.compare.On():
		return p.compare.Bindings()
	case p.open != nil:
		return append([]page.Binding{
			page.Bind(page.ActOut, "back to the tail", "out"), page.Bind(page.ActPrevious, "", "previous"), page.Bind(page.ActNext, "", "next"),
			page.Bind(page.ActOpen, "fold or unfold", "fold"), page.Bind(page.ActFold, "", ""), page.Bind(page.ActFoldAll, "", ""), page.Bind(page.ActRaw, "", "raw"),
			page.Bind(page.ActNextPane, "to the metadata, or back", "metadata"), page.Bind(page.ActPrevPane, "to the metadata, or back", ""),
			page.Bind(page.ActSearch, "", "search"), page.Bind(page.ActNextMatch, "", ""), page.Bind(page.ActPrevMatch, "", ""), page.Bind(page.ActWrap, "", ""),
			page.Bind(page.ActGoStream, "", "stream"), page.Bind(page.ActGoCategory, "", ""), page.Bind(page.ActGoProcess, "", ""), page.Bind(page.ActGoCauses, "", ""), page.Bind(page.ActLanes, "", "lanes"),
			page.Bind(page.ActCompare, "", "compare"), page.Bind(page.ActCopyValue, "", ""), page.Bind(page.ActCopyPath, "", ""), page.Bind(page.ActCopyID, "", ""),
			page.Bind(page.ActCopyStream, "", ""), page.Bind(page.ActCopyCurl, "", ""), page.Bind(page.ActCopyView, "", ""),
			page.Bind(page.ActLeft, "scroll left", ""), page.Bind(page.ActRight, "scroll right", ""),
		}, page.Movement()...)
	}
	return append([]page.Binding{
		page.Bind(page.ActPause, "pause or resume the display; counting continues", "pause"),
		page.Bind(page.ActFollow, "", "follow"),
		page.Bind(page.ActFilter, kit.FilterHelp, "filter"),
		page.Bind(page.ActCategory, "tail other categories, everything, or a member's share such as order 1/3", "category"),
		page.Bind(page.ActOpen, "open the message, or load the fold", "open"),
		page.Bind(page.ActColumns, "", "columns"),
		page.Bind(page.ActOut, "cancel an export, clear the filter, or tail the whole namespace", ""),
		page.Bind(page.ActSearch, "", "search"), page.Bind(page.ActNextMatch, "", ""), page.Bind(page.ActPrevMatch, "", ""),
		page.Bind(page.ActRefresh, "restart with the newest messages", ""),
		page.Bind(page.ActGoStream, "", ""), page.Bind(page.ActGoCategory, "", ""), page.Bind(page.ActGoProcess, "", ""), page.Bind(page.ActGoCauses, "", ""), page.Bind(page.ActLanes, "", ""),
		page.Bind(page.ActCompare, "", ""), page.Bind(page.ActExport, "export the messages that match", ""),
		page.Bind(page.ActCopyValue, "copy the data", ""), page.Bind(page.ActCopyID, "", ""), page.Bind(page.ActCopyStream, "", ""),
		page.Bind(page.ActCopyCurl, "", ""), page.Bind(page.ActCopyView, "", ""),
		page.Bind(page.ActLeft, "scroll left", ""), page.Bind(page.ActRight, "scroll right", ""),
	}, page.Movement()...)
}

func (p *tail) act(t *page.Turn, a page.Action) {
	switch {
	case p.picker != nil:
		p.choose(t, a)
		return
	case p.compare.On() && p.compare.Act(a):
		return
	case p.open != nil && p.actInMessage(t, a):
		return
	}
	switch a {
	case page.ActOpen:
		p.enter(t)
	case page.ActPause:
		p.pause(t)
	case page.ActFollow, page.ActBottom:
		p.follow = true
		p.grid.End()
	case page.ActOut, page.ActCancelUI:
		p.out(t, a == page.ActOut)
	case page.ActRefresh:
		p.restart(t)
	case page.ActNextMatch:
		p.search(t, 1)
	case page.ActPrevMatch:
		p.search(t, -1)
	case page.ActLeft, page.ActRight:
		kit.MoveGrid(p.grid, a)
	default:
		if kit.MoveGrid(p.grid, a) {
			p.moved()
			return
		}
		p.ask(t, a)
	}
}

func (p *tail) ask(t *page.Turn, a page.Action) {
	switch a {
	case page.ActSearch:
		t.Prompt(page.Prompt{ID: "search", Label: "search", Hint: "search the rows loaded here"})
	case page.ActFilter:
		p.typing.Ask(t, p.filter, kit.FilterHint)
	case page.ActCategory:
		t.Prompt(page.Prompt{ID: "category", Label: "tail", Hint: "such as order account 1/3; empty: the whole namespace", Text: p.what.String()})
	case page.ActColumns:
		p.picker = kit.NewPicker(p.paths, p.recent())
	case page.ActCompare:
		p.compare.Mark(t, p.current())
	case page.ActExport:
		p.exportTo(t)
	default:
		p.onMessage(t, a)
	}
}

// recent is the messages on hand, newest first.
func (p *tail) recent() []*store.Message {
	var out []*store.Message
	for i := len(p.buffer.rows) - 1; i >= 0 && len(out) < kit.PickerLooks; i-- {
		if m := p.buffer.rows[i].m; m != nil {
			out = append(out, m)
		}
	}
	return out
}

func (p *tail) choose(t *page.Turn, a page.Action) {
	done, taken := p.picker.Act(t, a)
	if taken {
		p.show(p.picker.Chosen)
	}
	if done {
		p.picker = nil
	}
}

func (p *tail) show(paths []filter.Column) {
	p.paths = paths
	p.grid.SetColumns(p.drawing().columns())
}

// exportTo asks where to write what is tailed and matches, from the first row
// on: folds as well.
func (p *tail) exportTo(t *page.Turn) {
	if len(p.buffer.rows) == 0 {
		t.Toast(page.LevelWarn, "nothing to export")
		return
	}
	first := p.buffer.rows[0]
	from := first.fold.from
	if first.m != nil {
		from = first.m.GlobalPosition
	}
	name := cmp.Or(strings.Join(p.what.Categories, "+"), "tail")
	columns := p.paths
	if len(columns) > 0 {
		columns = append(kit.PlaceColumns(), columns...)
	}
	p.export.Ask(t, p.what.Between(from, p.tally.place.last, p.filter.Absolute(), nil), columns, name)
}

// actInMessage does what the open message can do, and reports whether it did.
func (p *tail) actInMessage(t *page.Turn, a page.Action) bool {
	switch a {
	case page.ActOut:
		p.open = nil
	case page.ActNext, page.ActPrevious:
		p.step(a == page.ActPrevious)
	case page.ActNextMatch, page.ActPrevMatch:
		p.open.NextMatch(a == page.ActPrevMatch)
	default:
		return p.open.Act(t, a)
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
			p.open.Show(m)
			return
		}
	}
}

// out cancels what runs; and, if it is more than that, goes back step by step
// to the whole namespace.
func (p *tail) out(t *page.Turn, back bool) {
	switch {
	case p.export.Cancel(), p.questions.endLooking(), !back:
		return
	case p.compare.Left != nil:
		p.compare.Close()
		return
	case !p.filter.IsZero():
		p.filter = filter.Filter{}
	case !p.what.Equal(kit.Tailed{}):
		p.what = kit.Tailed{}
	default:
		return
	}
	p.restart(t)
}

func (p *tail) onMessage(t *page.Turn, a page.Action) {
	if a == page.ActCopyView {
		t.Copy("this view as a command", p.drawing().command(t.Env))
		return
	}
	if m := p.current(); m != nil {
		kit.OnMessage(t, a, m, true)
	}
}

func (p *tail) prompted(t *page.Turn, msg page.PromptMsg) {
	if p.picker != nil && p.picker.Prompted(t, msg) {
		return
	}
	if next := p.questions.gens + 1; p.export.Prompted(t, msg, next) {
		if p.export.Awaits(next) {
			p.questions.gens = next
		}
		return
	}
	if msg.ID == "filter" {
		if f, ok := p.typing.Typed(t, msg, filter.Parse); ok {
			p.filter = f
			kit.SayUnseen(t, f, p.recent())
			p.restart(t)
		}
		return
	}
	p.typing.Fault = ""
	if msg.State != page.PromptDone {
		return
	}
	switch msg.ID {
	case "search":
		p.query = msg.Text
		if p.open != nil {
			p.open.Search(msg.Text)
			return
		}
		p.search(t, -1)
	case "category":
		what, err := kit.ParseTailed(msg.Text)
		if err != nil {
			p.typing.Fault = err.Error()
			t.Prompt(page.Prompt{ID: "category", Label: "tail", Text: msg.Text})
			return
		}
		p.what = what
		p.restart(t)
	}
}

// search goes to the next row with the text, newest first.
func (p *tail) search(t *page.Turn, step int) {
	needle := []byte(strings.ToLower(p.query))
	n := len(p.buffer.rows)
	if len(needle) == 0 || n == 0 {
		return
	}
	at := p.grid.Cursor()
	for i := 1; i <= n; i++ {
		row := ((at+i*step)%n + n) % n
		if m := p.buffer.rows[row].m; m != nil && kit.ContainsFold([]byte(kit.MessageText(m)), needle) {
			p.grid.SetCursor(row)
			p.moved()
			return
		}
	}
	t.Toast(page.LevelWarn, "no match for %q in the rows loaded here", p.query)
}

// command is the tail as a command that goes on from the newest messages.
func (p drawing) command(env page.Env) string {
	if p.open != nil {
		m := p.open.M
		return kit.Command(env, "messages", m.Stream, "--from", strconv.FormatInt(m.Position, 10), "--limit", "1", "-o", "json")
	}
	args := append([]string{"tail"}, p.what.Categories...)
	if !p.what.Group.IsZero() {
		args = append(args, "--member", p.what.Member())
	}
	if !p.filter.IsZero() {
		args = append(args, "--filter", p.filter.String())
	}
	if len(p.paths) > 0 {
		args = append(args, "--columns", kit.ColumnNames(append(kit.PlaceColumns(), p.paths...)))
	}
	return kit.Command(env, args...)
}
