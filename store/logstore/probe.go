package logstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/evtui/evtui/store"
)

// Records that come say that the log is reached. Where none come, only asking tells a
// namespace at rest from one that is cut off.
const (
	probeUsed  = 30 * time.Second // namespaces that were asked for within that are probed
	probeQuiet = 2 * time.Second  // when nothing was heard of the log for that long
	probeWait  = 2 * time.Second
)

// probe asks the log how far it is, for namespaces that somebody looks at.
func (s *Store) probe() {
	var all sync.WaitGroup
	for _, f := range s.followers() {
		if !f.wantsProbe() {
			continue
		}
		all.Go(func() {
			ctx, cancel := context.WithTimeout(s.ctx, probeWait)
			defer cancel()
			f.probe(ctx)
		})
	}
	all.Wait()
}

func (f *follower) wantsProbe() bool {
	if time.Since(time.Unix(0, f.used.Load())) > probeUsed {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return time.Since(f.asOf) > probeQuiet
}

func (f *follower) probe(ctx context.Context) {
	end, err := f.s.log.End(ctx, f.id)
	if f.s.ctx.Err() != nil {
		return
	}
	f.answered(err)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil && f.seen >= end && f.broken == nil {
		f.asOf = time.Now()
	}
}

// answered notes whether the log answered a question, or a write. While it does not, and while it
// is not followed, the namespace is cut off.
func (f *follower) answered(err error) {
	f.mu.Lock()
	changed := f.cutOff != (err != nil) && f.broken == nil
	f.cutOff = err != nil
	f.mu.Unlock()
	switch {
	case !changed:
	case err != nil:
		f.s.Note(store.EngineEvent{Namespace: f.id, Kind: store.EventCutOff, Reason: silence(err)})
	default:
		f.s.Note(store.EngineEvent{Namespace: f.id, Kind: store.EventBack})
	}
}

// silence says for clients why the log did not answer.
func silence(err error) string {
	if u, ok := errors.AsType[*store.UnavailableError](err); ok {
		return u.Reason
	}
	return "the log does not answer"
}

// remark says how far what is read here is behind the log; the zero Notice when it is not,
// as far as is known.
func (f *follower) remark() store.Notice {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := store.Notice{Namespace: f.id}
	age := time.Since(f.asOf)
	shown := age.Round(time.Second)
	switch {
	case contradicts(f.broken):
		n.State, n.Words, n.Age = store.NoticeApart, "this evtui does not follow the log: "+inWords(f.broken), age
	case f.broken != nil:
		n.State, n.Age = store.NoticeCutOff, age
		n.Words = fmt.Sprintf("cut off from the log, what is read here is %s old: %s", shown, inWords(f.broken))
	case f.cutOff:
		n.State, n.Words, n.Age = store.NoticeCutOff, fmt.Sprintf("the log does not answer, what is read here is %s old", shown), age
	case !f.reached && f.behind > 0:
		n.State, n.Words = store.NoticeBuilding, fmt.Sprintf("this evtui builds its copy of the log: %d records of %d", f.seen, f.seen+f.behind)
	case f.behind > noticeBehind:
		n.State, n.Words = store.NoticeBehind, fmt.Sprintf("this evtui is %d records behind the log", f.behind)
	case f.foreign > 0:
		n.State, n.Words = store.NoticeForeign, fmt.Sprintf("the log holds %d records that are none of evtui's; evtui verify names them", f.foreign)
	default:
		return store.Notice{}
	}
	return n
}

// Notices lists what the log is not as it should be in, and the namespaces whose
// copies here are old or not whole yet.
func (s *Store) Notices() []store.Notice {
	var list []store.Notice
	for _, words := range s.log.Warnings() {
		list = append(list, store.Notice{State: store.NoticeWarning, Words: words})
	}
	for _, f := range s.followers() {
		if n := f.remark(); n.Words != "" {
			list = append(list, n)
		}
	}
	slices.SortStableFunc(list, func(a, b store.Notice) int {
		return cmp.Or(cmp.Compare(a.State.Rank(), b.State.Rank()), cmp.Compare(a.Namespace, b.Namespace))
	})
	return list
}

// noticeBehind is how many records a follower may be behind without a word: under load it
// always is by some.
const noticeBehind = 10_000
