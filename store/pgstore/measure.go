package pgstore

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

// What a guest measures costs a few questions every measureLooks, all to catalogs and
// statistics, none to the messages. What a role may not see comes back empty from
// PostgreSQL, so each section says which grant would show it.

// lacksMonitor is said where pg_monitor would show more.
const lacksMonitor = "states and queries of other roles need GRANT pg_monitor TO %s"

// serverSight is what the lookout remembers of the server between two looks.
type serverSight struct {
	trusted bool // the role sees what others do
	cache   ratio
	locks   sightings
}

// sight is what it remembers of a namespace.
type sight struct {
	heap, index ratio
	writers     sightings
}

// ratio is hits and misses at the look before.
type ratio struct{ hits, misses int64 }

// since is the share of hits since the look before, of all where there was none
// between. Without any it is not known.
func (r *ratio) since(hits, misses int64) store.SectionValue {
	h, m := hits-r.hits, misses-r.misses
	words := "lately"
	if r.hits+r.misses == 0 || h < 0 || m < 0 || h+m == 0 {
		h, m, words = hits, misses, "since its statistics began"
	}
	r.hits, r.misses = hits, misses
	if h+m == 0 {
		return store.SectionValue{}
	}
	v := store.SectionValue{Unit: store.UnitShare, Number: float64(h) / float64(h+m), Text: words}
	if h+m > 1000 { // of few, one miss is a large share
		v.Verdict = judge(1-v.Number, 0.1, 0.5)
	}
	return v
}

// sightings are when something was seen first.
type sightings map[string]time.Time

// see notes what is there now and returns since when it has been seen.
func (s *sightings) see(now time.Time, names []string) sightings {
	next := make(sightings, len(names))
	for _, name := range names {
		next[name] = now
		if first, known := (*s)[name]; known {
			next[name] = first
		}
	}
	*s = next
	return next
}

// judge is what a value is worth that is better the smaller it is.
func judge(v, warn, bad float64) store.Verdict {
	switch {
	case v >= bad:
		return store.VerdictBad
	case v >= warn:
		return store.VerdictWarn
	}
	return store.VerdictGood
}

func count(n int64, words string) store.SectionValue {
	return store.SectionValue{Unit: store.UnitCount, Number: float64(n), Text: words}
}

func size(n int64) store.SectionValue {
	return store.SectionValue{Unit: store.UnitBytes, Number: float64(n)}
}

func said(text string) store.SectionValue {
	if text == "" {
		return store.SectionValue{}
	}
	return store.SectionValue{Unit: store.UnitText, Text: text}
}

func seconds(n float64, words string) store.SectionValue {
	return store.SectionValue{Unit: store.UnitSeconds, Number: n, Text: words}
}

func named(name string, v store.SectionValue) store.SectionRow {
	return store.SectionRow{Name: name, Values: []store.SectionValue{v}, Help: helps[name]}
}

func key(row store.SectionRow) store.SectionRow {
	row.Key = true
	return row
}

// helps say what rows mean, where those do not say it themselves.
var helps = map[string]string{
	"connections":              "connections of all databases of this server, of the most that it takes; evtui has four at most.",
	"cache hits":               "how often a page was in PostgreSQL's own memory. What was not may still come from the system's.",
	"rollbacks":                "transactions that were given up since the statistics began; expected-version conflicts are among them.",
	"temporary files":          "bytes that queries had to put on disk since the statistics began.",
	"prepared transactions":    "of two-phase commit: one that was forgotten holds the settled head, and vacuum, for ever.",
	"oldest row":               "age in transactions of the oldest row that is not frozen. At two billion PostgreSQL stops writing.",
	"rows":                     "as PostgreSQL's planner reckons; nobody counts a large table for this.",
	"dead rows":                "rows that were changed or removed and that vacuum has not taken away. A store that is only appended to has next to none.",
	"vacuum":                   "when the table was vacuumed last, by hand or by autovacuum.",
	"analyze":                  "when the planner's statistics were renewed last.",
	"scans of the whole table": "queries that read all rows, since the statistics began: a program that reads without an index.",
	"room in the sequence":     "global positions that are left. At none, nobody can write.",
}

// measure measures all there is to be shown. A section that could not be measured keeps
// its rows of before and says why.
func (s *Store) measure(ctx context.Context, watched []*space) []store.Section {
	s.lookout.mu.Lock()
	before := s.lookout.found
	s.lookout.mu.Unlock()
	var all []store.Section
	take := func(section store.Section, err error) {
		section.At = time.Now().UTC()
		if err != nil {
			section.At, section.Rows, section.Fault = time.Time{}, nil, err.Error()
			for _, b := range before {
				if b.Name == section.Name && b.Namespace == section.Namespace {
					section.At, section.Rows = b.At, b.Rows
				}
			}
		}
		all = append(all, section)
	}
	take(s.serverSection(ctx))
	take(s.lockSection(ctx, watched))
	for _, sp := range watched {
		take(sp.tableSection(ctx))
		take(sp.headSection(ctx))
		take(sp.indexSection(ctx))
	}
	return all
}

// serverSection is about the server and the database.
func (s *Store) serverSection(ctx context.Context) (store.Section, error) {
	out := store.Section{Name: "server", Title: "PostgreSQL " + s.version}
	sight := &s.lookout.server
	err := s.guest.ask(ctx, `SELECT (SELECT sum(numbackends) FROM pg_stat_database)::int8, current_setting('max_connections')::int8,
		d.blks_hit, d.blks_read, d.xact_commit, d.xact_rollback, d.deadlocks, d.temp_bytes, extract(epoch FROM now() - pg_postmaster_start_time())::int8,
		(SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()), age(c.datfrozenxid)::int8,
		pg_has_role(current_user, 'pg_read_all_stats', 'MEMBER') OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
		FROM pg_stat_database d JOIN pg_database c ON c.oid = d.datid WHERE d.datname = current_database()`, nil, func(r row) {
		sight.trusted = r.truth(11)
		used := count(r.int(0), fmt.Sprintf("of %d", r.int(1)))
		used.Verdict = judge(float64(r.int(0))/math.Max(float64(r.int(1)), 1), 0.8, 0.95)
		prepared := count(r.int(9), "")
		frozen := count(r.int(10), "transactions old; vacuum freezes the oldest")
		frozen.Verdict = judge(float64(r.int(10)), 1e9, 1.8e9)
		out.Rows = []store.SectionRow{
			key(named("connections", used)),
			key(named("cache hits", sight.cache.since(r.int(2), r.int(3)))),
			named("commits", count(r.int(4), "")), named("rollbacks", count(r.int(5), "")), named("deadlocks", count(r.int(6), "")),
			named("temporary files", size(r.int(7))), named("prepared transactions", prepared), named("oldest row", frozen),
			named("up for", seconds(float64(r.int(8)), "")),
		}
	})
	if s.standby {
		out.Title += ", standby"
	}
	return out, err
}

// tableSection is about a namespace's messages.
func (sp *space) tableSection(ctx context.Context) (store.Section, error) {
	out := store.Section{Name: "messages", Title: "table " + strings.ReplaceAll(sp.table, `"`, ""), Namespace: sp.id}
	err := sp.ask(ctx, `SELECT greatest(c.reltuples, 0)::int8, pg_table_size(c.oid)::int8, pg_indexes_size(c.oid)::int8, coalesce(s.n_live_tup, 0), coalesce(s.n_dead_tup, 0),
		extract(epoch FROM now() - greatest(s.last_vacuum, s.last_autovacuum))::int8, extract(epoch FROM now() - greatest(s.last_analyze, s.last_autoanalyze))::int8,
		coalesce(i.heap_blks_hit, 0), coalesce(i.heap_blks_read, 0), coalesce(i.idx_blks_hit, 0), coalesce(i.idx_blks_read, 0), coalesce(s.seq_scan, 0),
		(SELECT max(global_position) FROM `+sp.table+`)::int8,
		(SELECT seqmax FROM pg_sequence WHERE seqrelid = to_regclass(pg_get_serial_sequence($1, 'global_position')))
		FROM pg_class c LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid LEFT JOIN pg_statio_all_tables i ON i.relid = c.oid
		WHERE c.oid = to_regclass($1)`, []argument{words(sp.table)}, func(r row) { out.Rows = sp.tableRows(r) })
	return out, err
}

func (sp *space) tableRows(r row) []store.SectionRow {
	rows := count(r.int(0), "as vacuum or analyze last counted them")
	if r.int(0) == 0 {
		rows = store.SectionValue{}
	}
	dead := count(r.int(4), "")
	if live := r.int(3) + r.int(4); live > 1000 {
		share := float64(r.int(4)) / float64(live)
		dead.Verdict, dead.Text = judge(share, 0.2, 0.5), fmt.Sprintf("(%.0f %% of all)", 100*share)
	}
	ago := func(i int) store.SectionValue {
		if r.null(i) {
			return said("never, or its statistics were reset")
		}
		return seconds(float64(r.int(i)), "ago")
	}
	room := store.SectionValue{}
	if !r.null(13) && r.int(13) > 0 {
		share := 1 - float64(r.int(12))/float64(r.int(13))
		room = store.SectionValue{Unit: store.UnitShare, Number: share, Text: fmt.Sprintf("of %d positions are left", r.int(13)), Verdict: judge(1-share, 0.8, 0.95)}
	}
	return []store.SectionRow{
		named("rows", rows), key(named("table", size(r.int(1)))), key(named("indexes", size(r.int(2)))),
		key(named("dead rows", dead)), named("vacuum", ago(5)), named("analyze", ago(6)),
		key(named("cache hits", sp.sight.heap.since(r.int(7), r.int(8)))), named("index cache hits", sp.sight.index.since(r.int(9), r.int(10))),
		named("scans of the whole table", count(r.int(11), "since its statistics began")),
		named("room in the sequence", room),
	}
}

// indexSection is about the indexes of a namespace's messages.
func (sp *space) indexSection(ctx context.Context) (store.Section, error) {
	out := store.Section{Name: "indexes", Title: "indexes", Namespace: sp.id, Columns: []string{"size", "scans", "rows read", "cache hits", "state"}}
	err := sp.ask(ctx, `SELECT s.indexrelname::text, pg_relation_size(s.indexrelid)::int8, s.idx_scan, s.idx_tup_read, i.idx_blks_hit, i.idx_blks_read, x.indisvalid
		FROM pg_stat_all_indexes s JOIN pg_statio_all_indexes i USING (indexrelid) JOIN pg_index x USING (indexrelid)
		WHERE s.relid = to_regclass($1) ORDER BY 2 DESC, 1 LIMIT 20`, []argument{words(sp.table)}, func(r row) {
		var all ratio
		state := said("valid")
		if !r.truth(6) {
			state = store.SectionValue{Unit: store.UnitText, Text: "invalid: REINDEX it", Verdict: store.VerdictBad}
		}
		hits := all.since(r.int(4), r.int(5))
		hits.Text, hits.Verdict = "", store.VerdictNone
		out.Rows = append(out.Rows, store.SectionRow{Name: r.text(0), Values: []store.SectionValue{size(r.int(1)), count(r.int(2), ""), count(r.int(3), ""), hits, state}})
	})
	return out, err
}
