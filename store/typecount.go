package store

import "time"

// Bounds on what an engine keeps of types and transitions. Messages of further
// types are counted together, further transitions are not kept.
const (
	MaxTypes            = 4096  // of a category
	MaxTypesInAll       = 65536 // of a namespace
	MaxTransitions      = 4096  // of a category
	MaxTransitionsInAll = 65536 // of a namespace
)

// Seen is where and when a message was written.
type Seen struct {
	Position int64     `json:"position"` // global
	Time     time.Time `json:"time"`
}

// TypeCount is what is known of the messages of one type in one category.
type TypeCount struct {
	Category string `json:"category"`
	Type     string `json:"type"`
	Count    int64  `json:"count"`
	First    Seen   `json:"first"` // the message with the lowest global position
	Last     Seen   `json:"last"`  // the one with the highest
}

// TypeCounts are the counts by type of one category or of a whole namespace, as
// of one moment. While Counted is below Messages the engine still counts a
// store that is older than these counts: each number is true of the messages
// counted so far, and the oldest or the newest may be among those that are not.
type TypeCounts struct {
	Types    []TypeCount `json:"types"`    // by category, then by type
	Counted  int64       `json:"counted"`  // messages that the counts cover
	Messages int64       `json:"messages"` // messages there are
	Overflow int64       `json:"overflow"` // of those counted, messages of types beyond the bounds

	// Fault is why not all are counted, where that failed: it is tried again, less
	// often the longer it fails. "": it goes on, or all are counted.
	Fault string `json:"fault,omitempty"`
}

// Transition is a pair of types that follow each other in a stream of a
// category.
type Transition struct {
	Category string `json:"category"`
	From     string `json:"from"` // "": To is the type of a stream's first message
	To       string `json:"to"`
	First    Seen   `json:"first"` // the message of type To that made the transition first
}

// Transitions are the transitions seen in one category or in a whole namespace,
// as of one moment. Counted, Messages and Fault are as in TypeCounts.
type Transitions struct {
	Seen     []Transition `json:"seen"`     // by category, then by from, then by to
	Overflow bool         `json:"overflow"` // there are more than the bounds allow, and not all were kept
	Counted  int64        `json:"counted"`
	Messages int64        `json:"messages"`
	Fault    string       `json:"fault,omitempty"`
}
