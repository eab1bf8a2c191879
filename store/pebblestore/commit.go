package pebblestore

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
)

// group is what one batch stores, and what becomes true once it is durable.
type group struct {
	batch   *pebble.Batch
	filled  bool // batch holds something; Pebble empties a large one when it applies it
	ops     []*op
	touched []touched
	news    []news
	state   meta
	last    int64 // time of the message with the highest global position
	imports bool
	heard   bool // somebody subscribes: news is complete
	err     error
}

// touched is a category with its counts as of the end of a group.
type touched struct {
	category *category
	counts   counts
}

// committer gives positions and applies groups. All its fields belong to its
// goroutine.
type committer struct {
	ns     *namespace
	sync   bool // wait for the WAL's sync; false with a durability interval
	state  meta
	serial uint64 // of the current group
	random *mathrand.ChaCha8
	ids    map[store.ID]pendingID // given ids of the current group
	keys   []byte                 // scratch
	groups sync.Pool
}

func newCommitter(ns *namespace, state meta, syncs bool) *committer {
	var seed [32]byte
	// crypto/rand.Read never fails (it would end the process) since Go 1.24.
	_, _ = rand.Read(seed[:])
	c := &committer{
		ns: ns, sync: syncs, state: state,
		random: mathrand.NewChaCha8(seed), ids: map[store.ID]pendingID{},
	}
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
			return
		}
		c.fill(g)
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
	g.batch = c.ns.db.NewBatch()
	c.serial++
	clear(c.ids)
	g.heard = c.ns.h.waiting.Load() > 0
	if g.err = c.ns.poisoned(); g.err != nil {
		return
	}
	now := time.Now().UnixNano()
	for _, o := range g.ops {
		if o.imports != nil {
			g.imports = true
			o.err = c.importAll(g, o)
		} else {
			c.state.lastTime = max(c.state.lastTime, now)
			o.result, o.err = c.append(g, o)
		}
	}
	g.state = c.state
	if g.filled = !g.batch.Empty(); !g.filled {
		return
	}
	for i := range g.touched {
		t := &g.touched[i]
		t.counts = t.category.assigned
		value := t.category.encode(make([]byte, 0, 40), t.counts)
		c.check(g, g.batch.Set(categoryKey(t.category.name), value, nil))
	}
	c.check(g, g.batch.Set(metaKey, c.state.encode(), nil))
}

// check poisons the namespace over a batch that cannot be built: positions
// were given, and the next group must not build on them.
func (c *committer) check(g *group, err error) {
	if err != nil {
		c.ns.poison(fmt.Errorf("build batch: %w", err))
		g.err = c.ns.poisoned()
	}
}

// apply makes the group visible to the committer itself; readers wait for the
// durable head.
func (c *committer) apply(g *group) {
	if g.err != nil || !g.filled {
		return
	}
	var err error
	if c.sync {
		err = c.ns.db.ApplyNoSyncWait(g.batch, pebble.Sync)
	} else {
		err = c.ns.db.Apply(g.batch, pebble.NoSync)
	}
	if err != nil {
		c.ns.poison(err)
	}
	g.err = c.ns.poisoned() // Pebble tells its logger of some failures, and nobody else
}

// acknowledge waits until the group is durable, makes it known, and answers.
// Groups come in order, so a group that stored nothing (only retries and
// conflicts) still answers after what it looked at has become durable.
func (ns *namespace) acknowledge(g *group) {
	err := g.err
	if g.filled && err == nil {
		if ns.h.store.shared.options.Interval == 0 {
			if e := g.batch.SyncWait(); e != nil {
				ns.poison(e)
			}
		}
		if err = ns.poisoned(); err == nil {
			ns.publish(g)
		}
	}
	ns.queue.synced(len(g.ops)) // before the answers: the log should not rest meanwhile
	for _, o := range g.ops {
		if err != nil {
			o.err = err
		}
		o.done <- struct{}{}
	}
}

// publish moves everything that readers see to the end of the group.
func (ns *namespace) publish(g *group) {
	for _, t := range g.touched {
		t.category.publish(t.counts)
	}
	ns.sparse.Store(g.state.sparse)
	ns.messages.Store(g.state.messages)
	ns.streams.Store(g.state.streams)
	if g.last != 0 {
		ns.lastTime.Store(g.last)
	}
	head := g.state.next - 1
	ns.durable.Store(head) // first: what is announced must be readable
	ns.ring.add(g.news, head, g.heard && !g.imports)
	if ns.h.waiting.Load() > 0 {
		ns.h.bell.ring()
	}
}

// recycle gives a group back. A poisoned batch is left to the collector: its
// sync may still be under way.
func (c *committer) recycle(g *group) {
	if c.ns.poisoned() == nil {
		if err := g.batch.Close(); err != nil {
			c.ns.poison(err)
		}
	}
	clear(g.ops)
	clear(g.touched)
	clear(g.news)
	*g = group{ops: g.ops[:0], touched: g.touched[:0], news: g.news[:0]}
	c.groups.Put(g)
}

// touch notes that the group changes the category's counts.
func (c *committer) touch(g *group, cat *category) {
	if cat.group != c.serial {
		cat.group = c.serial
		g.touched = append(g.touched, touched{category: cat})
	}
}

// put adds one message with its index entries to the batch and counts it.
func (c *committer) put(g *group, h *head, r *record, gpos int64) {
	cat := h.category
	c.touch(g, cat)
	c.set(g, appendMessageKey(c.keys[:0], cat.number, gpos), r.size(), r.encode)
	var small [binary.MaxVarintLen64 + 8]byte
	c.setValue(g, appendGlobalKey(c.keys[:0], gpos), binary.AppendUvarint(small[:0], uint64(cat.number)))
	c.setValue(g, appendStreamKey(c.keys[:0], r.stream, r.position), encodeEntry(small[:0], gpos, r.time))
	if r.flags&flagClientID != 0 {
		c.setValue(g, appendIDKey(c.keys[:0], r.id), encodeGlobal(small[:0], gpos))
	}
	if h.version == store.NoStream {
		cat.assigned.streams++
		c.state.streams++
	}
	cat.assigned.messages++
	cat.assigned.last = max(cat.assigned.last, gpos)
	c.state.messages++
	if gpos >= c.state.next {
		c.state.next, g.last = gpos+1, r.time
	}
	if r.position > h.version {
		c.ns.head.advance(h, r.position, gpos)
	}
	if g.heard {
		g.news = append(g.news, news{head: h, position: r.position, gpos: gpos})
	}
}

func (c *committer) set(g *group, key []byte, size int, fill func([]byte)) {
	c.keys = key[:0]
	o := g.batch.SetDeferred(len(key), size)
	copy(o.Key, key)
	fill(o.Value)
	c.check(g, o.Finish())
}

func (c *committer) setValue(g *group, key, value []byte) {
	c.keys = key[:0]
	o := g.batch.SetDeferred(len(key), len(value))
	copy(o.Key, key)
	copy(o.Value, value)
	c.check(g, o.Finish())
}

// newID makes an id for a message that came without one.
func (c *committer) newID() store.ID {
	var random [10]byte
	binary.LittleEndian.PutUint64(random[:8], c.random.Uint64())
	binary.LittleEndian.PutUint16(random[8:], uint16(c.random.Uint64()))
	return store.MakeID(time.Unix(0, c.state.lastTime), random)
}
