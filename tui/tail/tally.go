package tail

import "github.com/evtui/evtui/internal/text"

// tally is how far the tail has accounted for messages: what matched, what the
// filter hid, and what came while the display was held.
type tally struct {
	place   tailPlace
	begun   bool // place is known
	paused  bool
	held    fold // came while paused
	heldAt  tailPlace
	matched int64 // known to match
	hidden  int64 // looked at and left out by the filter
}

// take counts what came, and reports whether it is to be shown: while paused, only
// what the list begins with is, for without that there is nothing to hold.
func (y *tally) take(v tailPulled) bool {
	first, before := !y.begun || v.anew, y.place
	if v.anew {
		y.held, y.matched, y.hidden = fold{}, 0, 0
	}
	came := v.before.join(foldOf(v.rows)).join(fold{from: v.trail, to: v.place.last, count: v.hidden, left: v.hidden})
	y.matched += came.known
	y.hidden += came.left
	y.place, y.begun = v.place, true
	if !y.paused || first {
		return true
	}
	if y.held.empty() {
		y.heldAt = before
	}
	y.held = y.held.join(came)
	return false
}

// learn counts what was found in a fold.
func (y *tally) learn(v tailLoaded) {
	y.matched += v.matched
	y.hidden += v.leftOut
}

// pause holds the display, or lets it go on: then it returns what came in between.
// If that is little enough to be read as if it had just come, it is not counted
// any more.
func (y *tally) pause() (held fold, again bool) {
	y.paused = !y.paused
	held, y.held = y.held, fold{}
	again = !held.empty() && (held.count <= tailAbove || held.unread() > 0 && held.count <= tailFilter)
	if again {
		y.place = y.heldAt
		y.matched -= held.known
		y.hidden -= held.left
	}
	return held, again
}

// status is exact: what came is shown, hidden by the filter, or folded.
func (y *tally) status(b *tailBuffer, sifted bool) string {
	if !y.begun {
		return "matched ?"
	}
	folded, unread := b.folded+y.held.folded(), b.unread+y.held.unread()
	s := "matched "
	if unread > 0 {
		s += "at least "
	}
	s += text.Count(y.matched) + " · shown " + text.Count(b.shown)
	if y.hidden > 0 || sifted {
		s += " · hidden " + text.Count(y.hidden)
	}
	s += " · folded " + text.Count(folded)
	if unread > 0 {
		s += " unread"
	}
	return s
}
