package flow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/internal/story/flow"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// redrawEvery is how often what is counted is laid out again while it is read.
const redrawEvery = 400 * time.Millisecond

// mostVariants is how many variants are listed.
const mostVariants = 1000

// look is one way of looking at the flow.
type look int

// The looks, in the order in which tab turns them.
const (
	lookTable look = iota
	lookGraph
	lookVariants
	looks
)

// String is what a look is called.
func (l look) String() string { return [...]string{"table", "graph", "variants"}[l] }

type pane struct {
	at    page.Location
	gen   uint64
	since time.Time // read from here on; zero: from the start
	graph *flow.Graph
	read  reading
	fault string
	stale bool      // the graph has taken what the rows do not show
	drawn time.Time // when the rows were made
	aged  time.Time // when ages were drawn last

	look     look
	variants flow.Variants
	drawing  drawing
	taken    *taken // the streams of a transition, open; nil: none

	table    *kit.List[*row]
	orders   *kit.List[*flow.Variant]
	search   kit.Finder
	env      page.Env // of the newest message, for the cells
	absolute bool     // what the table's columns are laid out for
	marks    int
}

// row is a transition as the table shows it.
type row struct {
	flow.Transition
	fresh  bool // taken for the first time since all had been read
	unread bool // the server knows of it, and it is not in what was read
}

// New makes the tab of a category. Its questions carry generations from gen on.
func New(at page.Location, gen uint64) page.Pane {
	p := &pane{at: at, gen: gen, marks: 1}
	p.table = kit.NewList(kit.ListOptions[*row]{
		Columns: p.tableColumns(), Over: unread, Finder: &p.search, Same: func(a, b *row) bool { return a.Pair == b.Pair },
	})
	p.orders = kit.NewList(kit.ListOptions[*flow.Variant]{
		Columns: orderColumns(), Finder: &p.search, Same: func(a, b *flow.Variant) bool { return a.ID == b.ID },
	})
	p.restart()
	return p
}

func (p *pane) restart() {
	p.gen++
	p.graph, p.read, p.fault, p.taken = flow.New(flow.Limits{}), newReading(), "", nil
	p.variants, p.stale, p.drawn = flow.Variants{}, false, time.Time{}
	p.drawing.drop()
	p.table.More, p.orders.More = true, true
	p.table.SetRows(nil)
	p.orders.SetRows(nil)
	p.table.SetUnread("reading…")
	p.orders.SetUnread("reading…")
}

// Update implements [page.Pane].
func (p *pane) Update(t *page.Turn, msg any) {
	p.env = t.Env
	switch msg := msg.(type) {
	case page.AtMsg, page.NamespaceMsg, page.ReconnectMsg:
		p.restart()
		p.pull(t)
	case page.ShowMsg, page.FrameMsg:
		p.pull(t)
		if p.stale && t.Now.Sub(p.drawn) >= redrawEvery {
			p.refresh(t)
			t.Redraw()
		}
		if t.Now.Sub(p.aged) >= time.Second && p.look == lookTable {
			p.aged = t.Now
			p.table.Changed() // ages are part of what is shown
			t.Redraw()
		}
	case page.Reply:
		p.replied(t, msg)
	case page.PromptMsg:
		p.prompted(t, msg)
	case page.ActionMsg:
		p.act(t, msg.Action)
	case tea.MouseClickMsg:
		p.click(msg.X, msg.Y)
	case tea.MouseWheelMsg:
		p.scroll(3 * kit.Wheel(msg.Button))
	}
}

// noMessages says that there are none, and at a moment of the past the way back.
func noMessages(env *page.Env) string {
	if env.At.IsZero() {
		return "no messages here"
	}
	return "no messages here: " + env.Fill()
}

// refresh makes the rows of what was counted.
func (p *pane) refresh(t *page.Turn) {
	p.stale, p.drawn = false, t.Now
	p.table.More = !p.read.done
	p.table.SetRows(p.rows())
	p.table.SetEmpty(noMessages(&t.Env))
	p.refreshVariants()
	p.drawing.drop()
	p.showTaken()
}

// showTaken lists the streams of the open transition as they are now.
func (p *pane) showTaken() {
	if p.taken == nil {
		return
	}
	p.taken.n = 0 // none once every stream that ended here went on
	for _, r := range p.table.Rows() {
		if r.Pair == p.taken.of {
			p.taken.n = r.Count
		}
	}
	p.taken.SetRows(kit.Pointers(p.graph.Passages(p.taken.of)))
}

// rows makes a row of each transition that was counted, or that the server knows
// of, those taken most often first. One that it knew before what was read has its
// first message from there.
func (p *pane) rows() []*row {
	var rows []*row
	read := map[flow.Pair]bool{}
	for _, tr := range p.graph.Transitions() {
		r := &row{Transition: tr, fresh: p.read.caught >= 0 && tr.First.Global > p.read.caught && !tr.To.Bound}
		if p.read.known != nil {
			if first, ok := p.read.known.first[tr.Pair]; ok && first.Global < tr.First.Global {
				r.First, r.fresh = first, false
			}
		}
		read[tr.Pair] = true
		rows = append(rows, r)
	}
	if p.read.known != nil && p.read.begun {
		for pair, first := range p.read.known.first {
			if !read[pair] {
				rows = append(rows, &row{Transition: flow.Transition{Pair: pair, First: first}, unread: true})
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b *row) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), compareNodes(a.From, b.From), compareNodes(a.To, b.To))
	})
	return rows
}

// refreshVariants lists the variants, if they are looked at.
func (p *pane) refreshVariants() {
	if p.look != lookVariants {
		return
	}
	p.variants = p.graph.Variants(mostVariants)
	p.orders.More = !p.read.done
	p.orders.SetRows(kit.Pointers(p.variants.List))
	p.orders.SetEmpty("no stream's order is known here")
}

// Within reports whether esc has something to close or to stop here.
func (p *pane) Within() bool { return p.taken != nil || p.reads() || !p.since.IsZero() }

func (p *pane) out(t *page.Turn) {
	switch {
	case p.taken != nil:
		p.taken = nil
	case p.reads():
		p.gen++ // what is under way is nobody's
		p.read.halted, p.read.asking = true, false
		p.refresh(t)
	case !p.since.IsZero():
		p.since = time.Time{}
		p.restart()
		p.pull(t)
	}
}

// Bindings implements [page.Pane].
func (p *pane) Bindings() []page.Binding {
	if p.taken != nil {
		return append([]page.Binding{
			page.Bind(page.ActOpen, "go to the message in its stream", "open"), page.Bind(page.ActOut, "back to the flow", "out"),
			page.Bind(page.ActCopyStream, "", ""),
		}, page.Movement()...)
	}
	open := page.Bind(page.ActOpen, "the streams that took this transition", "streams")
	if p.look == lookVariants {
		open = page.Bind(page.ActOpen, "go to the example", "example")
	}
	list := []page.Binding{
		open, page.Bind(page.ActNextPane, "table, graph, variants", "table/graph/variants"), page.Bind(page.ActPrevPane, "variants, graph, table", ""),
	}
	if !p.read.done {
		list = append(list, page.Bind(page.ActMore, "read further", "further"))
	}
	list = append(list, page.Bind(page.ActGoTime, "read from a time on", "from"))
	if p.look != lookGraph {
		list = append(list, page.Bind(page.ActSort, "", "sort"))
		list = append(list, p.search.Bindings()...)
	}
	list = append(list, page.Bind(page.ActRefresh, "read again from the start", ""), page.Bind(page.ActLeft, "scroll left", ""), page.Bind(page.ActRight, "scroll right", ""),
		page.Bind(page.ActCopyValue, "copy what the row says", ""), page.Bind(page.ActCopyView, "", ""))
	if p.Within() {
		list = append(list, page.Bind(page.ActOut, "stop reading, or read all", "out"))
	}
	return append(list, page.Movement()...)
}

func (p *pane) act(t *page.Turn, a page.Action) {
	switch {
	case a == page.ActOut:
		p.out(t)
	case p.taken != nil:
		p.taken.act(t, a, p.at.Namespace)
	case a == page.ActNextPane:
		p.turn(t, 1)
	case a == page.ActPrevPane:
		p.turn(t, int(looks)-1)
	case a == page.ActOpen:
		p.enter(t)
	case a == page.ActMore:
		p.further(t)
	case a == page.ActRefresh:
		p.restart()
		p.pull(t)
	case a == page.ActGoTime:
		t.Prompt(page.Prompt{ID: sincePrompt, Label: "read from", Hint: "-5m, 14:02:07, 2026-01-15"})
	case a == page.ActCopyValue:
		p.copyRow(t)
	case a == page.ActCopyView:
		t.Copy("command", p.command(t.Env))
	case p.look == lookGraph:
		p.moveInDrawing(a)
	default:
		p.list().Act(t, a)
	}
}

func (p *pane) turn(t *page.Turn, n int) {
	p.look = (p.look + look(n)) % looks
	p.refresh(t)
}

func (p *pane) list() *kit.Table {
	if p.look == lookVariants {
		return &p.orders.Table
	}
	return &p.table.Table
}

// enter opens the streams of the transition under the cursor, or goes to a variant's
// example.
func (p *pane) enter(t *page.Turn) {
	if p.look == lookVariants {
		if v, ok := p.orders.Chosen(); ok {
			t.Go(page.Location{Page: page.Streams, Namespace: p.at.Namespace, Stream: v.Example, HasPosition: true})
		}
	} else if r, ok := p.table.Chosen(); ok {
		p.taken = p.newTaken(r.Pair)
		p.showTaken()
	}
}

// sincePrompt names the prompt for the time that is read from.
const sincePrompt = "since"

func (p *pane) prompted(t *page.Turn, msg page.PromptMsg) {
	if p.list().Prompted(t, msg) || msg.ID != sincePrompt || msg.State != page.PromptDone || strings.TrimSpace(msg.Text) == "" {
		return
	}
	at, err := moment.ParseTime(msg.Text, t.Now)
	if err != nil {
		t.Toast(page.LevelWarn, "read from: %v", err)
		return
	}
	p.since = at
	p.restart()
	p.pull(t)
}

func (p *pane) copyRow(t *page.Turn) {
	if p.look == lookVariants {
		if v, ok := p.orders.Chosen(); ok {
			t.Copy("variant", v.Spell(" → ", "×"))
		}
	} else if r, ok := p.table.Chosen(); ok {
		t.Copy("transition", sentence(" "+arrowOf(t.Theme)+" ", &r.Transition))
	}
}

// command is the headless twin of what is shown.
func (p *pane) command(env page.Env) string {
	args := []string{"flow", p.at.Category}
	if !p.since.IsZero() {
		args = append(args, "--since", p.since.UTC().Format(time.RFC3339Nano))
	}
	if !env.At.IsZero() {
		args = append(args, "--until", env.At.Truncate(time.Second).Add(time.Second).UTC().Format(time.RFC3339Nano))
	}
	switch p.look {
	case lookVariants:
		args = append(args, "--variants")
	case lookGraph:
		args = append(args, "-o", "dot")
	}
	return kit.Command(env, args...)
}

// click moves the cursor, or sorts by a head.
func (p *pane) click(x, y int) {
	switch {
	case p.taken != nil:
		if row := p.taken.HitRow(x, y); row >= 0 {
			p.taken.SetCursor(row)
		}
	case p.look != lookGraph:
		p.list().Click(x, y)
	default:
		if i := p.drawing.hit(x, y); i >= 0 {
			p.table.SetCursor(i)
		}
	}
}

func (p *pane) scroll(n int) {
	switch {
	case p.taken != nil:
		p.taken.Scroll(n)
	case p.look == lookGraph:
		p.drawing.scroll(n)
	default:
		p.list().Scroll(n)
	}
}

// nodeName is what an end of a transition is called.
func nodeName(n flow.Node, from bool) string {
	switch {
	case !n.Bound:
		return n.Type
	case from:
		return "(start)"
	}
	return "(end)"
}

// pairName is what a transition is called; it is not sanitized.
func pairName(of flow.Pair, arrow string) string {
	return nodeName(of.From, true) + arrow + nodeName(of.To, false)
}

// sentence tells a transition in a line.
func sentence(arrow string, tr *flow.Transition) string {
	s := fmt.Sprintf("%s: %s, %s of what follows", pairName(tr.Pair, arrow), counted(tr.Count, "time"), text.Share(tr.Share))
	if tr.Gaps.Count > 0 {
		s += ", p50 " + gap(&tr.Gaps, tr.Gaps.P50) + ", p99 " + gap(&tr.Gaps, tr.Gaps.P99) + ", max " + longest(&tr.Gaps)
	}
	return s
}

func counted(n int64, noun string) string { return text.Count(n) + " " + text.Plural(n, noun) }

// gap writes a time between, with ≈ where it is an estimate.
func gap(g *flow.Gaps, d time.Duration) string {
	switch {
	case g.Count == 0:
		return "–"
	case g.Error > 0:
		return "≈" + text.Duration(d)
	}
	return text.Duration(d)
}

// longest writes the greatest of the times between, which is exact.
func longest(g *flow.Gaps) string {
	if g.Count == 0 {
		return "–"
	}
	return text.Duration(g.Max)
}

func arrowOf(t page.Theme) string {
	if t.Sym.ASCII {
		return "->"
	}
	return "→"
}
