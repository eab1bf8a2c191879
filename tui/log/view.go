package log

import (
	"encoding/json"
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

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
	lines := append([]string(nil), p.grid.Lines()...)
	return strings.Join(p.typing.Over(env.Theme, lines, w), "\n")
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
