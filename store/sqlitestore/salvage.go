package sqlitestore

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"path/filepath"
	"slices"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// Salvage reads a database that is damaged, page by page without SQLite, so
// that no page is lost with another. Messages never change once they are
// written, and carry checksums: each that fits is as it was.
func (b *backend) Salvage(ctx context.Context, o engine.Opening) (engine.Salvage, error) {
	if b.memory {
		return nil, store.ErrNotOffered
	}
	s := &salvage{backend: b, opening: o, path: b.place(o), names: map[int64][]string{}, rows: map[int64]struct{}{}, categories: map[int64]int64{}, messages: -1}
	var err error
	if s.pages, err = openPages(s.path); err != nil {
		return nil, fmt.Errorf("open %s to salvage it: %w", filepath.Base(s.path), err)
	}
	err = s.checkFormat()
	if err == nil {
		err = s.survey(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// checkFormat refuses what a newer evtui wrote. A header that is damaged tells nothing.
func (s *salvage) checkFormat() error {
	page := make([]byte, s.pages.size)
	err := s.pages.page(1, page)
	if h, ok := parseHeader(page); err == nil && ok && h.application == namespaceApplication && h.version > format {
		return h.check(s.path)
	}
	return nil
}

// salvage is a damaged database with what its pages tell of it.
type salvage struct {
	backend *backend
	opening engine.Opening
	path    string
	pages   *pageView

	leaves     []leaf             // that hold messages, by global position
	names      map[int64][]string // of streams, by number: of their rows first, then of the index
	rows       map[int64]struct{} // streams that have a row
	categories map[int64]int64    // messages by category number
	known      positions          // global positions that indexes tell of
	next       int64              // as counted
	messages   int64              // as counted; -1: not known
	highest    int64              // global position seen
	summer     summer
	settled    int64 // highest global position in pages of whole transactions
}

// leaf is a page of messages.
type leaf struct {
	first  int64
	number uint32
	at     int64 // in the log, behind damage; 0: as of the log's last whole transaction
}

// Close closes the files.
func (s *salvage) Close() error { return s.pages.close() }

// survey reads everything but messages.
func (s *salvage) survey(ctx context.Context) error {
	page := make([]byte, s.pages.size)
	for number := uint32(1); number <= s.pages.count; number++ {
		if number%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if s.pages.page(number, page) != nil {
			continue // what was on it shows as missing
		}
		s.look(leaf{number: number}, page, s.pages.page)
	}
	s.settled = s.highest
	for _, i := range s.pages.beyond {
		if readWhole(s.pages.log, page, i.at) == nil {
			s.look(leaf{number: i.number, at: i.at}, page, s.pages.laterPage)
		}
	}
	slices.SortStableFunc(s.leaves, func(a, b leaf) int {
		if (a.at == 0) != (b.at == 0) {
			return cmp.Compare(min(a.at, 1), min(b.at, 1)) // what is sure comes first
		}
		if a.at != 0 {
			return cmp.Compare(a.at, b.at)
		}
		return cmp.Compare(a.first, b.first)
	})
	return nil
}

// look takes from a page what it tells of streams, counts and positions.
func (s *salvage) look(l leaf, page []byte, next func(uint32, []byte) error) {
	var room [16]field
	s.pages.cells(l.number, page, next, func(kind byte, c cell) {
		list, ok := fields(c.payload, room[:])
		if !ok {
			return
		}
		if kind != leafTable {
			s.entry(list)
			return
		}
		switch shape(list) {
		case "ntiiii", "ntiiin":
			s.names[c.rowid] = append([]string{string(list[1].bytes)}, s.names[c.rowid]...)
			s.rows[c.rowid] = struct{}{}
		case "ntiii":
			s.categories[c.rowid] = list[3].value
		case "niiii", "niiiii":
			if c.rowid == 1 && list[1].value > s.next {
				s.next, s.messages = list[1].value, list[3].value
			}
		default:
			if !isMessage(list) {
				return
			}
			if l.first == 0 || c.rowid < l.first {
				l.first = c.rowid
			}
			if s.believable(l, c.rowid) {
				s.highest = max(s.highest, c.rowid)
			}
		}
	})
	if l.first != 0 {
		s.leaves = append(s.leaves, l)
	}
}

// believable reports whether a message can count: one behind damage in the log
// may be of a transaction that never ended, unless it is known to have been
// durable.
func (s *salvage) believable(l leaf, global int64) bool {
	return l.at == 0 || global > s.settled && global <= s.opening.Mark.Head
}

// entry takes an index's entry. by_stream has stream, position, row; by_category
// category, row, stream, row; by_id an id, row; those of names a name and a
// number.
func (s *salvage) entry(list []field) {
	switch shape(list) {
	case "iii":
		s.known.add(list[2].value)
	case "iiii":
		if list[1].value == list[3].value {
			s.known.add(list[1].value)
		}
	case "bi":
		if len(list[0].bytes) == len(store.ID{}) {
			s.known.add(list[1].value)
		}
	case "ti":
		if n := list[1].value; !slices.Contains(s.names[n], string(list[0].bytes)) {
			s.names[n] = append(s.names[n], string(list[0].bytes))
		}
	}
}

// isMessage tells a message's row by its columns; those of before checksums
// have one less.
func isMessage(list []field) bool {
	if len(list) != 11 && len(list) != 12 || len(list[6].bytes) != len(store.ID{}) {
		return false
	}
	of := shape(list)
	return of[:8] == "niiiiibt" && (of[8] == 'n' || of[8] == 't') && (of[9] == 'n' || of[9] == 'b') && of[10] == 'b' &&
		(len(of) == 11 || of[11] == 'n' || of[11] == 'i')
}

// Next is one past the highest global position that anything tells of. The
// count alone is believed only when nothing else is known: it has no checksum.
func (s *salvage) Next() int64 {
	highest := max(s.highest, s.known.highest())
	if s.opening.Mark.Known {
		highest = max(highest, s.opening.Mark.Head)
	} else {
		highest = max(highest, s.next-1)
	}
	if highest == 0 {
		return 0
	}
	return highest + 1
}

// Count is how many messages there were. Of the counts, that of the categories
// and the entries of indexes, two that agree are believed, else the highest.
func (s *salvage) Count() int64 {
	var sum int64
	for _, n := range s.categories {
		sum += n
	}
	known := s.known.count()
	least := int64(0)
	if s.opening.Mark.Known {
		least = s.opening.Mark.Messages
	}
	switch {
	case s.messages == known || s.messages == sum && sum > 0:
		return max(s.messages, least)
	case sum == known && known > 0:
		return max(sum, least)
	case s.messages < 0 && sum == 0 && known == 0:
		if least > 0 {
			return least
		}
		return -1
	}
	return max(s.messages, sum, known, least)
}

// Messages yields all messages that can be read, by global position as far as
// pages are in that order.
func (s *salvage) Messages(ctx context.Context, yield func(m store.ImportMessage, given bool) error, lost func(store.Finding)) error {
	var seen, damaged positions
	page := make([]byte, s.pages.size)
	var room [16]field
	var stop error
	for _, l := range s.leaves {
		if err := ctx.Err(); err != nil {
			return err
		}
		next, err := s.load(l, page)
		if err != nil {
			continue // what was on it shows as missing
		}
		s.pages.cells(l.number, page, next, func(kind byte, c cell) {
			if kind != leafTable || stop != nil || seen.has(c.rowid) {
				return
			}
			list, ok := fields(c.payload, room[:])
			if !ok || !isMessage(list) || !s.believable(l, c.rowid) {
				return
			}
			m, given, ok := s.message(c.rowid, list)
			if !ok {
				damaged.add(c.rowid)
				return
			}
			seen.add(c.rowid)
			stop = yield(m, given)
		})
		if stop != nil {
			return stop
		}
	}
	s.tellLost(&seen, &damaged, lost)
	return nil
}

// load reads a leaf's page, and returns what reads those that it goes on in.
func (s *salvage) load(l leaf, page []byte) (next func(uint32, []byte) error, err error) {
	if l.at != 0 {
		return s.pages.laterPage, readWhole(s.pages.log, page, l.at)
	}
	return s.pages.page, s.pages.page(l.number, page)
}

// tellLost tells of what is damaged and was not found elsewhere, and of what
// indexes know and no page has.
func (s *salvage) tellLost(seen, damaged *positions, lost func(store.Finding)) {
	tell := func(p *positions, detail string, but ...*positions) {
		p.ranges(but, func(first, last int64) {
			where := fmt.Sprintf("global position %d", first)
			if last > first {
				where = fmt.Sprintf("global positions %d to %d", first, last)
			}
			lost(store.Finding{Family: "messages", Where: where, Detail: detail})
		})
	}
	tell(damaged, "the message is not as it was written", seen)
	tell(&s.known, "indexes know the message, and no page has it", seen, damaged)
}

// message checks one message, borrowed. ok is false when it is not as it was
// written. Without a checksum, what no write would have stored is not believed.
func (s *salvage) message(global int64, list []field) (m store.ImportMessage, given, ok bool) {
	in := summed{
		global: global, position: list[3].value, time: list[4].value, given: list[5].value != 0, id: list[6].bytes,
		messageType: string(list[7].bytes), correlation: string(list[8].bytes), data: list[10].bytes,
	}
	if list[9].kind == 'b' {
		in.metadata = list[9].bytes
	}
	copy(m.ID[:], in.id)
	m.Type, m.Correlation, m.Position, m.GlobalPosition = in.messageType, in.correlation, in.position, global
	m.Time, m.Data, m.Metadata = unixTime(in.time), in.data, in.metadata
	names := s.names[list[2].value]
	if len(list) == 12 && list[11].kind == 'i' {
		for _, name := range names {
			if s.summer.sum(name, &in) == list[11].value {
				m.Stream = name
				return m, in.given, engine.CheckImport(&m) == nil
			}
		}
		return m, in.given, false
	}
	if _, sure := s.rows[list[2].value]; len(names) == 0 || !sure && len(names) > 1 {
		return m, in.given, false
	}
	m.Stream = names[0]
	ok = engine.CheckImport(&m) == nil && json.Valid(m.Data) && (m.Metadata == nil || json.Valid(m.Metadata))
	return m, in.given, ok
}

// Verify has SQLite check what it can read, and else says what the pages tell.
func (s *salvage) Verify(w *engine.Watch) (store.VerifyReport, error) {
	o := s.opening
	o.ReadOnly, o.Create, o.Mark = true, false, engine.Mark{}
	d, err := s.backend.open(o)
	if err == nil {
		report, err := d.Verify(w)
		return report, errors.Join(err, d.release())
	}
	var report store.VerifyReport
	report.Findings = append(report.Findings, store.Finding{Where: "file", Detail: err.Error()})
	streams := map[string]struct{}{}
	err = s.Messages(w.Context(), func(m store.ImportMessage, _ bool) error {
		report.Messages++
		streams[m.Stream] = struct{}{}
		return nil
	}, func(f store.Finding) { report.Findings = append(report.Findings, f) })
	report.Streams = int64(len(streams))
	return report, err
}

// positions is a set of global positions.
type positions struct {
	chunks map[int64]*[64]uint64
}

const chunkBits = 64 * 64

func (p *positions) add(n int64) {
	if n < 1 || n > engine.MaxPosition {
		return
	}
	if p.chunks == nil {
		p.chunks = map[int64]*[64]uint64{}
	}
	c := p.chunks[n/chunkBits]
	if c == nil {
		c = new([64]uint64)
		p.chunks[n/chunkBits] = c
	}
	c[n%chunkBits/64] |= 1 << (n % 64)
}

func (p *positions) has(n int64) bool {
	c := p.chunks[n/chunkBits]
	return n > 0 && c != nil && c[n%chunkBits/64]&(1<<(n%64)) != 0
}

func (p *positions) count() (n int64) {
	for _, c := range p.chunks {
		for _, word := range c {
			n += int64(bits.OnesCount64(word))
		}
	}
	return n
}

func (p *positions) highest() (highest int64) {
	p.ranges(nil, func(_, last int64) { highest = max(highest, last) })
	return highest
}

// ranges visits what p holds and none of others does, in order, as ranges.
func (p *positions) ranges(others []*positions, visit func(first, last int64)) {
	keys := make([]int64, 0, len(p.chunks))
	for key := range p.chunks {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	first, last := int64(0), int64(0)
	for _, key := range keys {
		for n := key * chunkBits; n < (key+1)*chunkBits; n++ {
			if !p.has(n) || slices.ContainsFunc(others, func(o *positions) bool { return o.has(n) }) {
				continue
			}
			if first != 0 && n == last+1 {
				last = n
				continue
			}
			if first != 0 {
				visit(first, last)
			}
			first, last = n, n
		}
	}
	if first != 0 {
		visit(first, last)
	}
}
