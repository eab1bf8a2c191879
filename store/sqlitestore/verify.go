package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// maxFindings is how many findings a report lists; one line says that there
// are more.
const maxFindings = 100

// Verify checks that messages, indexes and counts agree. It reads in one
// transaction, so that writers may go on.
//
// SQLite's own check makes sure that tables and indexes agree in both
// directions; the rest is about what evtui keeps beside the messages, and their
// checksums.
func (d *database) Verify(w *engine.Watch) (store.VerifyReport, error) {
	return verify(w, d.reader, d.bare)
}

func verify(w *engine.Watch, p *pool, bare bool) (store.VerifyReport, error) {
	ctx := w.Context()
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return store.VerifyReport{}, fmt.Errorf("verify: %w", err)
	}
	v := &verifier{watch: w, ctx: ctx, tx: tx, bare: bare}
	err = v.run()
	if e := tx.Rollback(); err == nil && !errors.Is(e, sql.ErrTxDone) {
		err = e
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return v.report, fmt.Errorf("verify: %w", err)
	}
	return v.report, nil
}

type verifier struct {
	watch  *engine.Watch
	ctx    context.Context
	tx     *sql.Tx
	bare   bool
	report store.VerifyReport
}

// finding notes a fault. family is what Storage calls where it lies.
func (v *verifier) finding(family, where, format string, args ...any) {
	f := store.Finding{Family: family, Where: where, Detail: fmt.Sprintf(format, args...)}
	switch n := len(v.report.Findings); {
	case n == maxFindings:
		f = store.Finding{Where: "…", Detail: "more findings are not listed"}
	case n > maxFindings:
		return
	}
	v.report.Findings = append(v.report.Findings, f)
}

// rule is a query that yields a row for everything that is wrong: what it is
// about, and what was found.
type rule struct{ family, where, text string }

func rules() []rule {
	return []rule{
		{"messages", "message without a stream", `SELECT 'global position ' || gpos, 'stream number ' || stream || ' is not known'
			FROM messages WHERE stream NOT IN (SELECT number FROM streams)`},
		{"messages", "message's category", `SELECT 'global position ' || m.gpos, 'stream ' || s.name || ' does not belong to category number ' || m.category
			FROM messages m JOIN streams s ON s.number = m.stream LEFT JOIN categories c ON c.number = m.category
			WHERE c.name IS NOT CASE instr(s.name, '-') WHEN 0 THEN s.name ELSE substr(s.name, 1, instr(s.name, '-') - 1) END`},
		{"messages", "message", `SELECT 'global position ' || gpos, 'its id or position is damaged' FROM messages
			WHERE length(id) <> 16 OR position < 0 OR gpos < 1`},
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
}

// gaps is the rule for streams without gaps; in files of format 1 nothing says
// whether there may be any.
var gaps = rule{"messages", "stream", `SELECT s.name, 'ends at position ' || s.version || ' and holds ' || count(m.gpos) || ' messages'
	FROM streams s LEFT JOIN messages m ON m.stream = s.number WHERE (SELECT sparse FROM state) = 0
	GROUP BY s.number HAVING count(m.gpos) <> s.version + 1`}

func (v *verifier) run() error {
	// A damaged file makes queries fail: that is a finding.
	if err := v.integrity(); err != nil {
		return v.damage("file", err)
	}
	err := v.tx.QueryRowContext(v.ctx, `SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM streams)`).Scan(&v.report.Messages, &v.report.Streams)
	if err != nil {
		return v.damage("file", err)
	}
	all := rules()
	if !v.bare {
		all = append(all, gaps)
	}
	for _, r := range all {
		if err := v.apply(r); err != nil {
			if err := v.damage(r.where, err); err != nil {
				return err
			}
		}
	}
	if err := v.sums(); err != nil {
		if err := v.damage("messages", err); err != nil {
			return err
		}
	}
	return v.hashes()
}

func (v *verifier) damage(where string, err error) error {
	if v.ctx.Err() != nil {
		return v.ctx.Err()
	}
	if errors.Is(err, store.ErrNamespaceNotFound) {
		return err
	}
	v.finding("", where, "reading stopped: %v", err)
	return nil
}

// integrity has SQLite check its file.
func (v *verifier) integrity() error {
	rows, err := v.tx.QueryContext(v.ctx, fmt.Sprintf("PRAGMA integrity_check(%d)", maxFindings))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			v.finding("", "file", "%s", line)
		}
	}
	return rows.Err()
}

func (v *verifier) apply(r rule) error {
	rows, err := v.tx.QueryContext(v.ctx, r.text)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var what, detail string
		if err := rows.Scan(&what, &detail); err != nil {
			return err
		}
		v.finding(r.family, r.where+" "+what, "%s", detail)
	}
	return rows.Err()
}

// sums checks each message's checksum, and counts the messages without one.
func (v *verifier) sums() error {
	rows, err := v.tx.QueryContext(v.ctx, `SELECT `+columns+sumColumn(v.bare)+`s.name FROM messages m CROSS JOIN streams s ON s.number = m.stream ORDER BY m.gpos`)
	if err != nil {
		return err
	}
	defer rows.Close()
	p := newPage()
	defer p.free()
	without := 0
	for rows.Next() {
		if err := v.watch.Step(); err != nil && !errors.Is(err, engine.ErrTurn) {
			return err
		}
		if err := rows.Scan(p.into...); err != nil {
			return err
		}
		if p.sum.null {
			without++
		} else if !p.fits(string(p.stream)) {
			v.finding("messages", fmt.Sprintf("message global position %d", p.gpos), "it is not as it was written: its checksum does not fit")
		}
	}
	if without > 0 {
		v.report.Notes = append(v.report.Notes, store.Finding{
			Where: "messages", Detail: fmt.Sprintf("%d carry no checksum: a version of evtui before checksums wrote them", without),
		})
	}
	return rows.Err()
}

// hashes checks what consumer groups are distributed by.
func (v *verifier) hashes() error {
	rows, err := v.tx.QueryContext(v.ctx, `SELECT name, hash FROM streams`)
	if err != nil {
		return v.damage("streams", err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			name string
			hash sql.NullInt64
		)
		if err := rows.Scan(&name, &hash); err != nil {
			return v.damage("streams", err)
		}
		cardinal := store.CardinalID(name)
		if want := (sql.NullInt64{Int64: store.Hash(cardinal), Valid: cardinal != ""}); hash.Valid != want.Valid || want.Valid && hash != want {
			v.finding("streams", "stream "+name, "its hash is stored as %v", hash.Int64)
		}
	}
	if err := rows.Err(); err != nil {
		return v.damage("streams", err)
	}
	return nil
}
