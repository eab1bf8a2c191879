package tui

import (
	"strings"

	"github.com/evtui/evtui/tui/text"
)

// explainer is a pane whose help also says what its figures mean, in lines of
// at most w cells.
type explainer interface{ Explain(w int) []string }

// help is the list of keys, drawn in place of the pane while it is open.
type help struct{ top int }

func (a *app) openHelp() {
	if a.help != nil {
		a.help = nil
	} else {
		a.help = &help{}
	}
	a.screen.touch()
}

// scrollHelp moves the list by n lines, as far as there are lines.
func (a *app) scrollHelp(n int) {
	a.help.top = max(0, min(a.help.top+n, len(a.helpLines())-a.env.Height))
	a.screen.touchBody()
}

// helpKey takes the strokes that scroll or close the help, and reports whether
// it did.
func (a *app) helpKey(stroke string) bool {
	steps := map[string]int{
		"j": 1, "down": 1, "k": -1, "up": -1, "pgdown": a.env.Height, "pgup": -a.env.Height,
		"ctrl+d": a.env.Height / 2, "ctrl+u": -a.env.Height / 2, "space": a.env.Height,
		"g": -1 << 20, "home": -1 << 20, "G": 1 << 20, "end": 1 << 20,
	}
	switch step, ok := steps[stroke]; {
	case ok:
		a.scrollHelp(step)
		return true
	case stroke == "esc", stroke == "q", stroke == "?", stroke == "f1", stroke == "enter":
		a.openHelp()
		return true
	}
	return false
}

// helpLines lists the pane's keys, then the shell's, then the palette's
// commands.
func (a *app) helpLines() []string {
	t := a.env.Theme
	lines := []string{t.Title.Paint(pageName(a.page))}
	const keysWidth = 20
	named := a.env.Width >= 100
	add := func(keys, help, name string) {
		line := "  " + t.Key.Paint(text.Fit(keys, keysWidth)) + "  "
		if named && name != "" {
			line += text.Fit(help, 56) + "  " + t.Faint.Paint(name)
		} else {
			line += help
		}
		lines = append(lines, line)
	}
	for _, b := range a.pageBindings() {
		add(keyNames(b.Keys), b.Help, string(b.Action))
	}
	if e, ok := a.panes[a.page].(explainer); ok {
		lines = append(lines, "", t.Title.Paint("What the figures mean"))
		for _, line := range e.Explain(max(20, a.env.Width-4)) {
			lines = append(lines, "  "+line)
		}
	}
	lines = append(lines, "", t.Title.Paint("Everywhere"))
	for _, b := range a.shellBindings() {
		add(keyNames(b.Keys), b.Help, string(b.Action))
	}
	lines = append(lines, "", t.Title.Paint("Palette"))
	for _, c := range paletteCommands() {
		add(":"+c.usage, c.help, "")
	}
	return lines
}

func (a *app) helpView(w, h int) string {
	lines := a.helpLines()
	top := max(0, min(a.help.top, len(lines)-h))
	out := make([]string, h)
	for i := range out {
		line := ""
		if n := top + i; n < len(lines) {
			line = lines[n]
		}
		out[i] = text.Fit(" "+line, w)
	}
	return strings.Join(out, "\n")
}

// keyNames writes keys as they stand on the keyboard: "ctrl-d", "gt".
func keyNames(keys []string) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		k = strings.ReplaceAll(k, " ", "")
		k = strings.ReplaceAll(k, "ctrl+", "ctrl-")
		names[i] = strings.ReplaceAll(k, "shift+", "shift-")
	}
	return strings.Join(names, " ")
}

// pageName returns a page's name as its tab shows it.
func pageName(p Page) string {
	names := []string{"", "Overview", "Streams", "Tail", "Groups", "Engine", "Profile", "Log"}
	return names[p]
}
