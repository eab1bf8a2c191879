package fields

import (
	"hash/maphash"
	"time"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/store"
)

// Bounds on what a Set tells apart. What is beyond is counted together, under *.
const (
	MaxPaths = 512 // of the data, and of the metadata
	MaxNames = 128 // in one object
	MaxDepth = 32
	maxName  = 256 // bytes of a name
)

// Part is a part of a message.
type Part int

// The parts.
const (
	Data Part = iota
	Metadata
)

// String names the part as a filter does.
func (p Part) String() string {
	if p == Metadata {
		return "metadata"
	}
	return "data"
}

// Place is where and when a message was written.
type Place struct {
	Global int64     `json:"position"`
	Time   time.Time `json:"time"`
}

// spot is a Place that is cheap to keep.
type spot struct{ global, nanos int64 }

func (s spot) place() Place { return Place{s.global, time.Unix(0, s.nanos).UTC()} }

// Set is what the messages of one type have in common. Make it with [New].
type Set struct {
	roots    [2]*node
	paths    [2]int
	messages int64
	invalid  int64
	low      spot // of the messages read
	high     spot
	seed     maphash.Seed

	// Of the message under way.
	raw     []byte
	here    spot
	older   bool // it is older than all before
	part    Part
	message uint64
	object  uint64 // counts objects, to notice names that stand twice in one
}

// New returns a Set of no messages.
func New() *Set {
	return &Set{roots: [2]*node{{}, {}}, seed: maphash.MakeSeed()}
}

// Add takes a message, which it does not keep. It reports false, and does
// nothing, for one that lies within those read.
func (s *Set) Add(m *store.Message) bool {
	s.here = spot{m.GlobalPosition, m.Time.UnixNano()}
	switch {
	case s.messages == 0:
		s.low, s.high, s.older = s.here, s.here, false
	case s.here.global < s.low.global:
		s.low, s.older = s.here, true
	case s.here.global > s.high.global:
		s.high, s.older = s.here, false
	default:
		return false
	}
	s.messages++
	s.message++
	s.document(Data, m.Data)
	s.document(Metadata, m.Metadata)
	return true
}

// document walks one part of the message. One that is no JSON is counted, and
// nothing of it is.
func (s *Set) document(part Part, raw []byte) {
	if len(raw) == 0 {
		return
	}
	check := rawjson.New(raw)
	if check.Skip() != nil || check.End() != nil {
		s.invalid++
		return
	}
	s.raw, s.part = raw, part
	s.value(s.roots[part], rawjson.Space(raw, 0), 0)
	s.raw = nil
}

// Messages is how many were read.
func (s *Set) Messages() int64 { return s.messages }

// Invalid is how many of their documents are no JSON.
func (s *Set) Invalid() int64 { return s.invalid }

// Span is where the oldest and the newest message read stand; zero without any.
func (s *Set) Span() (oldest, newest Place) {
	if s.messages == 0 {
		return Place{}, Place{}
	}
	return s.low.place(), s.high.place()
}

// Merged reports whether there was more in the messages than the bounds allow.
func (s *Set) Merged() bool {
	return s.roots[Data].merged() || s.roots[Metadata].merged()
}
