package model

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/evtui/evtui/store"
)

// Append implements [store.Store].
func (m *Store) Append(ctx context.Context, namespace string, w store.Write) (store.Appended, error) {
	if err := w.Check(); err != nil {
		return store.Appended{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findToWriteLocked(ctx, namespace)
	if err != nil {
		return store.Appended{}, err
	}
	if answer, isRetry, err := ns.retry(w); isRetry || err != nil {
		return answer, err
	}
	version := ns.version(w.Stream)
	if w.ExpectedVersion != store.AnyVersion && w.ExpectedVersion != version {
		return store.Appended{}, &store.ConflictError{Stream: w.Stream, Expected: w.ExpectedVersion, Actual: version}
	}
	answer := store.Appended{
		FirstPosition: version + 1, LastPosition: version + int64(len(w.Events)),
		FirstGlobalPosition: ns.head() + 1, LastGlobalPosition: ns.head() + int64(len(w.Events)),
	}
	for i, e := range w.Events {
		now := ns.notBefore(m.now())
		if e.ID.IsZero() {
			e.ID = store.NewID(now)
		}
		ns.add(store.Message{
			ID: e.ID, Stream: w.Stream, Type: e.Type, Time: now, Data: e.Data, Metadata: e.Metadata,
			Position:       answer.FirstPosition + int64(i),
			GlobalPosition: answer.FirstGlobalPosition + int64(i),
		}, e.Correlation)
	}
	ns.wrote()
	return answer, nil
}

// retry tells whether w is stored already. It returns an IDConflictError when
// one of its ids is, but not the whole of w as it stands.
func (ns *space) retry(w store.Write) (answer store.Appended, isRetry bool, err error) {
	var stored []*entry
	for _, e := range w.Events {
		if old := ns.byID[e.ID]; old != nil && !e.ID.IsZero() {
			stored = append(stored, old)
		}
	}
	if len(stored) == 0 {
		return store.Appended{}, false, nil
	}
	if len(stored) != len(w.Events) {
		return store.Appended{}, false, &store.IDConflictError{ID: stored[0].ID}
	}
	for i, old := range stored {
		e := w.Events[i]
		if old.Stream != w.Stream || old.Position != stored[0].Position+int64(i) ||
			old.Type != e.Type || !bytes.Equal(old.Data, e.Data) {
			return store.Appended{}, false, &store.IDConflictError{ID: old.ID}
		}
	}
	first, last := stored[0], stored[len(stored)-1]
	return store.Appended{
		FirstPosition: first.Position, LastPosition: last.Position,
		FirstGlobalPosition: first.GlobalPosition, LastGlobalPosition: last.GlobalPosition,
	}, true, nil
}

// notBefore keeps the namespace's time from running backwards.
func (ns *space) notBefore(t time.Time) time.Time {
	t = t.Round(0).UTC()
	if len(ns.log) > 0 {
		if last := ns.log[len(ns.log)-1].Time; t.Before(last) {
			return last
		}
	}
	return t
}

// add stores a copy of the message.
func (ns *space) add(m store.Message, correlation string) {
	stored := &entry{m.Clone(), correlation}
	ns.log = append(ns.log, stored)
	ns.streams[stored.Stream] = append(ns.streams[stored.Stream], stored)
	ns.byID[stored.ID] = stored
}

// Import implements [store.Importer]. It takes positions that are free wherever
// they lie, also below the head.
func (m *Store) Import(ctx context.Context, namespace string, messages []store.ImportMessage) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findToWriteLocked(ctx, namespace)
	if err != nil {
		return err
	}
	if err := ns.importAll(messages); err != nil {
		return err
	}
	if len(messages) > 0 {
		ns.wrote()
	}
	return nil
}

func (ns *space) importAll(messages []store.ImportMessage) error {
	if err := ns.checkImport(messages); err != nil {
		return err
	}
	for _, message := range messages {
		message.Time = message.Time.Round(0).UTC()
		ns.add(message.Message, message.Correlation)
	}
	slices.SortFunc(ns.log, func(a, b *entry) int { return cmp.Compare(a.GlobalPosition, b.GlobalPosition) })
	for _, stream := range ns.streams {
		slices.SortFunc(stream, func(a, b *entry) int { return cmp.Compare(a.Position, b.Position) })
	}
	return nil
}

// checkImport finds the first message that cannot be stored.
func (ns *space) checkImport(messages []store.ImportMessage) error {
	type place struct {
		stream   string
		position int64
	}
	positions, globals := map[place]bool{}, map[int64]bool{}
	for _, old := range ns.log {
		positions[place{old.Stream, old.Position}] = true
		globals[old.GlobalPosition] = true
	}
	for i, message := range messages {
		if err := checkImported(message.Message); err != nil {
			return &store.ImportError{Index: i, Err: err}
		}
		at := place{message.Stream, message.Position}
		if globals[message.GlobalPosition] || positions[at] {
			return &store.ImportError{Index: i, Err: store.ErrPositionExists}
		}
		globals[message.GlobalPosition], positions[at] = true, true
	}
	return nil
}

func checkImported(m store.Message) error {
	event := store.Event{Type: m.Type, Data: m.Data, Metadata: m.Metadata}
	w := store.Write{Stream: m.Stream, Events: []store.Event{event}}
	if err := w.Check(); err != nil {
		return err
	}
	if m.Position < 0 {
		return &store.InvalidError{Field: "position", Reason: "must not be negative"}
	}
	if m.GlobalPosition < 1 {
		return &store.InvalidError{Field: "globalPosition", Reason: "must be at least 1"}
	}
	return nil
}

// Truncate implements [store.Importer].
func (m *Store) Truncate(ctx context.Context, namespace string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, namespace)
	if err != nil {
		return err
	}
	ns.clear()
	ns.wrote()
	return nil
}

// Inspect implements [store.Verifier]: there is nothing beside the namespaces.
func (m *Store) Inspect(ctx context.Context) (store.Inspection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return store.Inspection{}, store.ErrClosed
	}
	return store.Inspection{}, ctx.Err()
}

// Verify implements [store.Verifier].
func (m *Store) Verify(ctx context.Context, namespace string) (store.VerifyReport, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ns, err := m.findLocked(ctx, namespace)
	if err != nil {
		return store.VerifyReport{}, err
	}
	report := store.VerifyReport{Messages: int64(len(ns.log)), Streams: int64(len(ns.streams))}
	inStreams := 0
	for name, stream := range ns.streams {
		inStreams += len(stream)
		for i, message := range stream[1:] {
			if message.Position <= stream[i].Position || message.GlobalPosition <= stream[i].GlobalPosition {
				report.Findings = append(report.Findings, store.Finding{Where: "stream " + name, Detail: "positions do not rise"})
			}
		}
	}
	if inStreams != len(ns.log) {
		report.Findings = append(report.Findings, store.Finding{Where: "log", Detail: "holds other messages than the streams"})
	}
	return report, errors.Join(ctx.Err())
}
