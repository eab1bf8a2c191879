package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/page"
)

// maxStreams is how many streams that begin with what was typed are offered.
const maxStreams = 100

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
	case "tab", "shift+tab", "pgdown", "pgup":
		p.walk(stroke, in, all)
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

// walk chooses the next or previous candidate, or that of a page further, where
// there is one: the list scrolls with it.
func (p *palette) walk(stroke string, in *textinput.Model, all choices) {
	if p.chosen < 0 {
		p.candidates = p.completions(in.Value(), all)
	}
	n := len(p.candidates)
	if n == 0 {
		return
	}
	const far = page.MaxCandidates - 1 // a row is the count's
	switch stroke {
	case "tab":
		p.chosen = (p.chosen + 1) % n
	case "shift+tab":
		p.chosen = (max(p.chosen, 0) + n - 1) % n
	case "pgdown":
		p.chosen = min(max(p.chosen, 0)+far, n-1)
	case "pgup":
		p.chosen = max(p.chosen-far, 0)
	}
	in.SetValue(p.candidates[p.chosen])
	in.CursorEnd()
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

// lines draws the candidates, at most n lines of w cells: those around the
// chosen one, and where there are more, which of how many they are.
func (p *palette) lines(t page.Theme, all choices, line string, w, n int) []string {
	candidates := p.candidates
	if p.chosen < 0 {
		candidates = p.completions(line, all)
	}
	if len(candidates) <= n {
		return p.rows(t, all, candidates, 0, w)
	}
	rows := max(n-1, 0)
	first := min(max(p.chosen-rows/2, 0), len(candidates)-rows)
	lines := p.rows(t, all, candidates[first:first+rows], first, w)
	if n > 0 {
		of := text.Count(int64(len(candidates)))
		if len(candidates) == page.MaxMatches || len(candidates) == maxStreams && len(p.known[page.SubjectStream]) == maxStreams {
			of += "+" // no more were looked for
		}
		count := fmt.Sprintf(" %d%s%d of %s   tab and pgdown for more", first+1, t.Sym.Dash, first+rows, of)
		lines = append(lines, t.Muted.Over(t.Passive).Paint(text.Fit(count, w)))
	}
	return lines
}

// rows draws candidates, of which the first has that index among all.
func (p *palette) rows(t page.Theme, all choices, candidates []string, first, w int) []string {
	var lines []string
	for i, c := range candidates {
		name, help := text.Fit(" "+text.Sanitize(c), min(w, 34)), "  "+all.help(c)
		row := t.Text.Over(t.Passive).Paint(name) + t.Muted.Over(t.Passive).Paint(text.Fit(help, w-text.Width(name)))
		if first+i == p.chosen {
			row = t.Selected.Paint(text.Fit(name+help, w))
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
	return tea.Batch(a.palette.changed(a.reach, line, a.offer.choices(a.panes[a.page])), a.reach.names(page.SubjectNamespace, ""), a.reach.names(page.SubjectCategory, ""))
}

// names asks the server for names. Errors leave the completion without them:
// the command itself will tell.
func (r reach) names(s page.Subject, prefix string) tea.Cmd {
	return background(r.ctx, func(ctx context.Context) tea.Msg {
		return paletteMsg{epoch: r.epoch, subject: s, prefix: prefix, names: readNames(ctx, r.client, s, prefix)}
	})
}

func readNames(ctx context.Context, c *client.Client, s page.Subject, prefix string) []string {
	var names []string
	switch s {
	case page.SubjectNamespace:
		list, err := c.Namespaces(ctx)
		if err != nil {
			return []string{c.Namespace()}
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
		list, _ := c.Streams(ctx, client.StreamsQuery{Prefix: prefix, Limit: maxStreams})
		for _, n := range list {
			names = append(names, n.Name)
		}
	}
	return names
}
