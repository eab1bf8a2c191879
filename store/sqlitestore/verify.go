package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/evtui/evtui/store"
)

// maxFindings is how many findings a report lists; one line says that there
// are more.
const maxFindings = 100

// Verify checks that messages, indexes and counts agree. It reads in one
// transaction, so that writers may go on.
//
// SQLite's own check makes sure that tables and indexes agree in both
// directions and that no page is damaged; the rest is about what evtui keeps
// beside the messages.
func (s *Store) Verify(ctx context.Context, namespace string) (store.VerifyReport, error) {
	ns, err := s.acquire(namespace)
	if err != nil {
		return store.VerifyReport{}, err
	}
	defer ns.h.release()
	tx, err := ns.db.read.BeginTx(ctx, nil)
	if err != nil {
		return store.VerifyReport{}, fmt.Errorf("verify: %w", err)
	}
	v := &verifier{ctx: ctx, tx: tx}
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
	ctx    context.Context
	tx     *sql.Tx
	report store.VerifyReport
}

func (v *verifier) finding(where, format string, args ...any) {
	switch n := len(v.report.Findings); {
	case n < maxFindings:
		v.report.Findings = append(v.report.Findings, store.Finding{Where: where, Detail: fmt.Sprintf(format, args...)})
	case n == maxFindings:
		v.report.Findings = append(v.report.Findings, store.Finding{Where: "…", Detail: "more findings are not listed"})
	}
}

// rule is a query that yields a row for everything that is wrong: what it is
// about, and what was found.
type rule struct{ where, text string }

func rules() []rule {
	return []rule{
		{"message without a stream", `SELECT 'global position ' || gpos, 'stream number ' || stream || ' is not known'
			FROM messages WHERE stream NOT IN (SELECT number FROM streams)`},
		{"message's category", `SELECT 'global position ' || m.gpos, 'stream ' || s.name || ' does not belong to category number ' || m.category
			FROM messages m JOIN streams s ON s.number = m.stream LEFT JOIN categories c ON c.number = m.category
			WHERE c.name IS NOT CASE instr(s.name, '-') WHEN 0 THEN s.name ELSE substr(s.name, 1, instr(s.name, '-') - 1) END`},
		{"message", `SELECT 'global position ' || gpos, 'its id or position is damaged' FROM messages
			WHERE length(id) <> 16 OR position < 0 OR gpos < 1`},
		{"stream", `SELECT s.name, 'its row ends at ' || s.version || ' (#' || s.last || '), its messages at ' || coalesce(m.position, 'nothing') || ' (#' || coalesce(m.gpos, '–') || ')'
			FROM streams s LEFT JOIN messages m ON m.stream = s.number
				AND m.position = (SELECT max(position) FROM messages WHERE stream = s.number)
			WHERE m.position IS NOT s.version OR m.gpos IS NOT s.last OR m.time IS NOT s.time`},
		{"category", `SELECT c.name, 'counts say ' || c.streams || ' streams, ' || c.messages || ' messages, the last #' || c.last || '; there are '
				|| coalesce(f.streams, 0) || ', ' || coalesce(f.messages, 0) || ', #' || coalesce(f.last, 0)
			FROM categories c LEFT JOIN (SELECT category, count(DISTINCT stream) AS streams, count(*) AS messages, max(gpos) AS last
				FROM messages GROUP BY category) f ON f.category = c.number
			WHERE f.streams IS NOT c.streams OR f.messages IS NOT c.messages OR f.last IS NOT c.last`},
		{"state", `SELECT 'counts', 'say ' || messages || ' messages in ' || streams || ' streams, there are '
				|| (SELECT count(*) FROM messages) || ' in ' || (SELECT count(*) FROM streams) FROM state
			WHERE messages <> (SELECT count(*) FROM messages) OR streams <> (SELECT count(*) FROM streams)`},
		{"state", `SELECT 'positions', 'the next is ' || next || ', but ' || (SELECT max(gpos) FROM messages) || ' is taken' FROM state
			WHERE next <= (SELECT max(gpos) FROM messages)`},
	}
}

func (v *verifier) run() error {
	// A damaged file makes queries fail: that is a finding.
	if err := v.integrity(); err != nil {
		return v.damage("file", err)
	}
	err := v.tx.QueryRowContext(v.ctx, `SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM streams)`).Scan(&v.report.Messages, &v.report.Streams)
	if err != nil {
		return v.damage("file", err)
	}
	for _, r := range rules() {
		if err := v.apply(r); err != nil {
			return v.damage(r.where, err)
		}
	}
	return v.hashes()
}

func (v *verifier) damage(where string, err error) error {
	if v.ctx.Err() != nil {
		return v.ctx.Err()
	}
	v.finding(where, "reading stopped: %v", err)
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
			v.finding("file", "%s", line)
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
		v.finding(r.where+" "+what, "%s", detail)
	}
	return rows.Err()
}

// hashes checks what consumer groups are distributed by, and that streams
// have no gaps is not checked: imports may leave some.
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
			v.finding("stream "+name, "its hash is stored as %v", hash.Int64)
		}
	}
	if err := rows.Err(); err != nil {
		return v.damage("streams", err)
	}
	return nil
}
