package tui

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/grid"
)

// maxLogLines is how many lines the page keeps; the server keeps its own.
const maxLogLines = 5000

// eventMsg is a line of the shell's own: what was shown as a toast.
type eventMsg struct{ line wire.LogLine }

// logLine is one line with where it comes from.
type logLine struct {
	wire.LogLine
	own bool // the shell's, not the server's
}

// logPage shows the server's log and the shell's own events.
type logPage struct {
	grid    *grid.Grid
	theme   Theme
	lines   []logLine
	shown   []int // of lines, those that the filter keeps
	filter  string
	after   uint64 // the server's sequence number read last
	gen     uint64
	asking  bool
	paused  bool
	refused string // why the server's log cannot be read
}

func newLogPage() *logPage {
	p := &logPage{}
	p.grid = grid.New(grid.Options{
		Columns: []grid.Column{
			{Title: "time", Min: 12, Priority: 2},
			{Title: "level", Min: 5},
			{Title: "from", Min: 6, Priority: 3},
			{Title: "text", Min: 20, Flex: 1, Wide: 400},
		},
		Row:   p.row,
		Empty: "nothing logged so far",
	})
	p.grid.SetFocus(true)
	return p
}

// Bindings implements [Pane].
func (p *logPage) Bindings() []Binding {
	return append([]Binding{
		Bind(ActFilter, "filter by text or level", "filter"),
		Bind(ActFollow, "follow the newest line", "follow"),
		Bind(ActPause, "pause, or go on", "pause"),
		Bind(ActCopyValue, "copy the line", ""),
		Bind(ActLeft, "scroll left", ""),
		Bind(ActRight, "scroll right", ""),
		Bind(ActOut, "clear the filter", ""),
	}, Movement()...)
}

// Chrome implements [Pane].
func (p *logPage) Chrome(Env) Chrome {
	c := Chrome{Crumbs: []string{"Log"}, Count: p.grid.Status()}
	if p.refused != "" {
		c.Chips = append(c.Chips, p.refused)
	}
	if p.filter != "" {
		c.Chips = append(c.Chips, "filter "+p.filter)
	}
	if p.paused {
		c.Chips = append(c.Chips, "paused")
	}
	return c
}

// Update implements [Pane].
func (p *logPage) Update(t *Turn, msg any) {
	switch msg := msg.(type) {
	case ShowMsg:
		p.ask(t)
	case FrameMsg:
		p.ask(t)
	case Reply:
		p.replied(t, msg)
	case eventMsg:
		p.add([]logLine{{msg.line, true}})
	case ReconnectMsg:
		// The server may be another process that counts from 1 again.
		p.after, p.asking, p.refused = 0, false, ""
		p.gen++
	case NamespaceMsg:
		p.asking = false
		p.gen++
	case RestoreMsg:
		p.restore(t, msg)
	case PromptMsg:
		p.setFilter(msg.Text)
	case ActionMsg:
		p.act(t, msg.Action)
	case tea.MouseWheelMsg:
		p.grid.Scroll(wheel(msg.Button) * 3)
	case tea.MouseClickMsg:
		if row := p.grid.HitRow(msg.X, msg.Y); row >= 0 {
			p.grid.SetCursor(row)
		}
	}
}

func (p *logPage) ask(t *Turn) {
	if p.asking || p.paused || p.refused != "" {
		return
	}
	p.asking = true
	after := p.after
	t.Ask(p.gen, func(ctx context.Context, c *client.Client) (any, error) {
		lines, err := c.In("").Log(ctx, after, 500)
		return lines, err
	})
}

func (p *logPage) replied(t *Turn, msg Reply) {
	if msg.Gen != p.gen {
		return
	}
	p.asking = false
	switch {
	case client.NotOffered(msg.Err):
		p.refused = "the log is not offered by this server"
	case client.Unauthorized(msg.Err):
		p.refused = "the server's log needs the admin token"
	case client.Unreachable(msg.Err):
	case msg.Err != nil:
		p.refused = "log: " + msg.Err.Error()
	}
	lines, _ := msg.Value.([]wire.LogLine)
	added := make([]logLine, 0, len(lines))
	for _, l := range lines {
		if l.Seq > p.after {
			p.after = l.Seq
			added = append(added, logLine{l, false})
		}
	}
	if len(added) == 0 && p.refused == "" {
		t.Same()
	}
	p.add(added)
}

// add takes lines; a cursor on the newest line stays on the newest.
func (p *logPage) add(lines []logLine) {
	if len(lines) == 0 {
		return
	}
	p.lines = append(p.lines, lines...)
	// The server's lines come when the page is looked at, ours at once.
	slices.SortStableFunc(p.lines, func(a, b logLine) int { return a.Time.Compare(b.Time) })
	if over := len(p.lines) - maxLogLines; over > 0 {
		p.lines = append([]logLine(nil), p.lines[over:]...)
	}
	p.sift()
}

// sift works out which lines the filter keeps.
func (p *logPage) sift() {
	n, _ := p.grid.Len()
	atEnd := p.grid.Cursor() >= n-1
	p.shown = p.shown[:0]
	needle := strings.ToLower(p.filter)
	for i := range p.lines {
		l := &p.lines[i]
		if needle == "" || strings.Contains(strings.ToLower(l.Level+" "+l.Text+" "+string(l.Attrs)), needle) {
			p.shown = append(p.shown, i)
		}
	}
	p.grid.SetLen(len(p.shown), false)
	p.grid.Changed()
	if atEnd {
		p.grid.End()
	}
}

func (p *logPage) setFilter(filter string) {
	p.filter = strings.TrimSpace(filter)
	p.sift()
}

func (p *logPage) act(t *Turn, a Action) {
	switch a {
	case ActFilter:
		t.Prompt(Prompt{ID: "filter", Label: "filter", Hint: "text, or a level such as warn", Text: p.filter, Live: true})
	case ActFollow:
		p.paused = false
		p.grid.End()
	case ActPause:
		p.paused = !p.paused
	case ActOut:
		p.setFilter("")
	case ActCopyValue:
		if row := p.grid.Cursor(); row >= 0 && row < len(p.shown) {
			l := p.lines[p.shown[row]]
			t.Copy("the line", strings.TrimSpace(l.Time.Format("2006-01-02T15:04:05.000Z07:00")+" "+l.Level+" "+l.Text+" "+string(l.Attrs)))
		}
	default:
		moveGrid(p.grid, a)
	}
}

// moveGrid does the movements that every list has, and reports whether the
// action was one.
func moveGrid(g *grid.Grid, a Action) bool {
	switch a {
	case ActUp:
		g.Move(-1)
	case ActDown:
		g.Move(1)
	case ActHalfUp:
		g.HalfPage(-1)
	case ActHalfDown:
		g.HalfPage(1)
	case ActPageUp:
		g.Page(-1)
	case ActPageDown:
		g.Page(1)
	case ActTop:
		g.Home()
	case ActBottom:
		g.End()
	case ActLeft:
		g.Sideways(-8)
	case ActRight:
		g.Sideways(8)
	default:
		return false
	}
	return true
}
