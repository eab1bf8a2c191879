package pgstore

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/evtui/evtui/store"
)

// namesAtOnce is how many names one question walks over.
const namesAtOnce = 2000

// Streams returns a page of streams, in the order of the database's names. It jumps
// from name to name through the index: its cost is the names that it walks over.
func (s *Store) Streams(ctx context.Context, namespace string, q store.StreamsQuery) ([]store.Stream, error) {
	sp, err := s.toRead(ctx, namespace, q.Check())
	if err != nil || sp.schema == "" {
		return nil, err
	}
	w := &walk{sp: sp, query: q, bytes: s.byBytes()}
	w.begin()
	for len(w.page) < q.Limit && !w.ended {
		if err := w.step(ctx); err != nil {
			return nil, err
		}
	}
	return w.page, nil
}

// walk goes over the names of streams.
type walk struct {
	sp        *space
	query     store.StreamsQuery
	bytes     bool   // names are ordered by their bytes
	at        string // the name to go on from
	inclusive bool   // it counts itself
	end       string // names from here on are not looked for; "": all are
	page      []store.Stream
	ended     bool
}

// begin finds the first name that may match, and the end of those.
func (w *walk) begin() {
	cursor, prefix, category := sendable(w.query.Cursor), sendable(w.query.Prefix), w.query.Category
	w.at, w.inclusive = cursor, false
	for _, least := range []string{prefix, category} {
		// No collation puts what begins with it before it.
		if w.bytes && least > w.at || !w.bytes && w.at == "" {
			w.at, w.inclusive = least, true
		}
	}
	if !w.bytes {
		return
	}
	if category != "" {
		w.end = category + "." // which follows the dash
	}
	if past := following(prefix); past != "" && (w.end == "" || past < w.end) {
		w.end = past
	}
}

// sendable is s up to the first byte that PostgreSQL takes in no text.
func sendable(s string) string {
	for i, r := range s {
		if r == 0 {
			return s[:i]
		}
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return s[:i]
			}
		}
	}
	return s
}

// following is the first text behind all that begin with prefix, by bytes; "" when
// there is none that is simple to say.
func following(prefix string) string {
	r, size := utf8.DecodeLastRuneInString(prefix)
	if size == 0 || r >= 0xd7ff || r == 0x7f {
		return ""
	}
	return prefix[:len(prefix)-size] + string(r+1)
}

// step walks on, and keeps what matches. The database leaves out most of what does
// not; what it cannot be asked is decided here.
func (w *walk) step(ctx context.Context) error {
	compare := ">"
	if w.inclusive {
		compare = ">="
	}
	args := []argument{words(w.at)}
	add := func(a argument) string {
		args = append(args, a)
		return fmt.Sprintf("$%d", len(args))
	}
	until, filter := "", "true"
	if w.end != "" {
		until = " AND stream_name < " + add(words(w.end))
	}
	if p := sendable(w.query.Prefix); p != "" {
		filter += " AND starts_with(name, " + add(words(p)) + ")"
	}
	if w.query.Category != "" {
		filter += " AND split_part(name, '-', 1) = " + add(words(w.query.Category))
	}
	most := namesAtOnce
	if filter == "true" {
		most = min(most, w.query.Limit-len(w.page)+1)
	}
	sql := fmt.Sprintf(`WITH RECURSIVE walk(name, n) AS (
		(SELECT stream_name::text, 1 FROM %[1]s WHERE stream_name %[2]s $1%[3]s ORDER BY stream_name LIMIT 1)
		UNION ALL
		SELECT (SELECT stream_name::text FROM %[1]s WHERE stream_name > walk.name%[3]s ORDER BY stream_name LIMIT 1), n + 1
		FROM walk WHERE name IS NOT NULL AND n < %[5]d)
		SELECT name, last.position, last.time, n::int8 FROM walk,
			LATERAL (SELECT position, time FROM %[1]s m WHERE m.stream_name = walk.name ORDER BY position DESC LIMIT 1) last
		WHERE name IS NOT NULL AND (n = %[5]d OR %[4]s) ORDER BY n`, w.sp.table, compare, until, filter, most)
	walked := int64(0)
	err := w.sp.ask(ctx, sql, args, func(r row) {
		w.at, w.inclusive, walked = r.text(0), false, r.int(3)
		if w.matches(w.at) && len(w.page) < w.query.Limit {
			w.page = append(w.page, store.Stream{Name: w.at, Version: r.int(1), LastActivity: r.time(2)})
		}
	})
	w.ended = walked < int64(most)
	return err
}

func (w *walk) matches(name string) bool {
	q := &w.query
	return strings.HasPrefix(name, q.Prefix) && (q.Category == "" || store.Category(name) == q.Category) && (!w.bytes || name > q.Cursor)
}

// Categories returns the categories with what they hold, all as of one settled head:
// see count.go for what the numbers are worth.
func (s *Store) Categories(ctx context.Context, namespace string) ([]store.CategoryCount, error) {
	sp, err := s.space(ctx, namespace)
	if err != nil || sp.schema == "" {
		return nil, err
	}
	c, err := sp.count(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]store.CategoryCount, 0, len(c.names))
	for _, name := range c.names {
		of := c.categories[name]
		list = append(list, store.CategoryCount{Category: name, StreamCount: of.streams, MessageCount: of.messages, LastPosition: of.last, Estimated: !c.exact})
	}
	return list, nil
}
