package store

import (
	"bytes"
	"strings"
	"time"
)

// MaxMessageBytes is the most that data and metadata of one message may hold
// together.
const MaxMessageBytes = 1 << 20

// Message is one stored message.
//
// A Message that an iterator yields is borrowed: its strings and bytes may
// point into the engine's memory and are valid only until the iterator's next
// step. Keep it with [Message.Clone]. Methods that return a Message outright
// return it owned.
type Message struct {
	ID             ID
	Stream         string
	Type           string
	Position       int64 // place in the stream, from 0
	GlobalPosition int64 // place in the namespace, from 1
	Time           time.Time
	Data           []byte // JSON object, to the letter as it was written
	Metadata       []byte // JSON object, or nil for null
}

// Clone returns a copy of m that owns all its strings and bytes.
func (m Message) Clone() Message {
	m.Stream = strings.Clone(m.Stream)
	m.Type = strings.Clone(m.Type)
	m.Data = bytes.Clone(m.Data)
	m.Metadata = bytes.Clone(m.Metadata)
	return m
}

// Event is what a client asks to append.
type Event struct {
	ID       ID // zero: the engine makes one (version 7)
	Type     string
	Data     []byte // valid JSON; it comes back to the letter, however an engine keeps it
	Metadata []byte // valid JSON, or nil for null

	// Correlation is the category of metadata's correlationStreamName, or "".
	// Whoever parses the metadata fills it (see CategoryQuery.Correlation).
	Correlation string
}

// AnyVersion as Write.ExpectedVersion appends whatever the stream's version.
const AnyVersion = -2

// NoStream is the version of a stream that does not exist; as
// Write.ExpectedVersion it means "no such stream yet".
const NoStream = -1

// Write is one append: all its events go to one stream, all or none.
type Write struct {
	Stream          string
	Events          []Event
	ExpectedVersion int64 // AnyVersion, NoStream, or the last position expected
}

// Check returns an [*InvalidError] for the first fault in names and sizes.
// Engines call it before anything else.
func (w Write) Check() error {
	if err := CheckStreamName(w.Stream); err != nil {
		return err
	}
	if len(w.Events) == 0 {
		return invalid("events", "must hold at least one event")
	}
	if w.ExpectedVersion < AnyVersion {
		return invalid("expectedVersion", "must be -1 (no such stream yet) or a position, got %d", w.ExpectedVersion)
	}
	for i := range w.Events {
		e := &w.Events[i]
		if err := CheckType(e.Type); err != nil {
			return err
		}
		if n := len(e.Data) + len(e.Metadata); n > MaxMessageBytes {
			return invalid("data", "and metadata must be at most %d bytes together, got %d", MaxMessageBytes, n)
		}
	}
	return w.checkIDs()
}

// checkIDs finds an id that is given twice.
func (w Write) checkIDs() error {
	if len(w.Events) == 1 {
		return nil
	}
	seen := make(map[ID]int, len(w.Events))
	for i := range w.Events {
		id := w.Events[i].ID
		if id.IsZero() {
			continue
		}
		if first, twice := seen[id]; twice {
			return invalid("events", "must have different ids: events %d and %d both have %s", first, i, id)
		}
		seen[id] = i
	}
	return nil
}

// Appended answers a Write: the inclusive ranges that its events got.
type Appended struct {
	FirstPosition, LastPosition             int64
	FirstGlobalPosition, LastGlobalPosition int64
}
