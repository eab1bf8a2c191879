package tail

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// Bindings implements [page.Pane].
func (p *tail) Bindings() []page.Binding {
	if p.front.on() {
		return p.front.bindings()
	}
	return append([]page.Binding{
		page.Bind(page.ActPause, "pause or resume the display; counting continues", "pause"), page.Bind(page.ActFollow, "", "follow"),
		page.Bind(page.ActFilter, kit.FilterHelp, "filter"),
		page.Bind(page.ActCategory, "tail other categories, everything, or a member's share such as order 1/3", "category"),
		page.Bind(page.ActOpen, "open the message, or load the fold", "open"), page.Bind(page.ActColumns, "", "columns"),
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
	if p.front.act(t, a, p.list) {
		return
	}
	switch a {
	case page.ActOpen:
		p.enter(t)
	case page.ActPause:
		p.pause(t)
	case page.ActFollow, page.ActBottom:
		p.list.follow = true
		p.list.grid.End()
	case page.ActOut, page.ActCancelUI:
		p.out(t, a == page.ActOut)
	case page.ActRefresh:
		p.restart(t)
	case page.ActNextMatch:
		p.list.search(t, 1)
	case page.ActPrevMatch:
		p.list.search(t, -1)
	case page.ActLeft, page.ActRight:
		kit.MoveGrid(p.list.grid, a)
	case page.ActSearch:
		t.Prompt(page.Prompt{ID: "search", Label: "search", Hint: "search the rows loaded here"})
	case page.ActFilter:
		p.typing.Ask(t, p.filter, kit.FilterHint)
	case page.ActCategory:
		t.Prompt(page.Prompt{ID: "category", Label: "tail", Hint: "such as order account 1/3; empty: the whole namespace", Text: p.what.String()})
	case page.ActColumns:
		p.front.cover.Picker = kit.NewPicker(p.list.paths, p.list.recent())
	case page.ActCompare:
		p.front.cover.Compare.Mark(t, p.Message())
	case page.ActExport:
		p.exportTo(t)
	case page.ActCopyView:
		t.Copy("this view as a command", p.command(t.Env))
	default:
		if kit.MoveGrid(p.list.grid, a) {
			p.list.moved()
		} else if m := p.Message(); m != nil {
			kit.OnMessage(t, a, m, true)
		}
	}
}

// pause holds the display; what comes is counted on. Going on, as much as can
// be read is shown, the rest becomes a fold.
func (p *tail) pause(t *page.Turn) {
	held, again := p.tally.pause()
	if held.empty() {
		return
	}
	p.list.follow = true
	if again {
		p.supersede()
		p.questions.asked = time.Time{} // the question does not wait for its turn
		p.pull(t)
		return
	}
	p.list.add(held, nil, 0, 0)
}

func (p *tail) enter(t *page.Turn) {
	r := p.list.row()
	if r == (tailRow{}) {
		return
	}
	p.list.follow = false
	switch {
	case r.m != nil:
		p.front.open = kit.NewMessage(r.m)
	case p.list.loading == 0:
		p.list.loading, p.list.loadGen = r.fold.from, p.questions.next()
		t.Ask(p.list.loadGen, tailPull{what: p.what, filter: p.filter}.loadFold(r.fold))
	}
}

// exportTo asks where to write what is tailed and matches, from the first row
// on: folds as well.
func (p *tail) exportTo(t *page.Turn) {
	if len(p.list.buffer.rows) == 0 {
		t.Toast(page.LevelWarn, "nothing to export")
		return
	}
	first := p.list.buffer.rows[0]
	from := first.fold.from
	if first.m != nil {
		from = first.m.GlobalPosition
	}
	name := cmp.Or(strings.Join(p.what.Categories, "+"), "tail")
	columns := p.list.paths
	if len(columns) > 0 {
		columns = append(kit.PlaceColumns(), columns...)
	}
	p.export.Ask(t, p.what.Between(from, p.tally.place.last, p.filter.Absolute(), nil), columns, name)
}

// out cancels what runs; and, if it is more than that, goes back step by step
// to the whole namespace.
func (p *tail) out(t *page.Turn, back bool) {
	switch {
	case p.export.Cancel(), p.questions.endLooking(), !back:
		return
	case p.front.cover.Compare.Left != nil:
		p.front.cover.Compare.Close()
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

func (p *tail) prompted(t *page.Turn, msg page.PromptMsg) {
	if p.front.cover.Picker != nil && p.front.cover.Picker.Prompted(t, msg) {
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
			kit.SayUnseen(t, f, p.list.recent())
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
		p.list.query = msg.Text
		if p.front.open != nil {
			p.front.open.Search(msg.Text)
		} else {
			p.list.search(t, -1)
		}
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

// command is the tail as a command that goes on from the newest messages.
func (p *tail) command(env page.Env) string {
	if p.front.open != nil {
		m := p.front.open.M
		return kit.Command(env, "messages", m.Stream, "--from", strconv.FormatInt(m.Position, 10), "--limit", "1", "-o", "json")
	}
	args := append([]string{"tail"}, p.what.Categories...)
	if !p.what.Group.IsZero() {
		args = append(args, "--member", p.what.Member())
	}
	if !p.filter.IsZero() {
		args = append(args, "--filter", p.filter.String())
	}
	if len(p.list.paths) > 0 {
		args = append(args, "--columns", kit.ColumnNames(append(kit.PlaceColumns(), p.list.paths...)))
	}
	return kit.Command(env, args...)
}
