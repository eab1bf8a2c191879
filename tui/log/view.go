package log

import (
	"cmp"
	"encoding/json"
	"slices"
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
	if p.list.SetEmpty(p.emptyNote()); !p.read && p.refused == "" && len(p.lines) == 0 {
		p.list.SetUnread(env.Pending("reading"))
	}
	p.list.SetSize(w, h)
	below := p.below(env, w, h/2)
	lines := slices.Clone(p.list.View(&env.Theme, w, h-len(below)))
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
	chosen, _ := p.list.Chosen()
	if p.failed != nil {
		whole("last error "+t.Sym.Dash+" ", p.failed, t.Bad)
	}
	if chosen != nil && (p.failed == nil || chosen.no != p.failed.no) && text.Width(text.Sanitize(logText(chosen))) > p.list.Width(textColumn) {
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

// columns are of the list of lines.
func columns() []kit.Column[*logLine] {
	return []kit.Column[*logLine]{
		{
			Title: "time", Min: 12, Priority: 2, Muted: true, Text: func(l *logLine) string { return l.Time.Local().Format("15:04:05.000") },
			Order: func(a, b *logLine) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.no, b.no)) },
		},
		{
			Title: "level", Min: 5, Order: kit.By(func(l *logLine) int { return gravity(l.Level) }),
			Cell: func(t *page.Theme, l *logLine) grid.Cell { return grid.Cell{Text: l.Level, Pen: levelPen(t, l.Level)} },
		},
		{Title: "from", Min: 6, Priority: 3, Muted: true, Text: (*logLine).from},
		textColumn: {
			Title: "text", Min: 20, Flex: 1, Wide: 400, Order: kit.By(func(l *logLine) string { return l.Text }),
			Cell: func(t *page.Theme, l *logLine) grid.Cell {
				return grid.Cell{Text: logText(l), Pen: levelPen(t, l.Level)}
			},
		},
	}
}

func levelPen(t *page.Theme, level string) text.Pen {
	switch level {
	case "ERROR":
		return t.Bad
	case "WARN":
		return t.Warn
	case "DEBUG":
		return t.Faint
	}
	return t.Text
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
