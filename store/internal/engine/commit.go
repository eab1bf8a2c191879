package engine

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

// group is what one batch stores, and what becomes true once it is durable.
type group struct {
	batch      Batch // nil when nothing was begun
	filled     bool  // batch holds something
	ops        []*op
	categories []*Category // that the group changes
	counts     []Counts    // of those, as of the group's end
	news       []news
	state      State
	last       int64 // time of the message with the highest global position; 0: no news there
	imports    bool
	heard      bool // somebody subscribes: news is complete
	tally      *tally
	kinds      []kindCount // that the group changes in the tally, as of its end
	steps      []*step     // that are new in the tally
	opened     []*kind     // types that are new in the tally
	whole      bool        // the tally counts everything from here on
	place      Place       // up to where a log outside is followed by the group's end
	restart    *tally      // takes the tally's place, and counts from the start
	err        error       // why nothing of the group can be acknowledged
}

// committer gives positions and applies groups. All its fields belong to its
// goroutine.
type committer struct {
	ns     *namespace
	state  State
	serial uint64 // of the current group
	random *mathrand.ChaCha8
	ids    map[store.ID]pendingID // given ids of the current group
	record Record                 // scratch
	groups sync.Pool

	tally   *tally // the latest one; nil where the database keeps none
	counts  bool   // the tally is the committer's: it counts everything up to the group before
	keeping keeping

	place Place // up to which a log outside was followed; zero: none is
}

// pendingID is a given id of the current group, which the database does not
// show yet.
type pendingID struct {
	write    *store.Write
	event    int
	position int64
	global   int64
}

func newCommitter(ns *namespace, state State, t *tally) *committer {
	var seed [32]byte
	// crypto/rand.Read never fails (it would end the process) since Go 1.24.
	_, _ = rand.Read(seed[:])
	c := &committer{ns: ns, state: state, random: mathrand.NewChaCha8(seed), ids: map[store.ID]pendingID{}, tally: t}
	c.counts = t != nil && t.isWhole()
	c.groups.New = func() any { return &group{} }
	return c
}

// run commits groups until the queue is closed. Under load the acknowledger
// waits for a group's sync while the next one is filled; without, handing over
// would cost more than it gains, and the committer waits by itself.
func (c *committer) run(acks chan<- *group) {
	for {
		g := c.groups.Get().(*group)
		g.ops = c.ns.queue.take(g.ops)
		if len(g.ops) == 0 {
			c.keepLast()
			return
		}
		c.fill(g)
		c.ns.queue.seal()
		c.apply(g)
		if c.ns.queue.quiet() {
			c.ns.acknowledge(g)
			c.recycle(g)
		} else {
			acks <- g
		}
	}
}

// fill checks every op and puts what passes into the batch.
func (c *committer) fill(g *group) {
	c.serial++
	clear(c.ids)
	g.heard = c.ns.h.listeners.count.Load() > 0
	if g.err = c.ns.poisoned(); g.err != nil {
		return
	}
	batch, err := c.ns.db.Begin()
	if err != nil {
		c.fail(g, err)
		return
	}
	g.batch = batch
	now := time.Now().UnixNano()
	if c.counts {
		c.tally.begin()
	}
	for _, o := range g.ops {
		switch {
		case o.counter != nil:
			o.err = c.borrow(g, o, now)
		case o.logged != nil:
			o.result, o.err = c.followOne(g, o)
		case o.imports != nil:
			g.imports = true
			o.err = c.importAll(g, o)
		default:
			c.state.LastTime = max(c.state.LastTime, now)
			o.result, o.err = c.append(g, o)
		}
	}
	g.state = c.state
	if !g.filled || g.err != nil {
		return
	}
	for _, cat := range g.categories {
		g.counts = append(g.counts, cat.Counts)
	}
	if err := errors.Join(c.settle(g, now), c.keepPlace(g.batch)); err != nil {
		c.fail(g, err)
		return
	}
	g.place = c.place
	if err := batch.Seal(c.state, g.categories); err != nil {
		c.fail(g, err)
	}
}

// fail poisons the namespace over a batch that cannot be built: positions
// were given, and the next group must not build on them.
func (c *committer) fail(g *group, err error) {
	c.ns.poison("write failed", fmt.Errorf("build batch: %w", err))
	g.err = c.ns.poisoned()
}

// apply makes the group visible to the committer itself; readers wait for the
// durable head.
func (c *committer) apply(g *group) {
	if g.err != nil || !g.filled {
		return
	}
	if err := g.batch.Apply(); err != nil {
		c.ns.poison("write failed", err)
	}
	if c.ns.poisoned() != nil { // an engine may tell of some failures through Opening.Failed alone
		g.err = c.ns.uncertain()
	}
}

// acknowledge waits until the group is durable, makes it known, answers, and
// then wakes subscriptions. Groups come in order, so a group that stored
// nothing (only retries and conflicts) still answers after what it looked at
// has become durable.
func (ns *namespace) acknowledge(g *group) {
	published := false
	if g.filled && g.err == nil {
		if err := g.batch.Sync(); err != nil {
			ns.poison("sync failed", err)
		}
		if ns.poisoned() != nil {
			g.err = ns.uncertain()
		} else {
			ns.publish(g)
			published = true
		}
	} else if g.err == nil {
		g.err = ns.poisoned()
	}
	ns.queue.synced(len(g.ops)) // before the answers: the log should not rest meanwhile
	for _, o := range g.ops {
		if g.err != nil {
			o.err = ns.outcome(g.err, o.err)
		}
		o.done <- struct{}{}
	}
	if published {
		ns.h.listeners.wake(g.news, g.heard && !g.imports)
	}
}

// outcome is what an op of a group that failed is told. What was refused was
// not stored, whatever became of the log.
func (ns *namespace) outcome(group, refused error) error {
	if refused != nil && ns.poisoned() != nil {
		return ns.poisoned()
	}
	return group
}

// publish moves everything that readers see to the end of the group.
func (ns *namespace) publish(g *group) {
	ns.categories.publish(g.categories, g.counts)
	ns.showCounts(g.state)
	if g.place != (Place{}) {
		ns.place.Store(new(g.place))
	}
	if g.last != 0 {
		ns.lastTime.Store(g.last)
	}
	ns.publishTally(g)
	head := g.state.Next - 1
	ns.durable.Store(head) // first: what is announced must be readable
	ns.ring.add(g.news, head, g.heard && !g.imports)
}

func (c *committer) recycle(g *group) {
	if g.batch != nil {
		if err := g.batch.Close(); err != nil {
			c.ns.poison("write failed", err)
		}
	}
	clear(g.ops)
	clear(g.categories)
	clear(g.news)
	clear(g.kinds)
	clear(g.steps)
	clear(g.opened)
	*g = group{
		ops: g.ops[:0], categories: g.categories[:0], counts: g.counts[:0], news: g.news[:0],
		kinds: g.kinds[:0], steps: g.steps[:0], opened: g.opened[:0],
	}
	c.groups.Put(g)
}

// put adds one message to the batch and counts it.
func (c *committer) put(g *group, h *Head, r *Record, o *op, i int) {
	if g.err != nil {
		return
	}
	if err := g.batch.Put(h, r, o.prepared, i); err != nil {
		c.fail(g, err)
		return
	}
	g.filled = true
	c.count(g, h, r)
	cat := h.Category
	if cat.group != c.serial {
		cat.group = c.serial
		g.categories = append(g.categories, cat)
	}
	if h.Version == store.NoStream {
		cat.Counts.Streams++
		c.state.Streams++
	}
	cat.Counts.Messages++
	cat.Counts.Last = max(cat.Counts.Last, r.GlobalPosition)
	c.state.Messages++
	if r.GlobalPosition >= c.state.Next {
		c.state.Next, g.last = r.GlobalPosition+1, r.Time
	}
	if r.Position > h.Version {
		c.ns.heads.advance(h, r)
	}
	if g.heard {
		g.news = append(g.news, news{head: h, position: r.Position, global: r.GlobalPosition})
	}
}

// append checks one write against what is stored and what the group holds,
// and puts it into the batch. A write that is refused leaves nothing there.
func (c *committer) append(g *group, o *op) (store.Appended, error) {
	w := &o.write
	stored, found, err := retried(w, func(id store.ID, i int) (position, global int64, same bool, err error) {
		if o.madeHere(i) {
			return 0, 0, false, nil
		}
		return c.compare(id, w, i)
	})
	if found && o.logged != nil {
		err = ErrStored
	}
	if found || err != nil {
		return stored, err
	}
	h, err := c.ns.obtain(w.Stream)
	if err != nil {
		return store.Appended{}, err
	}
	if w.ExpectedVersion != store.AnyVersion && w.ExpectedVersion != h.Version {
		return store.Appended{}, &store.ConflictError{Stream: h.Stream, Expected: w.ExpectedVersion, Actual: h.Version}
	}
	a := store.Appended{FirstPosition: h.Version + 1, FirstGlobalPosition: c.state.Next}
	for i := range w.Events {
		e, r := &w.Events[i], &c.record
		*r = Record{
			ID: e.ID, Given: !e.ID.IsZero() && !o.madeHere(i), Time: c.state.LastTime, Position: h.Version + 1, GlobalPosition: c.state.Next,
			Type: e.Type, Correlation: e.Correlation, Metadata: e.Metadata, Data: e.Data,
		}
		switch {
		case r.Given:
			c.ids[r.ID] = pendingID{write: w, event: i, position: r.Position, global: r.GlobalPosition}
		case e.ID.IsZero():
			r.ID = c.newID()
		default:
			r.ID = c.retimed(e.ID)
		}
		c.put(g, h, r, o, i)
	}
	a.LastPosition, a.LastGlobalPosition = h.Version, c.state.Next-1
	return a, nil
}

// retried decides whether w was stored already (protocol section 9.2): found
// with the first answer if it was, an IDConflictError if one of its ids
// belongs to anything else. compare looks up an id.
func retried(w *store.Write, compare func(id store.ID, i int) (position, global int64, same bool, err error)) (stored store.Appended, found bool, err error) {
	known := 0
	for i := range w.Events {
		id := w.Events[i].ID
		if id.IsZero() {
			continue
		}
		position, global, same, err := compare(id, i)
		if err != nil {
			return stored, false, err
		}
		if global == 0 {
			continue
		}
		follows := known == 0 || position == stored.LastPosition+1
		if !same || !follows || known != i {
			return stored, false, &store.IDConflictError{ID: id}
		}
		if known == 0 {
			stored.FirstPosition, stored.FirstGlobalPosition = position, global
		}
		stored.LastPosition, stored.LastGlobalPosition = position, global
		known++
	}
	if known == 0 {
		return stored, false, nil
	}
	if known < len(w.Events) {
		return stored, false, &store.IDConflictError{ID: w.Events[0].ID}
	}
	return stored, true, nil
}

// compare looks an id up and tells where its message is (global 0: nowhere) and
// whether that is w's i-th event.
func (c *committer) compare(id store.ID, w *store.Write, i int) (position, global int64, same bool, err error) {
	if p, ok := c.ids[id]; ok {
		e, first := &w.Events[i], &p.write.Events[p.event]
		same = p.write.Stream == w.Stream && first.Type == e.Type && bytes.Equal(first.Data, e.Data)
		return p.position, p.global, same, nil
	}
	return c.ns.compare(id, w, i, math.MaxInt64)
}

// compare looks an id up among messages up to a global position, and tells where its
// message is (global 0: nowhere) and whether that is w's i-th event.
func (ns *namespace) compare(id store.ID, w *store.Write, i int, bound int64) (position, global int64, same bool, err error) {
	global, err = ns.db.ByID(id)
	if err != nil || global == 0 || global > bound {
		return 0, 0, false, err
	}
	e := &w.Events[i]
	found, err := ns.at(global, func(m store.Message) {
		position = m.Position
		same = m.Stream == w.Stream && m.Type == e.Type && bytes.Equal(m.Data, e.Data)
	})
	if err == nil && !found {
		err = errors.New("it is missing")
	}
	if err != nil {
		return 0, 0, false, fmt.Errorf("read the message of id %s: %w", id, err)
	}
	return position, global, same, nil
}

// retimed gives an id that was made elsewhere, for a log, the time of its message, which
// leads to it. It comes out the same wherever the log is followed.
func (c *committer) retimed(id store.ID) store.ID {
	of := store.MakeID(time.Unix(0, c.state.LastTime), [10]byte{})
	copy(id[:6], of[:6]) // the milliseconds of a version 7
	return id
}

// newID makes an id for a message that came without one.
func (c *committer) newID() store.ID {
	var random [10]byte
	binary.LittleEndian.PutUint64(random[:8], c.random.Uint64())
	binary.LittleEndian.PutUint16(random[8:], uint16(c.random.Uint64()))
	return store.MakeID(time.Unix(0, c.state.LastTime), random)
}
