package kinds

import (
	"context"
	"time"

	"github.com/evtui/evtui/internal/story/fields"
	"github.com/evtui/evtui/internal/story/fields/look"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// sheet is a list, of types or of the fields of one, and the look at messages that it
// is learned by, which goes on turn by turn.
type sheet struct {
	list  *kit.Table
	find  string // its rows hold this text
	fault string

	look    *look.Look // nil: none was begun, or a turn is under way
	reading uint64     // generation of that; 0: none
	turned  time.Time  // when it was asked for
	allowed look.Allowance
	stopped bool          // by the user
	read    look.Progress // what the look came to so far
}

// lookReply is a look after a turn, and what it came to.
type lookReply struct {
	look    *look.Look
	shown   look.Progress
	counts  store.TypeCounts
	fields  []fields.Field
	changes []fields.Change
	more    int  // changes that are not listed
	same    bool // nothing was read that the fields before do not have
	merged  bool
}

// newEvery is how often what is new is taken in where what is older is read, or not wanted.
const newEvery = time.Second

func (s *sheet) base() *sheet { return s }

// older reports whether older messages are to be read.
func (s *sheet) older() bool { return !s.stopped && !s.read.Whole && !s.allowed.Spent(s.read) }

// allowMore allows ten times as much to be read, where all that was allowed is.
func (s *sheet) allowMore() {
	if s.allowed.Spent(s.read) {
		s.allowed = s.allowed.More()
	}
	s.stopped, s.fault = false, ""
}

// due reports whether it is time for a turn: always while older messages are read, once
// in a while for what is new.
func (s *sheet) due(t *page.Turn) bool {
	return s.reading == 0 && s.fault == "" && (s.older() || t.Now.Sub(s.turned) >= newEvery)
}

// turn has the messages read on; take adds to the answer what was learned.
func (s *sheet) turn(t *page.Turn, gen *uint64, take func(l *look.Look, r *lookReply)) {
	*gen++
	s.reading, s.turned = *gen, t.Now
	l, allowed := s.look, s.allowed
	if s.stopped {
		allowed = look.Allowance{}
	}
	s.look = nil // the turn has it
	t.Ask(*gen, func(ctx context.Context, c *client.Client) (any, error) {
		err := l.Turn(ctx, c, allowed)
		r := lookReply{look: l, shown: l.Progress()}
		take(l, &r)
		return r, err
	})
}

// answered takes what a turn came to; ok is false where that is nothing. cannot says what a
// server lacks that refuses.
func (s *sheet) answered(msg page.Reply, cannot string) (r lookReply, ok bool) {
	s.reading = 0
	if r, ok = msg.Value.(lookReply); !ok {
		return r, false
	}
	s.look = r.look
	switch {
	case client.Unreachable(msg.Err):
		return r, false
	case client.NotOffered(msg.Err):
		s.fault = cannot
	case msg.Err != nil:
		s.fault = msg.Err.Error()
	}
	return r, true
}

// progress says how far the look is, what goes on or can, and what it cost.
func (s *sheet) progress(t *page.Theme, busy bool) string {
	l, said := &s.read, "read "+text.Count(s.read.Read)
	switch {
	case l.Whole:
		said = "read all " + text.Count(l.Read)
	case l.Total >= 0:
		said += " of " + text.About(max(l.Total, l.Read), l.About)
	}
	switch {
	case l.Whole:
	case busy:
		said += t.Sym.Ellipsis + " esc stops"
	default:
		said += ", + reads on"
	}
	if l.Cost.Messages > l.Read {
		said += "; looked at " + text.Count(l.Cost.Messages)
	}
	said += "; " + text.Bytes(float64(l.Cost.Bytes)) + ", " + kit.ShortDuration(l.Cost.Time)
	switch {
	case l.Whole:
	case l.Forward:
		said += ", oldest first"
	default:
		said += ", newest first"
	}
	return said
}
