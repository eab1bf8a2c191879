package sqlitestore

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// Verify checks that messages, indexes and counts agree. It reads in one
// transaction, so that writers may go on.
//
// SQLite's own check makes sure that tables and indexes agree in both
// directions; the rest is about what evtui keeps beside the messages, and their
// checksums.
func (d *database) Verify(w *engine.Watch) (store.VerifyReport, error) {
	v := &verifier{watch: w, bare: d.bare}
	tx, err := d.reader.db.BeginTx(w.Context(), nil)
	if err == nil {
		v.tx = tx
		err = v.run()
		if e := tx.Rollback(); err == nil && !errors.Is(e, sql.ErrTxDone) {
			err = e
		}
	}
	if ended := w.Context().Err(); ended != nil {
		err = ended
	}
	if err != nil {
		return v.report, fmt.Errorf("verify: %w", err)
	}
	return v.report, nil
}

type verifier struct {
	watch  *engine.Watch
	tx     *sql.Tx
	bare   bool
	report store.VerifyReport
}

// finding notes a fault. family is what Storage calls where it lies.
func (v *verifier) finding(family, where, format string, args ...any) {
	engine.AddFinding(&v.report, store.Finding{Family: family, Where: where, Detail: fmt.Sprintf(format, args...)})
}

// rule is a query that yields a row for everything that is wrong: what it is
// about, and what was found.
type rule struct{ family, where, text string }

func rules(bare bool) []rule {
	list := []rule{
		{"", "file", `SELECT '', integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'`},
		{"messages", "message without a stream", `SELECT 'global position ' || gpos, 'stream number ' || stream || ' is not known'
			FROM messages WHERE stream NOT IN (SELECT number FROM streams)`},
		{"messages", "message's category", `SELECT 'global position ' || m.gpos, 'stream ' || s.name || ' does not belong to category number ' || m.category
			FROM messages m JOIN streams s ON s.number = m.stream LEFT JOIN categories c ON c.number = m.category
			WHERE c.name IS NOT CASE instr(s.name, '-') WHEN 0 THEN s.name ELSE substr(s.name, 1, instr(s.name, '-') - 1) END`},
		{"streams", "stream", `SELECT s.name, 'its row ends at ' || s.version || ' (#' || s.last || '), its messages at ' || coalesce(m.position, 'nothing') || ' (#' || coalesce(m.gpos, '–') || ')'
			FROM streams s LEFT JOIN messages m ON m.stream = s.number
				AND m.position = (SELECT max(position) FROM messages WHERE stream = s.number)
			WHERE m.position IS NOT s.version OR m.gpos IS NOT s.last OR m.time IS NOT s.time`},
		{"categories", "category", `SELECT c.name, 'counts say ' || c.streams || ' streams, ' || c.messages || ' messages, the last #' || c.last || '; there are '
				|| coalesce(f.streams, 0) || ', ' || coalesce(f.messages, 0) || ', #' || coalesce(f.last, 0)
			FROM categories c LEFT JOIN (SELECT category, count(DISTINCT stream) AS streams, count(*) AS messages, max(gpos) AS last
				FROM messages GROUP BY category) f ON f.category = c.number
			WHERE f.streams IS NOT c.streams OR f.messages IS NOT c.messages OR f.last IS NOT c.last`},
		{"state", "state", `SELECT 'counts', 'say ' || messages || ' messages in ' || streams || ' streams, there are '
				|| (SELECT count(*) FROM messages) || ' in ' || (SELECT count(*) FROM streams) FROM state
			WHERE messages <> (SELECT count(*) FROM messages) OR streams <> (SELECT count(*) FROM streams)`},
		{"state", "state", `SELECT 'positions', 'the next is ' || next || ', but ' || (SELECT max(gpos) FROM messages) || ' is taken' FROM state
			WHERE next <= (SELECT max(gpos) FROM messages)`},
	}
	if !bare { // format 1 does not say whether there may be gaps
		list = append(list, rule{"messages", "stream", `SELECT s.name, 'ends at position ' || s.version || ' and holds ' || count(m.gpos) || ' messages'
			FROM streams s LEFT JOIN messages m ON m.stream = s.number WHERE (SELECT sparse FROM state) = 0
			GROUP BY s.number HAVING count(m.gpos) <> s.version + 1`})
	}
	return list
}

// run applies all rules. A damaged file makes queries fail: that is a finding.
func (v *verifier) run() error {
	var what, detail, name string
	for _, r := range rules(v.bare) {
		err := v.each(r.where, r.text, []any{&what, &detail}, func() error {
			v.finding(r.family, r.where+" "+what, "%s", detail)
			return nil
		})
		if err != nil {
			return err
		}
	}
	err := v.each("counts", `SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM streams)`, []any{&v.report.Messages, &v.report.Streams},
		func() error { return nil })
	if err != nil {
		return err
	}
	if err := v.sums(); err != nil {
		return err
	}
	var hash sql.NullInt64 // what consumer groups are distributed by
	return v.each("streams", `SELECT name, hash FROM streams`, []any{&name, &hash}, func() error {
		cardinal := store.CardinalID(name)
		if hash.Valid != (cardinal != "") || hash.Valid && hash.Int64 != store.Hash(cardinal) {
			v.finding("streams", "stream "+name, "its hash is stored as %v", hash.Int64)
		}
		return nil
	})
}

// each visits the rows of a statement. That they cannot be read is a finding.
func (v *verifier) each(where, text string, into []any, visit func() error) error {
	var stop error
	err := each(v.watch.Context(), v.tx, func() error {
		stop = visit()
		return stop
	}, into, text)
	if stop == nil {
		stop = v.watch.Context().Err()
	}
	if err != nil && stop == nil {
		v.finding("", where, "reading stopped: %v", err)
	}
	return stop
}

// sums checks each message's checksum, and counts the messages without one.
func (v *verifier) sums() error {
	var r row
	without := 0
	err := v.each("messages", columns(v.bare)+`s.name FROM messages m CROSS JOIN streams s ON s.number = m.stream ORDER BY m.gpos`, r.pointers(), func() error {
		if m, ok := r.message(); !ok {
			v.finding("messages", fmt.Sprintf("message global position %d", m.GlobalPosition), "it is not as it was written: its checksum does not fit")
		} else if r.unsealed() {
			without++
		}
		if err := v.watch.Step(); !errors.Is(err, engine.ErrTurn) {
			return err
		}
		return nil
	})
	if without > 0 {
		v.report.Notes = append(v.report.Notes, store.Finding{
			Where: "messages", Detail: fmt.Sprintf("%d carry no checksum: a version of evtui before checksums wrote them", without),
		})
	}
	return err
}
