package sqlitestore

import (
	"context"
	"errors"
	"fmt"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// streamsPage is how many rows a statement reads.
const streamsPage = 1000

// endOfNames is past every name: no UTF-8 begins with such a byte.
const endOfNames = "\xff"

// Streams returns one page of streams by name, each as of the global position
// bound. Those of one category need not be neighbours, for account+1 lies between
// account and account-1: they are the category itself, and what begins with it
// and a dash.
func (d *database) Streams(w *engine.Watch, q store.StreamsQuery, bound int64) ([]store.Stream, error) {
	ranges := [][2]string{{"", endOfNames}}
	if q.Category != "" {
		ranges = [][2]string{{q.Category, q.Category + "\x00"}, {q.Category + "-", q.Category + "."}}
	}
	page := make([]store.Stream, 0, min(q.Limit, streamsPage))
	for _, r := range ranges {
		from, to := max(r[0], q.Prefix), min(r[1], q.Prefix+endOfNames)
		if q.Cursor != "" {
			from = max(from, q.Cursor+"\x00")
		}
		for more := true; more && len(page) < q.Limit && from < to; {
			ask := min(q.Limit-len(page), streamsPage)
			rows, err := d.rowsOf(w, from, to, ask)
			more = len(rows) == ask
			for _, r := range rows {
				if from = r.name + "\x00"; r.GlobalPosition > bound && err == nil {
					r.End, err = d.endBefore(r.Ref, bound)
				}
				if r.Version != store.NoStream { // it has a message up to bound
					page = append(page, store.Stream{Name: r.name, Version: r.Version, LastActivity: unixTime(r.Time)})
				}
			}
			if err != nil {
				return nil, fmt.Errorf("list streams: %w", err)
			}
		}
	}
	return page, nil
}

type streamRow struct {
	name string
	engine.End
}

// rowsOf reads the rows of names from from to before to.
func (d *database) rowsOf(w *engine.Watch, from, to string, limit int) (rows []streamRow, err error) {
	var r streamRow
	err = each(context.Background(), d.reader.db, func() error {
		rows = append(rows, r)
		if err := w.Step(); !errors.Is(err, engine.ErrTurn) { // it is short
			return err
		}
		return nil
	}, []any{&r.name, &r.Ref, &r.Version, &r.GlobalPosition, &r.Time},
		`SELECT name, number, version, last, time FROM streams WHERE name >= ? AND name < ? ORDER BY name LIMIT ?`, from, to, limit)
	return rows, err
}
