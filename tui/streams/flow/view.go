package flow

import (
	"strings"

	"github.com/evtui/evtui/internal/story/flow"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// View implements [page.Pane].
func (p *pane) View(env page.Env, w, h int) string {
	p.restyle(env)
	if p.look == lookGraph {
		p.drawing.prepare(p.table.Rows(), env.Theme, w, h)
	}
	foot := p.foot(env, w, h)
	head := p.head(env, w)
	if h < 4 {
		head, foot = nil, nil
	}
	body := max(h-len(head)-len(foot), 0)
	var lines []string
	switch {
	case p.taken != nil:
		lines = p.taken.View(&env.Theme, w, body)
	case p.look == lookGraph:
		lines = p.drawing.lines(p, env, w, body)
	default:
		lines = p.list().View(&env.Theme, w, body)
	}
	all := append(append(append([]string(nil), head...), lines...), foot...)
	return strings.Join(all[:min(len(all), h)], "\n")
}

// restyle lays the columns out for the times as they are wanted, and for the marks.
func (p *pane) restyle(env page.Env) {
	p.env = env
	if mark := p.markWidth(); env.Absolute != p.absolute || mark != p.marks {
		p.absolute, p.marks = env.Absolute, mark
		p.table.SetColumns(p.tableColumns())
	}
}

// markWidth is how many cells the column of what is new or not read takes: none that
// the names would miss where there is no mark.
func (p *pane) markWidth() int {
	n := 1
	for _, r := range p.table.Rows() {
		switch {
		case r.unread:
			return len("not read")
		case r.fresh:
			n = len("new")
		}
	}
	return n
}

// head counts what there is.
func (p *pane) head(env page.Env, w int) []string {
	if p.taken != nil {
		return []string{env.Theme.Title.Paint(text.Fit(" "+text.Sanitize(pairName(p.taken.of, " "+arrowOf(env.Theme)+" "))+"   "+p.taken.said(), w))}
	}
	sum := p.graph.Sum()
	parts := []kit.Counted{
		{Figure: text.Count(sum.Messages), Label: "messages"}, {Figure: text.Count(sum.Streams), Label: "streams"},
		{Figure: text.Count(sum.Types), Label: "types"}, {Figure: text.Count(int64(len(p.table.Rows()))), Label: "transitions"},
	}
	if p.look == lookVariants {
		parts = append(parts, kit.Counted{Figure: text.Count(p.variants.Distinct), Label: "variants"})
	}
	parts = append(parts, kit.Counted{Figure: text.Duration(p.read.took), Label: "to read"})
	return []string{kit.CountedLine(env.Theme, parts, w)}
}

// mostNotes is how many lines say what is not counted.
const mostNotes = 4

// foot says what is not counted, and what the drawing leaves out.
func (p *pane) foot(env page.Env, w, h int) []string {
	if p.taken != nil {
		return nil
	}
	var words []string
	if p.fault != "" {
		words = append(words, p.fault)
	}
	if p.look == lookGraph {
		words = append(words, p.drawing.said(p, env)...)
	}
	words = append(words, p.notes()...)
	if most := max(min(mostNotes, h/4), 1); len(words) > most {
		more := counted(int64(len(words)-most+1), "note")
		words = append(words[:most-1], "and "+more+" more: enlarge the window, or see evtui flow")
	}
	lines := make([]string, len(words))
	for i, s := range words {
		lines[i] = env.Theme.Muted.Paint(text.Fit(" "+text.Sanitize(s), w))
	}
	return lines
}

func (p *pane) notes() []string {
	sum := p.graph.Sum()
	list := sum.Notes()
	if p.look == lookVariants {
		list = p.variants.Notes()
	}
	var out []string
	for _, n := range list {
		out = append(out, counted(n.Count, n.Noun)+" "+n.Why)
	}
	if p.read.known != nil && p.read.known.part && !p.read.done {
		out = append(out, "the server does not know all transitions: there may be others in what was not read")
	}
	return out
}

// Chrome implements [page.Pane].
func (p *pane) Chrome(env page.Env) page.Chrome {
	c := page.Chrome{Chips: []string{p.look.String(), p.readChip(env)}, AsOf: !env.At.IsZero()}
	if !p.since.IsZero() {
		c.Chips = append(c.Chips, "from "+text.Clock(p.since, env.Now))
	}
	if p.read.about {
		c.Chips = append(c.Chips, "the window is ≈: times are the writers' clocks")
	}
	switch {
	case p.taken != nil:
		c.Count = p.taken.Status()
	case p.look == lookGraph:
		c.Count = p.drawing.count(p)
	default:
		c.Count = p.list().Status()
	}
	return c
}

// Linear implements [page.Linear]: the rows that are on the screen, a sentence each.
func (p *pane) Linear(env page.Env) []string {
	p.View(env, env.Width, env.Height)
	sum := p.graph.Sum()
	out := []string{
		"flow of category " + text.Sanitize(p.at.Category) + ", " + p.look.String() + ": " + p.readChip(env),
		counted(sum.Messages, "message") + ", " + counted(sum.Streams, "stream") + ", " + counted(sum.Types, "type") + ", " + counted(int64(len(p.table.Rows())), "transition"),
	}
	if p.fault != "" {
		out = append(out, text.Sanitize(p.fault))
	}
	switch {
	case p.taken != nil:
		out = append(out, text.Sanitize(pairName(p.taken.of, " to "))+": "+p.taken.said())
		out = append(out, rowLines(p.taken.List, func(s *flow.Passage) string {
			return text.Name(s.Stream) + " at position " + text.Count(s.Position) + ", " + kit.Moment(s.At.Time, env.Now, env.Absolute)
		})...)
		return out
	case p.look == lookVariants:
		out = append(out, rowLines(p.orders, func(v *flow.Variant) string {
			return counted(v.Streams, "stream") + ", " + text.Share(v.Share) + ", such as " + text.Name(v.Example) + ": " + text.Sanitize(v.Spell(", ", " times "))
		})...)
	default:
		p.table.SetSize(env.Width, env.Height)
		out = append(out, rowLines(p.table, func(r *row) string { return text.Sanitize(r.sentence()) })...)
	}
	return append(out, p.notes()...)
}

// sentence tells a row to somebody who does not see it.
func (r *row) sentence() string {
	switch {
	case r.unread:
		return pairName(r.Pair, " to ") + ": seen, not read"
	case r.fresh:
		return sentence(" to ", &r.Transition) + ", new"
	}
	return sentence(" to ", &r.Transition)
}

// rowLines are the rows of a list that are on the screen, that under the cursor marked.
func rowLines[T comparable](l *kit.List[T], of func(r T) string) []string {
	var out []string
	first, last := l.Visible()
	for i := first; i < last; i++ {
		line := of(l.Rows()[i])
		if i == l.Cursor() {
			line = "> " + line
		}
		out = append(out, line)
	}
	return out
}
