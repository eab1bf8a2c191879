package kit

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/page"
)

type fruit struct {
	name string
	n    int
}

// basket is a list of fruits, with how it is spoken to.
type basket struct {
	*List[*fruit]
	theme page.Theme
}

func newBasket(fruits ...*fruit) *basket {
	b := &basket{theme: page.NewTheme(true, page.LookMono, true)}
	b.List = NewList(ListOptions[*fruit]{
		Empty: "no fruits", Same: func(a, b *fruit) bool { return a.name == b.name },
		Columns: []Column[*fruit]{
			{Title: "name", Min: 10, Text: func(f *fruit) string { return f.name }},
			{Title: "count", Min: 6, Right: true, Count: func(f *fruit) int64 { return int64(f.n) }},
			{Title: "bar", Min: 8, Drawn: func(_ *page.Theme, f *fruit, w int) grid.Cell {
				return grid.Cell{Text: strings.Repeat("#", min(f.n, w))}
			}},
		},
		Over: func(_ *page.Theme, f *fruit, cells []grid.Cell) {
			if f.n == 0 {
				cells[1].Text = "none"
			}
		},
	})
	b.SetRows(fruits)
	return b
}

// say sends a message and reports whether the list took it.
func (b *basket) say(msg any) bool { return b.Update(&page.Turn{Env: page.Env{Theme: b.theme}}, msg) }

func (b *basket) see(t *testing.T, names, chosen string) {
	t.Helper()
	shown := make([]string, 0, 4)
	for _, f := range b.Rows() {
		shown = append(shown, f.name)
	}
	if got := strings.Join(shown, " "); got != names {
		t.Errorf("the rows are %s, not %s", got, names)
	}
	if f, ok := b.Chosen(); !ok || f.name != chosen {
		t.Errorf("the cursor is on %v, not %s", f, chosen)
	}
}

func TestListDraws(t *testing.T) {
	b := newBasket(&fruit{"pear", 3}, &fruit{"fig", 0}, &fruit{"apple", 20})
	view := strings.Join(b.View(&b.theme, 40, 5), "\n")
	for _, want := range []string{"name", "count", "pear", "###", "none", "20 ########"} {
		if !strings.Contains(view, want) {
			t.Errorf("no %q in\n%s", want, view)
		}
	}
	b.SetRows(nil)
	if view := strings.Join(b.View(&b.theme, 40, 5), "\n"); !strings.Contains(view, "no fruits") {
		t.Errorf("an empty list shows\n%s", view)
	}
	if f, ok := b.Chosen(); ok {
		t.Errorf("the cursor of an empty list is on %v", f)
	}
}

// TestListSorts has the cursor stay on its row, whatever the order and the rows.
func TestListSorts(t *testing.T) {
	b := newBasket(&fruit{"pear", 3}, &fruit{"fig", 0}, &fruit{"apple", 20})
	b.View(&b.theme, 40, 8)
	b.see(t, "pear fig apple", "pear")
	b.say(page.PromptMsg{ID: SortPrompt, State: page.PromptDone, Text: "c"})
	b.see(t, "apple pear fig", "pear")
	b.SetRows([]*fruit{{"fig", 9}, {"pear", 1}, {"apple", 20}, {"kiwi", 4}}) // others of the same names
	b.see(t, "apple fig kiwi pear", "pear")
	b.Rows()[0].n = 2
	b.Resort()
	b.see(t, "fig kiwi apple pear", "pear")
	b.say(tea.MouseClickMsg{X: 3, Y: 0})
	b.see(t, "apple fig kiwi pear", "pear")
	b.say(tea.MouseClickMsg{X: 3, Y: 0})
	b.say(tea.MouseClickMsg{X: 3, Y: 0})
	b.see(t, "fig pear apple kiwi", "pear") // the page's own again
	b.say(tea.MouseClickMsg{X: 3, Y: 0})
	b.Unsort()
	b.see(t, "fig pear apple kiwi", "pear")
	b.Replace([]*fruit{{"plum", 1}, {"lime", 1}})
	b.see(t, "plum lime", "lime")
}

func TestListTakesWhatIsItsOwn(t *testing.T) {
	b := newBasket(&fruit{"pear", 3}, &fruit{"fig", 0}, &fruit{"apple", 20})
	b.View(&b.theme, 40, 8)
	for _, msg := range []any{
		page.ActionMsg{Action: page.ActDown}, page.ActionMsg{Action: page.ActSort}, page.ActionMsg{Action: page.ActSearch},
		page.PromptMsg{ID: FinderPrompt, State: page.PromptDone, Text: "APP"}, tea.MouseWheelMsg{Button: tea.MouseWheelUp},
		tea.MouseClickMsg{X: 3, Y: 3},
	} {
		if !b.say(msg) {
			t.Errorf("it does not take %+v", msg)
		}
	}
	b.see(t, "pear fig apple", "apple")
	for _, msg := range []any{
		page.ActionMsg{Action: page.ActOpen}, page.PromptMsg{ID: "else", State: page.PromptDone}, tea.MouseClickMsg{X: 3, Y: 7}, page.FrameMsg{},
	} {
		if b.say(msg) {
			t.Errorf("it takes %+v", msg)
		}
	}
}
