package state

import (
	"context"
	"errors"
	"fmt"
	"math/bits"

	"github.com/evtui/evtui/store"
)

// Search looks for the first version of a stream at which a condition holds: .
// is the state after that message, $event the message.
type Search struct {
	// Steps is how many states the condition was asked of.
	Steps int64
	// Read is how many messages were read for it.
	Read int64
	// Found is the message at which it holds first; nil: none so far.
	Found *store.Message
	// Fault is why no later message could be asked; nil: nothing failed.
	Fault *Fault

	history   *History
	condition *Process // the reducer with the condition
	last      int64
	stays     bool

	begun   bool
	low     int64 // at bisection: it does not hold before low
	high    int64 // and does at high; beyond the last: not known yet
	current mark  // in one pass: where it is
}

// NewSearch looks through the versions up to last. condition is a [Process] of
// the history's own reducer and the condition; the caller closes it. With stays the
// condition is taken to hold for good once it does, and found by bisection.
func NewSearch(h *History, condition *Process, last int64, stays bool) *Search {
	return &Search{history: h, condition: condition, last: last, stays: stays, high: last + 1, current: mark{state: Initial()}}
}

// Expected is how many states are asked at most.
func (s *Search) Expected() int64 {
	if s.stays {
		return Bisections(s.last)
	}
	return s.last + 1
}

// Bisections is how many states a bisection asks of versions up to last, at most.
func Bisections(last int64) int64 { return int64(bits.Len64(uint64(last+1))) + 1 }

// Go goes on for a budget, and reports whether the search is over.
func (s *Search) Go(ctx context.Context, b Budget) (over bool, err error) {
	if s.last < 0 {
		return true, nil
	}
	if s.stays {
		return s.bisect(ctx, b)
	}
	return s.pass(ctx, b)
}

// pass asks one version after the other.
func (s *Search) pass(ctx context.Context, b Budget) (over bool, err error) {
	limit := min(int64(b.Messages), s.last+1-s.current.next)
	w := passing{Search: s}
	for m, err := range s.history.source(ctx, s.current.next, int(limit)) {
		if err != nil {
			return false, err
		}
		if m.Position > s.last {
			return true, w.flush(ctx)
		}
		if w.took++; w.add(m) {
			if err := w.flush(ctx); err != nil || s.Found != nil || s.Fault != nil {
				return true, err
			}
		}
	}
	err = w.flush(ctx)
	return err != nil || s.Found != nil || s.Fault != nil || s.current.next > s.last || w.took < limit, err
}

// passing gathers messages for the condition.
type passing struct {
	*Search
	batch []store.Message
	bytes int
	took  int64
}

func (w *passing) add(m store.Message) (full bool) {
	w.Read++
	w.batch = append(w.batch, m.Clone())
	w.bytes += len(m.Data) + len(m.Metadata)
	return len(w.batch) >= largeBatch || w.bytes >= batchBytes
}

func (w *passing) flush(ctx context.Context) error {
	if len(w.batch) == 0 {
		return nil
	}
	folded, err := w.condition.Fold(ctx, w.current.state, w.batch)
	if fault, ok := errors.AsType[*Fault](err); ok {
		w.Fault, err = fault, nil
	}
	if err != nil {
		return err
	}
	w.Steps += int64(folded.Applied)
	if folded.Held >= 0 {
		w.Found = &w.batch[folded.Held]
	}
	if folded.Applied > 0 {
		w.current = mark{next: w.batch[folded.Applied-1].Position + 1, state: folded.State}
	}
	w.batch, w.bytes = nil, 0
	return nil
}

// bisect asks in the middle of what is left.
func (s *Search) bisect(ctx context.Context, b Budget) (over bool, err error) {
	for s.low < s.high {
		at := s.low + (s.high-s.low)/2
		if !s.begun {
			at = s.last // where it does not hold at the end, it never did
		}
		before := s.history.Read()
		m, err := s.history.At(ctx, at, b)
		s.Read += s.history.Read() - before
		switch {
		case err != nil:
			return false, err
		case m.Fault != nil:
			// What comes after it has no state; what comes before may.
			s.Fault, s.last, s.high, s.begun = m.Fault, m.Fault.Position-1, m.Fault.Position, false
			continue
		case !m.Done:
			return false, nil
		case m.Message == nil || m.Message.Position < s.low:
			s.low = at + 1 // positions are missing
			continue
		}
		if err := s.ask(ctx, at, m); err != nil {
			return false, err
		}
	}
	if s.Found != nil {
		s.Fault = nil
	}
	return true, nil
}

// ask asks at one version, and narrows what is left.
func (s *Search) ask(ctx context.Context, at int64, m Moment) error {
	folded, err := s.condition.Fold(ctx, m.Before, []store.Message{*m.Message})
	if err != nil {
		return fmt.Errorf("ask at #%d: %w", m.Message.Position, err)
	}
	s.Steps++
	if folded.Held < 0 {
		s.low, s.begun = at+1, true
		return nil
	}
	s.Found, s.high, s.begun = m.Message, m.Message.Position, true
	return nil
}
