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
			return nil, fmt.Errorf("list streams: %w", err)
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
		one := store.Stream{Name: name, Version: store.NoStream}
		last, err := l.findEnd(&one)
		if err != nil {
			return one, err
		}
		if one.Version != store.NoStream { // else nothing of it is durable yet
			one.LastActivity, err = l.written(name, last)
			return one, err
		}
	}
	if err := l.it.Error(); err != nil {
		return store.Stream{}, err
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

// findEnd finds the version of the stream that the iterator stands at, and leaves
// the iterator at the next stream. It returns the last durable entry.
func (l *streamLister) findEnd(one *store.Stream) (last entry, err error) {
	for range stepsToLast {
		if err := l.note(one, &last); err != nil {
			return last, err
		}
		if !l.it.Next() || string(streamOfKey(l.it.Key())) != one.Name {
			return last, l.it.Error()
		}
	}
	l.key = appendStreamPrefix(l.key[:0], one.Name)
	l.key[len(l.key)-1] = nameEnd + 1
	for ok := l.it.SeekLT(l.key); ok && string(streamOfKey(l.it.Key())) == one.Name; ok = l.it.Prev() {
		before := one.Version
		if err := l.note(one, &last); err != nil {
			return last, err
		}
		if one.Version != before || lastUint64(l.it.Key()) <= before {
			break
		}
	}
	l.it.SeekGE(l.key)
	return last, l.it.Error()
}

// note takes the entry that the iterator stands at for the stream's end if it
// is durable and later than what was seen.
func (l *streamLister) note(one *store.Stream, last *entry) error {
	at, err := entryAt(l.it)
	if position := lastUint64(l.it.Key()); err == nil && at.gpos <= l.bound && position > one.Version {
		one.Version, *last = position, at
	}
	return err
}

// written is when the last message of a stream was: as its entry says, or the message.
func (l *streamLister) written(name string, last entry) (time.Time, error) {
	if last.nanos != 0 {
		return time.Unix(0, last.nanos).UTC(), nil
	}
	category, _ := l.of.numberOf(store.Category(name))
	value, err := l.messages.fetch(category, last.gpos)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the end of %q: %w", name, err)
	}
	return recordTime(value)
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
