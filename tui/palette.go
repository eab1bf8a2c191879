package tui

import (
	"context"
	"slices"
	"strings"

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

func (p *palette) close() { p.candidates, p.chosen, p.past, p.asked = nil, -1, 0, "" }

// learn takes names, unless the line has gone on since they were asked for.
func (p *palette) learn(msg paletteMsg, epoch uint64) {
	if msg.epoch == epoch && (msg.subject != page.SubjectStream || msg.prefix == p.asked) {
		p.known[msg.subject] = msg.names
	}
}

// openPalette opens the line and asks for the names that most commands take.
func (a *app) openPalette() tea.Cmd {
	a.help = nil
	a.openPrompt("", page.Prompt{ID: "palette"})
	a.palette.known[page.SubjectContext] = a.contextNames()
	a.screen.touchBody()
	return tea.Batch(a.paletteChanged(""), a.names(page.SubjectNamespace, ""), a.names(page.SubjectCategory, ""))
}

// names asks the server for names. Errors leave the completion without them:
// the command itself will tell.
func (a *app) names(s page.Subject, prefix string) tea.Cmd {
	ctx, epoch, c, own := a.ctx, a.epoch, a.client, a.env.Namespace
	return func() tea.Msg {
		msg := paletteMsg{epoch: epoch, subject: s, prefix: prefix}
		labelled(ctx, func(ctx context.Context) { msg.names = readNames(ctx, c, own, s, prefix) })
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

// paletteChanged works out the candidates for the line; for streams it asks.
func (a *app) paletteChanged(line string) tea.Cmd {
	a.palette.past = 0
	name, arg, hasArg := strings.Cut(line, " ")
	var cmd tea.Cmd
	if c, ok := a.command(name); ok && hasArg && c.Subject == page.SubjectStream && arg != a.palette.asked {
		a.palette.asked = arg
		cmd = a.names(page.SubjectStream, arg)
	}
	a.screen.touchBody()
	return cmd
}

// completions returns what the line can become, best first.
func (a *app) completions(line string) []string {
	name, arg, hasArg := strings.Cut(line, " ")
	if !hasArg {
		return page.Match(a.commandNames(), name)
	}
	c, ok := a.command(name)
	if !ok {
		return nil
	}
	names := a.palette.known[c.Subject]
	if c.Subject == page.SubjectWord {
		names = c.Words
	}
	found := page.Match(names, arg)
	for i := range found {
		found[i] = name + " " + found[i]
	}
	return found
}

// commandNames lists the commands, then the page's actions.
func (a *app) commandNames() []string {
	var names []string
	for _, c := range a.commands() {
		names = append(names, c.Name)
	}
	for _, b := range a.pageBindings() {
		if name := string(b.Action); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// paletteKey takes the strokes that walk candidates and history, and reports
// whether it did.
func (a *app) paletteKey(stroke string) bool {
	p, in := &a.palette, &a.prompt.input
	switch stroke {
	case "tab", "shift+tab":
		if p.chosen < 0 {
			p.candidates = a.completions(in.Value())
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
	a.screen.touchBody()
	a.screen.touchFooter()
	return true
}

// paletteLines draws the candidates, at most n lines of w cells.
func (a *app) paletteLines(w, n int) []string {
	candidates := a.palette.candidates
	if a.palette.chosen < 0 {
		candidates = a.completions(a.prompt.input.Value())
	}
	t := a.env.Theme
	var lines []string
	for i, c := range candidates[:min(len(candidates), max(n, 0))] {
		help := a.helpOf(c)
		name := text.Fit(" "+text.Sanitize(c), min(w, 34))
		line := text.Fit(name+"  "+help, w)
		switch i {
		case a.palette.chosen:
			line = t.Selected.Paint(line)
		default:
			line = t.Text.Over(t.Passive).Paint(name) + t.Muted.Over(t.Passive).Paint(text.Fit("  "+help, w-text.Width(name)))
		}
		lines = append(lines, line)
	}
	return lines
}

// helpOf says what a candidate does: a command, or an action of the page.
func (a *app) helpOf(name string) string {
	if cmd, ok := a.command(name); ok {
		return cmd.Help
	}
	for _, b := range a.pageBindings() {
		if string(b.Action) == name {
			return b.Help
		}
	}
	return ""
}
