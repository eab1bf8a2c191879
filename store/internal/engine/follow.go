package engine

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/evtui/evtui/store"
)

// Logged is an append, or an import, that a log outside of the store has put into
// order. What it points to is borrowed until Follow returns.
type Logged struct {
	At   Place
	Time time.Time // when the log took it; messages get it unless those before them are later
	// Write is what to append: all its events have ids, and ExpectedVersion is the
	// position before the first one's. Made says whose ids no client gave, but MakeID made: they
	// get the time of their messages; nil: none's.
	Write store.Write
	Made  []bool
	// Import takes the place of Write when it is not nil.
	Import []store.ImportMessage
	// Without either, only the place is kept.
}

// Place is a place in a log outside of the store.
type Place struct {
	Sequence uint64
	Sum      uint32 // of what the log has there
}

// Outcome is what became of a Logged: it was stored, or Void says why the rule of the
// log makes it void.
type Outcome struct {
	Stored store.Appended
	Void   error // *store.ConflictError, *store.IDConflictError, *store.ImportError, *store.InvalidError or ErrStored
}

// ErrStored is the Outcome of an append whose ids are all stored already, as the same messages.
var ErrStored = errors.New("it is stored already")

// errFollows is returned for writes to what follows a log, from a store that does not.
var errFollows = fmt.Errorf("%w: what it holds follows a log, and would not do so any more", store.ErrReadOnly)

// Follow decides what becomes of the entries, in their order, stores those that are
// not void and keeps, in the same batches, up to where the log was followed. It
// returns once they are readable. When it returns an error, Followed tells from where to go on
// once the namespace is open again.
func (s *Store) Follow(ctx context.Context, namespace string, list []Logged, outcomes []Outcome) error {
	h, err := s.handleOf(namespace)
	if err != nil {
		return err
	}
	if !s.options.Follows {
		return fmt.Errorf("follow a log: %w", store.ErrNotOffered)
	}
	ns, err := h.acquireToWrite(ctx)
	if err != nil {
		return err
	}
	defer h.release()
	under := make([]*op, len(list))
	for i := range list {
		under[i] = loggedOp(&list[i])
		under[i].prepared = ns.db.Prepare(under[i])
		ns.queue.put(under[i])
	}
	for i, o := range under {
		<-o.done
		outcomes[i] = Outcome{Stored: o.result, Void: o.err}
		if err == nil && o.err != nil && !void(o.err) {
			err = o.err
		}
		o.free()
	}
	return err
}

func loggedOp(l *Logged) *op {
	o := newOp()
	o.logged, o.write, o.imports, o.made = l, l.Write, l.Import, l.Made
	for i := range l.Write.Events {
		o.size += len(l.Write.Events[i].Data) + len(l.Write.Events[i].Metadata)
	}
	return o
}

// void reports whether an entry was refused by the rule of the log, and not
// because something failed.
func void(err error) bool {
	var conflict *store.ConflictError
	var id *store.IDConflictError
	var imported *store.ImportError
	var invalid *store.InvalidError
	return errors.Is(err, ErrStored) || errors.As(err, &conflict) || errors.As(err, &id) ||
		errors.As(err, &invalid) || errors.As(err, &imported) && (errors.Is(err, store.ErrPositionExists) || errors.As(err, &id))
}

// followOne is what the committer does with an entry of a log. What fails for another
// reason than the rule of the log ends the namespace: those behind it must not be decided
// as if it were void.
func (c *committer) followOne(g *group, o *op) (a store.Appended, err error) {
	l := o.logged
	switch {
	case l.Import != nil:
		g.imports = true
		err = c.importAll(g, o)
	case len(l.Write.Events) > 0:
		c.state.LastTime = max(c.state.LastTime, l.Time.UnixNano())
		a, err = c.append(g, o)
	}
	if err != nil && !void(err) && g.err == nil {
		c.fail(g, fmt.Errorf("follow the log: %w", err))
	}
	if err == nil {
		c.place, g.filled = l.At, true
	}
	return a, err
}

// The place up to which a log was followed is kept beside the counts by type.
const keptPlace = 'l'

func (c *committer) keepPlace(batch Batch) error {
	if c.place == (Place{}) {
		return nil
	}
	key := []byte{keptPlace}
	value := binary.AppendVarint(nil, int64(c.place.Sequence))
	value = binary.AppendVarint(value, int64(c.place.Sum))
	return batch.Keep(key, binary.LittleEndian.AppendUint32(value, keptSum(key, value)))
}

// loadPlace reads the place of what is stored. Who does not follow a log only has to know whether
// there is one: what else is kept can be done without, and damage to it is told elsewhere.
func (ns *namespace) loadPlace() error {
	err := ns.db.Kept(func(key, value []byte) error {
		if len(key) == 0 || key[0] != keptPlace {
			return nil
		}
		ns.place.Store(&Place{})
		var numbers [5]int64
		if n, err := keptNumbers(key, value, &numbers); err != nil || n != 2 {
			return errors.Join(errKept, err)
		}
		ns.place.Store(&Place{Sequence: uint64(numbers[0]), Sum: uint32(numbers[1])})
		return nil
	})
	if err != nil && ns.h.store.options.Follows {
		return fmt.Errorf("read up to where a log was followed: %w", err)
	}
	return nil
}

// Followed returns the place up to which what is stored followed the log; the
// zero Place when nothing of a log is stored.
func (s *Store) Followed(_ context.Context, id string) (Place, error) {
	return on(s, id, func(ns *namespace) (p Place, err error) {
		if followed := ns.place.Load(); followed != nil {
			p = *followed
		}
		return p, nil
	})
}

// Stored returns where a write's events are stored when all of them are, by their
// ids, as the same messages. It returns an *store.IDConflictError when an id is another
// message's. It looks at what is readable.
func (s *Store) Stored(_ context.Context, namespace string, w *store.Write) (a store.Appended, found bool, err error) {
	ns, err := s.acquire(namespace)
	if err != nil {
		return a, false, err
	}
	defer ns.h.release()
	bound := ns.durable.Load()
	return retried(w, func(id store.ID, i int) (position, global int64, same bool, err error) {
		return ns.compare(id, w, i, bound)
	})
}

// Note remembers an engine event of somebody above. It never waits.
func (s *Store) Note(e store.EngineEvent) { s.events.add(e) }

// Sum is the checksum of a Place.
func Sum(body []byte) uint32 { return crc32.Checksum(body, castagnoli) }
