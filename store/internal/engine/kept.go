package engine

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"time"

	"github.com/evtui/evtui/store"
)

// A tally is kept beside the messages it counts, so that opening a namespace does
// not read them all. It follows from the messages and is written only now and
// then: one record says up to where it counts, and what lies behind is counted
// again at the next opening. What cannot be read, or does not add up, is counted
// from the start.

// The kinds of records, which their keys begin with.
const (
	keptHeader = 'h' // up to where the others count
	keptKind   = 'k' // category, type: a count
	keptBeyond = 'b' // category: the count of all types beyond the bounds
	keptStep   = 's' // category, from, to: a transition
	keptFull   = 'f' // category: there are transitions that are not kept
)

// A tally is kept this often while messages come, in a batch that is written
// anyway: each time a record for every type that had messages meanwhile. So that
// this stays a small share of what the messages take, it is kept less often the
// more types there are: keepEvery and keepMessages hold below keepKinds of them,
// and are twice as much from there on, three times from twice that many on.
const (
	keepEvery    = time.Second
	keepMessages = 1 << 16
	keepKinds    = 4096
)

const keptFormat = 1

var (
	errKept    = errors.New("a record of the counts by type cannot be read")
	errKeptSum = errors.New("the counts by type do not add up")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// due reports whether the tally is to be kept with the batch of a group that is
// written now.
func (t *tally) due(now int64) bool {
	if t.pending == 0 {
		return false
	}
	share := 1 + len(t.changed)/keepKinds
	return t.pending >= keepMessages*share || now-t.keptAt >= int64(keepEvery)*int64(share)
}

type keeping struct {
	batch Batch
	key   []byte // scratch
	value []byte // scratch
}

// keep adds what changed of the tally since it was kept last to a batch.
func (k *keeping) keep(batch Batch, t *tally, now int64) error {
	k.batch = batch
	if t.stale {
		if err := batch.Forget(); err != nil {
			return err
		}
		t.stale = false
	}
	t.stored = true
	for _, one := range t.changed {
		letter := byte(keptKind)
		if one == one.of.beyond {
			letter = keptBeyond
		}
		k.begin(letter, one.of.category)
		k.key = append(k.key, one.name...)
		if err := k.put(one.count, one.first.position, one.first.time, one.last.position, one.last.time); err != nil {
			return err
		}
		one.changed = false
	}
	for _, s := range t.unkept {
		if s.from == nil {
			k.begin(keptFull, s.to.of.category)
		} else {
			k.begin(keptStep, s.to.of.category)
			k.key = binary.AppendUvarint(k.key, uint64(len(s.from.name)))
			k.key = append(append(k.key, s.from.name...), s.to.name...)
		}
		if err := k.put(s.first.position, s.first.time); err != nil {
			return err
		}
	}
	k.key = append(k.key[:0], keptHeader)
	if err := k.put(keptFormat, t.through, t.counted, int64(t.steps)); err != nil {
		return err
	}
	clear(t.changed)
	clear(t.unkept)
	t.changed, t.unkept = t.changed[:0], t.unkept[:0]
	t.pending, t.keptAt = 0, now
	return nil
}

// begin starts the key of a record about a category.
func (k *keeping) begin(letter byte, category string) {
	k.key = binary.AppendUvarint(append(k.key[:0], letter), uint64(len(category)))
	k.key = append(k.key, category...)
}

// put writes a record: its numbers, and a checksum of them and of the key.
func (k *keeping) put(numbers ...int64) error {
	k.value = k.value[:0]
	for _, n := range numbers {
		k.value = binary.AppendVarint(k.value, n)
	}
	k.value = binary.LittleEndian.AppendUint32(k.value, keptSum(k.key, k.value))
	return k.batch.Keep(k.key, k.value)
}

func keptSum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

// loadTally reads what is kept of a tally. It returns an empty tally, which
// counts from the start, where nothing is, and together with an error where what
// is kept cannot be believed.
func loadTally(db Database, state State) (*tally, error) {
	t := newTally()
	header := false
	steps := int64(0)
	err := db.Kept(func(key, value []byte) error {
		if len(key) > 0 && key[0] == keptPlace {
			return nil
		}
		var numbers [5]int64
		n, err := keptNumbers(key, value, &numbers)
		if err != nil {
			return err
		}
		if key[0] != keptHeader {
			return t.restoreRecord(key, numbers[:n])
		}
		if n != 4 || numbers[0] != keptFormat {
			return errKept
		}
		header = true
		t.through, t.counted, steps = numbers[1], numbers[2], numbers[3]
		return nil
	})
	if err != nil {
		return newTally(), fmt.Errorf("read the counts by type: %w", err)
	}
	if !header && len(t.byName) == 0 {
		return t, nil
	}
	sum := int64(0)
	for _, c := range t.byName {
		for k := range c.all() {
			sum += k.count
		}
	}
	if !header || sum != t.counted || int64(t.steps) != steps || t.through >= state.Next || t.counted > state.Messages {
		return newTally(), errKeptSum
	}
	t.stored = true
	return t, nil
}

// keptNumbers checks a record and reads its numbers, and how many there are.
func keptNumbers(key, value []byte, into *[5]int64) (n int, err error) {
	end := len(value) - crc32.Size
	if len(key) == 0 || end < 0 || binary.LittleEndian.Uint32(value[end:]) != keptSum(key, value[:end]) {
		return 0, errKept
	}
	for rest := value[:end]; len(rest) > 0; n++ {
		v, size := binary.Varint(rest)
		if size <= 0 || n == len(into) {
			return 0, errKept
		}
		into[n], rest = v, rest[size:]
	}
	return n, nil
}

// restoreRecord puts what a record says into the tally.
func (t *tally) restoreRecord(key []byte, numbers []int64) error {
	letter := key[0]
	category, rest, ok := cutName(key[1:])
	if !ok {
		return errKept
	}
	c := t.of(category)
	switch {
	case letter == keptKind && len(numbers) == 5, letter == keptBeyond && len(numbers) == 5:
		k := c.beyond
		if letter == keptKind {
			k = c.kind(string(rest))
		}
		k.count = numbers[0]
		k.first, k.last = seen{numbers[1], numbers[2]}, seen{numbers[3], numbers[4]}
		return nil
	case letter == keptStep && len(numbers) == 2:
		from, to, ok := cutName(rest)
		if !ok {
			return errKept
		}
		before := c.start
		if from != "" {
			before = c.kind(from)
		}
		t.restore(before, c.kind(string(to)), seen{numbers[0], numbers[1]})
		return nil
	case letter == keptFull && len(numbers) == 2:
		c.full = &step{to: c.beyond}
		return nil
	}
	return errKept
}

// cutName reads a name with its length before it.
func cutName(b []byte) (name string, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return "", nil, false
	}
	b = b[size:]
	return string(b[:n]), b[n:], true
}

// differences compares what is kept with what was counted again from the messages,
// and says what differs, at most limit of it.
func (t *tally) differences(counted *tally, limit int) (list []store.Finding) {
	note := func(category, format string, args ...any) {
		if len(list) < limit {
			list = append(list, store.Finding{Where: fmt.Sprintf("types of category %q", category), Family: "types", Detail: fmt.Sprintf(format, args...)})
		}
	}
	for name := range union(t.byName, counted.byName) {
		kept, found := t.of(name), counted.of(name)
		for messageType := range union(kept.kinds, found.kinds) {
			a, b := cmp.Or(kept.kinds[messageType], &kind{}), cmp.Or(found.kinds[messageType], &kind{})
			if a.count != b.count || a.first != b.first || a.last != b.last {
				note(name, "counts say %d messages of type %q (#%d to #%d), there are %d (#%d to #%d)",
					a.count, messageType, a.first.position, a.last.position, b.count, b.first.position, b.last.position)
			}
		}
		if kept.beyond.count != found.beyond.count {
			note(name, "counts say %d messages of further types, there are %d", kept.beyond.count, found.beyond.count)
		}
		if a, b := kept.transitions(), found.transitions(); !maps.Equal(a, b) || (kept.full == nil) != (found.full == nil) {
			note(name, "%d transitions are kept, and not those that the messages make, which are %d", len(a), len(b))
		}
	}
	return list
}

type pair struct{ from, to string }

// transitions are those of a category, with where they were seen first.
func (c *tallied) transitions() map[pair]seen {
	all := map[pair]seen{}
	for k := range c.all() {
		for _, s := range k.next {
			all[pair{s.from.name, s.to.name}] = s.first
		}
	}
	return all
}

// union has the keys of both maps.
func union[V any](a, b map[string]V) map[string]V {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}
