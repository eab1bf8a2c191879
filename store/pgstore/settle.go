package pgstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Positions come from a sequence when a message is written, and transactions end
// out of order: a reader who takes the highest position for the head misses what is
// committed below it later. The rule, measured beside 24 writers:
//
// A transaction holds RowExclusiveLock on messages before it takes a position, and
// until it ends. So when the highest position was read, and then nobody holds that
// lock, all below is there or never will be. Whoever holds it is waited for, and only
// they: who comes later gets a higher position. Without gaps nobody need be asked.
//
// Where the lock cannot be seen (a standby), or positions are handed out ahead (a
// sequence with a cache), a gap is waited for by time.

// settling is how far the log of a space is settled.
type settling struct {
	known atomic.Int64

	mu      sync.Mutex // held while the server is asked; guards what follows
	begun   bool
	byTime  string    // why gaps are waited for by time; "": they are not
	asked   time.Time // when the locks were
	target  int64     // settled once holders are gone, or by time
	holders []holder
	since   time.Time // when target was set

	waiting atomic.Pointer[waiting]
}

// waiting says whom the settled head waits for.
type waiting struct {
	since   time.Time
	holders []holder
	byTime  string
}

// holder is a transaction that may still write below a position.
type holder struct {
	transaction string
	who         string // in words: pid, user, and the query where the role may see it
}

// head is what is known to be settled.
func (s *settling) head() int64 { return s.known.Load() }

const (
	locksEvery = 100 * time.Millisecond
	runLength  = 10_000 // positions that are looked through for a gap at once
	farBehind  = 50_000 // more is not looked through
)

// settle looks what has come and returns the settled head.
func (sp *space) settle(ctx context.Context) (int64, error) {
	s := &sp.settling
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.begun {
		if err := sp.beginLocked(ctx); err != nil {
			return 0, err
		}
	}
	for {
		before := s.known.Load()
		top, end, err := sp.lookLocked(ctx)
		if err != nil {
			return 0, err
		}
		if top < s.known.Load() { // messages were removed
			s.known.Store(top)
			s.passLocked()
			return top, nil
		}
		s.raiseLocked(end)
		if end == top {
			s.passLocked()
			return top, nil
		}
		if end-before < runLength || top-end > farBehind { // else the run goes on, as far as is known
			return sp.waitLocked(ctx, top)
		}
	}
}

// raiseLocked notes how far it is settled.
func (s *settling) raiseLocked(to int64) { s.known.Store(max(s.known.Load(), to)) }

// passLocked notes that nothing is waited for.
func (s *settling) passLocked() {
	s.target, s.holders = 0, nil
	s.waiting.Store(nil)
}

// lookLocked returns the highest position, and the end of the run of positions
// without a gap that begins behind the settled head. What lies further behind than
// one run is not counted through: at first sight, everything does.
func (sp *space) lookLocked(ctx context.Context) (top, end int64, err error) {
	known := sp.settling.known.Load()
	end = known
	err = sp.numbers(ctx, fmt.Sprintf(`SELECT coalesce((SELECT max(global_position) FROM %[1]s), 0), coalesce((SELECT max(at) FROM (
		SELECT global_position AS at, row_number() OVER (ORDER BY global_position) AS n FROM (
			SELECT global_position FROM %[1]s WHERE global_position > $1 ORDER BY global_position LIMIT %[2]d) run) numbered WHERE at = $1 + n), $1)`,
		sp.table, runLength), []argument{number(known)}, &top, &end)
	return top, end, err
}

// beginLocked finds out whether the locks tell.
func (sp *space) beginLocked(ctx context.Context) error {
	s := &sp.settling
	cache := int64(0)
	err := sp.numbers(ctx, `SELECT coalesce((SELECT seqcache FROM pg_sequence WHERE seqrelid = to_regclass(pg_get_serial_sequence($1, 'global_position'))), 0)`,
		[]argument{words(sp.table)}, &cache)
	if err != nil {
		return err
	}
	switch {
	case sp.store.standby:
		s.byTime = "a standby does not show who writes"
	case cache == 0:
		s.byTime = "how the sequence hands out positions cannot be read"
	case cache > 1:
		s.byTime = fmt.Sprintf("the sequence hands out %d positions at once", cache)
	}
	s.begun = true
	return nil
}

// waitLocked looks whether the gap below top is one for good.
func (sp *space) waitLocked(ctx context.Context, top int64) (int64, error) {
	s := &sp.settling
	if s.byTime != "" {
		return sp.waitByTimeLocked(top), nil
	}
	if wait := locksEvery - time.Since(s.asked); s.holders == nil && wait > 0 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	} else if wait > 0 {
		return s.known.Load(), nil
	}
	top, now, err := sp.holdersLocked(ctx)
	if err != nil {
		return 0, err
	}
	s.asked = time.Now()
	if s.holders != nil {
		s.holders = slices.DeleteFunc(s.holders, func(h holder) bool {
			return !slices.ContainsFunc(now, func(n holder) bool { return n.transaction == h.transaction })
		})
		if len(s.holders) == 0 {
			s.raiseLocked(s.target)
			s.holders = nil
		}
	}
	if len(now) == 0 {
		s.raiseLocked(top)
		s.passLocked()
		return s.known.Load(), nil
	}
	if s.holders == nil {
		s.target, s.holders, s.since = top, now, s.asked
	}
	s.waiting.Store(&waiting{since: s.since, holders: slices.Clone(s.holders)})
	return s.known.Load(), nil
}

func (sp *space) waitByTimeLocked(top int64) int64 {
	s := &sp.settling
	now := time.Now()
	if s.target > 0 && now.Sub(s.since) >= sp.store.options.GapTime {
		s.raiseLocked(s.target)
		s.target = 0
	}
	if s.known.Load() >= top {
		s.passLocked()
		return top
	}
	if s.target == 0 {
		s.target, s.since = top, now
	}
	s.waiting.Store(&waiting{since: s.since, byTime: s.byTime})
	return s.known.Load()
}

// holdersLocked reads the highest position, and then who may still write below it.
// Prepared transactions have no process and hold the lock all the same.
func (sp *space) holdersLocked(ctx context.Context) (top int64, list []holder, err error) {
	err = sp.ask(ctx, fmt.Sprintf(`WITH t AS MATERIALIZED (SELECT coalesce(max(global_position), 0)::int8 AS top FROM %s)
		SELECT t.top, coalesce(l.virtualtransaction, ''), coalesce(l.pid, 0)::int8, coalesce(a.usename::text, ''), coalesce(a.query, ''), coalesce(a.application_name, '')
		FROM t LEFT JOIN pg_locks l ON l.locktype = 'relation' AND l.relation = to_regclass($1) AND l.mode = 'RowExclusiveLock' AND l.granted
			AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
		LEFT JOIN pg_stat_activity a ON a.pid = l.pid`, sp.table), []argument{words(sp.table)}, func(r row) {
		if top = r.int(0); r.text(1) != "" {
			list = append(list, holder{r.text(1), describeHolder(r.int(2), r.text(3), r.text(4), r.text(5))})
		}
	})
	return top, list, err
}

func describeHolder(pid int64, user, does, application string) string {
	if pid == 0 {
		return "a prepared transaction"
	}
	said := fmt.Sprintf("process %d", pid)
	if user != "" {
		said += " of " + user
	}
	if application != "" {
		said += " (" + application + ")"
	}
	if does = query(does); does != "" {
		said += ": " + does
	}
	return said
}

// notice says how many messages no read reaches, and whom the settled head waits for,
// and for how long; "" for neither.
func (sp *space) notice(unread int64) string {
	var said []string
	if unread > 0 {
		said = append(said, fmt.Sprintf("not shown: messages at global positions below 1 (%d)", unread))
	}
	if w := sp.settling.waiting.Load(); w != nil {
		said = append(said, w.describe(sp.settling.head()))
	}
	return strings.Join(said, "; ")
}

// describe says of a settled head what it waits for.
func (w *waiting) describe(head int64) string {
	if w.byTime != "" {
		return fmt.Sprintf("the settled head waits at %d for a gap, by time since %s", head, w.byTime)
	}
	var who []string
	for _, h := range w.holders {
		who = append(who, h.who)
	}
	lasted := time.Since(w.since).Round(100 * time.Millisecond)
	return fmt.Sprintf("the settled head waits at %d, for %s now, for %s", head, lasted, strings.Join(who, "; "))
}
