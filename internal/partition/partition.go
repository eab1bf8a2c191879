// Package partition works out how the streams of a category fall on the members of a
// consumer group, and which of them another size would move.
//
// A [Tally] takes the streams one by one, or what others have tallied of some of them,
// and holds no more than its totals and its top lists, however many streams there are.
package partition

import (
	"cmp"
	"slices"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// Spec says what is tallied.
type Spec struct {
	Category string
	Size     int   // of the group, at least 1
	Top      int   // how many of each member's hottest streams are named
	To       []int // the sizes for which it is calculated what moves
	TopMoves int   // how many of the streams that move are named
}

// Tally sums up. Make it with [New].
type Tally struct {
	spec Spec
	sum  wire.Distribution
}

// New returns a tally of no streams.
func New(spec Spec) *Tally {
	t := &Tally{spec: spec}
	t.sum.Category, t.sum.Size = spec.Category, spec.Size
	t.sum.Members = make([]wire.Member, spec.Size)
	for i := range t.sum.Members {
		t.sum.Members[i].Member = i
	}
	t.sum.Unassigned.Member = -1
	for _, size := range spec.To {
		t.sum.Moves = append(t.sum.Moves, wire.Moves{To: size})
	}
	return t
}

// Scanned is how many streams were tallied.
func (t *Tally) Scanned() int64 { return t.sum.Scanned }

// Add takes a stream.
func (t *Tally) Add(stream store.Stream) {
	t.sum.Scanned++
	messages := stream.Version + 1
	cardinal := store.CardinalID(stream.Name)
	if cardinal == "" {
		t.take(&t.sum.Unassigned, 1, messages, wire.StreamCount{Stream: stream.Name, Messages: messages})
		return
	}
	hash := store.Hash(cardinal)
	member := store.MemberOf(hash, t.spec.Size)
	t.take(&t.sum.Members[member], 1, messages, wire.StreamCount{Stream: stream.Name, Messages: messages})
	for i, size := range t.spec.To {
		if to := store.MemberOf(hash, size); to != member {
			t.move(&t.sum.Moves[i], 1, messages, wire.Move{Stream: stream.Name, From: member, To: to, Messages: messages})
		}
	}
}

// Merge takes what was tallied of other streams by the same Spec. Of a distribution
// that is not of its sizes it takes nothing, and reports false.
func (t *Tally) Merge(d *wire.Distribution) bool {
	if len(d.Members) != t.spec.Size || len(d.Moves) != len(t.spec.To) {
		return false
	}
	t.sum.Scanned += d.Scanned
	t.take(&t.sum.Unassigned, d.Unassigned.Streams, d.Unassigned.Messages, d.Unassigned.Hottest...)
	for i := range d.Members {
		t.take(&t.sum.Members[i], d.Members[i].Streams, d.Members[i].Messages, d.Members[i].Hottest...)
	}
	for i := range d.Moves {
		t.move(&t.sum.Moves[i], d.Moves[i].Streams, d.Moves[i].Messages, d.Moves[i].Top...)
	}
	return true
}

func (t *Tally) take(m *wire.Member, streams, messages int64, hottest ...wire.StreamCount) {
	m.Streams += streams
	m.Messages += messages
	if m.Hottest = append(m.Hottest, hottest...); len(m.Hottest) >= 2*t.spec.Top+16 {
		m.Hottest = most(m.Hottest, t.spec.Top, byMessages)
	}
}

func (t *Tally) move(m *wire.Moves, streams, messages int64, top ...wire.Move) {
	m.Streams += streams
	m.Messages += messages
	if m.Top = append(m.Top, top...); len(m.Top) >= 2*t.spec.TopMoves+16 {
		m.Top = most(m.Top, t.spec.TopMoves, movesByMessages)
	}
}

// Sum returns what was tallied so far; complete says that those were all streams. It
// shares nothing with the tally, which may go on.
func (t *Tally) Sum(complete bool) wire.Distribution {
	d := t.sum
	d.Complete = complete
	d.Members = slices.Clone(d.Members)
	for i := range d.Members {
		d.Members[i].Hottest = most(slices.Clone(d.Members[i].Hottest), t.spec.Top, byMessages)
	}
	d.Unassigned.Hottest = most(slices.Clone(d.Unassigned.Hottest), t.spec.Top, byMessages)
	d.Moves = slices.Clone(d.Moves)
	for i := range d.Moves {
		d.Moves[i].Top = most(slices.Clone(d.Moves[i].Top), t.spec.TopMoves, movesByMessages)
	}
	return d
}

// most returns the first of a list by an order; never nil.
func most[T any](list []T, top int, order func(a, b T) int) []T {
	slices.SortFunc(list, order)
	if list == nil {
		return []T{}
	}
	return list[:min(top, len(list))]
}

// byMessages puts the most messages first, and then goes by name.
func byMessages(a, b wire.StreamCount) int {
	return cmp.Or(cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Stream, b.Stream))
}

func movesByMessages(a, b wire.Move) int {
	return cmp.Or(cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Stream, b.Stream))
}
