package engine

import (
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

// noveltiesASecond is how many engine events a namespace makes in a second of
// types and transitions that are new: the rest is only counted.
const noveltiesASecond = 8

// novelties says when a category gets a type, or a transition, that it never had.
// Whoever publishes a group uses it, one at a time.
type novelties struct {
	second int64 // Unix, that told counts in
	told   int
	held   int // not told yet that there were
}

// announce notes what is new in a group that is durable. A transition that the
// first message of a type makes is no news beside the type.
func (n *novelties) announce(ns *namespace, g *group) {
	if len(g.opened)+len(g.steps) == 0 {
		return
	}
	now := time.Now()
	for _, k := range g.opened {
		n.note(ns, now, store.EventType, "%q in category %q, at #%d", k.name, k.of.category, k.first.position)
	}
	for _, s := range g.steps {
		switch {
		case s.from == nil || s.first == s.to.first:
		case s.from == s.to.of.start:
			n.note(ns, now, store.EventFollows, "%q begins a stream in category %q, at #%d", s.to.name, s.to.of.category, s.first.position)
		default:
			n.note(ns, now, store.EventFollows, "%q after %q in category %q, at #%d", s.to.name, s.from.name, s.to.of.category, s.first.position)
		}
	}
}

// note remembers an engine event, unless there were enough in this second.
func (n *novelties) note(ns *namespace, now time.Time, kind, format string, args ...any) {
	if second := now.Unix(); second != n.second {
		if n.held > 0 {
			ns.h.store.note(ns.h.id, store.EventType, fmt.Sprintf("%d more types and transitions were new before, and are not listed", n.held))
		}
		*n = novelties{second: second}
	}
	if n.told == noveltiesASecond {
		n.held++
		return
	}
	n.told++
	ns.h.store.note(ns.h.id, kind, fmt.Sprintf(format, args...))
}
