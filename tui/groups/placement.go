package groups

import (
	"cmp"
	"context"
	"slices"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// worked names the numbers that a calculation began with.
type worked struct {
	category     string
	streams      int
	messages     int64
	done         bool
	plain        bool // the distribution as well: the server does not tell it
	before, size int
}

// answers reports whether a calculation is of the category and sizes of
// another, be it of fewer streams.
func (w worked) answers(other worked) bool {
	return w.category == other.category && w.before == other.before && w.size == other.size
}

// nextSize is what a member more or less would move.
type nextSize struct {
	assigned   int // streams that belong to a member
	more, less int
}

// sums is what a calculation over the streams of a category brings.
type sums struct {
	of     worked
	next   nextSize
	moving moving
	dist   wire.Distribution // only with of.plain
}

// sums does the arithmetic. With all streams that are looked at it takes longer
// than a frame may: it belongs into a command.
func (p *placement) sums(of worked) sums {
	s := sums{of: of, next: nextSize{
		assigned: p.assigned(), more: p.moved(of.size, of.size+1), less: p.moved(of.size, max(of.size-1, 1)),
	}}
	if of.before > 0 && of.before != of.size {
		s.moving = p.moving(of.before, of.size)
	}
	if of.plain {
		s.dist = p.distribution(of.size)
	}
	return s
}

// workOut has the sums of the streams read made, one calculation at a time,
// unless they are there. What was worked out for other sizes is not shown.
func (p *groups) workOut(t *page.Turn) {
	of := worked{p.place.category, len(p.place.streams), p.place.messages, p.scan.done, p.plain, p.before, p.size}
	if !p.worked.answers(of) {
		p.next, p.moving, p.worked = nextSize{}, moving{}, worked{}
	}
	if of == p.worked || p.asks.sums != 0 || of.streams == 0 {
		return
	}
	place := p.place // its streams are only ever added to, beyond what this sees
	p.asks.sums = p.ask(t, func(context.Context, *client.Client) (any, error) { return place.sums(of), nil })
}

// summed takes the sums, if they are of what is shown now.
func (p *groups) summed(s sums) {
	now := worked{category: p.place.category, before: p.before, size: p.size}
	if !s.of.answers(now) {
		return
	}
	p.worked, p.next, p.moving = s.of, s.next, s.moving
	if s.of.plain {
		p.dist = &s.dist
	}
}

// How many streams of a category are looked at, and how many at once.
const (
	placedMost = 20_000
	placedPage = 1000
)

// placed is a stream with what decides who owns it.
type placed struct {
	name     string
	hash     int64
	assigned bool // it has a cardinal id
	messages int64
}

// placement is the streams of one category, read page by page, so that who
// owns what under any group size is a matter of arithmetic.
type placement struct {
	category string
	streams  []placed
	messages int64 // of all of them, when they were read
	done     bool  // all streams were read
	full     bool  // reading stopped at placedMost
}

// placedOf works out what decides who owns streams: a hash of each one's name, so
// that it belongs into a command.
func placedOf(page []store.Stream) []placed {
	out := make([]placed, len(page))
	for i, s := range page {
		out[i] = placed{name: s.Name, messages: s.Version + 1}
		if id := store.CardinalID(s.Name); id != "" {
			out[i].hash, out[i].assigned = store.Hash(id), true
		}
	}
	return out
}

// add takes the next page of streams by name.
func (p *placement) add(page []placed) {
	p.streams = append(p.streams, page...)
	for i := range page {
		p.messages += page[i].messages
	}
	p.done = len(page) < placedPage
	p.full = !p.done && len(p.streams) >= placedMost
}

// cursor is where the next page begins: the last name read.
func (p *placement) cursor() string {
	if len(p.streams) == 0 {
		return ""
	}
	return p.streams[len(p.streams)-1].name
}

// reading reports whether there is more to read.
func (p *placement) reading() bool { return !p.done && !p.full }

// move is a stream that changes hands.
type move struct {
	stream   string
	from, to int
	messages int64
}

// moving is what a change of the group's size does to the streams read.
type moving struct {
	from, to int // sizes; 0: no change
	moves    []move
	messages int64
}

// moving works out which streams change hands: those with most messages first,
// by name while there are more to read.
func (p *placement) moving(from, to int) moving {
	m := moving{from: from, to: to}
	for i := range p.streams {
		s := &p.streams[i]
		if !s.assigned {
			continue
		}
		if a, b := store.MemberOf(s.hash, from), store.MemberOf(s.hash, to); a != b {
			m.moves = append(m.moves, move{s.name, a, b, s.messages})
			m.messages += s.messages
		}
	}
	if p.reading() {
		return m
	}
	slices.SortFunc(m.moves, func(a, b move) int {
		if a.messages != b.messages {
			return cmp.Compare(b.messages, a.messages)
		}
		return cmp.Compare(a.stream, b.stream)
	})
	return m
}

// assigned counts the streams that belong to a member.
func (p *placement) assigned() (n int) {
	for i := range p.streams {
		if p.streams[i].assigned {
			n++
		}
	}
	return n
}

// moved counts the streams that change hands.
func (p *placement) moved(from, to int) (n int) {
	for i := range p.streams {
		if s := &p.streams[i]; s.assigned && store.MemberOf(s.hash, from) != store.MemberOf(s.hash, to) {
			n++
		}
	}
	return n
}

// distribution is what the server's category.distribution answers, worked out
// from the streams read, for servers that do not offer it.
func (p *placement) distribution(size int) wire.Distribution {
	d := wire.Distribution{
		Category: p.category, Size: size, Members: make([]wire.Member, size),
		Scanned: int64(len(p.streams)), Complete: p.done, Unassigned: wire.Member{Member: -1},
	}
	for i := range d.Members {
		d.Members[i].Member = i
	}
	for i := range p.streams {
		s := &p.streams[i]
		m := &d.Unassigned
		if s.assigned {
			m = &d.Members[store.MemberOf(s.hash, size)]
		}
		m.Streams++
		m.Messages += s.messages
		m.Hottest = hotter(m.Hottest, wire.StreamCount{Stream: s.name, Messages: s.messages})
	}
	return d
}

// hotter puts a stream among the hottest, if it is one of them.
func hotter(hottest []wire.StreamCount, s wire.StreamCount) []wire.StreamCount {
	at := len(hottest)
	for at > 0 && s.Messages > hottest[at-1].Messages {
		at--
	}
	if at == hottestShown {
		return hottest
	}
	return slices.Insert(hottest[:min(len(hottest), hottestShown-1)], at, s)
}

// shares sums a distribution up.
type shares struct {
	streams, messages int64 // that belong to a member
	largest           int   // the member with most messages
	mean              float64
	skew              float64 // largest over mean; 0 when there is nothing
}

func sharesOf(d *wire.Distribution) shares {
	var s shares
	for i, m := range d.Members {
		s.streams += m.Streams
		s.messages += m.Messages
		if m.Messages > d.Members[s.largest].Messages {
			s.largest = i
		}
	}
	if len(d.Members) > 0 && s.messages > 0 {
		s.mean = float64(s.messages) / float64(len(d.Members))
		s.skew = float64(d.Members[s.largest].Messages) / s.mean
	}
	return s
}
