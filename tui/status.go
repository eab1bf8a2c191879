package tui

import (
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
)

// statusLines is all that a screen under 60×15 shows: the state of things, one
// figure a line, the most important first.
func (a *app) statusLines(w int) []string {
	var lines []string
	figures := a.figures()
	for _, f := range figures {
		lines = append(lines, text.Fit(f.pen.Paint(text.Truncate(f.text, w)), w))
	}
	t := a.env.Theme
	if a.toast == nil {
		lines = append(lines, t.Muted.Paint(text.Fit(string(a.page)+" needs 60"+times(t)+"15 cells", w)))
		lines = append(lines, t.Faint.Paint(text.Fit("q quit  : palette", w)))
	}
	return lines
}

func times(t page.Theme) string {
	if t.Sym.ASCII {
		return "x"
	}
	return "×"
}

// slowestWrite returns the p99 that a writer sees, in nanoseconds: the larger
// of the two writing methods'.
func slowestWrite(s wire.Sample) (p99 int64, ok bool) {
	for _, method := range []string{"stream.write", "stream.append"} {
		if m, called := s.Methods[method]; called {
			p99, ok = max(p99, m.P99), true
		}
	}
	return p99, ok
}
