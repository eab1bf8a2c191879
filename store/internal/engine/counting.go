package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

// How messages that are stored already are counted: in chunks, each of which
// waits for its turn; what was counted is kept now and then, so that the next
// opening goes on there. The committer counts the last handoverMessages itself and
// goes on from there: nothing comes in between.
const (
	chunkMessages    = 1000
	chunkTime        = 10 * time.Millisecond
	handoverMessages = 4096
	progressEvery    = 2 * time.Second
)

var (
	errOutdated = errors.New("the counts by type began again")
	errBehind   = errors.New("more was written meanwhile")
	errMiscount = errors.New("the counts by type are not as many as there are messages")
)

// counter counts messages that are stored already.
type counter struct {
	ns         *namespace
	tally      *tally
	scratch    bool             // it began from nothing
	bound      int64            // of the chunk counted last
	dry        bool             // that found nothing
	rows       []row            // scratch
	young, old map[string]place // of the streams met last
}

// row is what a count needs of a message.
type row struct {
	stream, messageType string
	position            int64
	at                  seen
}

// place is where a stream's last message that was counted is, and its kind.
type place struct {
	position int64
	kind     *kind
}

func newCounter(ns *namespace, t *tally) *counter {
	return &counter{ns: ns, tally: t, scratch: t.counted == 0, young: map[string]place{}}
}

// openTally takes up the tally that is kept. It is nil where none is.
func (ns *namespace) openTally(state State) *tally {
	if ns.h.store.options.Uncounted {
		return nil
	}
	t, err := loadTally(ns.db, state)
	if err != nil {
		t.stored, t.stale = true, true
		ns.h.store.logger.Warn("the counts by type are counted again", "namespace", ns.h.id, "error", err)
	}
	if t.counted == state.Messages {
		t.through = state.Next - 1
		close(t.whole)
	}
	t.publishAll()
	ns.tally.Store(t)
	return t
}

// countStored counts what is stored already, whenever the tally begins again,
// until the namespace is closed. What fails is tried again where it stopped. A store
// that only reads counts in memory alone.
func (ns *namespace) countStored() {
	r := retries{ns: ns}
	var c *counter
	for {
		if t := ns.tally.Load(); !t.isWhole() {
			if c == nil || c.tally != t {
				c = newCounter(ns, t)
			}
			err := c.catchUp()
			if ns.countable.Err() != nil && t.pending > 0 {
				_ = c.lend(context.Background(), false) // to go on there next time
			}
			r.note(err)
		}
		if !r.wait() {
			return
		}
	}
}

// retries has counting tried again after it failed: soon, and less often the longer
// it fails.
type retries struct {
	ns    *namespace
	pause time.Duration // 0: it did not fail
	said  string        // what was logged last
}

const (
	retrySoon = time.Second
	retryLate = time.Minute
)

// note takes what counting came to. A fault is logged once, and what readers see
// until it is over.
func (r *retries) note(err error) {
	ns := r.ns
	if err == nil && r.said != "" {
		ns.h.store.logger.Info("messages are counted by type after all", "namespace", ns.h.id)
		r.said = ""
	}
	if err == nil || errors.Is(err, errOutdated) || errors.Is(err, store.ErrClosed) || ns.countable.Err() != nil || ns.poisoned() != nil {
		r.pause = 0 // it goes on by itself, or nothing does
		ns.uncountable.Store(nil)
		return
	}
	r.pause = min(max(2*r.pause, retrySoon), retryLate)
	fault := err.Error()
	ns.uncountable.Store(&fault)
	if fault != r.said {
		r.said = fault
		ns.h.store.logger.Error("count messages by type", "namespace", ns.h.id, "error", err, "again", r.pause)
	}
}

// wait waits until there is something to count, and reports whether there is.
func (r *retries) wait() bool {
	var again <-chan time.Time
	if r.pause > 0 {
		timer := time.NewTimer(r.pause)
		defer timer.Stop()
		again = timer.C
	}
	select {
	case <-r.ns.countable.Done():
		return false
	case <-r.ns.recount:
	case <-again:
	}
	return true
}

// catchUp counts up to the head and hands the tally over to the committer.
func (c *counter) catchUp() error {
	kept := time.Now()
	for {
		switch left, err := c.advance(); {
		case err != nil:
			return err
		case left <= handoverMessages || c.dry:
			err := c.lend(c.ns.countable, true)
			if !errors.Is(err, errBehind) {
				return err
			}
		case time.Since(kept) >= progressEvery:
			if err := c.lend(c.ns.countable, false); err != nil {
				return err
			}
			kept = time.Now()
		}
	}
}

// advance counts one chunk, unless so little is left that the committer may
// count it, and returns about how many messages are left.
func (c *counter) advance() (left int64, err error) {
	if c.ns.tally.Load() != c.tally {
		return 0, errOutdated
	}
	if bound := c.ns.durable.Load(); bound != c.bound {
		c.bound, c.dry = bound, false
	}
	if left = c.ns.messages.Load() - c.tally.counted; left <= handoverMessages {
		return left, nil
	}
	end, err := c.ns.h.store.Turn(c.ns.countable)
	if err != nil {
		return 0, err
	}
	defer end()
	c.tally.begin()
	err = c.chunk()
	c.publish() // as far as it came
	return c.ns.messages.Load() - c.tally.counted, err
}

// publish shows readers what was counted since the tally's last begin.
func (c *counter) publish() {
	c.tally.publish(c.tally.counts(nil), slices.Clone(c.tally.fresh))
}

// chunk counts up to chunkMessages, or for chunkTime, up to the bound. It reads
// them first: a database need not let one look up while one reads.
func (c *counter) chunk() error {
	q := store.CategoryQuery{GlobalPosition: c.tally.through + 1, Limit: chunkMessages}
	began := time.Now()
	c.rows = c.rows[:0]
	_, err := c.ns.db.ReadCategory(NewWatch(c.ns.countable), q, c.bound, func(m store.Message) bool {
		c.rows = append(c.rows, row{
			stream: strings.Clone(m.Stream), messageType: strings.Clone(m.Type),
			position: m.Position, at: seen{m.GlobalPosition, m.Time.UnixNano()},
		})
		return len(c.rows)&(stepsALook-1) != 0 || time.Since(began) < chunkTime
	})
	for i := 0; i < len(c.rows) && err == nil; i++ {
		err = c.one(&c.rows[i])
	}
	if err != nil {
		return fmt.Errorf("count messages from global position %d on: %w", q.GlobalPosition, err)
	}
	c.dry = len(c.rows) == 0
	return nil
}

func (c *counter) one(m *row) error {
	of := c.tally.of(store.Category(m.stream))
	from, err := c.before(of, m)
	if err != nil {
		return err
	}
	k := of.kind(m.messageType)
	c.tally.add(from, k, m.at)
	if len(c.young) >= headGeneration {
		c.old, c.young = c.young, make(map[string]place, headGeneration)
	}
	c.young[m.stream] = place{m.position, k}
	return nil
}

// before returns the kind of the message before one in its stream.
func (c *counter) before(of *tallied, m *row) (*kind, error) {
	if m.position == 0 {
		return of.start, nil
	}
	p, there := c.young[m.stream]
	if !there {
		p, there = c.old[m.stream]
	}
	if there && p.position == m.position-1 {
		return p.kind, nil
	}
	return c.ns.kindBefore(of, m.stream, m.position, c.bound)
}

// kindBefore looks up the kind of the last message of a stream below a position,
// up to a global position.
func (ns *namespace) kindBefore(of *tallied, stream string, position, bound int64) (*kind, error) {
	k := of.start
	q := store.StreamQuery{Stream: stream, Position: position - 1, Limit: 1, Backward: true}
	_, err := ns.db.ReadStream(NewWatch(context.Background()), q, bound, func(m store.Message) bool {
		k = of.kind(m.Type)
		return false
	})
	if err != nil {
		return nil, fmt.Errorf("look up the type before position %d of stream %q: %w", position, stream, err)
	}
	return k, nil
}

// lend lets the committer keep the tally, or with handover go on with it. Where there
// is no committer the counter itself counts the rest.
func (c *counter) lend(ctx context.Context, handover bool) error {
	if c.ns.h.store.options.ReadOnly {
		if !handover {
			return nil
		}
		return c.finishToRead()
	}
	o := newOp()
	o.counter, o.handover = c, handover
	return c.ns.submit(ctx, o, nil)
}

// borrow takes a counter's tally: to keep it, or to count the rest and go on with
// it. It is alone in its group.
func (c *committer) borrow(g *group, o *op, now int64) error {
	t := o.counter.tally
	if t != c.tally || c.counts {
		return errOutdated
	}
	t.begin()
	if o.handover {
		if err := o.counter.finish(c.state); err != nil {
			t.carried = true
			if errors.Is(err, errMiscount) && !o.counter.scratch {
				c.ns.h.store.logger.Warn("the counts by type are counted again", "namespace", c.ns.h.id, "error", err)
				return errors.Join(errOutdated, c.restart(g))
			}
			return err
		}
		c.counts, g.whole = true, true
	}
	g.filled, g.tally = true, t
	if err := c.keeping.keep(g.batch, t, now); err != nil {
		c.fail(g, err)
	}
	return nil
}

// finish counts the rest, unless that is too much. Nothing is added meanwhile.
func (c *counter) finish(state State) error {
	left, read := state.Messages-c.tally.counted, c.dry && c.bound == state.Next-1
	if left > handoverMessages && !read {
		return errBehind
	}
	c.bound = state.Next - 1
	for c.tally.counted < state.Messages && !read {
		if err := c.chunk(); err != nil {
			return err
		}
		read = c.dry
	}
	if c.tally.counted != state.Messages {
		return fmt.Errorf("%w: %d of %d", errMiscount, c.tally.counted, state.Messages)
	}
	c.tally.through = c.bound
	return nil
}

// finishToRead counts and publishes the rest for a store that only reads.
func (c *counter) finishToRead() error {
	c.tally.begin()
	err := c.finish(State{Next: c.ns.durable.Load() + 1, Messages: c.ns.messages.Load()})
	c.publish()
	switch {
	case err == nil:
		close(c.tally.whole)
	case errors.Is(err, errMiscount) && !c.scratch:
		c.ns.recountAs(newTally())
		return errOutdated
	}
	return err
}

// recountAs has readers see another tally, which is counted from the start.
func (ns *namespace) recountAs(t *tally) {
	ns.tally.Store(t)
	signal(ns.recount)
}

// restart has all messages counted from the start, once the group is durable.
func (c *committer) restart(g *group) error {
	if c.tally == nil {
		return nil
	}
	stored := c.tally.stored
	c.tally, c.counts = newTally(), false
	g.restart, g.filled = c.tally, true
	if !stored {
		return nil
	}
	if err := g.batch.Forget(); err != nil {
		c.fail(g, err)
		return err
	}
	return nil
}

// count counts a message that is put into the batch, before its head moves on.
// One that an import puts before others changes what was counted: all of it is
// counted again.
func (c *committer) count(g *group, h *Head, r *Record) {
	if c.tally == nil {
		return
	}
	if r.GlobalPosition < c.state.Next || r.Position <= h.Version {
		if g.restart == nil {
			_ = c.restart(g) // it failed the group if it failed
		}
		return
	}
	if !c.counts {
		return
	}
	of := h.Category.tallied
	if of == nil || of.of != c.tally {
		of = c.tally.of(h.Category.Name)
		h.Category.tallied = of
	}
	last := h.last
	if last != nil && (last.of != of || h.lastAt != h.Version) {
		last = nil
	}
	if last == nil {
		last = c.lookUp(of, h)
	}
	k := of.after(last, r.Type)
	c.tally.add(last, k, seen{r.GlobalPosition, r.Time})
	h.last, h.lastAt = k, r.Position
}

// lookUp finds the kind of a stream's last message. A write does not fail when it
// cannot be read: the transition is one that is not kept then.
func (c *committer) lookUp(of *tallied, h *Head) *kind {
	if h.Version == store.NoStream {
		return of.start
	}
	if h.typed && h.loadedAt == h.Version {
		if k := of.ofSum(h.typeSum); k != nil {
			return k
		}
	}
	k, err := c.ns.kindBefore(of, h.Stream, h.Version+1, MaxPosition)
	if err != nil {
		c.ns.h.store.logger.Warn("count messages by type", "namespace", c.ns.h.id, "error", err)
		return of.beyond
	}
	return k
}

// settle notes what the group changes in the tally, and keeps it when that is due.
func (c *committer) settle(g *group, now int64) error {
	if g.tally == nil && c.counts {
		g.tally = c.tally
	}
	t := g.tally
	if t == nil || g.restart != nil {
		g.tally = nil
		return nil
	}
	g.kinds = t.counts(g.kinds)
	g.steps = append(g.steps, t.fresh...)
	g.opened = append(g.opened, t.opened...)
	if !t.due(now) {
		return nil
	}
	return c.keeping.keep(g.batch, t, now)
}

// publishTally moves what readers see of the tally to the end of the group.
func (ns *namespace) publishTally(g *group) {
	if g.restart != nil {
		ns.recountAs(g.restart)
		return
	}
	if g.tally == nil {
		return
	}
	g.tally.publish(g.kinds, g.steps)
	if g.whole {
		close(g.tally.whole)
	} else if !g.imports {
		ns.news.announce(ns, g)
	}
}

// keepLast keeps what the tally counted since it was kept last, before the
// namespace is closed.
func (c *committer) keepLast() {
	if !c.counts || c.tally.pending == 0 || c.ns.poisoned() != nil {
		return
	}
	batch, err := c.ns.db.Begin()
	if err != nil {
		c.ns.poison("write failed", err)
		return
	}
	err = errors.Join(c.keeping.keep(batch, c.tally, time.Now().UnixNano()), c.keepPlace(batch))
	if err == nil {
		err = batch.Seal(c.state, nil)
	}
	if err == nil {
		err = batch.Apply()
	}
	if err == nil {
		err = batch.Sync()
	}
	if err = errors.Join(err, batch.Close()); err != nil {
		c.ns.poison("write failed", err)
	}
}
