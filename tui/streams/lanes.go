package streams

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/internal/story/causes/search"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// Bounds of what lanes show, and of what is looked at for them.
const (
	lanesBack  = 20     // causes that are followed back from a message
	lanesStep  = 4_000  // messages that one question looks at
	lanesPage  = 1_000  // of them read at once, at most
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
	came    *spot // the tab that led here; nil: none did
	gen     uint64
	asking  bool
	fault   string

	rows    []laneRow
	places  map[int64]int      // rows by global position
	byRef   map[causes.Ref]int // and by what others name them by
	streams []string           // the lanes, in the order in which they come up
	first   []int              // of each lane: its first and last row
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
	left  int   // first of the busy lanes that is on the screen
	busy  []int // lanes in which something happens in the rows on the screen
	shown []int // those that are on the screen
	lane  int   // cells of one
	at    int   // the cursor's row when left was chosen
}

type laneRow struct {
	m     *store.Message
	lane  int
	cause int        // the row of its cause; -1: not among them
	named causes.Ref // what it names as its cause; zero: nothing
}

func newLanes(t *page.Turn, gen uint64, m *store.Message) *lanes {
	l := &lanes{process: causes.ProcessOf(m), opened: m, gen: gen, reach: lanesReach, at: -1, places: map[int64]int{}, byRef: map[causes.Ref]int{}, env: t.Env}
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
		row := laneRow{m: m, lane: l.laneOf(m.Stream), cause: -1}
		for i, ref := range l.env.Links.Of(m).Causes {
			if i == 0 {
				row.named = ref
			}
			if at, here := l.byRef[ref]; here && row.cause < 0 {
				row.cause = at
			}
		}
		n := len(l.rows)
		l.places[m.GlobalPosition] = n
		for _, key := range l.env.Links.Keys(m) {
			l.byRef[key] = n
		}
		l.rows = append(l.rows, row)
		l.last[row.lane] = n
		if row.cause >= 0 {
			// The lane is alive up to its last effect.
			lane := l.rows[row.cause].lane
			l.last[lane] = max(l.last[lane], n)
		}
	}
	l.grid.SetLen(len(l.rows), !l.done)
	if l.grid.SetEmpty("no messages of this process found"); !l.done {
		l.grid.SetUnread("reading…")
	}
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
	looked := "searched " + text.Count(l.looked) + " from " + strconv.FormatInt(l.from, 10) + " on"
	switch {
	case l.full():
		looked = "the first " + text.Count(int64(len(l.rows))) + " of it"
	case l.asking:
		looked += l.env.Theme.Sym.Ellipsis
	case !l.done:
		looked += ", + searches further"
	}
	if len(l.shown) < len(l.busy) {
		out = append(out, fmt.Sprintf("lanes %d to %d of %d", l.left+1, l.left+len(l.shown), len(l.busy)))
	}
	if folded := len(l.streams) - len(l.busy); folded > 0 {
		out = append(out, fmt.Sprintf("%d empty lanes folded", folded))
	}
	return append(out, looked)
}

func (l *lanes) bindings() []page.Binding {
	return append([]page.Binding{
		page.Bind(page.ActOut, "back to the messages", "out"), page.Bind(page.ActOpen, "open the message", "open"),
		page.Bind(page.ActMore, "search further for effects", "further"),
		page.Bind(page.ActLeft, "to the lanes on the left", ""), page.Bind(page.ActRight, "to the lanes on the right", "lanes"),
		page.Bind(page.ActLanes, "the lanes of this message's process", ""), page.Bind(page.ActGoStream, "", ""), page.Bind(page.ActGoCategory, "", ""),
		page.Bind(page.ActGoProcess, "", ""), page.Bind(page.ActGoCauses, "the same as a tree of causes", "tree"), page.Bind(page.ActCompare, "", "compare"), page.Bind(page.ActExport, "export these messages", "export"),
		page.Bind(page.ActCopyValue, "copy the data", ""), page.Bind(page.ActCopyID, "", ""), page.Bind(page.ActCopyStream, "", ""), page.Bind(page.ActCopyCurl, "", ""),
		page.Bind(page.ActCopyView, "", ""),
	}, page.Movement()...)
}

// act does what the lanes alone can.
func (l *lanes) act(t *page.Turn, a page.Action) {
	switch a {
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
		l.left = max(min(l.left+step, len(l.busy)-1), 0)
		l.grid.Changed()
	default:
		kit.MoveGrid(l.grid, a)
	}
}

// lanesBegun answers the first question: where to begin, and the causes.
type lanesBegun struct {
	from   int64
	causes []*store.Message
}

// lanesRead answers the others.
type lanesRead struct {
	found  []*store.Message
	looked int64
	next   int64
	last   bool
}

// begin asks for the causes of the message, back to the first.
func (l *lanes) begin(t *page.Turn) {
	l.asking = true
	m, process, links := l.opened, l.process, t.Links
	t.Ask(l.gen, func(ctx context.Context, c *client.Client) (any, error) {
		r := lanesBegun{from: m.GlobalPosition}
		for at := m; len(r.causes) < lanesBack; {
			named := links.Of(at).Causes
			if len(named) == 0 {
				break
			}
			found, ok, err := search.LookUp(ctx, c, named[0])
			if err != nil && !client.NotOffered(err) {
				return nil, err
			}
			if !ok || found.GlobalPosition >= at.GlobalPosition {
				break // the cause is gone, or comes after its effect
			}
			at = &found
			r.causes = append(r.causes, at)
			r.from = at.GlobalPosition
		}
		own, err := c.ReadStream(ctx, client.StreamQuery{Stream: process, Limit: 1})
		// The beginning of a stream that lives long has nothing to do with it.
		if err == nil && len(own) == 1 && r.from-own[0].GlobalPosition <= lanesReach/2 {
			r.from = min(r.from, own[0].GlobalPosition)
		}
		return r, err
	})
}

func (l *lanes) read(t *page.Turn) {
	if l.asking || l.done || l.full() || l.looked >= l.reach {
		return
	}
	l.asking = true
	s := laneScan{process: l.process, links: t.Links, places: maps.Clone(l.places), refs: maps.Clone(l.byRef), next: l.next, room: lanesMost - len(l.rows)}
	t.Ask(l.gen, func(ctx context.Context, c *client.Client) (any, error) { return s.run(ctx, c) })
}

// laneScan goes through the log for what belongs to a process.
type laneScan struct {
	process string
	links   causes.Links
	places  map[int64]int      // what belongs to it, by global position
	refs    map[causes.Ref]int // the same, by what others name it by
	next    int64
	room    int // for that many more
}

func (s laneScan) run(ctx context.Context, c *client.Client) (any, error) {
	r := lanesRead{next: s.next}
	var size client.PageSize
	for r.looked < lanesStep && !r.last && s.room > len(r.found) {
		limit := size.Next(lanesPage)
		list, err := c.ReadCategory(ctx, client.CategoryQuery{GlobalPosition: r.next, Limit: limit, MaxBytes: client.PageBytes})
		more, err := size.Took(limit, list, err)
		if err != nil {
			return nil, err
		}
		r.last = !more
		for i := range list {
			m := &list[i]
			r.looked++
			r.next = m.GlobalPosition + 1
			if !s.belongs(m) {
				continue
			}
			kept := m.Clone() // one of a thousand: it must not keep them all
			r.found = append(r.found, &kept)
			s.places[m.GlobalPosition] = -1
			for _, key := range s.links.Keys(&kept) {
				s.refs[key] = -1
			}
			if len(r.found) >= s.room {
				break
			}
		}
	}
	return r, nil
}

func (s laneScan) belongs(m *store.Message) bool {
	if _, known := s.places[m.GlobalPosition]; known || m.Stream == s.process {
		return true
	}
	named := s.links.Of(m)
	for _, shared := range named.Shared {
		if shared.Name == causes.Correlation && shared.Value == s.process {
			return true
		}
	}
	return slices.ContainsFunc(named.Causes, func(ref causes.Ref) bool {
		_, here := s.refs[ref]
		return here
	})
}

// replied takes an answer, and reports whether it was for the lanes.
func (l *lanes) replied(t *page.Turn, msg page.Reply) bool {
	if msg.Gen != l.gen {
		return false
	}
	l.asking = false
	switch v := msg.Value.(type) {
	case lanesBegun:
		l.from, l.next = v.from, v.from
		for i := len(v.causes) - 1; i >= 0; i-- {
			l.places[v.causes[i].GlobalPosition] = -1
		}
		l.places[l.opened.GlobalPosition] = -1
		l.read(t)
	case lanesRead:
		l.looked += v.looked
		l.next, l.done = v.next, v.last
		fresh := len(l.rows)
		for _, m := range v.found {
			if i, known := l.places[m.GlobalPosition]; known && i < 0 {
				delete(l.places, m.GlobalPosition) // expected, and here it is
			}
		}
		l.take(v.found)
		if i, here := l.places[l.opened.GlobalPosition]; here && i >= fresh {
			l.grid.SetCursor(i)
		}
		l.read(t)
	}
	if msg.Err != nil && !client.Unreachable(msg.Err) {
		l.fault = msg.Err.Error()
	}
	return true
}
