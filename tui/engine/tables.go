package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// What an engine without a tree measured, in its own tables: first those of the whole
// store, then those of the chosen namespace.

// tables are the engine's sections, as lines.
type tables struct {
	sight *sight
	tabs  *tabs
	list  *kit.List[*tableLine]
}

func newTables(sight *sight, tabs *tabs, search *kit.Finder) *tables {
	return &tables{sight: sight, tabs: tabs, list: kit.NewList(kit.ListOptions[*tableLine]{
		Columns: tableColumns(), Finder: search, Fixed: true, NoHeader: true, Empty: "nothing is measured yet",
	})}
}

// tableLine is a line of the tables: a section's head, or one of its rows.
type tableLine struct {
	name, value string
	head        bool
	verdict     store.Verdict
}

func tableColumns() []kit.Column[*tableLine] {
	return []kit.Column[*tableLine]{
		{Title: "name", Min: 24, Flex: 1, Max: 44, Cell: nameCell},
		{Title: "value", Min: 20, Flex: 4, Wide: 240, Cell: valueCell},
	}
}

// shown are those of the whole store and of the chosen namespace; beside a log's tab,
// without what the tree tells, which stands under levels.
func (x *tables) shown() []*store.Section {
	var list []*store.Section
	for i := range x.sight.feed.Tables {
		s := &x.sight.feed.Tables[i]
		if here := s.Namespace == "" || s.Namespace == x.sight.key; here && !(s.Elsewhere && x.tabs.follows()) {
			list = append(list, s)
		}
	}
	return list
}

// lay works out the lines.
func (x *tables) lay() {
	var lines []*tableLine
	for i, s := range x.shown() {
		if i > 0 {
			lines = append(lines, &tableLine{})
		}
		lines = append(lines, tableHead(s))
		lines = append(lines, tableRows(s)...)
		lines = append(lines, tableNotes(s, x.sight.now)...)
	}
	x.list.Replace(lines)
}

// staleAfter is from when on a section's age is said.
const staleAfter = 15 * time.Second

// tableHead is a section's title with its columns.
func tableHead(s *store.Section) *tableLine {
	head := &tableLine{name: s.Title, head: true}
	switch {
	case s.At.IsZero() && s.Fault == "":
		head.value = "not measured yet"
	case len(s.Rows) == 0 && s.Fault == "":
		head.value = "none"
	case len(s.Columns) > 0 && len(s.Rows) > 0:
		head.value = joined(widths(s), s.Columns)
	}
	return head
}

// tableNotes say below a section what is wrong with it, and what it lacks.
func tableNotes(s *store.Section, now time.Time) []*tableLine {
	var lines []*tableLine
	if s.Fault != "" {
		lines = append(lines, &tableLine{name: "cannot be measured", value: s.Fault, verdict: store.VerdictBad})
	}
	if age := now.Sub(s.At); !s.At.IsZero() && age > staleAfter {
		lines = append(lines, &tableLine{name: "measured", value: text.Duration(age.Truncate(time.Second)) + " ago", verdict: store.VerdictWarn})
	}
	if s.Lacks != "" {
		lines = append(lines, &tableLine{name: "not shown", value: s.Lacks})
	}
	return lines
}

// tableRows are a section's rows, their values under the columns.
func tableRows(s *store.Section) []*tableLine {
	wide := widths(s)
	lines := make([]*tableLine, len(s.Rows))
	for i, row := range s.Rows {
		l := &tableLine{name: row.Name}
		cells := make([]string, len(row.Values))
		for n, v := range row.Values {
			cells[n] = valueText(v)
			l.verdict = worse(l.verdict, v.Verdict)
		}
		l.value = joined(wide, cells)
		lines[i] = l
	}
	return lines
}

// widths are those of a section's columns.
func widths(s *store.Section) []int {
	wide := make([]int, len(s.Columns))
	for i, title := range s.Columns {
		wide[i] = text.Width(title)
		for _, row := range s.Rows {
			if i < len(row.Values) {
				wide[i] = max(wide[i], min(text.Width(valueText(row.Values[i])), 40))
			}
		}
	}
	return wide
}

// joined puts cells under columns; the last is as wide as it is.
func joined(wide []int, cells []string) string {
	var b strings.Builder
	for i, cell := range cells {
		if i == len(cells)-1 || i >= len(wide) {
			b.WriteString(cell)
			break
		}
		b.WriteString(text.Fit(cell, wide[i]) + "  ")
	}
	return b.String()
}

func valueText(v store.SectionValue) string {
	return text.Sanitize(text.Measured(string(v.Unit), v.Number, v.Text))
}

// worse is the verdict that wants more attention.
func worse(a, b store.Verdict) store.Verdict {
	if rank(b) > rank(a) {
		return b
	}
	return a
}

func rank(v store.Verdict) int {
	switch v {
	case store.VerdictBad:
		return 3
	case store.VerdictWarn:
		return 2
	case store.VerdictGood:
		return 1
	}
	return 0
}

// verdictPen is the colour of a verdict, with the sign that says the same without
// colours.
func verdictPen(t *page.Theme, v store.Verdict) (pen text.Pen, sign string) {
	switch v {
	case store.VerdictBad:
		return t.Bad, t.Sym.Cross + " "
	case store.VerdictWarn:
		return t.Warn, "! "
	}
	return t.Text, ""
}

func nameCell(t *page.Theme, l *tableLine) grid.Cell {
	pen, sign := verdictPen(t, l.verdict)
	switch {
	case l.head:
		return grid.Cell{Text: l.name, Pen: t.Title}
	case l.name == "":
		return grid.Cell{}
	case sign != "": // in the place of the indent, so that columns stay columns
		return grid.Cell{Text: sign + l.name, Pen: pen}
	}
	return grid.Cell{Text: "  " + l.name, Pen: t.Muted}
}

func valueCell(t *page.Theme, l *tableLine) grid.Cell {
	pen, sign := verdictPen(t, l.verdict)
	switch {
	case !l.head:
		return grid.Cell{Text: l.value, Pen: pen}
	case l.verdict == store.VerdictBad:
		return grid.Cell{Text: sign + l.value, Pen: pen}
	}
	return grid.Cell{Text: sign + l.value, Pen: t.Muted}
}

// verdictLine says in one line what the engine's tables think of all.
func (x *tables) verdictLine(w int) string {
	if len(x.sight.feed.Tables) == 0 {
		return text.Spaces(w)
	}
	t, worst := x.sight.theme, store.VerdictNone
	var names []string
	for _, s := range x.shown() {
		for _, row := range s.Rows {
			verdict := store.VerdictNone
			for _, v := range row.Values {
				verdict = worse(verdict, v.Verdict)
			}
			if worst = worse(worst, verdict); rank(verdict) >= rank(store.VerdictWarn) {
				names = append(names, row.Name)
			}
		}
		if s.Fault != "" {
			worst = store.VerdictBad
			names = append(names, s.Title+" cannot be measured")
		}
	}
	if len(names) == 0 {
		return t.Good.Paint(text.Fit(" "+t.Sym.Check+" all measured values are healthy", w))
	}
	pen, sign := verdictPen(&t, worst)
	return pen.Paint(text.Fit(" "+sign+"look at: "+text.Sanitize(strings.Join(names, ", ")), w))
}

// meanings are what the engine says of its own rows.
func (x *tables) meanings() []page.Meaning {
	var list []page.Meaning
	for _, s := range x.shown() {
		for _, row := range s.Rows {
			if row.Help != "" {
				list = append(list, page.Figure(text.Sanitize(row.Name), text.Sanitize(row.Help)).
					From("engine.sections", "as it stands behind the figure", "now; with the time cursor, that second", "absent where the engine does not tell it"))
			}
		}
	}
	return list
}

// explained is the figure that the line under the cursor is about. Lines of the log's tables
// that explain nothing themselves are namespaces and servers: what there is to ask is their
// state.
func (x *tables) explained() string {
	l, ok := x.list.Chosen()
	switch {
	case !ok:
		return ""
	case x.tabs.on == tabLog && !slices.ContainsFunc(x.meanings(), func(m page.Meaning) bool { return m.Figure == text.Sanitize(l.name) }):
		return "state"
	}
	return l.name
}

// then are the lines of the values that a sample of the past has.
func (x *tables) then(second *page.Second, w int) []string {
	t := x.sight.theme
	lines := []string{t.Muted.Paint(text.Fit(" what each second keeps of the engine's tables", w))}
	for i := range second.Values {
		v := &second.Values[i]
		if v.Namespace != "" && v.Namespace != x.sight.key {
			continue
		}
		pen, sign := verdictPen(&t, store.Verdict(v.Verdict))
		shown := text.Sanitize(text.Measured(v.Unit, v.Number, v.Text))
		lines = append(lines, text.Fit(" "+t.Muted.Paint(text.Fit(text.Sanitize(v.Section), 12)+text.Fit(text.Sanitize(v.Name), 24))+" "+pen.Paint(sign+shown), w))
	}
	return lines
}
