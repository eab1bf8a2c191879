package pebblestore

import (
	"encoding/binary"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// batch is a group of messages with their index entries.
type batch struct {
	of      *database
	pebble  *pebble.Batch
	keys    []byte // scratch
	record  record // scratch
	applied bool   // it must be waited for
	drift   []store.EngineEvent
}

// Begin starts the next batch.
func (d *database) Begin() (engine.Batch, error) {
	b := d.batches.Get().(*batch)
	b.pebble = d.db.NewBatch()
	return b, nil
}

// Put adds a message with its index entries.
func (b *batch) Put(h *engine.Head, m *engine.Record, p engine.Prepared, i int) error {
	r := &b.record
	*r = record{Record: *m, hash: h.Hash, stream: h.Stream}
	if h.Cardinal {
		r.flags |= flagCardinal
	}
	r.mark()
	if c, ok := p.(*cutting); ok {
		if err := b.fit(r, &c.cuts[i], h.Category.Name); err != nil {
			return err
		}
	}
	return b.put(h.Category.Number, r)
}

func (b *batch) put(category uint32, r *record) error {
	b.keys = appendMessageKey(b.keys[:0], category, r.GlobalPosition)
	o := b.pebble.SetDeferred(len(b.keys), r.size())
	copy(o.Key, b.keys)
	r.encode(o.Value)
	if err := o.Finish(); err != nil {
		return err
	}
	var small [entryLen]byte
	b.keys = appendGlobalKey(b.keys[:0], r.GlobalPosition)
	if err := b.set(binary.AppendUvarint(small[:0], uint64(category))); err != nil {
		return err
	}
	b.keys = appendStreamKey(b.keys[:0], r.stream, r.Position)
	if err := b.set(encodeEntry(small[:0], r.GlobalPosition, r.Time, engine.TypeSum(r.Type))); err != nil {
		return err
	}
	if !r.Given {
		return nil
	}
	b.keys = appendIDKey(b.keys[:0], r.ID)
	return b.set(encodeGlobal(small[:0], r.GlobalPosition))
}

// set adds a value under the key that is in keys.
func (b *batch) set(value []byte) error {
	o := b.pebble.SetDeferred(len(b.keys), len(value))
	copy(o.Key, b.keys)
	copy(o.Value, value)
	return o.Finish()
}

// fit has the record hold its values instead of its text, if it was cut, and
// stores the shape when it is the first that has it.
func (b *batch) fit(r *record, from *cut, category string) error {
	number := from.number
	if number == 0 && from.outline != nil {
		var fresh bool
		if number, fresh = b.of.shapes.learn(from.outline); fresh {
			for _, family := range [...]byte{familyShape, familyShapeAgain} {
				b.keys = appendShapeKey(b.keys[:0], family, number)
				if err := b.set(from.outline); err != nil {
					return err
				}
			}
			b.drifted(number, category, b.of.shapes.known.Load().drift(number))
		}
	}
	if number != 0 {
		r.flags |= flagShaped
		r.shape, r.Metadata, r.Data = number, nil, from.values
		b.observe(number, from.values, category)
	}
	return nil
}

// Keep stores a record of the shared layer's.
func (b *batch) Keep(key, value []byte) error {
	b.keys = append(append(b.keys[:0], familyKept), key...)
	return b.set(value)
}

// Forget removes all of those records.
func (b *batch) Forget() error {
	lower, upper := familyBounds(familyKept)
	return b.pebble.DeleteRange(lower, upper, nil)
}

// Seal adds the counts.
func (b *batch) Seal(state engine.State, touched []*engine.Category) error {
	b.record = record{} // what it borrowed belongs to callers
	var fresh []*engine.Category
	for _, c := range touched {
		b.keys = append(append(b.keys[:0], familyCategory), c.Name...)
		var value [4 * binary.MaxVarintLen64]byte
		if err := b.set(encodeCategory(value[:0], c.Number, c.Counts)); err != nil {
			return err
		}
		if !c.Stored {
			fresh = append(fresh, c)
		}
	}
	if fresh != nil { // before anybody can look for its messages
		b.of.number(fresh)
	}
	if state.Sparse {
		b.of.sparse.Store(true)
	}
	var value [metaLen]byte
	b.keys = append(b.keys[:0], metaKey...)
	return b.set(encodeMeta(value[:0], state))
}

// Apply makes the batch visible, without waiting until it is durable.
func (b *batch) Apply() error {
	d := b.of
	var err error
	if d.syncs {
		err = d.db.ApplyNoSyncWait(b.pebble, pebble.Sync)
		b.applied = err == nil
	} else {
		err = d.db.Apply(b.pebble, pebble.NoSync)
	}
	if err != nil {
		d.files.fall("write failed", err)
	}
	return d.failed()
}

// Sync waits until the batch is durable. With a durability interval it does
// not wait.
func (b *batch) Sync() error {
	if b.applied {
		if err := b.pebble.SyncWait(); err != nil {
			b.of.files.fall("sync failed", err)
		}
	}
	err := b.of.failed()
	if err == nil {
		b.tellDrift()
	}
	return err
}

// Close gives the batch back. After a failure it is left to the collector: its
// sync may still be under way.
func (b *batch) Close() error {
	d := b.of
	if d.broken() {
		return nil
	}
	err := b.pebble.Close()
	*b = batch{of: d, keys: b.keys}
	d.batches.Put(b)
	return err
}
