package logstore

import (
	"context"
	"fmt"
	"sync"
	"time"
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
	s.mu.RLock()
	var due []*follower
	for _, one := range s.spaces {
		if f := one.follower; f != nil && f.wantsProbe() {
			due = append(due, f)
		}
	}
	s.mu.RUnlock()
	var all sync.WaitGroup
	for _, f := range due {
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
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cutOff = err != nil
	if err == nil && f.seen >= end && f.broken == nil {
		f.asOf = time.Now()
	}
}

// notice says how far what is read here is behind the log; "" when it is not, as far as
// is known.
func (f *follower) notice() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	age := time.Since(f.asOf).Round(time.Second)
	switch {
	case contradicts(f.broken):
		return "this evtui does not follow the log: " + inWords(f.broken)
	case f.broken != nil:
		return fmt.Sprintf("cut off from the log, what is read here is %s old: %s", age, inWords(f.broken))
	case f.cutOff:
		return fmt.Sprintf("the log has no quorum, what is read here is %s old", age)
	case !f.reached && f.behind > 0:
		return fmt.Sprintf("this evtui builds its copy of the log: %d records of %d", f.seen, f.seen+f.behind)
	case f.behind > noticeBehind:
		return fmt.Sprintf("this evtui is %d records behind the log", f.behind)
	case f.foreign > 0:
		return fmt.Sprintf("the log holds %d records that are none of evtui's; evtui verify names them", f.foreign)
	}
	return ""
}

// noticeBehind is how many records a follower may be behind without a word: under load it
// always is by some.
const noticeBehind = 10_000
