package log

import (
	"encoding/json"
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// textColumn is the column of the words.
const textColumn = 3

// View implements [page.Pane].
func (p *logPage) View(env page.Env, w, h int) string {
	if p.theme.Serial != env.Theme.Serial {
		p.theme = env.Theme
		kit.RestyleGrid(p.grid, env.Theme)
	}
	if p.grid.SetEmpty(p.emptyNote()); !p.read && p.refused == "" && len(p.lines) == 0 {
		p.grid.SetUnread(env.Pending("reading"))
	}
	p.grid.SetSize(w, h)
	below := p.below(env, w, h/2)
	p.grid.SetSize(w, h-len(below))
	lines := append([]string(nil), p.grid.Lines()...)
	lines = p.typing.Over(env.Theme, lines, w)
	return strings.Join(append(lines, below...), "\n")
}

// below is what the list cuts, in at most h lines: the line under the cursor,
// whole, and the newest error, whole, wherever the cursor is and whatever the
// filter hides.
func (p *logPage) below(env page.Env, w, h int) []string {
	if h < 3 {
		return nil
	}
	t := env.Theme
	var lines []string
	whole := func(label string, l *logLine, pen text.Pen) {
		words := label + text.Clock(l.Time, env.Now) + "  " + text.Sanitize(logText(l))
		for _, line := range text.Wrap(words, max(w-2, 1)) {
			lines = append(lines, pen.Paint(text.Fit(" "+line, w)))
		}
	}
	var chosen *logLine
	if row := p.grid.Cursor(); row >= 0 && row < len(p.shown) {
		chosen = &p.lines[p.shown[row]]
	}
	if p.failed != nil {
		whole("last error "+t.Sym.Dash+" ", p.failed, t.Bad)
	}
	if chosen != nil && (p.failed == nil || chosen.no != p.failed.no) && text.Width(text.Sanitize(logText(chosen))) > p.grid.Width(textColumn) {
		whole("", chosen, t.Text)
	}
	if len(lines) == 0 {
		return nil
	}
	lines = append([]string{t.Border.Paint(strings.Repeat(t.Sym.Horizontal, w))}, lines...)
	return lines[:min(len(lines), h)]
}

// emptyNote says why there are no lines.
func (p *logPage) emptyNote() string {
	switch {
	case p.refused != "":
		return p.refused
	case len(p.lines) > 0:
		return "none of " + text.Count(int64(len(p.lines))) + " lines match; esc clears the filter"
	}
	return "no log lines yet: the server and its engine log here"
}

func (p *logPage) row(row int, cells []grid.Cell) {
	if row >= len(p.shown) {
		return
	}
	t, l := p.theme, &p.lines[p.shown[row]]
	pen := t.Text
	switch l.Level {
	case "ERROR":
		pen = t.Bad
	case "WARN":
		pen = t.Warn
	case "DEBUG":
		pen = t.Faint
	}
	cells[0] = grid.Cell{Text: l.Time.Local().Format("15:04:05.000"), Pen: t.Muted}
	cells[1] = grid.Cell{Text: l.Level, Pen: pen}
	cells[2] = grid.Cell{Text: l.from(), Pen: t.Muted}
	cells[3] = grid.Cell{Text: logText(l), Pen: pen}
}

// logText is the line's words with its attributes behind, as key=value.
func logText(l *logLine) string {
	if len(l.Attrs) == 0 {
		return l.Text
	}
	d := json.NewDecoder(strings.NewReader(string(l.Attrs)))
	var b strings.Builder
	b.WriteString(l.Text)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return l.Text + " " + string(l.Attrs)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			break
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			break
		}
		b.WriteString("  " + name.(string) + "=" + string(value))
	}
	return b.String()
}
