package tui

import (
	"context"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
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
