package state

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// cheap is how many messages are read for a state without being asked to.
const cheap = 20_000

// lookEvery is how often the stream's version is asked for while it is followed.
const lookEvery = 500 * time.Millisecond

// tab is the state of one stream.
type tab struct {
	of    page.Location
	setup page.Setup
	gen   uint64 // of the newest question
	shown bool
	panes panes
	theme page.Theme

	rows      rows
	version   int64 // the stream's last position, at the time cursor where there is one; -1: none
	known     bool
	asking    uint64 // generation of the question for it; 0: none
	compiling uint64 // generation of the question whether a condition can be run; 0: none
	asked     time.Time
	cursor    int64 // where the user is; -1: not known yet
	follow    bool  // at the end

	work   work
	result result
	fault  string // why there is no state, or no version

	condition string // that is asked for next
}

// New makes the tab of the stream that at names; its questions carry generations
// from gen on.
func New(at page.Location, gen uint64) page.Pane {
	p := &tab{of: at, gen: gen, cursor: -1, version: -1, panes: panes{below: paneState}, result: newResult(), follow: !at.HasPosition}
	if at.HasPosition {
		p.cursor = at.Position
	}
	p.rows.pages = map[int64]*rowPage{}
	p.rows.grid = grid.New(grid.Options{Row: p.cells, Columns: columns(false, 0), Empty: "no message yet"})
	return p
}

// Equip takes what the page was made with.
func (p *tab) Equip(s page.Setup) { p.setup = s }

// UseMsg asks for another reducer.
type UseMsg struct {
	File string // "-" merges, "" is the configuration's
}

func (p *tab) next() uint64 {
	p.gen++
	return p.gen
}

// Update implements [page.Pane].
func (p *tab) Update(t *page.Turn, msg any) {
	switch msg := msg.(type) {
	case page.ShowMsg:
		p.shown = true
		p.pull(t)
	case page.HideMsg:
		p.shown = false
		p.work.end(t, p.next())
	case page.FrameMsg:
		p.pull(t)
	case page.AtMsg, page.ReconnectMsg:
		p.again(t)
	case page.Reply:
		p.replied(t, msg)
	case page.ActionMsg:
		p.act(t, msg.Action)
	case page.PromptMsg:
		p.prompted(t, msg)
	case UseMsg:
		p.use(t, msg)
	case tea.MouseWheelMsg:
		p.scroll(kit.Wheel(msg.Button) * 3)
	case tea.MouseClickMsg:
		p.click(t, msg.X, msg.Y)
	}
}

// again reads all of it once more: the time cursor moved, or the server is another
// process now.
func (p *tab) again(t *page.Turn) {
	p.work.end(t, p.next())
	p.work = work{definition: p.work.definition, defined: p.work.defined}
	p.rows.forget()
	p.known, p.asking, p.fault, p.result.at = false, 0, "", -1
	p.pull(t)
}

// pull asks for what is missing: the reducer, the version, rows, the state.
func (p *tab) pull(t *page.Turn) {
	if !p.shown {
		return
	}
	p.askVersion(t)
	if !p.known || p.version < 0 {
		return
	}
	p.rows.pull(t, p)
	p.askState(t)
}

// Within says that esc stops something first.
func (p *tab) Within() bool { return p.work.runs() || p.work.search != nil }

func (p *tab) goTo(t *page.Turn, position int64) {
	p.cursor = max(min(position, p.version), 0)
	p.follow = p.cursor == p.version && t.At.IsZero()
	p.rows.grid.SetCursor(int(p.cursor))
	p.pull(t)
}
