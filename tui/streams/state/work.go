package state

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/evtui/evtui/internal/story/state"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// piece is what one question does at most.
func piece() state.Budget { return state.Budget{Messages: 1 << 20, Time: 150 * time.Millisecond} }

// work makes states: one question at a time, which alone touches what it works on.
type work struct {
	definition state.Definition
	defined    bool
	defining   bool           // the question under way is for the definition
	reducer    state.Reducer  // nil: the history is not begun
	history    *state.History // of the question under way, while there is one
	source     *via           // what that reads, likewise
	lock       *sync.Mutex    // one that was cancelled may still be ending when the next begins
	gen        uint64         // of that; 0: none
	cancel     context.CancelFunc
	begun      time.Time
	target     int64 // what is worked towards
	allowed    int64 // up to where much may be read
	read       int64 // messages that were
	stopped    bool  // by the user, on the way to target
	fresh      bool  // the user chose the reducer, and it made nothing yet

	search    *state.Search
	condition *state.Process
	asked     string // the condition
	stays     bool   // once it holds, says the user
}

func (w *work) runs() bool { return w.gen != 0 }

// end ends what runs, off the event loop. What was worked out stays.
func (w *work) end(t *page.Turn, gen uint64) {
	if w.cancel != nil {
		w.cancel()
	}
	reducer, condition := w.reducer, w.condition
	w.search, w.condition, w.gen, w.cancel = nil, nil, 0, nil
	if reducer == nil && condition == nil {
		return
	}
	t.AskElsewhere(gen, func(context.Context, *client.Client) (any, error) {
		var errs []error
		if reducer != nil {
			errs = append(errs, reducer.Close())
		}
		if condition != nil {
			errs = append(errs, condition.Close())
		}
		return nil, errors.Join(errs...)
	})
}

type versionReply struct{ version int64 }

// definitionReply is the reducer that is to be used.
type definitionReply struct {
	definition state.Definition
	asked      bool // by the user, just now
}

// momentReply is a state, or how far it came.
type momentReply struct {
	moment state.Moment
	change *kit.Comparison // with the state before
	read   int64
}

// nothing is the stream before its first message.
func nothing() state.Moment { return state.Moment{State: state.Initial(), Before: state.Initial()} }

// compared has a moment with its change, which takes time where states are large.
func compared(m state.Moment, read int64) momentReply {
	return momentReply{moment: m, change: kit.CompareJSON("before", "after", m.Before, m.State), read: read}
}

func sourceOf(c *client.Client, stream string) state.Source {
	return func(ctx context.Context, from int64, limit int) state.Messages {
		return c.Stream(ctx, client.StreamQuery{Stream: stream, Position: from, Limit: limit})
	}
}

// askVersion asks where the stream ends, at the time cursor where that is set.
func (p *tab) askVersion(t *page.Turn) {
	if p.asking != 0 || p.known && (!t.At.IsZero() || t.Now.Sub(p.asked) < lookEvery) {
		return
	}
	p.asking, p.asked = p.next(), t.Now
	stream, at := p.of.Stream, t.At
	t.Ask(p.asking, func(ctx context.Context, c *client.Client) (any, error) {
		version, err := c.Version(ctx, stream)
		if err == nil && version >= 0 && !at.IsZero() {
			version, err = state.LastAt(ctx, sourceOf(c, stream), version, at)
		}
		return versionReply{version}, err
	})
}

func (p *tab) tookVersion(t *page.Turn, msg page.Reply) {
	p.asking = 0
	v, ok := msg.Value.(versionReply)
	switch {
	case msg.Err != nil && client.Unreachable(msg.Err):
		return
	case msg.Err != nil || !ok:
		p.fault = msg.Err.Error()
		return
	case p.known && v.version == p.version:
		t.Same()
		return
	}
	first := !p.known
	p.version, p.known = v.version, true
	p.rows.grid.SetLen(int(v.version+1), false)
	p.rows.fault = ""
	if p.follow || p.cursor < 0 || p.cursor > p.version || first && !t.At.IsZero() {
		p.cursor = max(p.version, 0)
	}
	if first && p.cursor == p.version {
		p.follow = true
	}
	p.rows.grid.SetCursor(int(p.cursor))
	if p.version < 0 { // what was shown is of another moment
		p.result.show(compared(nothing(), 0))
	}
}

// askState asks for the state under the cursor, or goes on with it.
func (p *tab) askState(t *page.Turn) {
	w := &p.work
	switch {
	case w.gen != 0 || w.search != nil || p.fault != "":
		return
	case !w.defined:
		p.define(t)
		return
	case p.result.at == p.cursor:
		return
	}
	w.ready(p.of.Stream)
	if w.target != p.cursor {
		w.target, w.stopped = p.cursor, false
		w.begun = t.Now
	}
	if w.stopped || w.dear(p.cursor) {
		return
	}
	target := w.target
	w.run(t, p.next(), func(ctx context.Context, h *state.History) (any, error) {
		m, err := h.At(ctx, target, piece())
		if err != nil {
			return nil, err
		}
		return compared(m, h.Read()), nil
	})
}

// ready begins the stream's history, if it is not.
func (w *work) ready(stream string) {
	if w.history != nil {
		return
	}
	w.reducer = state.Merging{}
	if !w.definition.Merges() {
		w.reducer = state.NewProcess(w.definition.Program, "", state.DefaultLimits())
	}
	w.source, w.lock = &via{stream: stream}, new(sync.Mutex)
	w.history = state.NewHistory(w.source.read, w.reducer)
}

// cost is how many messages the state at a position needs read; known is false
// without a history, and while that is at work.
func (w *work) cost(position int64) (n int64, known bool) {
	if w.lock == nil || !w.lock.TryLock() {
		return 0, false
	}
	defer w.lock.Unlock()
	return w.history.Cost(position), true
}

// dear reports whether the state at a position costs more than was allowed.
func (w *work) dear(position int64) bool {
	n, known := w.cost(position)
	return known && n > cheap && position > w.allowed
}

// run does a piece of work with the history, which nobody else touches meanwhile.
func (w *work) run(t *page.Turn, gen uint64, do func(ctx context.Context, h *state.History) (any, error)) {
	own, cancel := context.WithCancel(context.Background())
	w.gen, w.cancel = gen, cancel
	h, source, lock := w.history, w.source, w.lock
	t.Ask(w.gen, func(ctx context.Context, c *client.Client) (any, error) {
		defer cancel()
		lock.Lock()
		defer lock.Unlock()
		ctx, release := context.WithCancel(ctx)
		defer release()
		defer context.AfterFunc(own, release)()
		source.client = c
		return do(ctx, h)
	})
}

// via reads the stream by the client of the question under way.
type via struct {
	client *client.Client
	stream string
}

func (v *via) read(ctx context.Context, from int64, limit int) state.Messages {
	return sourceOf(v.client, v.stream)(ctx, from, limit)
}
