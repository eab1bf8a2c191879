package store

import (
	"encoding/json"
	"time"
)

// NoLimit as a query's Limit reads to the end.
const NoLimit = -1

// StreamQuery selects messages of one stream.
//
// Forward, Position and GlobalPosition are inclusive lower bounds and both
// hold. Backward, they are inclusive upper bounds, and a negative Position or
// a GlobalPosition below 1 bounds nothing.
type StreamQuery struct {
	Stream         string
	Position       int64
	GlobalPosition int64
	Limit          int // NoLimit, 0 for none, or how many at most
	Backward       bool
}

// CategoryQuery selects messages of one category, or of the whole namespace
// when Category is "", by global position.
//
// Forward, GlobalPosition is the inclusive lower bound; backward the upper
// one, where a value below 1 bounds nothing. Filters never cut a page short:
// fewer than Limit messages mean that there are no more.
type CategoryQuery struct {
	Category       string
	GlobalPosition int64
	Limit          int    // NoLimit, 0 for none, or how many at most
	Correlation    string // keep messages correlated to this category; "" keeps all
	Group          Group  // keep streams that this member owns; zero keeps all
	Backward       bool
}

// StreamsQuery pages through a namespace's streams by name (byte order).
type StreamsQuery struct {
	Prefix   string
	Category string // keep the streams of this category; "" keeps all
	Cursor   string // the last name of the page before; "" starts
	Limit    int    // at least 1
}

// Stream describes one stream.
type Stream struct {
	Name         string
	Version      int64
	LastActivity time.Time // time of its last message
}

// CategoryCount describes one category. Counts are exact unless the engine's
// Description says that they lag.
type CategoryCount struct {
	Category     string
	StreamCount  int64
	MessageCount int64
	LastPosition int64 // global position of its last message
	Estimated    bool  // the counts are
}

// NamespaceSpec is what ns.create is given.
type NamespaceSpec struct {
	ID          string
	Description string
	Metadata    json.RawMessage // JSON object, or nil
	TokenHash   [32]byte        // SHA-256 of the token; the token itself is never stored
}

// Namespace describes one namespace.
type Namespace struct {
	ID           string
	Description  string
	Metadata     json.RawMessage
	CreatedAt    time.Time
	MessageCount int64
	StreamCount  int64
	LastActivity time.Time // zero when it holds no message
	Open         bool      // whether its engine is open just now
	Fault        string    // why it cannot be used, or written; "" when it is well
	Damaged      bool      // Fault says what is missing: every call gets a *DamagedError
	Notice       string    // what should be known of it, such as bytes dropped from the end of its log; "" for nothing
	Estimated    bool      // the counts are
}

// FromNow as SubscribeQuery.From starts after what is stored already.
const FromNow = -1

// SubscribeQuery selects what a subscription announces: one stream, one
// category, or (both empty) the whole namespace.
type SubscribeQuery struct {
	Stream   string
	Category string
	From     int64 // inclusive: a stream position for Stream, else a global position; or FromNow
	Group    Group // keep streams that this member owns; zero keeps all
}

// Announcement says that a message is there to be read.
type Announcement struct {
	Stream         string // owned by the receiver
	Position       int64
	GlobalPosition int64
}

// Finding is one fault that Verify found.
type Finding struct {
	Where  string // which key range or record, in words
	Detail string
	Family string `json:",omitempty"` // which kind of keys, as Storage names them
	Keys   string `json:",omitempty"` // which of them, in words; "": the family as a whole
}

// VerifyReport sums up a Verify.
type VerifyReport struct {
	Messages int64
	Streams  int64
	Findings []Finding
	Notes    []Finding // what should be known and is no fault, such as the end of a log that was dropped
}

// Description tells what a store is, what it promises, and what its numbers are worth.
type Description struct {
	Backend    string // "pebble", "sqlite", …
	Durability string // "sync": acknowledged is durable; "interval 100ms": up to that much can be lost
	InMemory   bool
	ReadOnly   bool // every write is refused with ErrReadOnly

	Shared    bool          // others may write to the same namespaces
	Counts    Counts        // what counts of messages and streams are worth
	Dense     bool          // positions that are given follow each other: 1, 2, 3, also after Truncate
	NameOrder string        // how names are ordered in lists: "bytes", or a collation
	IDWindow  time.Duration // how far back the ids of writes are compared; 0: all
	Verbatim  bool          // data and metadata come back byte for byte
	Clocks    bool          // times are the writers' clocks and may run backwards: Store.PositionAt is about right
}

// Counts says what a count is worth.
type Counts string

// Kinds of counts.
const (
	CountsExact     Counts = "exact"
	CountsLagging   Counts = "lagging"   // exact as of a moment ago
	CountsEstimated Counts = "estimated" // the database's own estimate
	CountsNone      Counts = "none"
)
