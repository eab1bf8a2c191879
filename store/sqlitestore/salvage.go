package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// salvage is a damaged database that SQLite reads as far as it can. Messages
// never change once they are written, and carry checksums: each that fits is as
// it was.
type salvage struct {
	*database
	names   map[int64][]string // of streams, by number: whatever rows and index say
	next    int64              // as counted
	highest int64              // global position seen
}

// Salvage opens a database that is damaged. One that SQLite cannot open at all,
// since its first page is gone, cannot be salvaged.
func (b *backend) Salvage(ctx context.Context, o engine.Opening) (engine.Salvage, error) {
	if b.memory {
		return nil, store.ErrNotOffered
	}
	o.ReadOnly = true
	s := &salvage{database: &database{backend: b, opening: o, path: b.place(o)}, names: map[int64][]string{}}
	err := s.expose(sizeOf(s.path+logSuffix) > 0)
	if err == nil {
		err = s.survey(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// survey finds out what the file is, and reads what is needed for messages.
func (s *salvage) survey(ctx context.Context) error {
	name := filepath.Base(s.path)
	version, err := s.reader.format(name, namespaceApplication, format)
	var newer *engine.FormatError
	if errors.As(err, &newer) {
		return err
	}
	s.bare = version == formatBare
	var there int
	if _, err := s.reader.one(`SELECT count(*) FROM sqlite_schema WHERE name = 'messages'`, nil, &there); err != nil || there == 0 {
		return engine.Damaged(err, "SQLite cannot open %s: it cannot be repaired, bring back a backup", name)
	}
	_, _ = s.reader.one(`SELECT next FROM state`, nil, &s.next) // else what else is known must do
	var owner string
	_, _ = s.reader.one(`SELECT owner FROM state`, nil, &owner) // what is damaged is nobody's
	if other, known := another(owner, s.opening.ID); known {
		return engine.Damaged(nil, "%s, or its log, holds namespace %q", name, other)
	}
	var number int64
	var stream string
	// From both ends, so that what is damaged keeps only what lies between. A name
	// that cannot be read shows as messages that are lost.
	for _, from := range []string{`NOT INDEXED ORDER BY number`, `NOT INDEXED ORDER BY number DESC`, `ORDER BY name`, `ORDER BY name DESC`} {
		_ = each(ctx, s.reader.db, func() error {
			if !slices.Contains(s.names[number], stream) {
				s.names[number] = append(s.names[number], stream)
			}
			return nil
		}, []any{&number, &stream}, `SELECT number, name FROM streams `+from)
	}
	return nil
}

// Next is the next global position that was to be given.
func (s *salvage) Next() int64 {
	m := s.opening.Mark
	last := max(s.highest, m.Head)
	if !m.Clean {
		last = max(last, s.next-1)
	}
	if last == 0 {
		return 0
	}
	return last + 1
}

// Count is how many messages there were. Of the counts, those of the categories
// and an index, two that agree are believed, else the highest.
func (s *salvage) Count() int64 {
	least := int64(-1)
	if s.opening.Mark.Known {
		least = s.opening.Mark.Messages
	}
	var heard []int64
	for _, text := range []string{
		`SELECT messages FROM state`, `SELECT coalesce(sum(messages), 0) FROM categories`, `SELECT count(*) FROM messages INDEXED BY by_stream`,
	} {
		var n int64
		if found, err := s.reader.one(text, nil, &n); err != nil || !found {
			continue
		}
		if slices.Contains(heard, n) {
			return max(n, least)
		}
		heard = append(heard, n)
	}
	return slices.Max(append(heard, least))
}

// messagesFrom is what reads messages, with the numbers of their streams.
func (s *salvage) messagesFrom() string {
	return columns(s.bare) + `m.stream FROM messages m NOT INDEXED WHERE m.gpos >= ? ORDER BY m.gpos`
}

// Messages yields all messages that can be read, by global position, and goes on
// behind what cannot.
func (s *salvage) Messages(ctx context.Context, yield func(m store.ImportMessage, given bool) error, lost func(store.Finding)) error {
	for at := int64(1); ; {
		before := at - 1
		failed, err := s.scan(ctx, &before, at, yield, lost)
		if failed == nil || err != nil {
			return err
		}
		if at = s.readableAfter(max(before, at)); at == engine.MaxPosition {
			lost(store.Finding{Family: "messages", Where: fmt.Sprintf("global positions after %d", before), Detail: "cannot be read: " + failed.Error()})
			return nil
		}
		lost(store.Finding{
			Family: "messages", Where: fmt.Sprintf("global positions after %d and before %d", before, at), Detail: "cannot be read: " + failed.Error(),
		})
	}
}

// scan yields messages from a global position on, and moves before up to the last
// one that was read. failed is what kept it from reading on; err is yield's.
func (s *salvage) scan(ctx context.Context, before *int64, from int64, yield func(store.ImportMessage, bool) error, lost func(store.Finding)) (failed, err error) {
	var r row
	failed = each(ctx, s.reader.db, func() error {
		m, ok := s.message(&r)
		if !ok || m.GlobalPosition <= *before {
			where := fmt.Sprintf("global position %d", m.GlobalPosition)
			lost(store.Finding{Family: "messages", Where: where, Detail: "the message is not as it was written"})
			if m.GlobalPosition < s.Next() {
				*before = max(*before, m.GlobalPosition)
			}
			return nil
		}
		*before, s.highest = m.GlobalPosition, max(s.highest, m.GlobalPosition)
		err = yield(store.ImportMessage{Message: m, Correlation: r.record.Correlation}, r.record.Given)
		return err
	}, r.pointers(), s.messagesFrom(), from)
	if err == nil {
		err = ctx.Err()
	}
	return failed, err
}

// message is a row's. ok is false when it is not as it was written. Without a
// checksum, what no write would have stored is not believed, nor is a stream of
// which rows and index say different names.
func (s *salvage) message(r *row) (m store.Message, ok bool) {
	names := s.names[r.stream.integer]
	for _, r.stream.text = range names {
		if m, ok = r.message(); ok {
			return m, engine.CheckImport(&store.ImportMessage{Message: m, Correlation: r.record.Correlation}) == nil && (!r.unsealed() || len(names) == 1)
		}
	}
	m.GlobalPosition = r.global.integer
	return m, false
}

// readableAfter finds a global position past bad, where reading fails, from which
// on it succeeds: it looks ever farther away until it is past what is damaged,
// and then closes in on its end. It is engine.MaxPosition when there is none.
func (s *salvage) readableAfter(bad int64) int64 {
	readable := func(at int64) bool {
		var r row
		_, err := s.reader.one(s.messagesFrom()+` LIMIT 1`, []any{at}, r.pointers()...)
		return err == nil
	}
	low, high := bad, int64(engine.MaxPosition)
	for distance := int64(1); distance < engine.MaxPosition-bad; distance *= 2 {
		if readable(bad + distance) {
			high = bad + distance
			break
		}
		low = bad + distance
	}
	for low+1 < high {
		if middle := low + (high-low)/2; readable(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}
