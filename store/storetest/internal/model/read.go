package model

import (
	"context"
	"iter"
	"slices"
	"sort"
	"time"
	"unsafe"

	"github.com/evtui/evtui/store"
)

// ReadStream implements [store.Store].
func (m *Store) ReadStream(ctx context.Context, namespace string, q store.StreamQuery) iter.Seq2[store.Message, error] {
	return func(yield func(store.Message, error) bool) {
		found, err := m.selectStream(ctx, namespace, q)
		lendAll(ctx, found, err, yield)
	}
}

// ReadCategory implements [store.Store].
func (m *Store) ReadCategory(ctx context.Context, namespace string, q store.CategoryQuery) iter.Seq2[store.Message, error] {
	return func(yield func(store.Message, error) bool) {
		found, err := m.selectCategory(ctx, namespace, q)
		lendAll(ctx, found, err, yield)
	}
}

func (m *Store) selectStream(ctx context.Context, namespace string, q store.StreamQuery) ([]*entry, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, namespace)
	if err != nil {
		return nil, err
	}
	return take(ns.streams[q.Stream], q.Backward, q.Limit, func(message *entry) bool {
		if q.Backward {
			return (q.Position < 0 || message.Position <= q.Position) &&
				(q.GlobalPosition < 1 || message.GlobalPosition <= q.GlobalPosition)
		}
		return message.Position >= q.Position && message.GlobalPosition >= q.GlobalPosition
	}), nil
}

func (m *Store) selectCategory(ctx context.Context, namespace string, q store.CategoryQuery) ([]*entry, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, namespace)
	if err != nil {
		return nil, err
	}
	return take(ns.log, q.Backward, q.Limit, func(message *entry) bool {
		if q.Backward && q.GlobalPosition >= 1 && message.GlobalPosition > q.GlobalPosition {
			return false
		}
		if !q.Backward && message.GlobalPosition < q.GlobalPosition {
			return false
		}
		return (q.Category == "" || store.Category(message.Stream) == q.Category) &&
			(q.Correlation == "" || message.correlation == q.Correlation) &&
			q.Group.Owns(message.Stream)
	}), nil
}

// take picks the messages that match, first to last or last to first, limit
// of them at most.
func take(from []*entry, backward bool, limit int, match func(*entry) bool) []*entry {
	var found []*entry
	for i := range from {
		if limit != store.NoLimit && len(found) >= limit {
			break
		}
		message := from[i]
		if backward {
			message = from[len(from)-1-i]
		}
		if match(message) {
			found = append(found, message)
		}
	}
	return found
}

// lendAll yields the messages borrowed, in a buffer that it overwrites as soon
// as the caller steps on.
func lendAll(ctx context.Context, found []*entry, err error, yield func(store.Message, error) bool) {
	if err != nil {
		yield(store.Message{}, err)
		return
	}
	var buffer []byte
	for _, message := range found {
		if err := ctx.Err(); err != nil {
			yield(store.Message{}, err)
			return
		}
		var lent store.Message
		lent, buffer = lend(message.Message, buffer)
		more := yield(lent, nil)
		for i := range buffer {
			buffer[i] = '#'
		}
		if !more {
			return
		}
	}
}

// lend copies the message's strings and bytes into the buffer and returns a
// message that points into it.
func lend(m store.Message, buffer []byte) (store.Message, []byte) {
	buffer = buffer[:0]
	for _, part := range [][]byte{[]byte(m.Stream), []byte(m.Type), m.Data, m.Metadata} {
		buffer = append(buffer, part...)
	}
	rest := buffer
	next := func(n int) []byte {
		part := rest[:n:n]
		rest = rest[n:]
		return part
	}
	m.Stream, m.Type = borrowedString(next(len(m.Stream))), borrowedString(next(len(m.Type)))
	m.Data = next(len(m.Data))
	if m.Metadata != nil {
		m.Metadata = next(len(m.Metadata))
	}
	return m, buffer
}

// borrowedString makes a string that changes when b does, as an engine may
// lend it.
func borrowedString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// LastMessage implements [store.Store].
func (m *Store) LastMessage(ctx context.Context, namespace, stream, messageType string) (store.Message, error) {
	if err := store.CheckStreamName(stream); err != nil {
		return store.Message{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, namespace)
	if err != nil {
		return store.Message{}, err
	}
	for _, message := range slices.Backward(ns.streams[stream]) {
		if messageType == "" || message.Type == messageType {
			return message.Clone(), nil
		}
	}
	return store.Message{}, store.ErrMessageNotFound
}

// MessageByID implements [store.Store].
func (m *Store) MessageByID(ctx context.Context, namespace string, id store.ID) (store.Message, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, namespace)
	if err != nil {
		return store.Message{}, err
	}
	message := ns.byID[id]
	if message == nil {
		return store.Message{}, store.ErrMessageNotFound
	}
	return message.Clone(), nil
}

// PositionAt implements [store.Store].
func (m *Store) PositionAt(ctx context.Context, namespace string, t time.Time) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, namespace)
	if err != nil {
		return 0, err
	}
	for _, message := range ns.log {
		if !message.Time.Before(t) {
			return message.GlobalPosition, nil
		}
	}
	return ns.head() + 1, nil
}

// Version implements [store.Store].
func (m *Store) Version(ctx context.Context, namespace, stream string) (int64, error) {
	if err := store.CheckStreamName(stream); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, namespace)
	if err != nil {
		return 0, err
	}
	return ns.version(stream), nil
}

// Head implements [store.Store].
func (m *Store) Head(ctx context.Context, namespace string) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, namespace)
	if err != nil {
		return 0, err
	}
	return ns.head(), nil
}

// from returns the messages of a log, by global position, from g on.
func from(log []*entry, g int64) []*entry {
	return log[sort.Search(len(log), func(i int) bool { return log[i].GlobalPosition >= g }):]
}
