package pgstore

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

// headSection is about the settled head, and who holds it: the transactions that have
// written to the messages and have not ended. How long they have been there is known
// to every role, since the lookout sees them; what they do, to pg_monitor.
func (sp *space) headSection(ctx context.Context) (store.Section, error) {
	out := store.Section{Name: "head", Title: "settled head", Namespace: sp.id, Columns: []string{"writes for", "state", "waits for", "does"}, Passing: true}
	head := sp.settling.head()
	out.Title = "settled head at " + strconv.FormatInt(head, 10)
	sight := &sp.store.lookout.server
	if !sight.trusted {
		out.Lacks = fmt.Sprintf(lacksMonitor, sp.store.guest.role)
	}
	sp.settling.mu.Lock()
	if sp.settling.byTime != "" {
		out.Lacks = "gaps are waited for by time, since " + sp.settling.byTime
	}
	sp.settling.mu.Unlock()
	type writer struct {
		id, who, state, waits, does string
		lasted                      float64
	}
	var list []writer
	var ids []string
	err := sp.ask(ctx, `SELECT l.virtualtransaction, coalesce(l.pid, 0)::int8, coalesce(a.usename::text, ''), coalesce(a.application_name, ''), coalesce(a.state, ''),
		coalesce(a.wait_event_type || ': ' || a.wait_event, ''), coalesce(left(a.query, 200), ''), coalesce(extract(epoch FROM now() - a.xact_start)::float8, -1)
		FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'relation' AND l.relation = to_regclass($1) AND l.mode = 'RowExclusiveLock' AND l.granted
			AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 200`, []argument{words(sp.table)}, func(r row) {
		w := writer{id: r.text(0), who: describeHolder(r.int(1), r.text(2), "", r.text(3)), state: r.text(4), waits: r.text(5), does: query(r.text(6)), lasted: r.float(7)}
		list, ids = append(list, w), append(ids, w.id)
	})
	if err != nil {
		return out, err
	}
	now := time.Now()
	first := sp.sight.writers.see(now, ids)
	for _, w := range list {
		lasted := max(w.lasted, now.Sub(first[w.id]).Seconds())
		age := seconds(lasted, "")
		age.Verdict = judge(lasted, 5, 60)
		out.Rows = append(out.Rows, store.SectionRow{Name: w.who, Values: []store.SectionValue{age, said(w.state), said(w.waits), said(w.does)}})
	}
	return out, nil
}

// query is a query's text as one line, "" for one that the role may not see.
func query(text string) string {
	if strings.HasPrefix(text, "<insufficient") {
		return ""
	}
	return strings.Join(strings.Fields(text), " ")
}

// lock is one that is held or waited for, of a category or for which somebody waits.
type lock struct {
	pid       int64
	who, what string
	granted   bool
	key       int64
	category  bool // key is that of an advisory lock of one number
	blockers  string
	waited    float64 // seconds; -1: not known
	began     float64 // seconds since its transaction began; -1: not known
}

// lockSection is about who locks what, and who waits for whom.
func (s *Store) lockSection(ctx context.Context, watched []*space) (store.Section, error) {
	out := store.Section{Name: "locks", Title: "locks of categories, and waits", Columns: []string{"of", "for", "held up by"}, Passing: true}
	list, err := s.locks(ctx)
	if err != nil || len(list) == 0 {
		return out, err
	}
	names := s.lockNames(ctx, watched, list)
	now := time.Now()
	var ids []string
	longest := map[int64]float64{} // that somebody waited for a category's lock: as long it is held
	for i := range list {
		l := &list[i]
		if name, known := names[l.key]; known && l.category {
			l.what = "category " + name
		}
		ids = append(ids, l.id())
		if l.category && !l.granted {
			longest[l.key] = max(longest[l.key], l.waited)
		}
	}
	first := s.lookout.server.locks.see(now, ids)
	for i := range list {
		l := &list[i]
		lasted := max(l.waited, now.Sub(first[l.id()]).Seconds())
		if l.category && l.granted {
			lasted = max(lasted, longest[l.key], l.began)
		}
		age, does := seconds(lasted, ""), "holds "
		age.Verdict = judge(lasted, 5, 60)
		if !l.granted {
			does = "waits for "
			age.Verdict = judge(lasted, 1, 10)
		}
		out.Rows = append(out.Rows, store.SectionRow{Name: does + l.what, Values: []store.SectionValue{said(l.who), age, said(l.blockers)}})
	}
	return out, nil
}

func (l *lock) id() string { return fmt.Sprint(l.pid, l.granted, l.what, l.key) }

// locks reads them. Only for who waits is asked who blocks it: that takes the lock
// manager's own locks for a moment.
func (s *Store) locks(ctx context.Context) (list []lock, err error) {
	err = s.guest.ask(ctx, `SELECT coalesce(l.pid, 0)::int8, coalesce(a.usename::text, ''), coalesce(a.application_name, ''), l.granted, l.locktype,
		coalesce(l.relation::regclass::text, ''), l.mode, coalesce((l.classid::int8 << 32) | l.objid::int8, 0), coalesce(l.objsubid, 0)::int8,
		CASE WHEN NOT l.granted THEN coalesce((SELECT string_agg(trim('process ' || b.pid || ' of ' || coalesce(b.usename::text, '?') || ' ' || coalesce('(' || nullif(b.application_name, '') || ')', '')), '; ')
			FROM pg_stat_activity b WHERE b.pid = ANY (pg_blocking_pids(l.pid))), '') ELSE '' END,
		coalesce(extract(epoch FROM now() - (to_jsonb(l)->>'waitstart')::timestamptz)::float8, -1), coalesce(extract(epoch FROM now() - a.xact_start)::float8, -1)
		FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE (NOT l.granted OR l.locktype = 'advisory')
			AND coalesce(nullif(l.database, 0), a.datid) = (SELECT oid FROM pg_database WHERE datname = current_database())
		ORDER BY l.granted, 1 LIMIT 100`, nil, func(r row) {
		l := lock{pid: r.int(0), who: describeHolder(r.int(0), r.text(1), "", r.text(2)), granted: r.truth(3), key: r.int(7), blockers: r.text(9), waited: r.float(10), began: r.float(11)}
		l.category = r.text(4) == "advisory" && r.int(8) == 1
		switch {
		case r.text(4) == "advisory":
			l.what = "advisory lock " + strconv.FormatInt(l.key, 10)
		case r.text(5) != "":
			l.what = r.text(6) + " on " + r.text(5)
		default:
			l.what = r.text(4) + " lock"
		}
		list = append(list, l)
	})
	return list, err
}

// lockNames finds the categories whose locks are among them: Message DB locks the
// first 64 bits of the MD5 of a category's name.
func (s *Store) lockNames(ctx context.Context, watched []*space, list []lock) map[int64]string {
	names := map[int64]string{}
	if !slices.ContainsFunc(list, func(l lock) bool { return l.category }) {
		return names
	}
	for _, sp := range watched {
		c, err := sp.count(ctx)
		if err != nil {
			continue // they are shown by their numbers
		}
		for category := range c.categories {
			names[store.Hash(category)] = category
		}
	}
	return names
}
