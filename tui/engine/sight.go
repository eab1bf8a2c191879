package engine

import (
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// sight is what all parts of the page look at: what is known of the engine, the
// namespace that is shown, and when and how it is.
type sight struct {
	feed    kit.EngineFeed
	key     string        // the namespace under the cursor, kept over refreshes
	notices []wire.Notice // of the header's second
	at      time.Time     // the time cursor; zero: live
	now     time.Time     // of the last frame
	unit    string        // of the rate of writing
	down    string        // of the last drawing: why nothing is read; "": it is
	theme   page.Theme
}

// chosen returns the figures of the namespace that is shown, nil when there
// are none.
func (s *sight) chosen() *store.NamespaceFigures { return s.of(s.key) }

// of returns the figures of a namespace, nil where it is not open.
func (s *sight) of(id string) *store.NamespaceFigures {
	if f := s.feed.Figures; f != nil {
		for i := range f.Namespaces {
			if f.Namespaces[i].ID == id {
				return &f.Namespaces[i]
			}
		}
	}
	return nil
}

// later reports whether an event was after the time cursor.
func (s *sight) later(e *store.EngineEvent) bool {
	return !s.at.IsZero() && !e.Time.Before(s.at.Truncate(time.Second).Add(time.Second))
}

// pending stands where nothing was read yet.
func (s *sight) pending(doing string) string {
	env := page.Env{Theme: s.theme, Live: page.Live{Lost: s.down}}
	return env.Pending(doing)
}

// state is a namespace's condition in a word.
func (s *sight) state(n *store.NamespaceFigures) (string, text.Pen) {
	t := s.theme
	switch {
	case n.Poisoned:
		return t.Sym.Cross + " WAL failed", t.Bad
	case s.feed.Stalled(n.ID):
		return "! stalled", t.Bad
	case s.noticed(n.ID) != "":
		return "! " + s.noticed(n.ID), t.Warn
	case pressure(n) >= wire.NearStop:
		return "near stop", t.Warn
	case n.Compacting > 0:
		return "compacting", t.Accent
	}
	return "healthy", t.Good
}

// noticed is in a word what should be known of a namespace's copy, "" for nothing.
func (s *sight) noticed(id string) string {
	for _, n := range s.notices {
		if n.Namespace == id {
			return text.Sanitize(n.State)
		}
	}
	return ""
}
