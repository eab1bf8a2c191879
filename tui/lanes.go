package tui

import (
	"fmt"
	"strconv"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// Bounds of what lanes show, and of what is looked at for them.
const (
	lanesBack  = 20     // causes that are followed back from a message
	lanesStep  = 4_000  // messages that one question looks at
	lanesReach = 20_000 // messages looked at before the user asks for more
	lanesMost  = 300    // messages shown
)

// lanes is a process drawn as its streams side by side: one message a row, in
// the order of the log, with arrows from causes to effects.
//
// What belongs to it is what correlates to its stream, that stream itself, the
// causes of the message that it was opened on, and whatever names one of these
// as its cause. No index leads to effects: they are looked for in the messages
// that come after, as far as was looked.
type lanes struct {
	process string
	opened  *store.Message
	gen     uint64
	asking  bool
	fault   string

	rows    []laneRow
	places  map[int64]int // rows by global position
	streams []string      // the lanes, in the order in which they come up
	first   []int         // of each lane: its first and last row
	last    []int

	from   int64 // global position of the first message that was looked at
	next   int64 // where looking goes on
	looked int64
	reach  int64 // how many may be looked at
	done   bool  // there are no more

	grid  *grid.Grid
	theme page.Theme
	env   page.Env
	width int
	left  int // first lane on the screen
}

// laneRow is one message.
type laneRow struct {
	m     *store.Message
	lane  int
	cause int   // the row of its cause; -1: not among them
	named cause // what it names as its cause
}

// newLanes opens the lanes of a message's process.
func (p *streams) newLanes(t *page.Turn, m *store.Message) *lanes {
	p.gen++
	l := &lanes{process: processOf(m), opened: m, gen: p.gen, reach: lanesReach, places: map[int64]int{}, env: t.Env}
	l.grid = grid.New(grid.Options{Row: l.cells, Empty: "reading…", Columns: []grid.Column{{Min: 20, Flex: 1}}})
	l.begin(t)
	return l
}

// take adds messages, which are newer than those before.
func (l *lanes) take(list []*store.Message) {
	for _, m := range list {
		if _, known := l.places[m.GlobalPosition]; known {
			continue
		}
		row := laneRow{m: m, lane: l.laneOf(m.Stream), cause: -1, named: causeOf(m)}
		if i, here := l.places[row.named.global]; here && row.named.global > 0 {
			row.cause = i
		} else if row.named.stream != "" {
			row.cause = l.find(row.named)
		}
		n := len(l.rows)
		l.places[m.GlobalPosition] = n
		l.rows = append(l.rows, row)
		l.last[row.lane] = n
		if row.cause >= 0 {
			// The lane is alive up to its last effect.
			lane := l.rows[row.cause].lane
			l.last[lane] = max(l.last[lane], n)
		}
	}
	l.grid.SetLen(len(l.rows), !l.done)
	l.grid.SetEmpty("nothing of this process was found")
	l.grid.Changed()
}

// laneOf is a stream's lane, a new one if it has none.
func (l *lanes) laneOf(stream string) int {
	for i, s := range l.streams {
		if s == stream {
			return i
		}
	}
	l.streams = append(l.streams, stream)
	l.first = append(l.first, len(l.rows))
	l.last = append(l.last, len(l.rows))
	return len(l.streams) - 1
}

// find is the row of a cause named by its stream and position, or -1.
func (l *lanes) find(c cause) int {
	for i := range l.rows {
		if m := l.rows[i].m; m.Stream == c.stream && m.Position == c.position {
			return i
		}
	}
	return -1
}

// current is the message under the cursor, nil when there is none.
func (l *lanes) current() *store.Message {
	if i := l.grid.Cursor(); i >= 0 && i < len(l.rows) {
		return l.rows[i].m
	}
	return nil
}

func (l *lanes) messages() []*store.Message {
	out := make([]*store.Message, len(l.rows))
	for i, r := range l.rows {
		out[i] = r.m
	}
	return out
}

// full reports whether no more are shown, however many there are.
func (l *lanes) full() bool { return len(l.rows) >= lanesMost }

// count says how much there is, and that there may be more.
func (l *lanes) count() string {
	s := text.Count(int64(len(l.rows))) + " messages in " + text.Count(int64(len(l.streams))) + " streams"
	if !l.done {
		s = "at least " + s
	}
	return s
}

// chips tell what was looked at for it.
func (l *lanes) chips() []string {
	var out []string
	if l.fault != "" {
		return []string{l.fault}
	}
	looked := "looked at " + text.Count(l.looked) + " from " + strconv.FormatInt(l.from, 10) + " on"
	switch {
	case l.full():
		looked = "the first " + text.Count(int64(len(l.rows))) + " of it"
	case l.asking:
		looked += l.env.Theme.Sym.Ellipsis
	case !l.done:
		looked += ", + looks further"
	}
	if _, shown := l.lane(); shown < len(l.streams) {
		out = append(out, fmt.Sprintf("lanes %d to %d of %d", l.left+1, l.left+shown, len(l.streams)))
	}
	return append(out, looked)
}

func (l *lanes) bindings() []page.Binding {
	return append([]page.Binding{
		page.Bind(page.ActOut, "back to the messages", "out"), page.Bind(page.ActOpen, "open the message", "open"),
		page.Bind(page.ActMore, "look further for effects", "further"),
		page.Bind(page.ActLeft, "to the lanes on the left", ""), page.Bind(page.ActRight, "to the lanes on the right", "lanes"),
		page.Bind(page.ActLanes, "the lanes of this message's process", ""), page.Bind(page.ActGoStream, "", ""), page.Bind(page.ActGoCategory, "", ""),
		page.Bind(page.ActGoProcess, "", ""), page.Bind(page.ActCompare, "", "compare"), page.Bind(page.ActExport, "export these messages", "export"),
		page.Bind(page.ActCopyValue, "copy the data", ""), page.Bind(page.ActCopyID, "", ""), page.Bind(page.ActCopyStream, "", ""), page.Bind(page.ActCopyCurl, "", ""),
		page.Bind(page.ActCopyView, "", ""),
	}, page.Movement()...)
}

// actInLanes does what can be done while lanes are open.
func (p *streams) actInLanes(t *page.Turn, a page.Action) {
	l := p.lanes
	switch a {
	case page.ActOut:
		p.out(t)
	case page.ActOpen:
		if m := l.current(); m != nil {
			p.open = kit.NewMessage(m)
		}
	case page.ActMore:
		if !l.done && !l.full() {
			l.reach += lanesReach
			l.read(t)
		}
	case page.ActLeft, page.ActRight:
		step := 1
		if a == page.ActLeft {
			step = -1
		}
		l.left = max(min(l.left+step, len(l.streams)-1), 0)
		l.grid.Changed()
	case page.ActExport, page.ActCompare, page.ActGoStream, page.ActGoCategory, page.ActGoProcess, page.ActLanes,
		page.ActCopyValue, page.ActCopyID, page.ActCopyStream, page.ActCopyCurl, page.ActCopyView:
		p.common(t, a)
	default:
		kit.MoveGrid(l.grid, a)
	}
}
