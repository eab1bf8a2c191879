package sqlitestore

import (
	"context"
	"errors"
	"fmt"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// Streams returns one page of streams by name, each as of the global position
// bound.
func (d *database) Streams(w *engine.Watch, q store.StreamsQuery, bound int64) ([]store.Stream, error) {
	page := make([]store.Stream, 0, min(q.Limit, streamsPage))
	for _, r := range nameRanges(q) {
		for len(page) < q.Limit && r.from < r.to {
			ask := min(q.Limit-len(page), streamsPage)
			list, last, n, err := d.listStreams(w, r, ask, bound)
			if err != nil {
				return nil, fmt.Errorf("list streams: %w", err)
			}
			page = append(page, list...)
			if n < ask {
				break
			}
			r.from = last + "\x00"
		}
	}
	return page, nil
}

// streamsPage is how many rows a statement reads.
const streamsPage = 1000

// nameRange is the names from from to before to.
type nameRange struct{ from, to string }

// nameRanges are where a query's streams lie. Those of one category need not
// be neighbours, for account+1 lies between account and account-1: they are
// the category itself, and what begins with it and a dash.
func nameRanges(q store.StreamsQuery) []nameRange {
	ranges := []nameRange{{"", endOfNames}}
	if q.Category != "" {
		ranges = []nameRange{{q.Category, q.Category + "\x00"}, {q.Category + "-", q.Category + "."}}
	}
	for i := range ranges {
		r := &ranges[i]
		r.from, r.to = max(r.from, q.Prefix), min(r.to, successor(q.Prefix))
		if q.Cursor != "" {
			r.from = max(r.from, q.Cursor+"\x00")
		}
	}
	return ranges
}

// endOfNames is past every name: no UTF-8 begins with such a byte.
const endOfNames = "\xff"

// successor returns the first name after all that begin with prefix.
func successor(prefix string) string {
	key := []byte(prefix)
	for i := len(key) - 1; i >= 0; i-- {
		if key[i] < 0xff {
			key[i]++
			return string(key[:i+1])
		}
	}
	return endOfNames
}

// listStreams reads n rows of a range, of which last is the last name. The list
// lacks streams that have no message up to bound.
func (d *database) listStreams(w *engine.Watch, r nameRange, limit int, bound int64) (list []store.Stream, last string, n int, err error) {
	rows, err := d.reader.query(context.Background(),
		`SELECT name, number, version, last, time FROM streams WHERE name >= ? AND name < ? ORDER BY name LIMIT ?`, r.from, r.to, limit)
	if err != nil {
		return nil, "", 0, err
	}
	defer rows.Close()
	ahead := map[int]int64{} // where the list has streams whose rows are ahead of bound
	for rows.Next() {
		if err := w.Step(); err != nil && !errors.Is(err, engine.ErrTurn) { // it is short
			return nil, "", 0, err
		}
		var (
			one                          store.Stream
			number, version, global, end integer
		)
		if err := rows.Scan((*text)(&one.Name), &number, &version, &global, &end); err != nil {
			return nil, "", 0, err
		}
		if int64(global) > bound {
			ahead[len(list)] = int64(number)
		}
		one.Version, one.LastActivity = int64(version), unixTime(int64(end))
		list, last = append(list, one), one.Name
		n++
	}
	if err := rows.Err(); err != nil {
		return nil, "", 0, err
	}
	_ = rows.Close() // what follows needs a connection, in memory this one
	list, err = d.settle(list, ahead, bound)
	return list, last, n, err
}

// settle takes rows back to the bound, and leaves out those of which nothing
// lies below it.
func (d *database) settle(list []store.Stream, ahead map[int]int64, bound int64) ([]store.Stream, error) {
	if len(ahead) == 0 {
		return list, nil
	}
	kept := list[:0]
	for i, one := range list {
		if number, ok := ahead[i]; ok {
			end, err := d.endBefore(number, bound)
			if err != nil {
				return nil, err
			}
			if end.Version == store.NoStream {
				continue
			}
			one.Version, one.LastActivity = end.Version, unixTime(end.Time)
		}
		kept = append(kept, one)
	}
	return kept, nil
}
