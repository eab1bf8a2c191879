package sqlitestore

import (
	"context"
	"fmt"
	"sort"

	"github.com/evtui/evtui/store"
)

// Streams returns one page of streams by name.
func (s *Store) Streams(ctx context.Context, namespace string, q store.StreamsQuery) ([]store.Stream, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	ns, err := s.acquire(namespace)
	if err != nil {
		return nil, err
	}
	defer ns.h.release()
	w := &watch{ctx: ctx, gone: ns.h.gone}
	page := make([]store.Stream, 0, min(q.Limit, 1000))
	for _, r := range nameRanges(q) {
		for len(page) < q.Limit && r.from < r.to {
			if err := w.check(); err != nil {
				return nil, err
			}
			ask := min(q.Limit-len(page), 1000)
			list, last, n, err := ns.listStreams(r, ask)
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
// lacks streams of which nothing is durable yet.
func (ns *namespace) listStreams(r nameRange, limit int) (list []store.Stream, last string, n int, err error) {
	durable := ns.durable.Load()
	rows, err := ns.db.query(context.Background(),
		`SELECT name, number, version, last, time FROM streams WHERE name >= ? AND name < ? ORDER BY name LIMIT ?`, r.from, r.to, limit)
	if err != nil {
		return nil, "", 0, err
	}
	defer rows.Close()
	ahead := map[int]int64{} // where the list has streams whose rows are ahead of what is durable
	for rows.Next() {
		var (
			one                        store.Stream
			number, version, gpos, end integer
		)
		if err := rows.Scan((*text)(&one.Name), &number, &version, &gpos, &end); err != nil {
			return nil, "", 0, err
		}
		if int64(gpos) > durable {
			ahead[len(list)] = int64(number)
		}
		one.Version, one.LastActivity = int64(version), unixTime(int64(end))
		list, last = append(list, one), one.Name
		n++
	}
	if err := rows.Err(); err != nil {
		return nil, "", 0, err
	}
	_ = rows.Close() // what follows needs its connection
	list, err = ns.settle(list, ahead, durable)
	return list, last, n, err
}

// settle takes rows back to what is durable, and leaves out those of which
// nothing is.
func (ns *namespace) settle(list []store.Stream, ahead map[int]int64, durable int64) ([]store.Stream, error) {
	if len(ahead) == 0 {
		return list, nil
	}
	kept := list[:0]
	for i, one := range list {
		if number, ok := ahead[i]; ok {
			version, _, end, err := ns.endBefore(number, durable)
			if err != nil {
				return nil, err
			}
			if version == store.NoStream {
				continue
			}
			one.Version, one.LastActivity = version, unixTime(end)
		}
		kept = append(kept, one)
	}
	return kept, nil
}

// Categories returns all categories by name, from memory.
func (s *Store) Categories(_ context.Context, namespace string) ([]store.CategoryCount, error) {
	ns, err := s.acquire(namespace)
	if err != nil {
		return nil, err
	}
	defer ns.h.release()
	ns.cats.mu.RLock()
	list := make([]store.CategoryCount, 0, len(ns.cats.byName))
	for _, c := range ns.cats.byName {
		n := store.CategoryCount{
			Category: c.name, MessageCount: c.durable.messages.Load(),
			StreamCount: c.durable.streams.Load(), LastPosition: c.durable.last.Load(),
		}
		if n.MessageCount > 0 { // else its first message is not durable yet
			list = append(list, n)
		}
	}
	ns.cats.mu.RUnlock()
	sort.Slice(list, func(i, j int) bool { return list[i].Category < list[j].Category })
	return list, nil
}
