package tui

import (
	"encoding/json"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// counter is a whole page: it counts what space is pressed for.
type counter struct{ n int64 }

func (p *counter) Update(_ *page.Turn, msg any) {
	switch msg := msg.(type) {
	case page.ActionMsg:
		p.n++
	case setMsg:
		p.n = int64(msg)
	case page.RestoreMsg:
		_ = json.Unmarshal(msg.State, &p.n)
	}
}

func (p *counter) View(_ page.Env, w, h int) string {
	lines := append([]string{text.Fit("counted "+text.Count(p.n), w)}, kit.BlankLines(w, h-1)...)
	return strings.Join(lines[:h], "\n")
}

func (p *counter) Chrome(page.Env) page.Chrome { return page.Chrome{Crumbs: []string{"Counter"}} }

func (p *counter) Bindings() []page.Binding {
	return []page.Binding{page.Bind(page.ActMark, "count one more", "count")}
}

func (p *counter) Meanings() []page.Meaning {
	return []page.Meaning{{Figure: "counted", Words: "how often space was pressed."}}
}

func (p *counter) Save() json.RawMessage { raw, _ := json.Marshal(p.n); return raw }

type setMsg int64

func counterSpec() page.Spec {
	set := page.Command{Name: "count", Usage: "count", Help: "begin at seven", Run: func(*page.Turn, string) any { return setMsg(7) }}
	return page.Spec{Name: "Counter", Action: "counter", New: func(page.Setup) page.Pane { return &counter{} }, Commands: []page.Command{set}}
}

// TestAPageIsAFolderAndALine adds a page: its tab, its digit, its name in the
// palette, its command, its keys, what it explains and its state are all there.
func TestAPageIsAFolderAndALine(t *testing.T) {
	s := newStage(t, 140, 70, nil)
	s.app.all = append(registry()[:8:8], counterSpec()) // the ninth, however many there are
	s.app.begin()
	s.press("9")
	s.see("9 Counter", "─ Counter ─", "counted 0", "space count")
	s.press(" ")
	s.see("counted 1")
	s.press("1", ":count", "enter")
	s.see("counted 7")
	s.press("?")
	s.see("count one more", "counted: how often space was pressed", text.Fit("9", s.app.help.keysWidth(140))+"  Counter", ":counter", "begin at seven")
	s.press("?")
	s.send(tea.KeyPressMsg{Code: tea.KeyF1})
	s.see("What the numbers mean", "counted: how often space was pressed")
	s.press("esc", "1", ":counter", "enter")
	s.see("─ Counter ─")
	keeper := memoryKeeper{}
	cfg := s.app.cfg
	cfg.State, cfg.Page, cfg.pages = keeper, "", s.app.pages
	if err := keepState(keeper, cfg.stateKey(), s.app.leave()); err != nil {
		t.Fatal(err)
	}
	if a := begun(s, cfg); a.page != "Counter" || a.panes["Counter"].(*counter).n != 7 {
		t.Errorf("comes back on %s with %+v", a.page, a.panes[a.page])
	}
}
