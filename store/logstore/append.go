package logstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
)

// Append publishes w's events as one record and returns once that was met in the log
// and can be read here.
func (s *Store) Append(ctx context.Context, namespace string, w store.Write) (store.Appended, error) {
	if err := w.Check(); err != nil {
		return store.Appended{}, err
	}
	f, over, err := s.written(ctx, namespace)
	if err != nil {
		return store.Appended{}, err
	}
	defer over()
	if err := f.ready(ctx); err != nil {
		return store.Appended{}, err
	}
	end, err := f.turns.take(ctx, w.Stream)
	if err != nil {
		return store.Appended{}, f.unavailable("the write waited for its turn until it was given up; nothing was stored")
	}
	defer end()
	a := &appending{f: f, ctx: ctx, w: w, subject: Subject(w.Stream)}
	a.giveIDs()
	return a.run()
}

// A follower that is further behind than this takes no writes: they would wait for
// longer than anybody does.
const mostBehind = 200_000

// ready says why the namespace takes no writes just now.
func (f *follower) ready(ctx context.Context) error {
	f.mu.Lock()
	behind, reached, broken, over := f.behind, f.reached, f.broken, f.over
	f.mu.Unlock()
	switch {
	case over != nil:
		return over
	case ctx.Err() != nil:
		return f.unavailable("the write was given up before it began; nothing was stored")
	case contradicts(broken):
		return f.unavailable(inWords(broken))
	case behind > mostBehind && !reached:
		return f.unavailable(fmt.Sprintf("this evtui builds its copy of the log: %d records are still to come", behind))
	case behind > mostBehind:
		return f.unavailable(fmt.Sprintf("this evtui is %d records behind the log", behind))
	}
	return nil
}

// appending is one append on its way into the log. It is tried again until it is
// decided: each attempt is for one place behind one last sequence of its subject, so that the
// log takes it at most once.
type appending struct {
	f       *follower
	ctx     context.Context
	w       store.Write
	made    []bool // whose ids no client gave; nil: none's
	given   store.Write
	subject string

	checked bool // the end of the log was asked for, so that what is read here decides
	unknown bool // the attempt under way may be in the log, or still come there
}

func (a *appending) giveIDs() {
	a.given = a.w
	for i := range a.w.Events {
		if !a.w.Events[i].ID.IsZero() {
			continue
		}
		if a.made == nil {
			a.made = make([]bool, len(a.w.Events))
			a.given.Events = append([]store.Event(nil), a.w.Events...)
		}
		var random [10]byte
		_, _ = rand.Read(random[:]) // it never fails since Go 1.24
		a.made[i], a.given.Events[i].ID = true, store.MakeID(time.Now(), random)
	}
}

// run tries until the append is decided or given up.
func (a *appending) run() (store.Appended, error) {
	for {
		stored, done, err := a.attempt()
		if done || err != nil {
			return stored, err
		}
	}
}

// attempt is one try: done says that it was decided. What is not decided is tried again.
func (a *appending) attempt() (stored store.Appended, done bool, err error) {
	stored, found, err := a.f.s.Stored(a.ctx, a.f.id, &a.w)
	if found || err != nil {
		return stored, found, err
	}
	last, known := a.f.last.get(a.subject) // first: a version that is newer than it makes the log refuse
	version, err := a.f.s.Version(a.ctx, a.f.id, a.w.Stream)
	if err != nil {
		return stored, false, err
	}
	if a.w.ExpectedVersion != store.AnyVersion && a.w.ExpectedVersion != version {
		if a.checked {
			return stored, false, &store.ConflictError{Stream: a.w.Stream, Expected: a.w.ExpectedVersion, Actual: version}
		}
		a.checked = true
		return stored, false, a.f.catchUp(a.ctx)
	}
	a.checked = false
	if !known && version != store.NoStream {
		if last, err = a.ask(); err != nil {
			return stored, false, err
		}
	}
	e := &entry{of: a.f.identity, kind: recordAppend, token: newToken(), write: a.given, made: a.made}
	e.write.ExpectedVersion = version
	parts, err := e.encode(a.f.s.log.MaxRecord())
	if err != nil {
		return stored, false, err
	}
	return a.publish(e, Publication{Subject: a.subject, Parts: parts, ID: e.token.String(), Expected: last})
}

// ask asks the log for the last sequence of the subject, and waits until that was met.
// The version that was read may be an older one: the log then refuses.
func (a *appending) ask() (uint64, error) {
	sequence, err := a.f.s.log.Last(a.ctx, a.f.id, a.subject)
	if err != nil {
		return 0, a.f.explain(err)
	}
	if err := a.f.await(a.ctx, sequence); err != nil {
		return 0, err
	}
	a.f.last.put(a.subject, sequence)
	return sequence, nil
}

// publish sends a record until it is known what became of it.
func (a *appending) publish(e *entry, p Publication) (stored store.Appended, done bool, err error) {
	w := a.f.wait(e.token)
	defer a.f.forget(e.token)
	a.unknown = false
	pause := time.Millisecond
	for {
		_, err := a.f.publish(a.ctx, p)
		wrong, isWrong := errors.AsType[*WrongLastError](err)
		switch {
		case err == nil:
			a.unknown = true
			return a.met(w)
		case isWrong:
			return a.overtaken(w, p, wrong.Actual)
		case errors.Is(err, ErrUnanswered):
			a.unknown = true
		case !errors.Is(err, ErrInFlight) && !temporary(err):
			if a.unknown && !errors.Is(err, store.ErrNamespaceNotFound) {
				err = a.uncertain(err)
			}
			return stored, false, err
		}
		if stored, done, err := a.pause(w, pause, err); done || err != nil {
			return stored, done, err
		}
		pause = min(2*pause, 100*time.Millisecond)
	}
}

// publishFor is how long one try waits for an answer: a leader that is gone gives none, and
// sending the record again finds the next one.
const publishFor = 2 * time.Second

// publish asks the log once.
func (f *follower) publish(ctx context.Context, p Publication) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, publishFor)
	defer cancel()
	defer context.AfterFunc(f.ctx, cancel)()
	sequence, err := f.s.log.Publish(ctx, f.id, p)
	unanswered := errors.Is(err, ErrUnanswered) && !errors.Is(err, ErrInFlight)
	switch {
	case err == nil:
		f.answered(nil)
	case f.ctx.Err() == nil && (unanswered || temporary(err)):
		f.answered(err)
	}
	return sequence, err
}

// temporary reports whether the log can be asked again: it has no leader just now.
func temporary(err error) bool {
	return errors.As(err, new(*store.UnavailableError))
}

// pause waits before the record is sent again. The record may be met meanwhile.
func (a *appending) pause(w *waiter, pause time.Duration, cause error) (stored store.Appended, done bool, err error) {
	switch met, err := a.f.rest(a.ctx, w, pause); {
	case met:
		return a.outcome(w)
	case err == nil:
		return stored, false, nil
	case errors.Is(err, errGivenUp) && !a.unknown:
		return stored, false, a.f.unavailable(notStored(cause))
	case errors.Is(err, errGivenUp):
		return stored, false, a.uncertain(cause)
	default:
		return stored, false, err
	}
}

var errGivenUp = errors.New("it was given up")

// rest waits for a while. met says that the record was met meanwhile; errGivenUp that ctx
// ended; another error, that nothing is followed any more.
func (f *follower) rest(ctx context.Context, w *waiter, pause time.Duration) (met bool, err error) {
	select {
	case <-w.done:
		return true, nil
	case <-ctx.Done():
		return false, errGivenUp
	case <-f.ended:
		return w.isMet(), f.why()
	case <-time.After(pause):
	}
	if ctx.Err() != nil {
		return false, errGivenUp
	}
	return false, nil
}

func notStored(cause error) string {
	if u, ok := errors.AsType[*store.UnavailableError](cause); ok {
		return u.Reason + "; nothing was stored"
	}
	return "the log had another write to the stream under way until this one was given up; nothing was stored"
}

// met waits for a record that is in the log.
func (a *appending) met(w *waiter) (stored store.Appended, done bool, err error) {
	select {
	case <-w.done:
		return a.outcome(w)
	case <-a.ctx.Done():
		return stored, false, a.uncertain(context.Cause(a.ctx))
	case <-a.f.ended:
		if w.isMet() {
			return a.outcome(w)
		}
		return stored, false, a.f.endedUnder(a.uncertain(nil))
	}
}

// overtaken is what follows when the subject has another last sequence than was
// expected. It may be that of this very record, sent before.
func (a *appending) overtaken(w *waiter, p Publication, actual uint64) (stored store.Appended, done bool, err error) {
	if actual == 0 {
		if actual, err = a.f.s.log.Last(a.ctx, a.f.id, p.Subject); err != nil {
			return stored, false, a.giveUp(a.f.explain(err))
		}
	}
	if err := a.f.await(a.ctx, actual); err != nil {
		return stored, false, a.giveUp(err)
	}
	if w.isMet() {
		return a.outcome(w)
	}
	a.unknown = false // it will never be in the log: its place is taken
	a.f.last.set(p.Subject, actual)
	return stored, false, nil
}

// giveUp is the error of an append that cannot be decided for the reason err.
func (a *appending) giveUp(err error) error {
	if a.unknown {
		return a.uncertain(err)
	}
	return err
}

// outcome is the answer of a record that was met. A void one is tried again: what made it
// void can be read by now.
func (a *appending) outcome(w *waiter) (store.Appended, bool, error) {
	a.unknown = false
	if w.outcome.Void != nil {
		return store.Appended{}, false, nil //nolint:nilerr // it is looked at again, and gets an error of its own
	}
	return w.outcome.Stored, true, nil
}

func (a *appending) uncertain(cause error) error {
	return &store.UncertainError{Namespace: a.f.id, Reason: "the log did not say in time", Err: cause}
}

func (w *waiter) isMet() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

func (f *follower) wait(t token) *waiter {
	w := &waiter{done: make(chan struct{})}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting[t] = w
	return w
}

func (f *follower) forget(t token) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.waiting, t)
}

// why says why nothing is followed any more; nil while it is.
func (f *follower) why() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.over
}

// endedUnder is what a write is told that was under way when the follower ended: of a
// namespace that is gone nothing is uncertain.
func (f *follower) endedUnder(otherwise error) error {
	if err := f.why(); errors.Is(err, store.ErrNamespaceNotFound) {
		return err
	}
	return otherwise
}
