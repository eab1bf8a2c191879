package logstore

import (
	"context"
	"errors"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// Import publishes messages with the positions, ids and times they carry, as one record.
// They must not be below the namespace's head: the log decides in its own order.
func (s *Store) Import(ctx context.Context, namespace string, messages []store.ImportMessage) error {
	f, over, err := s.written(ctx, namespace)
	if err != nil {
		return err
	}
	defer over()
	if err := engine.CheckImports(messages); err != nil {
		return err
	}
	if len(messages) == 0 {
		return nil
	}
	if err := f.ready(ctx); err != nil {
		return err
	}
	e := &entry{of: f.identity, kind: recordImport, token: newToken(), imports: messages}
	_, err = f.control(ctx, e)
	return err
}

// Truncate publishes that everything before is gone, and lets the log drop it.
func (s *Store) Truncate(ctx context.Context, namespace string) error {
	f, over, err := s.written(ctx, namespace)
	if err != nil {
		return err
	}
	defer over()
	if err := f.ready(ctx); err != nil {
		return err
	}
	sequence, err := f.control(ctx, &entry{of: f.identity, kind: recordTruncate, token: newToken()})
	if err != nil {
		return err
	}
	if err := s.log.Drop(ctx, namespace, sequence); err != nil {
		s.logger.Warn("what was truncated still takes room in the log", "namespace", namespace, "error", err)
	}
	return nil
}

// Replace is not offered: other content cannot take over in all evtui at once.
func (s *Store) Replace(context.Context, string) (store.Replacement, error) {
	return nil, &store.NotOfferedError{Instead: "other content cannot take over at all evtui of a cluster at once; import into a new namespace, without --force"}
}

// control publishes a record about the namespace as a whole, and waits until it was met.
// It returns its sequence in the log.
func (f *follower) control(ctx context.Context, e *entry) (uint64, error) {
	end, err := f.turns.take(ctx, "")
	if err != nil {
		return 0, f.unavailable("it waited for its turn until it was given up; nothing was stored")
	}
	defer end()
	parts, err := e.encode(f.s.log.MaxRecord())
	if err != nil {
		return 0, err
	}
	w := f.wait(e.token)
	defer f.forget(e.token)
	unknown := false
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		last, err := f.s.log.Last(ctx, f.id, controlSubject)
		if err == nil && unknown {
			// The record may be the last one.
			err = f.await(ctx, last)
		}
		if w.isMet() {
			return last, w.outcome.Void
		}
		var sequence uint64
		if err == nil {
			sequence, err = f.publish(ctx, Publication{Subject: controlSubject, Parts: parts, ID: e.token.String(), Expected: last})
		}
		if err == nil {
			return sequence, f.metControl(ctx, w)
		}
		unknown = unknown || errors.Is(err, ErrUnanswered)
		if !errors.As(err, new(*WrongLastError)) && !errors.Is(err, ErrInFlight) && !errors.Is(err, ErrUnanswered) && !temporary(err) {
			return 0, err
		}
		switch met, stop := f.rest(ctx, w, pause); {
		case met:
			return last, w.outcome.Void
		case errors.Is(stop, errGivenUp) && unknown:
			return 0, &store.UncertainError{Namespace: f.id, Reason: "the log did not say in time", Err: err}
		case errors.Is(stop, errGivenUp):
			return 0, f.unavailable(notStored(err))
		case stop != nil:
			return 0, stop
		}
	}
}

func (f *follower) metControl(ctx context.Context, w *waiter) error {
	select {
	case <-w.done:
		return w.outcome.Void
	case <-ctx.Done():
		return &store.UncertainError{Namespace: f.id, Reason: "the log has it, and it was not met here in time", Err: context.Cause(ctx)}
	case <-f.ended:
		if w.isMet() {
			return w.outcome.Void
		}
		return f.endedUnder(&store.UncertainError{Namespace: f.id, Reason: "this evtui ended meanwhile"})
	}
}
