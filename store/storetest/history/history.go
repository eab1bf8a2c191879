package history

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/evtui/evtui/store"
)

// Streams is what a history asks of: the part of a store, or of a client of
// one, that streams are written and read with.
type Streams interface {
	Append(ctx context.Context, w store.Write) (store.Appended, error)
	ReadStream(ctx context.Context, q store.StreamQuery) ([]store.Message, error)
	Version(ctx context.Context, stream string) (int64, error)
}

// Of returns the streams of one of a store's namespaces.
func Of(st store.Store, namespace string) Streams { return streamsOf{st, namespace} }

type streamsOf struct {
	st        store.Store
	namespace string
}

func (s streamsOf) Append(ctx context.Context, w store.Write) (store.Appended, error) {
	return s.st.Append(ctx, s.namespace, w)
}

func (s streamsOf) ReadStream(ctx context.Context, q store.StreamQuery) (all []store.Message, err error) {
	for m, err := range s.st.ReadStream(ctx, s.namespace, q) {
		if err != nil {
			return nil, err
		}
		all = append(all, m.Clone())
	}
	return all, nil
}

func (s streamsOf) Version(ctx context.Context, stream string) (int64, error) {
	return s.st.Version(ctx, s.namespace, stream)
}

// History records what many callers asked of a few streams and what they
// heard, also across the end of a server, and looks for an order of all calls
// that explains every answer: appends of one to three events with any expected
// version, appends sent again with the same ids by the same caller or another,
// reads, and versions. Make it with New.
type History struct {
	seed  uint64
	began time.Time

	mu      sync.Mutex // guards what follows
	calls   []porcupine.Operation
	events  int32           // how many were made
	recent  [8]streamOp     // appends that others may send again
	globals map[int32]int64 // by event: the global position that was answered
	stored  map[int32]bool  // first events of appends that were answered
	counts  map[string]int  // answers of each kind
	wrong   error           // the first thing that no order can explain
}

// historyStreams is how many streams the callers share.
const historyStreams = 4

// New returns an empty history. The callers' choices follow from the
// seed; when each comes does not.
func New(seed uint64) *History {
	return &History{seed: seed, began: time.Now(), globals: map[int32]int64{}, stored: map[int32]bool{}, counts: map[string]int{}}
}

// Caller is one who calls, one call after the other, and remembers between two
// runs which append it got no answer to. Make it with History.Caller.
type Caller struct {
	h       *History
	id      int
	random  *rand.Rand
	guess   map[string]int64 // by stream: the version heard of last
	pending *porcupine.Operation
}

// Caller returns the caller with a number.
func (h *History) Caller(n int) *Caller {
	return &Caller{h: h, id: n, random: rand.New(rand.NewPCG(h.seed, uint64(n))), guess: map[string]int64{}}
}

// Run makes calls until there were so many, and returns nil, or until one got
// no answer, and returns its error. What an append without an answer did is not
// known: the next Run sends it again first, with the same ids. Until then what
// was called must have ended, so that nothing of the first is under way.
func (c *Caller) Run(ctx context.Context, s Streams, calls int) error {
	for range calls {
		op := c.next()
		asked := int64(time.Since(c.h.began))
		call := porcupine.Operation{ClientId: c.id, Input: op, Call: asked}
		again := c.pending
		if again != nil {
			call.Call = again.Call // whichever of the two was stored
		}
		answer, err := c.ask(ctx, s, op)
		if err != nil {
			if op.kind == opAppend && again == nil {
				c.pending = &call
			}
			return err
		}
		c.pending = nil
		if again != nil && answer.conflict {
			// The first was never stored, which is as if it had been refused
			// when this one was.
			c.h.record(*again, streamSaid{unknown: true}, int64(time.Since(c.h.began)))
			call.Call = asked
		}
		c.guess[op.stream] = answer.last
		c.h.record(call, answer, int64(time.Since(c.h.began)))
	}
	return nil
}

// next picks what to ask. Most guesses of the version come from what was heard
// last, so that some fit and some do not.
func (c *Caller) next() streamOp {
	if c.pending != nil {
		return c.pending.Input.(streamOp)
	}
	op := streamOp{stream: fmt.Sprintf("history-%d", c.random.IntN(historyStreams)), expected: store.AnyVersion}
	switch c.random.IntN(10) {
	case 0, 1:
		op.kind = opVersion
		return op
	case 2:
		op.kind = opRead
		return op
	case 3:
		if old := c.h.old(c.random.IntN(8)); old.kind == opAppend {
			return old
		}
	}
	op.kind = opAppend
	if c.random.IntN(3) > 0 {
		op.expected = store.NoStream
		if version, known := c.guess[op.stream]; known {
			op.expected = version
		}
	}
	op.first, op.n = c.h.take(int32(c.random.IntN(3) + 1))
	c.h.offer(c.random.IntN(8), op)
	return op
}

func (c *Caller) ask(ctx context.Context, s Streams, op streamOp) (streamSaid, error) {
	switch op.kind {
	case opVersion:
		version, err := s.Version(ctx, op.stream)
		return streamSaid{last: version}, err
	case opRead:
		messages, err := s.ReadStream(ctx, store.StreamQuery{Stream: op.stream, Limit: store.NoLimit})
		if err != nil {
			return streamSaid{}, err
		}
		said := streamSaid{last: int64(len(messages)) - 1}
		for i, m := range messages {
			event := c.h.eventOf(m)
			if m.Position != int64(i) || event == 0 {
				c.h.fault(fmt.Errorf("%s: place %d of a read holds %s at %d", op.stream, i, m.Data, m.Position))
			}
			said.events = binary.BigEndian.AppendUint32(said.events, uint32(event))
			c.h.at(event, m.GlobalPosition)
		}
		return said, nil
	}
	answer, err := s.Append(ctx, store.Write{Stream: op.stream, Events: c.h.eventsOf(op), ExpectedVersion: op.expected})
	var conflict *store.ConflictError
	if errors.As(err, &conflict) {
		return streamSaid{conflict: true, last: conflict.Actual}, nil
	}
	if err != nil {
		return streamSaid{}, err
	}
	for i := range op.n {
		c.h.at(op.first+i, answer.FirstGlobalPosition+int64(i))
	}
	return streamSaid{first: answer.FirstPosition, last: answer.LastPosition}, nil
}

// Check fails the test unless some order of all calls explains every answer,
// and unless there were enough of each kind to show anything.
func (h *History) Check(t testing.TB) {
	t.Helper()
	for _, fault := range h.faults() {
		t.Errorf("%v (seed %d)", fault, h.seed)
	}
	t.Logf("%d calls: %v", len(h.calls), h.counts)
}

// faults returns what is wrong with the history.
func (h *History) faults() (all []error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.wrong != nil {
		all = append(all, h.wrong)
	}
	for _, kind := range []string{appended, appendedAgain, "conflict", "read", "version"} {
		if h.counts[kind] == 0 {
			all = append(all, fmt.Errorf("no call was answered %q: the history shows little", kind))
		}
	}
	if result := porcupine.CheckOperationsTimeout(streamHistory(), h.calls, time.Minute); result != porcupine.Ok {
		all = append(all, fmt.Errorf("the history of %d calls is not linearizable: %s", len(h.calls), result))
	}
	return all
}

func (h *History) record(call porcupine.Operation, said streamSaid, until int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	call.Output, call.Return = said, until
	kind := said.kind(call.Input.(streamOp))
	if kind == appended && h.stored[call.Input.(streamOp).first] {
		kind = appendedAgain
	} else if kind == appended {
		h.stored[call.Input.(streamOp).first] = true
	}
	h.counts[kind]++
	h.calls = append(h.calls, call)
}

// fault keeps the first thing that no order of calls can explain.
func (h *History) fault(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.wrong == nil {
		h.wrong = err
	}
}

// at holds the global position of an event against what was heard of it.
func (h *History) at(event int32, global int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if known, heard := h.globals[event]; heard && known != global && h.wrong == nil {
		h.wrong = fmt.Errorf("event %d is at the global positions %d and %d", event, known, global)
	}
	h.globals[event] = global
}

// take makes n events.
func (h *History) take(n int32) (first, count int32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	first = h.events + 1
	h.events += n
	return first, n
}

func (h *History) offer(i int, op streamOp) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.recent[i] = op
}

func (h *History) old(i int) streamOp {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.recent[i]
}

// eventsOf makes the events of an append: each has an id of its own.
func (h *History) eventsOf(op streamOp) []store.Event {
	events := make([]store.Event, op.n)
	for i := range events {
		n := op.first + int32(i)
		id := store.ID{0: 0xee, 6: 0x40, 8: 0x80}
		binary.BigEndian.PutUint32(id[12:], uint32(n))
		events[i] = store.Event{ID: id, Type: "Recorded", Data: fmt.Appendf(nil, `{"n":%d}`, n)}
	}
	return events
}

// eventOf returns which event a message is, 0 for one that was never made.
func (h *History) eventOf(m store.Message) int32 {
	n := int32(binary.BigEndian.Uint32(m.ID[12:]))
	h.mu.Lock()
	defer h.mu.Unlock()
	if n < 1 || n > h.events || string(m.Data) != fmt.Sprintf(`{"n":%d}`, n) {
		return 0
	}
	return n
}

// Pending reports whether the caller got no answer to its last append, so that the next Run
// sends it again.
func (c *Caller) Pending() bool { return c.pending != nil }
