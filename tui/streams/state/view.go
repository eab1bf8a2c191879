package state

import (
	"fmt"
	"strings"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// The panes, in the order in which tab goes through them.
const (
	paneMessages = iota
	paneState
	paneChange
	paneCount
)

// panes is which of them has the keys, and where they are.
type panes struct {
	focus int
	below int // the pane beside the messages where there is room for one
}

// turn gives the keys to the pane n further on.
func (p *panes) turn(n int) {
	if p.focus = (p.focus + n) % paneCount; p.focus != paneMessages {
		p.below = p.focus
	}
}

type area struct {
	kit.Rect
	pane int
}

// besideFrom is the width from which all three stand beside each other.
const besideFrom = 140

// areas lays the panes out: three where there is room, else the messages over one
// of the others, or the zoomed one alone.
func (p *panes) areas(env page.Env, w, h int) []area {
	switch {
	case env.Zoomed || h < 8:
		return []area{{kit.Rect{W: w, H: h}, p.focus}}
	case w >= besideFrom:
		left, right := w*3/10, w*7/20
		middle := w - left - right - 2
		return []area{
			{kit.Rect{W: left, H: h}, paneMessages}, {kit.Rect{X: left + 1, W: middle, H: h}, paneState},
			{kit.Rect{X: left + middle + 2, W: right, H: h}, paneChange},
		}
	case env.Layout >= page.LayoutTwo:
		left, over := w*2/5, h*3/5
		return []area{
			{kit.Rect{W: left, H: h}, paneMessages}, {kit.Rect{X: left + 1, W: w - left - 1, H: over}, paneState},
			{kit.Rect{X: left + 1, Y: over, W: w - left - 1, H: h - over}, paneChange},
		}
	}
	over := max(h*2/5, 4)
	return []area{{kit.Rect{W: w, H: over}, paneMessages}, {kit.Rect{Y: over, W: w, H: h - over}, p.below}}
}

// View implements [page.Pane].
func (p *tab) View(env page.Env, w, h int) string {
	p.restyle(env)
	areas := p.panes.areas(env, w, h)
	lines := make([]string, h)
	for _, a := range areas {
		for i, line := range p.pane(env, a) {
			if a.X > 0 {
				lines[a.Y+i] += env.Theme.Border.Paint(env.Theme.Sym.Vertical)
			}
			lines[a.Y+i] += line
		}
	}
	return strings.Join(lines, "\n")
}

func (p *tab) restyle(env page.Env) {
	p.rows.now = env.Now
	if p.theme.Serial != env.Theme.Serial {
		p.theme = env.Theme
		kit.RestyleGrid(p.rows.grid, env.Theme)
		kit.RestyleJSON(p.result.view, env.Theme)
	}
	p.rows.fit(env.Absolute, p.version)
}

// pane draws one of the panes in exactly its lines and cells.
func (p *tab) pane(env page.Env, a area) []string {
	focused := p.panes.focus == a.pane
	switch a.pane {
	case paneMessages:
		p.rows.grid.SetFocus(focused)
		p.rows.grid.SetEmpty(p.emptyNote(env))
		p.rows.grid.SetSize(a.W, a.H-1)
		return append([]string{head(env.Theme, "messages", focused, a.W)}, p.rows.grid.Lines()...)
	case paneChange:
		if p.unread() {
			return p.unreadLines(env, "change", focused, a.W, a.H)
		}
		p.result.change.Grid.SetFocus(focused)
		return append([]string{head(env.Theme, p.result.changed(env.Theme), focused, a.W)}, p.result.change.View(env, a.W, a.H-1)...)
	}
	p.result.view.SetFocus(focused)
	fault := p.faultLines(env, a.W)
	if len(fault) > a.H-2 {
		fault = fault[:max(a.H-2, 0)]
	}
	if p.unread() {
		return append(p.unreadLines(env, "state", focused, a.W, a.H-len(fault)), fault...)
	}
	lines := kit.Document(env.Theme, p.result.name(), p.result.view, focused, a.W, a.H-len(fault))
	return append(lines, fault...)
}

// notKnown is said of a state that was not read.
const notKnown = "not known yet"

// unread reports whether nothing is known of a state. Before the first message it is null.
func (p *tab) unread() bool { return !p.result.known() && (!p.known || p.version >= 0) }

// unreadLines are a pane, in exactly h lines, of which nothing is known yet.
func (p *tab) unreadLines(env page.Env, name string, focused bool, w, h int) []string {
	words := notKnown
	if p.fault == "" && (!p.known || p.work.runs()) {
		words = env.Pending("reading")
	}
	lines := []string{head(env.Theme, name, focused, w), env.Theme.Muted.Paint(text.Fit(" "+words, w))}
	return kit.Filled(lines, w, h)
}

// head is the line over a pane.
func head(t page.Theme, name string, focused bool, w int) string {
	pen := t.Muted
	if focused {
		pen = t.Focus
	}
	name = text.Truncate(" "+name+" ", w)
	return pen.Paint(name) + t.Border.Paint(strings.Repeat(t.Sym.Horizontal, max(w-text.Width(name), 0)))
}

// faultLines say under the state why it is not what was asked for.
func (p *tab) faultLines(env page.Env, w int) []string {
	words, pen := p.faultWords(env)
	if words == "" {
		return nil
	}
	var lines []string
	for _, line := range text.Wrap(text.Sanitize(words), max(w-2, 1)) {
		lines = append(lines, pen.Paint(text.Fit(" "+line, w)))
	}
	return lines
}

// faultWords say that in one line; "" where the state is what was asked for.
func (p *tab) faultWords(env page.Env) (words string, pen text.Pen) {
	pen = env.Theme.Bad
	switch f := p.result.moment.Fault; {
	case p.fault != "":
		words = p.fault
	case p.rows.fault != "":
		words = p.rows.fault
	case f != nil:
		words = fmt.Sprintf("the reducer failed at #%d (%s): %s. The state before it is shown.", f.Position, f.Type, f.Reason)
	case p.known && p.version < 0 && !env.At.IsZero():
		words, pen = env.Fill(), env.Theme.Warn
	case p.known && p.version >= 0 && p.result.at != p.cursor && !p.work.runs() && (p.work.stopped || p.work.dear(p.cursor)):
		left := ""
		if n, known := p.work.cost(p.cursor); known {
			left = text.Count(n)
		}
		words, pen = fmt.Sprintf("the state at #%s needs %s more messages read: + reads them", text.Count(p.cursor), left), env.Theme.Warn
	}
	return words, pen
}

func (p *tab) emptyNote(env page.Env) string {
	switch {
	case p.fault != "":
		return p.fault
	case !p.known:
		return env.Pending("reading")
	case !env.At.IsZero():
		return "no message by then"
	}
	return "no message yet"
}

// Chrome implements [page.Pane].
func (p *tab) Chrome(env page.Env) page.Chrome {
	c := page.Chrome{Chips: p.chips(env), AsOf: true}
	if p.known {
		c.Count = "#" + text.Count(max(p.cursor, 0)) + " of " + text.Count(p.version+1)
		if p.version < 0 {
			c.Count = "no messages"
		}
	}
	for _, a := range p.panes.areas(env, env.Width, env.Height) {
		if a.X > 0 && a.Y == 0 {
			c.Rules = append(c.Rules, a.X-1)
		}
	}
	return c
}

// chips say which reducer it is, and what was read.
func (p *tab) chips(env page.Env) []string {
	w := &p.work
	chips := []string{w.definition.Title()}
	if w.definition.Merges() && !p.setup.Reducers.Runs {
		chips[0] += ", no jq over SSH"
	}
	if p.follow && env.At.IsZero() {
		chips = append(chips, "following")
	}
	spent := text.Duration(env.Now.Sub(w.begun))
	switch {
	case p.compiling != 0:
		chips = append(chips, "compiling "+p.condition+env.Theme.Sym.Ellipsis)
	case w.search != nil:
		chips = append(chips, "looking for "+w.asked+", "+spent+env.Theme.Sym.Ellipsis+" esc stops")
	case w.runs() && w.defined && w.read > 0 && p.result.at != p.cursor:
		chips = append(chips, text.Count(w.read)+" of "+text.Count(p.version+1)+" messages read, "+spent+env.Theme.Sym.Ellipsis+" esc stops")
	case w.read > 0:
		chips = append(chips, text.Count(w.read)+" messages read")
	}
	return chips
}

// Message implements [page.Messaged].
func (p *tab) Message() *store.Message {
	if b := p.rows.at(p.cursor); b != nil && p.cursor >= 0 {
		return b.Whole()
	}
	return nil
}

// Linear implements [page.Linear].
func (p *tab) Linear(env page.Env) []string {
	shown := text.Sanitize(string(p.result.moment.State[:min(len(p.result.moment.State), kit.DataBytes)]))
	if p.unread() {
		shown = notKnown
	}
	out := []string{p.result.name() + " of " + text.Name(p.of.Stream) + ", " + p.work.definition.Title() + ": " + shown}
	if p.result.moment.Fault != nil || p.fault != "" || p.unread() {
		if words, _ := p.faultWords(env); words != "" {
			out = append(out, text.Sanitize(words))
		}
		return out
	}
	return append(out, "what "+p.result.which()+" changed: "+p.result.change.Count())
}

// Meanings implements [page.Figured].
func (p *tab) Meanings() []page.Meaning {
	const window = "the stream up to the message under the cursor"
	unknown := "null before the first message; not known yet until it is read; where a reducer fails, the state before that"
	return []page.Meaning{
		page.Figure("state", "What the messages up to this one come to: their data merged, or the output of a reducer, a program in jq in which . is the state so far, null at first, and $event the message (:reducer FILE). It is computed here and stored nowhere.").
			From("stream.get, and "+p.work.definition.Title(), "JSON", window, unknown),
		page.Figure("changed|what, differences", "The state after the message beside the state before it: how many places differ, and which. - was there, + is there now.").
			From("the two states", "places", "one message", "nothing, where a reducer failed"),
		page.Figure("messages read|read", "How many messages were read to say this, some of them again. A state is kept every 64 versions, so that a step reads 64 at most.").
			From("stream.get", "messages", "since the tab was opened", "absent until something is read"),
		page.Figure("messages|#, type, time, data", "The stream's messages, one a position. The state is the one after the message under the cursor.").
			From("stream.get and stream.version", "messages", "all of the stream, or up to the time cursor", "\"no message\" where one was deleted"),
	}
}
