package fields

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/evtui/evtui/internal/filter"
)

// How much is kept of a value, and how many of them.
const (
	keptBytes   = 80
	maxExamples = 3
	maxCounted  = 8 // values whose occurrences are counted
)

// scalar counts a string, number, true, false or null.
func (s *Set) scalar(n *node, kind Kind, raw []byte) {
	hash := maphash.Bytes(s.seed, raw)
	n.seen.add(hash)
	n.some.add(hash, raw, s.here)
	switch kind {
	case Number:
		n.number.number(raw)
	case String:
		n.text.text(plain(raw))
	}
}

// span is the least and the greatest of values.
type span struct {
	least, greatest end
}

// end is one of them.
type end struct {
	kept  []byte // at most keptBytes
	value float64
	cut   bool
	known bool
}

func (e *end) set(raw []byte, value float64) {
	e.known, e.value, e.cut = true, value, len(raw) > keptBytes
	e.kept = append(e.kept[:0], head(raw)...)
}

// head is what is kept of a text: whole characters.
func head(raw []byte) []byte {
	if len(raw) <= keptBytes {
		return raw
	}
	n := keptBytes
	for n > 0 && !utf8.RuneStart(raw[n]) {
		n--
	}
	return raw[:n]
}

func (e *end) String() string {
	switch {
	case !e.known:
		return ""
	case e.cut:
		return string(e.kept) + "…"
	}
	return string(e.kept)
}

func (s *span) number(raw []byte) {
	value := float(raw)
	if !s.least.known || s.least.numbers(raw, value) > 0 {
		s.least.set(raw, value)
	}
	if !s.greatest.known || s.greatest.numbers(raw, value) < 0 {
		s.greatest.set(raw, value)
	}
}

// numbers compares what is kept with a number: exactly, unless they are longer
// than what is kept.
func (e *end) numbers(raw []byte, value float64) int {
	switch {
	case e.value < value:
		return -1
	case e.value > value:
		return 1
	case e.cut || len(raw) > keptBytes || bytes.Equal(e.kept, raw):
		return 0
	}
	return filter.CompareJSON(e.kept, raw, true, true)
}

func (s *span) text(text []byte) {
	text = head(text)
	if !s.least.known || bytes.Compare(text, s.least.kept) < 0 {
		s.least.set(text, 0)
	}
	if !s.greatest.known || bytes.Compare(text, s.greatest.kept) > 0 {
		s.greatest.set(text, 0)
	}
}

// float reads a number; small integers, which are most of them, at once.
func float(raw []byte) float64 {
	if len(raw) <= 15 {
		n, i := int64(0), 0
		if raw[0] == '-' {
			i = 1
		}
		for ; i < len(raw) && raw[i] >= '0' && raw[i] <= '9'; i++ {
			n = 10*n + int64(raw[i]-'0')
		}
		if i == len(raw) {
			if raw[0] == '-' {
				n = -n
			}
			return float64(n)
		}
	}
	value, _ := strconv.ParseFloat(string(raw), 64) // beyond its range it is infinite: the exact comparison decides
	return value
}

// Example is a value that a field has.
type Example struct {
	Value string `json:"value"`           // its JSON, cut to 80 bytes, then with … behind
	Count int64  `json:"count,omitempty"` // how many there are; 0: not counted, since there are many
	At    Place  `json:"at"`              // where it was met first
}

// Kind is the kind of the value.
func (e *Example) Kind() Kind { return kindAt(e.Value[0]) }

// samples are the first few values met. While there are no others they are
// counted too.
type samples struct {
	list []sample
	more bool // there are others
}

type sample struct {
	hash  uint64
	count int64
	value string
	at    spot
}

func (s *samples) add(hash uint64, raw []byte, at spot) {
	if s.more {
		return
	}
	for i := range s.list {
		if s.list[i].hash == hash {
			s.list[i].count++
			return
		}
	}
	if len(s.list) == maxCounted {
		s.more = true
		s.list = append([]sample(nil), s.list[:maxExamples]...)
		return
	}
	value := string(head(raw))
	if len(value) < len(raw) {
		value += "…"
	}
	s.list = append(s.list, sample{hash, 1, value, at})
}

// examples returns them, the most frequent first where that is known.
func (s *samples) examples() []Example {
	out := make([]Example, 0, len(s.list))
	for _, e := range s.list {
		x := Example{Value: e.value, Count: e.count, At: e.at.place()}
		if s.more {
			x.Count = 0
		}
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b Example) int { return cmp.Compare(b.Count, a.Count) })
	return out
}

// maxExact is up to how many distinct values are counted exactly, and
// registerBits how many registers estimate more: 2^11, a standard error of 2.3 %.
const (
	maxExact     = 256
	registerBits = 11
)

// distinct counts distinct values by their hashes: exactly while they are few,
// then by a HyperLogLog.
type distinct struct {
	few       map[uint64]struct{} // nil: none yet, or all are in the registers
	registers []uint8             // of the HyperLogLog; nil: all are among the few
}

func (d *distinct) add(hash uint64) {
	if d.registers != nil {
		d.estimate(hash)
		return
	}
	if d.few == nil {
		d.few = map[uint64]struct{}{}
	}
	if d.few[hash] = struct{}{}; len(d.few) > maxExact {
		d.registers = make([]uint8, 1<<registerBits)
		for h := range d.few {
			d.estimate(h)
		}
		d.few = nil
	}
}

func (d *distinct) estimate(hash uint64) {
	r := &d.registers[hash>>(64-registerBits)]
	*r = max(*r, uint8(bits.LeadingZeros64(hash<<registerBits|1<<(registerBits-1)))+1)
}

// count returns how many there are, and whether that is an estimate.
func (d *distinct) count() (n int64, about bool) {
	if d.registers == nil {
		return int64(len(d.few)), false
	}
	m, sum, free := float64(len(d.registers)), 0.0, 0
	for _, r := range d.registers {
		sum += math.Ldexp(1, -int(r))
		if r == 0 {
			free++
		}
	}
	e := 0.7213 / (1 + 1.079/m) * m * m / sum
	if e <= 2.5*m && free > 0 {
		e = m * math.Log(m/float64(free)) // linear counting, where that is better
	}
	return int64(math.Round(e)), true
}
