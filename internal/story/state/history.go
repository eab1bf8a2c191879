package state

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"sort"
	"time"

	"github.com/evtui/evtui/store"
)

// How many states are kept of a stream, and how many messages go to a reducer at
// once.
const (
	markEvery  = 64       // versions between two that are kept, at first
	marksBytes = 32 << 20 // that all of them may have
	batchMost  = 64       // messages
	batchBytes = 2 << 20  // of their data
	largeState = 64 << 10 // from here on a state costs more than messages:
	largeBatch = 512      // then so many of them
)

// Source reads a stream's messages from a position on, in order, limit at most.
// Positions may be missing.
type Source func(ctx context.Context, from int64, limit int) Messages

// Messages are messages in their order, or an error, which ends them. They are
// borrowed.
type Messages = iter.Seq2[store.Message, error]

// mark is the state before a position.
type mark struct {
	next  int64
	state json.RawMessage
}

// Moment is a stream at one of its messages.
type Moment struct {
	Message *store.Message  // the last one that there was; nil: none
	Before  json.RawMessage // the state before it; State while it is not Done
	State   json.RawMessage // after it; where a reducer failed, as it was before that
	Fault   *Fault          // why it is no later; nil: nothing failed
	Done    bool            // it is what was asked for, and not on the way there
	Next    int64           // where reading goes on, while it is not Done
}

// Budget bounds a call: it ends after so many messages, and soon after its time is
// up.
type Budget struct {
	Messages int
	Time     time.Duration
}

// History is what states a stream had. What it keeps is bounded in bytes: where
// there is more, states are kept further apart, and a step costs more.
type History struct {
	source  Source
	reducer Reducer

	every  int64
	marks  []mark // by their positions; the first is the beginning
	bytes  int    // of the marks' states
	recent mark   // where the last call ended
	fault  *Fault
	failed mark // the state before the fault
	read   int64
}

// NewHistory is the history of the stream that source reads.
func NewHistory(source Source, reducer Reducer) *History {
	first := mark{state: Initial()}
	return &History{source: source, reducer: reducer, every: markEvery, marks: []mark{first}, recent: first}
}

// Read is how many messages were read for it so far, some of them more than once.
func (h *History) Read() int64 { return h.read }

// Cost is how many messages must be read for the state at a position.
func (h *History) Cost(position int64) int64 {
	if h.fault != nil && position >= h.fault.Position {
		return 1
	}
	from := h.near(position)
	return position + 1 - from.next
}

// near is the last state that is known from before a position's message.
func (h *History) near(position int64) mark {
	i := sort.Search(len(h.marks), func(i int) bool { return h.marks[i].next > position })
	at := h.marks[max(i-1, 0)]
	if h.recent.next > at.next && h.recent.next <= position {
		return h.recent
	}
	return at
}

// At returns the stream at a position, or at the last message before it. Where that
// is beyond the budget, what it returns is not Done, and another call goes on from
// there. Errors are the source's and the reducer's; a message that was not taken is
// none, but the Moment's Fault.
func (h *History) At(ctx context.Context, position int64, b Budget) (Moment, error) {
	if h.fault != nil && position >= h.fault.Position {
		return h.atFault(ctx)
	}
	at := h.near(position)
	w := walk{h: h, state: at.state, before: at.state, next: at.next, begun: time.Now(), budget: b}
	limit := min(int64(b.Messages), position+1-at.next)
	w.ended = limit == position+1-at.next
	for m, err := range h.source(ctx, at.next, int(limit)) {
		if err != nil {
			return Moment{}, err
		}
		if m.Position > position {
			w.ended = true
			break
		}
		if more, err := w.take(ctx, m); err != nil {
			return Moment{}, err
		} else if !more {
			w.ended = false
			break
		}
	}
	if err := w.flush(ctx, true); err != nil {
		return Moment{}, err
	}
	if w.fault != nil {
		h.fault, h.failed = w.fault, mark{next: w.next, state: w.state}
		return h.atFault(ctx)
	}
	done := w.ended || int64(w.taken) < limit && !w.cut
	if w.last == nil && done && at.next > 0 {
		// No message is at these positions: the last one is just before what is known.
		return h.At(ctx, at.next-1, b)
	}
	h.recent = mark{next: w.next, state: w.state}
	if !done {
		w.before = w.state // it was cut between two messages
	}
	return Moment{Message: w.last, Before: w.before, State: w.state, Done: done, Next: w.next}, nil
}

// atFault is the stream where the reducer failed.
func (h *History) atFault(ctx context.Context) (Moment, error) {
	out := Moment{State: h.failed.state, Before: h.failed.state, Fault: h.fault, Done: true, Next: h.fault.Position}
	for m, err := range h.source(ctx, h.fault.Position, 1) {
		if err != nil {
			return out, err
		}
		kept := m.Clone()
		out.Message = &kept
	}
	return out, nil
}

// walk goes from a state that is known to one that is asked for.
type walk struct {
	h      *History
	budget Budget
	begun  time.Time

	state  json.RawMessage
	before json.RawMessage // the state before the last message
	next   int64
	last   *store.Message
	fault  *Fault

	batch []store.Message
	bytes int
	taken int
	ended bool // what was asked for is reached
	cut   bool // the time was up before
}

// take takes a message of the source, which is borrowed, and reports whether there
// is time for more. What fills up is folded when the next message comes: the last
// one of all is folded by itself, so that the state before it is known.
func (w *walk) take(ctx context.Context, m store.Message) (more bool, err error) {
	if n := len(w.batch); n > 0 {
		most := batchMost
		if len(w.state) > largeState {
			most = largeBatch
		}
		due := w.batch[n-1].Position+1 >= w.h.marks[len(w.h.marks)-1].next+w.h.every
		if due || n >= most || w.bytes >= batchBytes {
			if err := w.flush(ctx, false); err != nil || w.fault != nil {
				return false, err
			}
			if w.cut = w.taken > 0 && time.Since(w.begun) > w.budget.Time; w.cut {
				return false, nil
			}
		}
	}
	kept := m.Clone()
	w.batch = append(w.batch, kept)
	w.bytes += len(kept.Data) + len(kept.Metadata)
	w.taken++
	w.h.read++
	return true, nil
}

// flush folds what was taken.
func (w *walk) flush(ctx context.Context, final bool) error {
	for len(w.batch) > 0 && w.fault == nil {
		n := len(w.batch)
		if final && n > 1 {
			n--
		}
		folded, err := w.h.reducer.Fold(ctx, w.state, w.batch[:n])
		if fault, ok := errors.AsType[*Fault](err); ok {
			w.fault, err = fault, nil
		}
		if err != nil {
			return err
		}
		if folded.Applied > 0 {
			w.last = &w.batch[folded.Applied-1]
			w.next = w.last.Position + 1
		}
		w.before, w.state = w.state, folded.State
		w.batch = w.batch[n:]
	}
	w.batch, w.bytes = nil, 0
	w.h.keep(mark{next: w.next, state: w.state})
	return nil
}

// keep keeps a state where one is due.
func (h *History) keep(m mark) {
	if m.next < h.marks[len(h.marks)-1].next+h.every {
		return
	}
	h.marks = append(h.marks, m)
	for h.bytes += len(m.state); h.bytes > marksBytes && len(h.marks) > 2; {
		h.thin()
	}
}

// thin lets every second state go, apart from the beginning and the newest.
func (h *History) thin() {
	h.every *= 2
	kept, bytes := 0, 0
	for i, m := range h.marks {
		if i%2 == 0 || i == len(h.marks)-1 {
			h.marks[kept] = m
			kept++
			bytes += len(m.state)
		}
	}
	clear(h.marks[kept:])
	h.marks, h.bytes = h.marks[:kept], bytes
}
