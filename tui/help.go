package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// pageHelp stands for the help where a prompt names who opened it.
const pageHelp page.Name = "?"

// help is the list of keys, drawn in place of the pane while it is open: to be
// searched, and to run what the cursor is on. With figures set it says what the
// page's figures mean instead.
type help struct {
	figures bool
	pointed page.Meaning // with figures: what was pointed at
	points  bool         // something was
	filter  string
	cursor  int // index into the lines
	top     int
}

// helpLine is one line of the help.
type helpLine struct {
	keys, help, name string
	title            bool
	action           page.Action // what enter does; "": nothing
	command          string      // or a command of the palette
}

// runs reports whether enter does something on the line.
func (l *helpLine) runs() bool { return l.action != "" || l.command != "" }

func (a *app) openHelp() {
	if a.help != nil {
		a.help = nil
	} else {
		a.help = &help{}
		a.moveHelp(0)
	}
	a.screen.touch()
}

// openExplained says what the figures of the page mean.
func (a *app) openExplained() {
	if a.help != nil {
		a.help = nil
	} else {
		a.help = &help{figures: true}
		a.help.pointed, a.help.points = a.pointedMeaning()
	}
	a.screen.touch()
}

// helpKey takes the strokes that move in the help, search it, run what the
// cursor is on, or close it, and reports whether it did.
func (a *app) helpKey(stroke string) (cmd tea.Cmd, took bool) {
	h := a.env.Height
	steps := map[string]int{
		"j": 1, "down": 1, "k": -1, "up": -1, "pgdown": h, "pgup": -h,
		"ctrl+d": h / 2, "ctrl+u": -h / 2, "space": h,
		"g": -1 << 20, "home": -1 << 20, "G": 1 << 20, "end": 1 << 20,
	}
	switch step, ok := steps[stroke]; {
	case ok && a.help.figures:
		a.scrollHelp(step)
	case ok:
		a.moveHelp(step)
	case stroke == "/" || stroke == "\\":
		a.openPrompt(pageHelp, page.Prompt{ID: "help", Label: "search", Hint: "what it does, its key or its name", Text: a.help.filter, Live: true})
	case stroke == "enter":
		return a.runHelp(), true
	case stroke == "esc" && a.help.filter != "":
		a.filterHelp(page.PromptMsg{})
	case stroke == "esc", stroke == "q", stroke == "?", stroke == "f1":
		a.openHelp()
	default:
		return nil, false
	}
	return nil, true
}

// prompted gives a prompt's line to whoever opened it.
func (a *app) prompted(page page.Name, msg page.PromptMsg) tea.Cmd {
	if page != pageHelp {
		return a.deliver(page, msg)
	}
	a.filterHelp(msg)
	return nil
}

// filterHelp keeps the lines that hold all words of the prompt.
func (a *app) filterHelp(msg page.PromptMsg) {
	if a.help == nil {
		return
	}
	a.help.filter, a.help.cursor, a.help.top = strings.TrimSpace(msg.Text), 0, 0
	a.moveHelp(0)
}

// moveHelp moves the cursor by n lines, on to one that can be run, and the list
// with it.
func (a *app) moveHelp(n int) {
	lines := a.helpLines()
	at := min(max(a.help.cursor+n, 0), max(len(lines)-1, 0))
	step := 1
	if n < 0 {
		step = -1
	}
	for _, step := range []int{step, -step} { // back, where nothing to run lies that way
		next := at
		for next >= 0 && next < len(lines) && !lines[next].runs() {
			next += step
		}
		if next >= 0 && next < len(lines) {
			at = next
			break
		}
	}
	a.help.cursor = at
	first := at // with the titles above it
	for first > 0 && !lines[first-1].runs() && at-first < 3 {
		first--
	}
	a.help.top = min(max(a.help.top, at-a.env.Height+1), first)
	a.screen.touchBody()
}

// scrollHelp moves the list under the mouse's wheel.
func (a *app) scrollHelp(n int) {
	a.help.top = max(0, min(a.help.top+n, len(a.helpLines())-a.env.Height))
	a.screen.touchBody()
}

// clickHelp runs the line that is clicked once it has the cursor.
func (a *app) clickHelp(y int) tea.Cmd {
	row, lines := a.help.top+y, a.helpLines()
	switch {
	case row < 0 || row >= len(lines) || !lines[row].runs():
		return nil
	case row == a.help.cursor:
		return a.runHelp()
	}
	a.help.cursor = row
	a.screen.touchBody()
	return nil
}

// runHelp does what the cursor is on: an action, or a command, which the
// palette takes over where it wants an argument.
func (a *app) runHelp() tea.Cmd {
	lines := a.helpLines()
	a.screen.touch()
	if a.help.cursor >= len(lines) || !lines[a.help.cursor].runs() {
		a.help = nil
		return nil
	}
	l := lines[a.help.cursor]
	a.help = nil
	switch c, _ := a.command(l.command); {
	case l.action != "":
		return a.act(l.action)
	case strings.Contains(c.Usage, " ") && !strings.Contains(c.Usage, " ["):
		return a.openPaletteOn(l.command + " ")
	}
	return a.runPalette(l.command)
}

// openPaletteOn opens the palette with the beginning of a line.
func (a *app) openPaletteOn(line string) tea.Cmd {
	cmd := a.openPalette()
	a.prompt.input.SetValue(line)
	a.prompt.input.CursorEnd()
	return tea.Batch(cmd, a.paletteChanged(line))
}

// helpLines lists the pane's keys, then the shell's, then the palette's
// commands, as far as the search keeps them.
func (a *app) helpLines() []helpLine {
	if a.help.figures {
		return a.keptHelp(a.explainedLines())
	}
	lines := []helpLine{{help: string(a.page), title: true}}
	for _, b := range a.pageBindings() {
		lines = append(lines, helpLine{keys: keyNames(b.Keys), help: b.Help, name: string(b.Action), action: b.Action})
	}
	if figures := a.explainedLines(); len(figures) > 0 {
		lines = append(append(lines, helpLine{}), figures...)
	}
	lines = append(lines, helpLine{}, helpLine{help: "Everywhere", title: true})
	for _, b := range a.shellBindings() {
		lines = append(lines, helpLine{keys: keyNames(b.Keys), help: b.Help, name: string(b.Action), action: b.Action})
	}
	lines = append(lines, helpLine{}, helpLine{help: "Palette", title: true})
	for _, c := range a.commands() {
		lines = append(lines, helpLine{keys: ":" + c.Usage, help: c.Help, command: c.Name})
	}
	return a.keptHelp(lines)
}

// keptHelp are the lines that hold all words of the search.
func (a *app) keptHelp(lines []helpLine) []helpLine {
	if a.help.filter == "" {
		return lines
	}
	var kept []helpLine
	words := strings.Fields(strings.ToLower(a.help.filter))
	for _, l := range lines {
		all := !l.title && l.help != ""
		for _, w := range words {
			all = all && strings.Contains(strings.ToLower(l.keys+" "+l.help+" "+l.name), w)
		}
		if all {
			kept = append(kept, l)
		}
	}
	return kept
}

// helpChrome is what stands around the help.
func (a *app) helpChrome() page.Chrome {
	c := page.Chrome{Crumbs: []string{"Keys"}}
	if a.help.figures {
		c.Crumbs = []string{"What the figures mean", string(a.page)}
	}
	if a.help.filter != "" {
		c.Chips = []string{"search " + a.help.filter}
	}
	return c
}

func (a *app) helpView(w, h int) string {
	lines := a.helpLines()
	top := max(0, min(a.help.top, len(lines)-h))
	out := make([]string, h)
	for i := range out {
		out[i] = text.Spaces(w)
		if n := top + i; n < len(lines) {
			out[i] = a.helpRow(&lines[n], n == a.help.cursor, w)
		}
	}
	if len(lines) == 0 {
		out[0] = a.env.Theme.Muted.Paint(text.Fit(" nothing here is called that; esc shows all", w))
	}
	return strings.Join(out, "\n")
}

// helpRow draws a line of the help in w cells.
func (a *app) helpRow(l *helpLine, cursor bool, w int) string {
	t := a.env.Theme
	const keysWidth = 20
	switch {
	case l.title:
		return text.Fit(" "+t.Title.Paint(l.help), w)
	case !l.runs():
		if name, words, ok := strings.Cut(l.help, ": "); ok && !strings.HasPrefix(name, " ") {
			return text.Fit("   "+t.Accent.Paint(name)+": "+words, w)
		}
		return text.Fit("   "+l.help, w)
	}
	name := ""
	if w >= 100 {
		name = l.name
	}
	if cursor {
		line := " " + t.Sym.Pointer + " " + text.Fit(l.keys, keysWidth) + "  "
		if name != "" {
			return t.Selected.Paint(text.Fit(line+text.Fit(l.help, 56)+"  "+name, w))
		}
		return t.Selected.Paint(text.Fit(line+l.help, w))
	}
	line := "   " + t.Key.Paint(text.Fit(l.keys, keysWidth)) + "  "
	if name != "" {
		line += text.Fit(l.help, 56) + "  " + t.Faint.Paint(name)
	} else {
		line += l.help
	}
	return text.Fit(line, w)
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
