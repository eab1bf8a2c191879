package kit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/page"
)

// PickerLooks is how many of the newest messages the paths are gathered from.
const PickerLooks = 200

// Picker lets the user choose columns among the paths that recent messages
// have. What is typed narrows the list, or names a path that was not seen.
type Picker struct {
	*List[*pick] // those that hold what was typed

	all    []*pick
	find   string
	Chosen []filter.Column
	typing FilterLine // what is wrong with a path that was typed
}

// pick is a path that can be a column.
type pick struct {
	column  filter.Column
	example string
	seen    int // in how many of the messages looked at
}

// NewPicker gathers the paths of messages, newest first; what is chosen stands
// first.
func NewPicker(chosen []filter.Column, recent []*store.Message) *Picker {
	p := &Picker{Chosen: append([]filter.Column(nil), chosen...)}
	known := map[string]*pick{}
	add := func(name string, value []byte) {
		k := known[name]
		if k == nil {
			column, err := filter.ParseColumn(name)
			if err != nil {
				return // a key that no path can spell
			}
			k = &pick{column: column}
			known[name] = k
			p.all = append(p.all, k)
		}
		if value != nil {
			k.seen++
			k.example = cmp.Or(k.example, string(value[:min(len(value), 80)]))
		}
	}
	for _, c := range chosen {
		add(c.String(), nil)
	}
	recent = recent[:min(len(recent), PickerLooks)]
	for _, m := range recent {
		filter.Paths(m.Data, func(path string, value []byte) { add("data"+path, value) })
	}
	for _, m := range recent {
		filter.Paths(m.Metadata, func(path string, value []byte) { add("metadata"+path, value) })
	}
	p.List = NewList(ListOptions[*pick]{Fixed: true, Empty: "no message here has JSON values; type a path with C", Columns: []Column[*pick]{
		{Min: 3, Cell: p.box},
		{Title: "column", Min: 20, Flex: 2, Text: func(k *pick) string { return k.column.String() }},
		{Title: "such as", Min: 10, Flex: 3, Priority: 1, Muted: true, Text: func(k *pick) string { return k.example }},
		{Title: "in", Min: 9, Right: true, Priority: 2, Muted: true, Text: func(k *pick) string {
			if k.seen == 0 {
				return ""
			}
			return text.Count(int64(k.seen))
		}},
	}})
	p.sift()
	return p
}

func (p *Picker) sift() {
	shown := make([]*pick, 0, len(p.all))
	for _, k := range p.all {
		if ContainsFold([]byte(k.column.String()), []byte(strings.ToLower(p.find))) {
			shown = append(shown, k)
		}
	}
	p.List.Replace(shown)
}

func (p *Picker) box(t *page.Theme, k *pick) grid.Cell {
	if p.has(k.column) >= 0 {
		return grid.Cell{Text: "[x]", Pen: t.Key}
	}
	return grid.Cell{Text: "[ ]", Pen: t.Key}
}

// has returns the place of a column among the chosen, or -1.
func (p *Picker) has(c filter.Column) int {
	return slices.IndexFunc(p.Chosen, func(o filter.Column) bool { return o.String() == c.String() })
}

// toggle chooses the column under the cursor, or no longer.
func (p *Picker) toggle() {
	k, ok := p.List.Chosen()
	if !ok {
		return
	}
	if at := p.has(k.column); at >= 0 {
		p.Chosen = slices.Delete(p.Chosen, at, at+1)
	} else {
		p.Chosen = append(p.Chosen, k.column)
	}
	p.Changed()
}

// Act does what can be done while columns are chosen. done says that the choice
// is over, taken that it is to hold.
func (p *Picker) Act(t *page.Turn, a page.Action) (done, taken bool) {
	switch a {
	case page.ActMark:
		p.toggle()
		p.Move(1)
	case page.ActOpen:
		if len(p.Chosen) == 0 {
			p.toggle()
		}
		return true, true
	case page.ActOut:
		return true, false
	case page.ActFilter, page.ActSearch:
		t.Prompt(page.Prompt{ID: "column", Label: "column", Hint: "narrow the list", Text: p.find, Live: true})
	case page.ActColumns:
		t.Prompt(page.Prompt{ID: "path", Label: "column", Hint: "data.items[0].sku, metadata.traceId"})
	default:
		MoveGrid(p.Grid, a)
	}
	return false, false
}

// Prompted takes what was typed, and reports whether it was for the picker.
func (p *Picker) Prompted(t *page.Turn, msg page.PromptMsg) bool {
	p.typing.Fault = ""
	switch msg.ID {
	case "column":
		p.find = msg.Text
		p.sift()
	case "path":
		if msg.State != page.PromptDone || strings.TrimSpace(msg.Text) == "" {
			break
		}
		c, err := filter.ParseColumn(msg.Text)
		if err != nil {
			p.typing.Fault = err.Error()
			t.Prompt(page.Prompt{ID: "path", Label: "column", Text: msg.Text})
			break
		}
		if p.has(c) < 0 {
			p.Chosen = append(p.Chosen, c)
			p.all = append([]*pick{{column: c}}, p.all...)
			p.sift()
			p.Home()
		}
	default:
		return false
	}
	return true
}

// Bindings lists what can be done while the picker is open.
func (p *Picker) Bindings() []page.Binding {
	return append([]page.Binding{
		page.Bind(page.ActMark, "select the column, or not", "choose"), page.Bind(page.ActOpen, "show the selected columns", "done"),
		page.Bind(page.ActFilter, "narrow the list", "narrow"), page.Bind(page.ActColumns, "type a path", "type"),
		page.Bind(page.ActSearch, "narrow the list", ""), page.Bind(page.ActOut, "cancel", "back"),
	}, page.Movement()...)
}

// Lines draws the picker in h lines of w cells.
func (p *Picker) Lines(env page.Env, w, h int) []string {
	return p.typing.Over(env.Theme, slices.Clone(p.View(&env.Theme, w, h)), w)
}

// ChosenColumns lays the chosen columns out, before the data.
func ChosenColumns(chosen []filter.Column) []grid.Column {
	out := make([]grid.Column, len(chosen))
	for i, c := range chosen {
		out[i] = grid.Column{Title: c.Title(), Min: min(max(text.Width(text.Sanitize(c.Title())), 8), 20), Max: 40, Flex: 1, Wide: 60}
	}
	return out
}

// ChosenCells fills the chosen columns of a message: a dash where it has no
// such value.
func ChosenCells(t page.Theme, chosen []filter.Column, m *store.Message, cells []grid.Cell) {
	for i, c := range chosen {
		raw, ok := c.JSON(m)
		cells[i] = chosenCell(t, c, m, raw, ok)
	}
}

// ChosenCells fills the chosen columns of a row; what it does not have is
// missing until it is read again.
func (b *Brief) ChosenCells(t page.Theme, chosen []filter.Column, cells []grid.Cell) {
	for i, c := range chosen {
		raw, ok, known := b.value(c)
		if cells[i] = (grid.Cell{Text: t.Sym.Dots, Pen: t.Faint}); known {
			cells[i] = chosenCell(t, c, b.Head(), raw, ok)
		}
	}
}

// chosenCell shows what a column has of a message: raw, or where that is no
// document, a field.
func chosenCell(t page.Theme, c filter.Column, m *store.Message, raw []byte, ok bool) grid.Cell {
	switch {
	case !c.Document():
		return grid.Cell{Text: c.Text(m), Pen: t.Text}
	case !ok:
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Faint}
	}
	s := string(raw[:min(len(raw), DataBytes)]) // a value can be a megabyte
	if len(raw) <= DataBytes {
		s = filter.Text(raw)
	}
	return grid.Cell{Text: s, Pen: valuePen(t, raw)}
}

// valuePen colours a value by its kind.
func valuePen(t page.Theme, raw []byte) text.Pen {
	switch c := raw[0]; {
	case c == '"':
		return t.String
	case c == '-' || c >= '0' && c <= '9':
		return t.Number
	case c == 't' || c == 'f':
		return t.Bool
	case c == 'n':
		return t.Null
	}
	return t.Muted
}

// ColumnNames writes columns as a command takes them.
func ColumnNames(columns []filter.Column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.String()
	}
	return strings.Join(names, ",")
}

// PlaceColumns say where a message stands: they lead a CSV of chosen columns.
func PlaceColumns() []filter.Column { return allColumns()[:5] }

// RestoredColumns reads columns that a page kept; those that cannot be read are
// ignored, with a line on the Log page.
func RestoredColumns(t *page.Turn, list string) []filter.Column {
	columns, err := filter.ParseColumns(list)
	if err != nil {
		t.Toast(page.LevelWarn, "saved columns ignored: %v", err)
	}
	return slices.Clip(columns)
}
