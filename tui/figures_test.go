package tui

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// figureScene is a page with something on it, a tab of it open.
type figureScene struct {
	name page.Name
	tab  int      // so many tabs from the first
	keys []string // after the page was read
}

func figureScenes() []figureScene {
	scenes := []figureScene{
		{name: page.Streams}, // categories
		{name: page.Streams, keys: []string{"esc", "esc"}},                    // namespaces
		{name: page.Streams, keys: []string{"j", "enter"}},                    // streams
		{name: page.Streams, keys: []string{"m"}},                             // all messages
		{name: page.Streams, keys: []string{"j", "enter", "enter"}},           // messages
		{name: page.Streams, tab: 1, keys: []string{"r"}},                     // types
		{name: page.Streams, tab: 1, keys: []string{"enter"}},                 // fields of a type
		{name: page.Streams, keys: []string{"j", "enter", "["}},               // the flow of a category
		{name: page.Streams, keys: []string{"j", "enter", "[", "tab"}},        // drawn
		{name: page.Streams, keys: []string{"j", "enter", "[", "tab", "tab"}}, // its variants
		{name: page.Streams, keys: []string{"j", "enter", "[", "enter"}},      // the streams of a transition
		{name: page.Overview},
		{name: page.Overview, keys: []string{"h", "h"}}, // in the past
		{name: page.Tail},
		{name: page.Tail, keys: []string{"\\", "type~Dep*", "enter"}},
		{name: page.Log},
		{name: page.Servers},
		{name: page.Groups, tab: 3, keys: []string{"+"}},
	}
	for name, tabs := range map[page.Name]int{page.Engine: 5, page.Profile: 5, page.Groups: 4} {
		for tab := range tabs {
			scenes = append(scenes, figureScene{name: name, tab: tab})
		}
	}
	return scenes
}

// play shows the scene on a stage.
func (sc figureScene) play(s *stage) {
	s.show(sc.name)
	s.frames(6)
	if sc.name == page.Profile {
		s.press("t", "c") // a heap profile is there at once
		s.frames(4)
	}
	for range sc.tab {
		s.press("]")
	}
	for _, key := range sc.keys {
		s.press(key)
		s.frames(2)
	}
	if sc.name == page.Tail {
		s.write("order-7", 300)
	}
	s.frames(8)
}

// TestEveryFigureSaysWhereItComesFrom walks the pages at several sizes. What has a
// label must be explained, and each explanation must have its source, its unit, its
// window, and what stands there when it is unknown.
func TestEveryFigureSaysWhereItComesFrom(t *testing.T) {
	pagetest.HoldHeap(t)
	for _, p := range registry() {
		if !slices.ContainsFunc(figureScenes(), func(sc figureScene) bool { return sc.name == p.Name }) {
			t.Errorf("the page %s has no scene here, in which its figures are seen", p.Name)
		}
	}
	for _, sc := range figureScenes() {
		for _, size := range [][2]int{{80, 24}, {120, 40}, {170, 50}} {
			t.Run(fmt.Sprintf("%s_%d_%s/%dx%d", sc.name, sc.tab, strings.Join(sc.keys, ""), size[0], size[1]), func(t *testing.T) {
				s := newStageOn(t, size[0], size[1], mustPebble(t), consumedShop())
				s.asIs = true
				s.past(90)
				sc.play(s)
				pane, screen := s.app.panes[s.app.page], s.text()
				head, own := headMeanings(&s.app.env.Live), pageMeanings(pane)
				for _, m := range append(slices.Clone(head), own...) {
					for what, said := range map[string]string{"name": m.Figure, "words": m.Words, "source": m.Source, "unit": m.Unit, "window": m.Window, "unknown": m.Unknown} {
						if strings.TrimSpace(said) == "" {
							t.Errorf("%q has no %s", m.Figure, what)
						}
					}
				}
				if found := unexplained(pane, screen, nil, nil); len(found) < 3 {
					t.Errorf("only %q were taken for figures:\n%s", found, screen)
				}
				for _, what := range unexplained(pane, screen, namesOf(head), namesOf(own)) {
					t.Errorf("%q is not explained:\n%s", what, screen)
				}
			})
		}
	}
}

// consumedShop is the shop with a consumer that is behind and has parked messages.
func consumedShop() []store.ImportMessage {
	messages := pagetest.Shop()
	for i, data := range []string{
		`{"position":50}`,
		`{"stream":"account-1","type":"Deposited","position":2,"globalPosition":12,"error":"no rate","retry":-1}`,
		`{"stream":"account-1","type":"Deposited","position":3,"globalPosition":17,"behind":true,"retry":-1}`,
	} {
		m := store.Message{ID: store.NewID(pagetest.Noon), Stream: "account:parked-reports", Type: "Parked", Position: int64(max(i-1, 0)), Time: pagetest.Noon, Data: []byte(data)}
		if i == 0 {
			m.Stream, m.Type = "account:position-reports", "Recorded"
		}
		m.GlobalPosition = int64(len(messages) + 1)
		messages = append(messages, store.ImportMessage{Message: m})
	}
	return messages
}

// mustPebble is an engine with a tree, so that its figures are there.
func mustPebble(t *testing.T) store.Store {
	t.Helper()
	st, err := pebblestore.OpenMemory(pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

// unexplained are the figures of a screen that none of the names is of: heads of
// columns, and runs of words with a figure among them.
func unexplained(pane page.Pane, screen string, head, own []string) (found []string) {
	grids := gridsOn(pane, screen)
	for _, g := range grids {
		for i, c := range g.Columns() {
			title := strings.TrimSpace(c.Title)
			if title != "" && g.Width(i) > 0 && !slices.ContainsFunc(own, func(n string) bool { return strings.EqualFold(n, title) }) {
				found = append(found, title)
			}
		}
	}
	lines := strings.Split(screen, "\n")
	for y, line := range lines {
		names := own
		switch {
		case y == 0:
			names = head
		case y < bodyRow || y == len(lines)-1: // the tabs; the footer's keys
			continue
		}
		for _, run := range runs(line, grids) {
			if namedFigure(run) && nearestName(run, 0, names) == "" {
				found = append(found, run)
			}
		}
	}
	return found
}

// gridsOn are the grids of a pane whose heads are on the screen.
func gridsOn(pane page.Pane, screen string) (found []*grid.Grid) {
	seen := map[unsafe.Pointer]bool{}
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Interface:
			walk(v.Elem())
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Pointer:
			at := v.UnsafePointer()
			switch {
			case v.IsNil() || seen[at] || !strings.HasPrefix(v.Type().Elem().PkgPath(), "github.com/evtui/evtui/tui"):
			case v.Type() == reflect.TypeFor[*grid.Grid]():
				if g := (*grid.Grid)(at); onScreen(g, screen) {
					found = append(found, g)
				}
			default:
				walk(v.Elem())
			}
			seen[at] = true
		}
	}
	walk(reflect.ValueOf(pane))
	return found
}

func onScreen(g *grid.Grid, screen string) bool {
	lines := g.Lines()
	if len(lines) == 0 {
		return false
	}
	head := strings.TrimSpace(ansi.Strip(lines[0]))
	return head != "" && strings.Contains(screen, head)
}

// figureWord is a word that is a figure, or a part of one: a number with its unit or
// without.
var figureWord = regexp.MustCompile(`^[<≤≥≈+▲▼-]*\d[\d,.:–-]*(/s|%|[a-zµ]{1,2}|[kMGTP]i?B?)?$|^(B|kB|MB|GB|TB|ns|µs|ms|s|m|h|d|of|to|in|at|the|and)$`)

// namedFigure reports whether a run of words has a figure, and words that name it. JSON is
// the messages' own.
func namedFigure(run string) bool {
	figure, named := false, false
	for _, word := range strings.Fields(run) {
		word = strings.Trim(word, "(),;")
		if figureWord.MatchString(word) {
			figure = figure || strings.ContainsAny(word, "0123456789")
		} else {
			named = named || strings.ContainsFunc(word, func(r rune) bool { return r >= 'a' && r <= 'z' })
		}
	}
	return figure && named && !strings.HasPrefix(run, `"`)
}

// runs are the words of a line that two spaces, a rule or a dot set apart, less the rows
// of the grids, which their heads explain.
func runs(line string, grids []*grid.Grid) (out []string) {
	for _, g := range grids {
		for _, row := range g.Lines() {
			if row = strings.TrimSpace(ansi.Strip(row)); len(row) > 8 {
				line = strings.Replace(line, row, " │ ", 1)
			}
		}
	}
	line = strings.Map(func(r rune) rune {
		if r >= 0x2500 && r <= 0x259f || r >= 0x2800 && r <= 0x28ff || r == '·' || r == '╷' {
			return '\x00'
		}
		return r
	}, line)
	for _, part := range strings.Split(strings.ReplaceAll(line, "  ", "\x00"), "\x00") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
