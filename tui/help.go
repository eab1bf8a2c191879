package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// pageHelp stands for the help where a prompt names who opened it.
const pageHelp page.Name = "?"

// help is the list of keys, drawn in place of the pane while it is open: to be
// searched, and to run what the cursor is on. With figures set it says what the
// page's figures mean instead.
type help struct {
	subject
	figures bool
	manual  string       // the manual of a prompt, instead of the keys; "": none
	live    *page.Live   // the shell's
	pointed page.Meaning // with figures: what was pointed at
	points  bool         // something was
	filter  string
	cursor  int // index into the lines
	top     int
}

// subject is what a help is of: the page, and what can be done now.
type subject struct {
	page          page.Name
	pane          page.Pane
	own           []page.Binding // the page's
	everywhere    []page.Binding
	commands      []command
	theme         page.Theme
	width, height int // of the pane
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

// helpWish is what a stroke or click in the help asks the shell for.
type helpWish int

const (
	helpNothing helpWish = iota // it is done
	helpPass                    // the stroke is not for the help
	helpSearch                  // a prompt
	helpRun                     // what the cursor is on
	helpClose
)

// Update takes what moves in the help, searches it, runs what the cursor is on,
// or closes it: strokes, the wheel, and clicks whose Y counts from its first
// line.
func (h *help) Update(msg tea.Msg) helpWish {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return h.key(msg.String())
	case tea.MouseWheelMsg:
		h.scroll(kit.Wheel(msg.Button) * 3)
	case tea.MouseClickMsg:
		return h.click(msg.Y)
	}
	return helpNothing
}

func (h *help) key(stroke string) helpWish {
	n := h.height
	steps := map[string]int{
		"j": 1, "down": 1, "k": -1, "up": -1, "pgdown": n, "pgup": -n,
		"ctrl+d": n / 2, "ctrl+u": -n / 2, "space": n,
		"g": -1 << 20, "home": -1 << 20, "G": 1 << 20, "end": 1 << 20,
	}
	switch step, ok := steps[stroke]; {
	case ok && (h.figures || h.manual != ""):
		h.scroll(step)
	case ok:
		h.move(step)
	case stroke == "/" || stroke == "\\":
		return helpSearch
	case stroke == "enter":
		return helpRun
	case stroke == "esc" && h.filter != "":
		h.search("")
	case stroke == "esc", stroke == "q", stroke == "?", stroke == "f1":
		return helpClose
	default:
		return helpPass
	}
	return helpNothing
}

// search keeps the lines that hold all words.
func (h *help) search(words string) {
	h.filter, h.cursor, h.top = strings.TrimSpace(words), 0, 0
	h.move(0)
}

// move moves the cursor by n lines, on to one that can be run, and the list
// with it.
func (h *help) move(n int) {
	lines := h.lines()
	at := min(max(h.cursor+n, 0), max(len(lines)-1, 0))
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
	h.cursor = at
	first := at // with the titles above it
	for first > 0 && !lines[first-1].runs() && at-first < 3 {
		first--
	}
	h.top = min(max(h.top, at-h.height+1), first)
}

func (h *help) scroll(n int) { h.top = max(0, min(h.top+n, len(h.lines())-h.height)) }

// click puts the cursor on a line; one that has it already is run.
func (h *help) click(y int) helpWish {
	row, lines := h.top+y, h.lines()
	switch {
	case row < 0 || row >= len(lines) || !lines[row].runs():
		return helpNothing
	case row == h.cursor:
		return helpRun
	}
	h.cursor = row
	return helpNothing
}

// chosen is the line that the cursor is on, if it can be run.
func (h *help) chosen() (l helpLine, ok bool) {
	lines := h.lines()
	if h.cursor >= len(lines) || !lines[h.cursor].runs() {
		return helpLine{}, false
	}
	return lines[h.cursor], true
}

// lines lists the pane's keys, then the shell's, then the palette's commands,
// as far as the search keeps them.
func (h *help) lines() []helpLine {
	if h.manual != "" {
		return h.kept(manualLines(h.manual, max(20, h.width-4)))
	}
	if h.figures {
		return h.kept(h.explained())
	}
	lines := bindingLines(string(h.page), h.own)
	if figures := h.explained(); len(figures) > 0 {
		lines = append(append(lines, helpLine{}), figures...)
	}
	lines = append(append(lines, helpLine{}), bindingLines("Everywhere", h.everywhere)...)
	lines = append(lines, helpLine{}, helpLine{help: "Palette", title: true})
	for _, c := range h.commands {
		lines = append(lines, helpLine{keys: ":" + c.Usage, help: c.Help, command: c.Name})
	}
	return h.kept(lines)
}

func bindingLines(title string, list []page.Binding) []helpLine {
	lines := []helpLine{{help: title, title: true}}
	for _, b := range list {
		lines = append(lines, helpLine{keys: keyNames(b.Keys), help: b.Help, name: string(b.Action), action: b.Action})
	}
	return lines
}

// explained says what the figures of the page mean, the one that was pointed at
// first.
func (h *help) explained() []helpLine {
	w := max(20, h.width-4)
	var lines []helpLine
	add := func(title string, words []string) {
		if len(words) == 0 {
			return
		}
		if len(lines) > 0 {
			lines = append(lines, helpLine{})
		}
		lines = append(lines, helpLine{help: title, title: true})
		for _, line := range words {
			lines = append(lines, helpLine{help: line})
		}
	}
	if h.points {
		add("Under the cursor", append(page.Explained([]page.Meaning{h.pointed}, w), text.Wrap(h.pointed.Origin(), w-2)...))
	}
	var list []page.Meaning
	if p, ok := h.pane.(page.Figured); ok {
		list = p.Meanings()
		add("What the numbers mean", page.Explained(list, w))
	}
	if h.figures {
		around := append(headMeanings(h.live), frameMeanings()...)
		add("In the header", page.Explained(around, w))
		add("Where the numbers come from", page.Origins(append(list, around...), w))
	}
	return lines
}

// kept are the lines that hold all words of the search.
func (h *help) kept(lines []helpLine) []helpLine {
	if h.filter == "" {
		return lines
	}
	var kept []helpLine
	words := strings.Fields(strings.ToLower(h.filter))
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

func (h *help) chrome() page.Chrome {
	if h.manual != "" {
		return page.Chrome{Crumbs: []string{manualTitle(h.manual)}, Chips: []string{"F1 closes"}}
	}
	c := page.Chrome{Crumbs: []string{"Keys"}}
	if h.figures {
		c.Crumbs = []string{"What the numbers mean", string(h.page)}
	}
	if h.filter != "" {
		c.Chips = []string{"search " + h.filter}
	}
	return c
}

func (h *help) hints() []page.Binding {
	hints := []page.Binding{page.Bind(page.ActOpen, "", "run"), page.Bind(page.ActSearch, "", "search"), page.Bind(page.ActOut, "", "close")}
	if h.figures {
		return hints[1:]
	}
	return hints
}

func (h *help) view(w, n int) string {
	lines := h.lines()
	keys := h.keysWidth(w)
	top := max(0, min(h.top, len(lines)-n))
	out := make([]string, 0, n)
	for at := top; at < min(top+n, len(lines)); at++ {
		out = append(out, h.row(&lines[at], at == h.cursor, keys, w))
	}
	if len(lines) == 0 {
		out = append(out, h.theme.Muted.Paint(text.Fit(" nothing matches; esc shows all", w)))
	}
	return strings.Join(filled(out, w, n), "\n")
}

// helpWidth is how wide what a key does is, where the action's name stands behind it.
const helpWidth = 56

// keysWidth is how wide the column of keys and commands is: as wide as the
// widest, also while a search hides it, if there is room beside what they do.
func (h *help) keysWidth(w int) int {
	const least, beside = 20, 3 + 2 + helpWidth + 2 + 20 // what stands beside the keys, with a name
	widest := least
	for _, list := range [][]page.Binding{h.own, h.everywhere} {
		for i := range list {
			widest = max(widest, text.Width(keyNames(list[i].Keys)))
		}
	}
	for i := range h.commands {
		widest = max(widest, 1+text.Width(h.commands[i].Usage))
	}
	return max(least, min(widest, w-beside))
}

func (h *help) row(l *helpLine, cursor bool, keysWidth, w int) string {
	t := h.theme
	switch {
	case l.title:
		return text.Fit(" "+t.Title.Paint(l.help), w)
	case !l.runs():
		if name, words, ok := strings.Cut(l.help, ": "); ok && !strings.HasPrefix(name, " ") {
			return text.Fit("   "+t.Accent.Paint(name)+": "+words, w)
		}
		return text.Fit("   "+l.help, w)
	}
	keys, words, name := text.Fit(l.keys, keysWidth), "  "+l.help, ""
	if w >= 100 && l.name != "" {
		words, name = "  "+text.Fit(l.help, helpWidth)+"  ", l.name
	}
	if cursor {
		return t.Selected.Paint(text.Fit(" "+t.Sym.Pointer+" "+keys+words+name, w))
	}
	return text.Fit("   "+t.Key.Paint(keys)+words+t.Faint.Paint(name), w)
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

func newSubject(a *app) subject {
	return subject{
		page: a.page, pane: a.panes[a.page], own: a.offer.on(a.panes[a.page]), everywhere: a.offer.everywhere(), commands: a.offer.commands,
		theme: a.env.Theme, width: a.env.Width, height: a.env.Height,
	}
}

// toggleHelp opens the help, or closes it. With figures it says what the page's
// figures mean.
func (a *app) toggleHelp(figures bool) {
	a.screen.touch()
	if a.help != nil {
		a.help = nil
		return
	}
	a.help = &help{subject: newSubject(a), figures: figures, live: &a.env.Live}
	if figures {
		pane := a.panes[a.page]
		a.help.pointed, a.help.points = a.pointer.meaning(pane, &a.env.Live, a.screen.whole, pane.Chrome(a.env).Rules, a.display.width)
		return
	}
	a.help.move(0)
}

// toHelp gives the help a message, and does what it wishes for. took is false
// for a stroke that is not the help's.
func (a *app) toHelp(msg tea.Msg) (cmd tea.Cmd, took bool) {
	a.help.subject = newSubject(a)
	a.screen.touchBody()
	switch a.help.Update(msg) {
	case helpPass:
		return nil, false
	case helpSearch:
		a.openPrompt(pageHelp, page.Prompt{ID: "help", Label: "search", Hint: "what it does, its key or its name", Text: a.help.filter, Live: true})
	case helpRun:
		l, ok := a.help.chosen()
		a.toggleHelp(false)
		if ok {
			return runHelpLine(a, l), true
		}
	case helpClose:
		a.toggleHelp(false)
	}
	return nil, true
}

// runHelpLine does what a line says: an action, or a command, which the palette
// takes over where it wants an argument.
func runHelpLine(a *app, l helpLine) tea.Cmd {
	if l.action != "" {
		return a.act(l.action)
	}
	if c, _ := a.offer.choices(a.panes[a.page]).find(l.command); strings.Contains(c.Usage, " ") && !strings.Contains(c.Usage, " [") {
		return a.openPalette(l.command + " ")
	}
	return a.runPalette(l.command)
}
