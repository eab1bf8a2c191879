package logstore

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// follower brings one namespace's records into the projection, and tells those who
// wait for them what became of them.
type follower struct {
	s            *Store
	id, identity string
	ctx          context.Context // ends it
	cancel       context.CancelFunc
	ended        chan struct{} // closed once it has: whatever was met by then has been answered
	again        chan struct{} // capacity 1: try at once
	others       atomic.Int64  // messages that other evtui wrote, since Witnessed asked last
	used         atomic.Int64  // when the namespace was asked for last, Unix nanoseconds
	last         lastSequences
	turns        turns

	mu      sync.Mutex // guards what follows
	seen    uint64     // sequence of the last record that was decided here, or found void
	behind  uint64     // records that the log had behind it when it was sent
	reached bool       // the end of the log was reached once
	asOf    time.Time  // when the follower last knew that it was at the end, or got a record
	cutOff  bool       // the log did not answer when it was asked last
	broken  error      // why it does not follow just now; nil when it does
	over    error      // why it never will again
	waiting map[token]*waiter
	moved   chan struct{} // closed, and replaced, when seen, broken or over changes and somebody waits
	watched bool          // somebody has moved
	void    int64         // records that were void
	foreign int64         // and that were none of evtui's
}

// waiter is an append that waits for its record to be met in the log.
type waiter struct {
	done    chan struct{} // closed when outcome is there
	outcome engine.Outcome
}

func (s *Store) follow(ns Namespace) *follower {
	f := &follower{
		s: s, id: ns.ID, identity: ns.Identity, again: make(chan struct{}, 1), asOf: time.Now(),
		waiting: map[token]*waiter{}, moved: make(chan struct{}), ended: make(chan struct{}),
	}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	go func() {
		defer close(f.ended)
		engine.ActAs("engine")
		f.run()
	}()
	return f
}

// end stops the follower for good. Whoever waits is told why.
func (f *follower) end(why error) {
	f.mu.Lock()
	if f.over == nil {
		f.over = why
	}
	f.tellLocked()
	f.mu.Unlock()
	f.cancel()
	<-f.ended
}

// How long the follower waits before it tries again.
const (
	retryFirst = 50 * time.Millisecond
	retryMost  = 2 * time.Second
)

// run follows, and begins again when that ends.
func (f *follower) run() {
	wait := retryFirst
	for f.ctx.Err() == nil {
		began := time.Now()
		err := f.session()
		if f.ctx.Err() != nil {
			return
		}
		f.breakOff(err)
		if time.Since(began) > retryMost {
			wait = retryFirst
		}
		select {
		case <-time.After(wait):
		case <-f.again:
		case <-f.ctx.Done():
		}
		wait = min(2*wait, retryMost)
	}
}

// breakOff notes why nothing is followed just now.
func (f *follower) breakOff(err error) {
	f.mu.Lock()
	news := f.broken == nil || f.broken.Error() != err.Error()
	f.broken = err
	f.tellLocked()
	f.mu.Unlock()
	if !news {
		return
	}
	switch {
	case contradicts(err):
		f.s.logger.Error("the log is not followed", "namespace", f.id, "error", err)
	case errors.Is(err, store.ErrNamespaceNotFound):
		nudge(f.s.woken)
		return
	default:
		f.s.logger.Warn("the log is not followed for now", "namespace", f.id, "error", err)
	}
	f.s.Note(store.EngineEvent{Namespace: f.id, Kind: store.EventCutOff, Reason: inWords(err)})
}

// session follows the log from where the projection ends until something fails.
func (f *follower) session() error {
	if err := f.mend(); err != nil {
		return err
	}
	from, err := f.s.Followed(f.ctx, f.id)
	if err != nil {
		return err
	}
	if err := f.agrees(from); err != nil {
		return err
	}
	next := max(from.Sequence, 1) // the record there comes again: what is stored here is held against it
	feed, err := f.s.log.Follow(f.ctx, f.id, f.identity, next-1)
	if err != nil {
		return err
	}
	defer feed.Close()
	r := &run{f: f, parts: assembler{of: f.identity}, from: from, next: next, buf: make([]Record, followBatch)}
	for {
		n, behind, err := feed.Next(f.ctx, r.buf)
		if err != nil {
			return err
		}
		if err := r.take(r.buf[:n]); err != nil {
			return err
		}
		f.progress(r, behind)
	}
}

// mend opens a projection again whose own log has failed.
func (f *follower) mend() error {
	ns, err := f.s.Store.Namespace(f.ctx, f.id)
	if err != nil || ns.Fault == "" || ns.Damaged {
		return err
	}
	return f.s.Store.Reopen(f.ctx, f.id)
}

// agrees makes sure that the log still has what the projection followed. A log
// that is shorter has lost what it acknowledged.
func (f *follower) agrees(from engine.Place) error {
	if from.Sequence == 0 {
		ns, err := f.s.Store.Namespace(f.ctx, f.id)
		if err == nil && ns.MessageCount > 0 {
			err = &lostError{reason: fmt.Sprintf("this evtui's copy holds %d messages, and not where in the log they came from", ns.MessageCount)}
		}
		return err
	}
	end, err := f.s.log.End(f.ctx, f.id)
	if err == nil && end < from.Sequence {
		err = &lostError{reason: fmt.Sprintf("the log ends at sequence %d, and this evtui followed it to %d", end, from.Sequence)}
	}
	return err
}

// lostError says that the log and the projection contradict each other. Nothing is
// followed, made again or thrown away until somebody decides which of the two is right.
type lostError struct{ reason string }

func (e *lostError) Error() string { return e.reason }

// followBatch is how many records are taken at once.
const followBatch = 1024

// run is a session's way through the log.
type run struct {
	f      *follower
	from   engine.Place // what is stored came from up to here
	next   uint64       // the sequence that comes next
	buf    []Record
	parts  assembler
	whole  []met
	logged []engine.Logged
	which  []int // of the entries of whole that are in logged
	done   []engine.Outcome
}

// take decides and stores what the records hold.
func (r *run) take(records []Record) error {
	r.whole = r.whole[:0]
	for i := range records {
		one := &records[i]
		if one.Sequence != r.next && !r.beginsAgain(one) {
			return &lostError{reason: fmt.Sprintf("the log lacks sequences %d to %d", r.next, one.Sequence-1)}
		}
		r.next = one.Sequence + 1
		if one.Sequence == r.from.Sequence {
			if engine.Sum(one.Body) != r.from.Sum {
				return &lostError{reason: fmt.Sprintf("at sequence %d the log has another record than the one that was followed", one.Sequence)}
			}
			continue
		}
		r.whole = r.parts.add(r.whole, one)
	}
	return r.decide()
}

// beginsAgain reports whether what lies before a record may be missing, since the
// record says that it is gone.
func (r *run) beginsAgain(one *Record) bool {
	if one.Sequence < r.next {
		return false
	}
	return truncates(r.f.identity, one)
}

// decide gives whole records to the projection, and their outcomes to who waits.
func (r *run) decide() error {
	r.logged, r.which = r.logged[:0], r.which[:0]
	for i := range r.whole {
		m := &r.whole[i]
		switch {
		case m.foreign != nil:
		case m.entry.kind == recordTruncate:
			if err := r.flush(); err != nil {
				return err
			}
			if err := r.truncate(m); err != nil {
				return err
			}
		default:
			e := m.entry
			r.logged = append(r.logged, engine.Logged{At: m.place(), Time: m.time, Write: e.write, Made: e.made, Import: e.imports})
			r.which = append(r.which, i)
		}
	}
	if err := r.flush(); err != nil {
		return err
	}
	r.f.tell(r.whole)
	return nil
}

// flush stores what was gathered.
func (r *run) flush() error {
	if len(r.logged) == 0 {
		return nil
	}
	if cap(r.done) < len(r.logged) {
		r.done = make([]engine.Outcome, len(r.logged), followBatch)
	}
	r.done = r.done[:len(r.logged)]
	if err := r.f.s.Follow(r.f.ctx, r.f.id, r.logged, r.done); err != nil {
		return fmt.Errorf("store what the log holds: %w", err)
	}
	r.f.answer(r.whole, r.which, r.done)
	r.logged, r.which = r.logged[:0], r.which[:0]
	return nil
}

// truncate empties the projection.
func (r *run) truncate(m *met) error {
	if err := r.f.s.Store.Truncate(r.f.ctx, r.f.id); err != nil {
		return err
	}
	var outcome [1]engine.Outcome
	if err := r.f.s.Follow(r.f.ctx, r.f.id, []engine.Logged{{At: m.place(), Time: m.time}}, outcome[:]); err != nil {
		return err
	}
	r.f.finish(m.entry.token, engine.Outcome{})
	return nil
}

// answer tells who waits for the records what became of them. They can be read by now.
func (f *follower) answer(whole []met, which []int, done []engine.Outcome) {
	others := int64(0)
	f.mu.Lock()
	for j, i := range which {
		e := whole[i].entry
		if done[j].Void != nil {
			f.void++
		}
		w := f.waiting[e.token]
		if w == nil {
			if done[j].Void == nil {
				others += int64(e.count())
			}
			continue
		}
		delete(f.waiting, e.token)
		w.outcome = done[j]
		close(w.done)
	}
	f.mu.Unlock()
	f.others.Add(others)
}

// finish answers the one who waits for a record.
func (f *follower) finish(t token, o engine.Outcome) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if w := f.waiting[t]; w != nil {
		delete(f.waiting, t)
		w.outcome = o
		close(w.done)
	}
}

// tell remembers the subjects' last sequences, and what was none of evtui's.
func (f *follower) tell(whole []met) {
	foreign := int64(0)
	for i := range whole {
		m := &whole[i]
		f.last.put(m.subject, m.sequence)
		if m.foreign == nil {
			continue
		}
		foreign++
		f.s.logger.Warn("the log holds a record that is none of evtui's; it is left out", "namespace", f.id, "sequence", m.sequence, "subject", m.subject, "reason", m.foreign)
	}
	if foreign > 0 {
		f.mu.Lock()
		f.foreign += foreign
		f.mu.Unlock()
	}
}

func (f *follower) progress(r *run, behind uint64) {
	f.mu.Lock()
	f.seen, f.behind, f.asOf = r.next-1, behind, time.Now()
	back := f.broken != nil || f.cutOff
	f.broken, f.cutOff = nil, false
	f.reached = f.reached || behind == 0
	f.tellLocked()
	f.mu.Unlock()
	if back {
		f.s.Note(store.EngineEvent{Namespace: f.id, Kind: store.EventBack})
	}
}

// tellLocked wakes those who wait for the follower to get on.
func (f *follower) tellLocked() {
	if f.watched {
		close(f.moved)
		f.moved, f.watched = make(chan struct{}), false
	}
}

// await waits until everything up to a sequence is decided.
func (f *follower) await(ctx context.Context, sequence uint64) error {
	for {
		f.mu.Lock()
		seen, broken, over := f.seen, f.broken, f.over
		f.watched = true
		moved := f.moved
		f.mu.Unlock()
		switch {
		case over != nil:
			return over
		case seen >= sequence:
			return nil
		case contradicts(broken):
			return f.unavailable(inWords(broken))
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return f.unavailable(fmt.Sprintf("this evtui is at sequence %d of the log, and had to be at %d", seen, sequence))
		}
	}
}

// catchUp waits until all that was acknowledged before the call can be read here.
func (f *follower) catchUp(ctx context.Context) error {
	end, err := f.s.log.End(ctx, f.id)
	if err != nil {
		return f.explain(err)
	}
	return f.await(ctx, end)
}

// contradicts reports whether the follower will not go on by itself.
func contradicts(err error) bool {
	return errors.As(err, new(*lostError)) || isPoisoned(err)
}

func isPoisoned(err error) bool {
	return errors.As(err, new(*store.PoisonedError)) || errors.As(err, new(*store.DamagedError))
}

func (f *follower) unavailable(reason string) error {
	return &store.UnavailableError{Namespace: f.id, Reason: reason, After: time.Second}
}

// explain names the namespace in an error of the log.
func (f *follower) explain(err error) error {
	if u, ok := errors.AsType[*store.UnavailableError](err); ok && u.Namespace == "" {
		return &store.UnavailableError{Namespace: f.id, Reason: u.Reason, After: max(u.After, time.Second)}
	}
	return err
}

// inWords says for clients why the log is not followed.
func inWords(err error) string {
	if lost, ok := errors.AsType[*lostError](err); ok {
		return lost.reason + ": see evtui verify"
	}
	if u, ok := errors.AsType[*store.UnavailableError](err); ok {
		return u.Reason
	}
	if isPoisoned(err) {
		return "this evtui's copy of the log cannot be written"
	}
	return "the log cannot be followed"
}
