package causes

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	story "github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/internal/story/causes/search"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

const (
	// cheap is how many messages are looked through unasked: the effects of a
	// message are rarely far from it.
	cheap = 20_000
	// liveEvery is how often the end of the log is looked at for new effects.
	liveEvery = 500 * time.Millisecond
)

// The generations of the questions, behind the one that the pane begins with.
const (
	genTree = iota
	genMessage
	genMany
	generations
)

// Pane is the tab.
type Pane struct {
	at    page.Location
	base  uint64 // of the questions that are answered still
	theme page.Theme
	env   page.Env
	grid  *grid.Grid
	begun bool

	search *search.Search // of the question under way, while one is
	sight  search.Sight
	asking bool
	reach  int64 // messages that may be looked through
	halted bool  // the user stopped it
	fault  string
	note   string // why there is no tree; "": there is, or it is being read
	looked time.Time
	placed bool          // the cursor was put on the message
	path   time.Duration // how long the slowest way took

	open *kit.Message
	many *many // open in the place of the tree; nil: the tree is

	manies uint64 // how many were opened
}

// New opens the tab at the message that a location names; without one at the last
// of the stream. Its questions carry generations from gen on.
func New(at page.Location, gen uint64) page.Pane {
	p := &Pane{at: at, base: gen, reach: cheap, sight: search.Sight{SlowHop: -1}}
	p.grid = grid.New(grid.Options{Row: p.cells, Columns: columns(80, false), Empty: "reading…"})
	return p
}

// begunReply is a tree's beginning: the causes above a message.
type begunReply struct {
	search *search.Search
	sight  search.Sight
	note   string
}

// Update implements [page.Pane].
func (p *Pane) Update(t *page.Turn, msg any) {
	p.env = t.Env
	switch msg := msg.(type) {
	case page.ShowMsg:
		if !p.begun {
			p.begin(t)
		}
	case page.ReconnectMsg, page.AtMsg, page.NamespaceMsg:
		p.restart(t)
	case page.FrameMsg:
		p.frame(t)
	case page.Reply:
		p.replied(t, msg)
	case page.ActionMsg:
		p.act(t, msg.Action)
	default:
		p.mouse(t, msg)
	}
}

// restart drops what was read, and begins again at the same message.
func (p *Pane) restart(t *page.Turn) {
	p.base += generations
	p.search, p.sight, p.asking, p.halted, p.fault, p.note = nil, search.Sight{SlowHop: -1}, false, false, "", ""
	p.reach, p.placed, p.open = cheap, false, nil
	p.grid.SetLen(0, false)
	if p.many != nil {
		p.percentiles(p.many.of, p.many.stream)
	}
	p.begin(t)
}

// begin looks up the message, and its causes.
func (p *Pane) begin(t *page.Turn) {
	p.begun, p.asking = true, true
	at, moment, links := p.at, t.At, t.Links
	t.Ask(p.base+genTree, func(ctx context.Context, c *client.Client) (any, error) {
		m, note, err := find(ctx, c, at)
		if err != nil || note != "" {
			return begunReply{note: note}, err
		}
		until, err := bound(ctx, c, moment)
		if err != nil {
			return nil, err
		}
		if until > 0 && m.GlobalPosition >= until {
			return begunReply{note: fmt.Sprintf("%s#%d was not there yet at the time shown; 0 returns to live", m.Stream, m.Position)}, nil
		}
		s := search.New(search.Query{Links: links, Message: m, Until: until})
		err = s.Up(ctx, c)
		return begunReply{search: s, sight: s.Sight()}, err
	})
}

// bound is the global position from which nothing was there yet at a moment; 0
// for none.
func bound(ctx context.Context, c *client.Client, moment time.Time) (int64, error) {
	if moment.IsZero() {
		return 0, nil
	}
	return c.PositionAt(ctx, moment.Add(time.Second)) // all of the second that is shown
}

// find returns the message that a location names; note says why there is none.
func find(ctx context.Context, c *client.Client, at page.Location) (m store.Message, note string, err error) {
	if at.Message != nil {
		return *at.Message, "", nil
	}
	position := at.Position
	if !at.HasPosition {
		if position, err = c.Version(ctx, at.Stream); err != nil {
			return m, "", err
		}
	}
	if position < 0 {
		return m, "stream " + at.Stream + " has no messages", nil
	}
	m, err = search.Find(ctx, c, story.Place(at.Stream, position))
	if errors.Is(err, store.ErrMessageNotFound) {
		return m, fmt.Sprintf("there is no message %s#%d", at.Stream, position), nil
	}
	return m, "", err
}

// frame goes on with what may go on.
func (p *Pane) frame(t *page.Turn) {
	if p.many != nil {
		p.many.frame(t, p)
		return
	}
	if p.asking && p.search == nil && p.sight.Begun {
		t.Redraw() // its progress
	}
	if p.asking || p.search == nil || p.halted || p.fault != "" || p.sight.Full {
		return
	}
	live := p.sight.End && t.At.IsZero()
	switch {
	case p.sight.End && !live, live && t.Now.Sub(p.looked) < liveEvery:
	case live || p.sight.Looked.Messages < p.reach:
		p.look(t)
	}
}

func (p *Pane) look(t *page.Turn) {
	s := p.search
	p.asking, p.search, p.looked = true, nil, t.Now
	t.Ask(p.base+genTree, func(ctx context.Context, c *client.Client) (any, error) {
		err := s.Down(ctx, c)
		return begunReply{search: s, sight: s.Sight()}, err
	})
}

func (p *Pane) replied(t *page.Turn, msg page.Reply) {
	switch {
	case msg.Gen == p.base+genMessage:
		p.tookMessage(t, msg)
		return
	case msg.Gen == p.base+genMany && p.many != nil:
		p.many.replied(msg)
		return
	case msg.Gen != p.base+genTree:
		return
	}
	p.asking = false
	r, ok := msg.Value.(begunReply)
	if ok && r.search != nil {
		quiet := p.sight.End && r.sight.End && len(r.sight.Nodes) == len(p.sight.Nodes)
		p.search = r.search
		p.show(r.sight)
		if quiet && msg.Err == nil {
			t.Same()
		}
	}
	p.note = r.note
	switch {
	case client.Unreachable(msg.Err):
		// The shell says it, and begins again.
	case client.NotOffered(msg.Err):
		p.fault = "this server cannot look for it: " + msg.Err.Error()
	case msg.Err != nil:
		p.fault = msg.Err.Error()
	}
	if msg.Err == nil && p.search != nil && p.many == nil && !p.sight.End {
		p.frame(t) // what is cheap goes on at once
	}
}

// show takes what was found. The cursor stays on its message, and begins on the
// one that the tree is of.
func (p *Pane) show(v search.Sight) {
	on := int64(0)
	if n := p.node(p.grid.Cursor()); n != nil {
		on = n.Global
	}
	last := p.grid.Cursor() == len(p.sight.Rows) && len(p.sight.Rows) > 0
	p.sight, p.path = v, 0
	for i := range v.Slow {
		p.path += v.Hops[i]
	}
	rows := len(v.Rows)
	if !v.End && !v.Full {
		rows++ // to look further
	}
	p.grid.SetLen(rows, false)
	for i, row := range v.Rows {
		switch {
		case p.placed && !last && v.Nodes[row.Node].Global == on, !p.placed && row.Node == v.Origin:
			p.grid.Follow(i)
			p.placed = true
		}
	}
	if last {
		p.grid.Follow(rows - 1)
	}
	p.grid.Changed()
}

// node is the message of a row; nil for the last row, and where nothing is read.
func (p *Pane) node(row int) *story.Node {
	if row < 0 || row >= len(p.sight.Rows) {
		return nil
	}
	return &p.sight.Nodes[p.sight.Rows[row].Node]
}

// goOn looks further, as far as there is something.
func (p *Pane) goOn(t *page.Turn) {
	p.halted, p.reach, p.fault = false, math.MaxInt64, ""
	if !p.asking && p.search != nil && !p.sight.Full {
		p.look(t)
	}
}

// halt stops a search, and reports whether there was one to stop.
func (p *Pane) halt() bool {
	if p.many != nil {
		return p.many.halt()
	}
	if p.halted || p.sight.End || p.note != "" || !p.asking || p.reach <= cheap {
		return false
	}
	p.halted = true
	p.grid.Changed()
	return true
}

// Within reports that esc closes something inside the tab first.
func (p *Pane) Within() bool {
	looking := p.asking && p.reach > cheap && !p.halted && !p.sight.End
	return p.open != nil || p.many != nil || looking
}

// Message implements [page.Messaged].
func (p *Pane) Message() *store.Message {
	if p.open != nil {
		return p.open.M
	}
	return nil
}
