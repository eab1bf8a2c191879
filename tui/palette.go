package tui

import (
	"context"
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// palette completes and remembers; the line itself is a promptLine.
type palette struct {
	known      map[page.Subject][]string
	asked      string // what the newest question for streams began with
	candidates []string
	chosen     int // -1: none
	history    []string
	past       int // how far back in the history; 0: the line being typed
	draft      string
}

// paletteMsg brings names for completion.
type paletteMsg struct {
	epoch   uint64
	subject page.Subject
	prefix  string
	names   []string
}

func newPalette() palette { return palette{known: map[page.Subject][]string{}, chosen: -1} }

// forget drops the names of a namespace that we left.
func (p *palette) forget() { p.known = map[page.Subject][]string{} }

func (p *palette) closePrompt() { p.candidates, p.chosen, p.past, p.asked = nil, -1, 0, "" }

// learn takes names, unless the line has gone on since they were asked for.
func (p *palette) learn(msg paletteMsg, epoch uint64) {
	if msg.epoch == epoch && (msg.subject != page.SubjectStream || msg.prefix == p.asked) {
		p.known[msg.subject] = msg.names
	}
}

// choices is what a line of the palette can be: a command, or an action of the
// page.
type choices struct {
	commands []command
	actions  []page.Binding
}

func (a *app) choices() choices {
	return choices{commands: a.commands(), actions: a.pageBindings()}
}

// find returns the command of a name, or of another word for it.
func (c choices) find(name string) (command, bool) {
	switch name {
	case "quit", "q!":
		name = "q"
	case "namespace":
		name = "ns"
	case "context":
		name = "ctx"
	}
	i := slices.IndexFunc(c.commands, func(c command) bool { return c.Name == name })
	if i < 0 {
		return command{}, false
	}
	return c.commands[i], true
}

// names lists the commands, then the page's actions.
func (c choices) names() []string {
	var names []string
	for _, x := range c.commands {
		names = append(names, x.Name)
	}
	for _, b := range c.actions {
		if name := string(b.Action); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// help says what a candidate does.
func (c choices) help(name string) string {
	if x, ok := c.find(name); ok {
		return x.Help
	}
	for _, b := range c.actions {
		if string(b.Action) == name {
			return b.Help
		}
	}
	return ""
}

// Update takes the strokes that walk candidates and history, and reports
// whether it did.
func (p *palette) Update(stroke string, in *textinput.Model, all choices) bool {
	switch stroke {
	case "tab", "shift+tab":
		if p.chosen < 0 {
			p.candidates = p.completions(in.Value(), all)
		}
		if n := len(p.candidates); n > 0 {
			step := 1
			if stroke == "shift+tab" {
				step = n - 1
			}
			p.chosen = (max(p.chosen, -1) + step) % n
			in.SetValue(p.candidates[p.chosen])
			in.CursorEnd()
		}
	case "up", "ctrl+p", "down", "ctrl+n":
		if p.past == 0 {
			p.draft = in.Value()
		}
		step := 1
		if stroke == "down" || stroke == "ctrl+n" {
			step = -1
		}
		p.past = min(max(p.past+step, 0), len(p.history))
		line := p.draft
		if p.past > 0 {
			line = p.history[len(p.history)-p.past]
		}
		in.SetValue(line)
		in.CursorEnd()
		p.chosen = -1
	default:
		p.chosen = -1
		return false
	}
	return true
}

// completions returns what the line can become, best first.
func (p *palette) completions(line string, all choices) []string {
	name, arg, hasArg := strings.Cut(line, " ")
	if !hasArg {
		return page.Match(all.names(), name)
	}
	c, ok := all.find(name)
	if !ok {
		return nil
	}
	names := p.known[c.Subject]
	if c.Subject == page.SubjectWord {
		names = c.Words
	}
	found := page.Match(names, arg)
	for i := range found {
		found[i] = name + " " + found[i]
	}
	return found
}

// changed takes a line that was typed: where it wants streams that begin so, for
// its completion, they are asked for.
func (p *palette) changed(r reach, line string, all choices) tea.Cmd {
	p.past = 0
	name, arg, hasArg := strings.Cut(line, " ")
	c, ok := all.find(name)
	if !ok || !hasArg || c.Subject != page.SubjectStream || arg == p.asked {
		return nil
	}
	p.asked = arg
	return r.names(page.SubjectStream, arg)
}

// lines draws the candidates, at most n lines of w cells.
func (p *palette) lines(t page.Theme, all choices, line string, w, n int) []string {
	candidates := p.candidates
	if p.chosen < 0 {
		candidates = p.completions(line, all)
	}
	var lines []string
	for i, c := range candidates[:min(len(candidates), max(n, 0))] {
		help := all.help(c)
		name := text.Fit(" "+text.Sanitize(c), min(w, 34))
		row := text.Fit(name+"  "+help, w)
		switch i {
		case p.chosen:
			row = t.Selected.Paint(row)
		default:
			row = t.Text.Over(t.Passive).Paint(name) + t.Muted.Over(t.Passive).Paint(text.Fit("  "+help, w-text.Width(name)))
		}
		lines = append(lines, row)
	}
	return lines
}

// openPalette opens the line, with its beginning, and asks for the names that
// most commands take.
func (a *app) openPalette(line string) tea.Cmd {
	a.help = nil
	a.openPrompt("", page.Prompt{ID: "palette", Text: line})
	a.palette.known[page.SubjectContext] = a.cfg.contextNames()
	a.screen.touchBody()
	r := a.reach()
	return tea.Batch(a.palette.changed(r, line, a.choices()), r.names(page.SubjectNamespace, ""), r.names(page.SubjectCategory, ""))
}

// names asks the server for names. Errors leave the completion without them:
// the command itself will tell.
func (r reach) names(s page.Subject, prefix string) tea.Cmd {
	return func() tea.Msg {
		msg := paletteMsg{epoch: r.epoch, subject: s, prefix: prefix}
		labelled(r.ctx, func(ctx context.Context) { msg.names = readNames(ctx, r.client, r.namespace, s, prefix) })
		return msg
	}
}

func readNames(ctx context.Context, c *client.Client, own string, s page.Subject, prefix string) []string {
	var names []string
	switch s {
	case page.SubjectNamespace:
		list, err := c.Namespaces(ctx)
		if err != nil {
			return []string{own}
		}
		for _, n := range list {
			names = append(names, n.ID)
		}
	case page.SubjectCategory:
		list, _ := c.Categories(ctx)
		for _, n := range list {
			names = append(names, n.Category)
		}
	case page.SubjectStream:
		list, _ := c.Streams(ctx, store.StreamsQuery{Prefix: prefix, Limit: page.MaxCandidates})
		for _, n := range list {
			names = append(names, n.Name)
		}
	}
	return names
}
