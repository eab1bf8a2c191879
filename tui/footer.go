package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// footerLine is the last row: a question, the line being typed, the strokes
// that can follow, or what can be done here; and the toast on its right.
func (a *app) footerLine(w int) (line string, cursor *tea.Cursor) {
	t := a.env.Theme
	switch {
	case a.quitting != "":
		return text.Fit(t.Warn.Paint(" "+a.quitting+" ")+t.Key.Paint("y")+" yes  any other key: no", w), nil
	case a.prompt != nil:
		line, x := a.prompt.view(t, w)
		return text.Fit(line, w), tea.NewCursor(min(x, w-1), 0)
	}
	right, rightWidth := a.toastText(w)
	room := w - rightWidth
	if a.keys.Pending != "" {
		line = a.followers(room)
	} else {
		line = a.hints(room)
	}
	return text.Fit(line, room) + right, nil
}

func (a *app) toastText(w int) (line string, width int) {
	if a.toast == nil {
		return "", 0
	}
	t := a.env.Theme
	pen, mark := t.Good, ""
	switch a.toast.level {
	case page.LevelWarn:
		pen, mark = t.Warn, "! "
	case page.LevelError:
		pen, mark = t.Bad, t.Sym.Cross+" "
	}
	line = text.Truncate(" "+text.Truncate(mark+a.toast.text, max(1, w-2))+" ", w)
	return pen.Paint(line), text.Width(line)
}

// hints names what can be done here, the most useful first, as far as it fits.
func (a *app) hints(w int) string {
	bindings := a.pageBindings()
	if a.env.Layout == page.LayoutTiny {
		bindings = nil
	}
	if a.help != nil {
		bindings = []page.Binding{page.Bind(page.ActOpen, "", "run it"), page.Bind(page.ActSearch, "", "search"), page.Bind(page.ActOut, "", "close")}
		if a.help.figures {
			bindings = bindings[1:]
		}
	}
	tail := a.cfg.Keys.Apply([]page.Binding{page.Bind(page.ActHelp, "", "keys"), page.Bind(page.ActPalette, "", "palette")})
	last, lastWidth := a.hintLine(tail, w-1)
	line, _ := a.hintLine(bindings, w-1-lastWidth)
	return " " + line + last
}

// hintLine draws as many hints as fit, the first ones first.
func (a *app) hintLine(bindings []page.Binding, w int) (line string, width int) {
	var b strings.Builder
	for _, x := range bindings {
		if x.Hint == "" || len(x.Keys) == 0 {
			continue
		}
		key := keyNames(x.Keys[:1])
		n := text.Width(key) + 1 + text.Width(x.Hint) + 2
		if width+n > w {
			break
		}
		b.WriteString(a.env.Theme.Key.Paint(key) + " " + a.env.Theme.Muted.Paint(x.Hint) + "  ")
		width += n
	}
	return b.String(), width
}

// followers names the strokes that complete the key begun.
func (a *app) followers(w int) string {
	t := a.env.Theme
	var b strings.Builder
	b.WriteString(" " + t.TabOn.Paint(" "+a.keys.Pending+" ") + " ")
	used := 5
	for _, x := range page.Continuations(a.keys.Pending, a.bindings()) {
		key := follower(x.Keys, a.keys.Pending)
		n := text.Width(key) + 1 + text.Width(x.Help) + 2
		if used+n > w {
			break
		}
		b.WriteString(t.Key.Paint(key) + " " + t.Muted.Paint(x.Help) + "  ")
		used += n
	}
	return b.String()
}

// follower returns the stroke that completes the first key that goes on from
// the pending one.
func follower(keys []string, pending string) string {
	for _, k := range keys {
		if rest, ok := strings.CutPrefix(k, pending+" "); ok {
			return rest
		}
	}
	return ""
}
