package pebblestore

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// place is what an s entry says of its message. nanos is 0 where it does not
// tell the time.
type place struct{ gpos, nanos int64 }

func placeOf(value []byte) (p place, err error) {
	e, err := decodeEntry(value)
	return place{e.gpos, e.nanos}, err
}

// streamLister walks the s family stream by stream.
type streamLister struct {
	of       *database
	it       *pebble.Iterator
	messages *reader
	category string
	bound    int64  // global position
	key      []byte // scratch
}

// Streams returns one page of streams by name. Each costs a seek or two. It
// gives its iterators back whenever the scan's turn is over.
func (d *database) Streams(w *engine.Watch, q store.StreamsQuery, bound int64) ([]store.Stream, error) {
	if strings.IndexByte(q.Prefix, nameEnd) >= 0 {
		return nil, nil // no name holds it, but every key does
	}
	page := make([]store.Stream, 0, min(q.Limit, 1000))
	for {
		lister, err := d.listStreams(q, bound)
		if err != nil {
			return nil, err
		}
		page, err = lister.fill(w, page, q.Limit)
		lister.close()
		if !errors.Is(err, engine.ErrTurn) {
			return page, err
		}
		if n := len(page); n > 0 {
			q.Cursor = page[n-1].Name
		}
	}
}

func (d *database) listStreams(q store.StreamsQuery, bound int64) (*streamLister, error) {
	lower, upper := familyBounds(familyStream)
	lower = append(lower, q.Prefix...)
	if q.Prefix != "" {
		upper = successor(lower)
	}
	if q.Category != "" {
		lower = maxKey(lower, append([]byte{familyStream}, q.Category...))
	}
	if q.Cursor != "" {
		after := appendStreamPrefix(nil, q.Cursor)
		after[len(after)-1] = nameEnd + 1
		lower = maxKey(lower, after)
	}
	it, err := d.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return nil, fmt.Errorf("list streams: %w", err)
	}
	it.First()
	return &streamLister{of: d, it: it, messages: d.reader(), category: q.Category, bound: bound}, nil
}

// fill adds streams to a page until it holds limit, or there are no more.
func (l *streamLister) fill(w *engine.Watch, page []store.Stream, limit int) ([]store.Stream, error) {
	for added := 0; len(page) < limit; added++ {
		if err := w.Step(); err != nil {
			// A turn that added nothing would begin where it did before.
			if !errors.Is(err, engine.ErrTurn) {
				return nil, err
			}
			if added > 0 {
				return page, err
			}
		}
		one, err := l.next()
		if errors.Is(err, store.ErrMessageNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		page = append(page, one)
	}
	return page, nil
}

func (l *streamLister) close() {
	l.messages.close()
	_ = l.it.Close() // errors were seen by next
}

// next describes the next stream, or returns store.ErrMessageNotFound at the end.
func (l *streamLister) next() (store.Stream, error) {
	for l.it.Valid() {
		name := string(streamOfKey(l.it.Key()))
		if l.category != "" && store.Category(name) != l.category {
			if !l.skip(name) {
				break
			}
			continue
		}
		one, found, err := l.describe(name)
		if err != nil {
			return store.Stream{}, err
		}
		if found {
			return one, nil
		}
	}
	if err := l.it.Error(); err != nil {
		return store.Stream{}, fmt.Errorf("list streams: %w", err)
	}
	return store.Stream{}, store.ErrMessageNotFound
}

// skip passes a stream of another category and tells whether more can follow.
// Names of one category need not be neighbours: account+1 lies between
// account and account-1.
func (l *streamLister) skip(name string) bool {
	dashed := l.category + "-"
	if strings.HasPrefix(name, l.category) && name < dashed {
		return l.it.SeekGE(append([]byte{familyStream}, dashed...))
	}
	return false
}

// stepsToLast is how many entries of a stream are stepped over before its end
// is sought.
const stepsToLast = 3

// describe reads the end of the stream that the iterator stands at and leaves
// the iterator at the next stream.
func (l *streamLister) describe(name string) (store.Stream, bool, error) {
	one := store.Stream{Name: name, Version: store.NoStream}
	var last place // of the last durable entry
	for range stepsToLast {
		if err := l.note(&one, &last); err != nil {
			return one, false, err
		}
		if !l.it.Next() || string(streamOfKey(l.it.Key())) != name {
			return l.finish(one, last)
		}
	}
	l.key = appendStreamPrefix(l.key[:0], name)
	l.key[len(l.key)-1] = nameEnd + 1
	for ok := l.it.SeekLT(l.key); ok && string(streamOfKey(l.it.Key())) == name; ok = l.it.Prev() {
		before := one.Version
		if err := l.note(&one, &last); err != nil {
			return one, false, err
		}
		if one.Version != before || lastUint64(l.it.Key()) <= before {
			break
		}
	}
	l.it.SeekGE(l.key)
	return l.finish(one, last)
}

// note takes the entry that the iterator stands at for the stream's end if it
// is durable and later than what was seen.
func (l *streamLister) note(one *store.Stream, last *place) error {
	value, err := l.it.ValueAndErr()
	if err != nil {
		return fmt.Errorf("list streams: %w", err)
	}
	at, err := placeOf(value)
	if err != nil {
		return fmt.Errorf("list streams: %w", err)
	}
	if position := lastUint64(l.it.Key()); at.gpos <= l.bound && position > one.Version {
		one.Version, *last = position, at
	}
	return nil
}

func (l *streamLister) finish(one store.Stream, last place) (store.Stream, bool, error) {
	if err := l.it.Error(); err != nil {
		return one, false, fmt.Errorf("list streams: %w", err)
	}
	if one.Version == store.NoStream {
		return one, false, nil // nothing of it is durable yet
	}
	if last.nanos != 0 {
		one.LastActivity = time.Unix(0, last.nanos).UTC()
		return one, true, nil
	}
	category, _ := l.of.numberOf(store.Category(one.Name))
	value, err := l.messages.fetch(category, last.gpos)
	if err != nil {
		return one, false, fmt.Errorf("list streams: read the end of %q: %w", one.Name, err)
	}
	one.LastActivity, err = recordTime(value)
	return one, err == nil, err
}

func maxKey(a, b []byte) []byte {
	if bytes.Compare(a, b) < 0 {
		return b
	}
	return a
}

// successor returns the first key after all that begin with prefix.
func successor(prefix []byte) []byte {
	key := bytes.Clone(prefix)
	for i := len(key) - 1; i >= 0; i-- {
		if key[i] < 0xff {
			key[i]++
			return key[:i+1]
		}
	}
	return nil
}
