package client

import (
	"time"

	"github.com/evtui/evtui/store"
)

// The values of the protocol, under the names that this package's users need.
// They are package store's, where their documentation stands.
type (
	// ID is a message's UUID.
	ID = store.ID
	// Message is one stored message. Those of one page share memory.
	Message = store.Message
	// Appended says where a write was stored.
	Appended = store.Appended
	// Group is one member of a consumer group; the zero value is no group.
	Group = store.Group
	// Announcement says that a message is there to be read.
	Announcement = store.Announcement
	// Stream describes a stream in a list.
	Stream = store.Stream
	// CategoryCount describes a category in a list.
	CategoryCount = store.CategoryCount
	// Namespace describes a namespace.
	Namespace = store.Namespace
	// ConflictError is what a write ends with whose stream is not where Expect
	// says. Find it by errors.As.
	ConflictError = store.ConflictError
	// InvalidError says which argument was wrong, and what would be right.
	InvalidError = store.InvalidError
)

// What errors.Is finds behind the errors of calls.
var (
	// ErrMessageNotFound is returned by LastMessage and MessageByID.
	ErrMessageNotFound = store.ErrMessageNotFound
	// ErrNamespaceNotFound is returned by whatever names a namespace that does not exist.
	ErrNamespaceNotFound = store.ErrNamespaceNotFound
	// ErrNamespaceExists is returned by CreateNamespace when the id is taken.
	ErrNamespaceExists = store.ErrNamespaceExists
	// ErrClosed is returned by a Subscription's Next after Close.
	ErrClosed = store.ErrClosed
)

// NewID returns a new UUID of version 7, for an event whose write is to be safe
// to send again.
func NewID() ID { return store.NewID(time.Now()) }

const (
	// DefaultLimit is how many messages a page holds at most whose Limit is 0.
	DefaultLimit = 1000
	// NoLimit as a query's Limit reads to the end in one answer.
	NoLimit = -1
	// NoStream is the version of a stream that does not exist.
	NoStream = -1
)

// Event is what is to be written.
type Event struct {
	// ID makes the write safe to send again: a message with it is stored once.
	// Zero: the server makes one, or see [Retries].MakeIDs.
	ID ID
	// Type says what happened.
	Type string
	// Data is a JSON object, stored byte for byte. Nil: {}.
	Data []byte
	// Metadata is a JSON object, or nil for null.
	Metadata []byte
}

// Write is one append: all its events go to one stream, all or none.
type Write struct {
	Stream string
	Events []Event
	Expect Expect
}

// Expect says where a stream must end for a write to be stored. The zero value
// is [AnyVersion].
type Expect struct {
	set     bool
	version int64
}

// AnyVersion expects nothing: the write is stored wherever the stream ends.
func AnyVersion() Expect { return Expect{} }

// NewStream expects that the stream does not exist yet.
func NewStream() Expect { return AtVersion(NoStream) }

// AtVersion expects that the stream's last position is version; [NoStream] is
// [NewStream].
func AtVersion(version int64) Expect { return Expect{set: true, version: version} }

// check refuses what can be no stream's version.
func (e Expect) check() error {
	if e.set && e.version < NoStream {
		return &store.InvalidError{Field: "expectedVersion", Reason: "must be a position, or -1 for a stream that does not exist yet"}
	}
	return nil
}

// StreamQuery selects messages of one stream, from its first on unless the
// query says otherwise.
type StreamQuery struct {
	Stream string
	// Position is the first to read, from 0. Backward takes Before instead.
	Position int64
	// GlobalPosition leaves out what lies before it; backward, what lies after
	// it. 0 leaves out nothing.
	GlobalPosition int64
	// Limit is how many messages at most. 0: [DefaultLimit]; [NoLimit]: all.
	Limit int
	// Backward reads the newest first. Only evtui's servers offer it.
	Backward bool
	// Before leaves out the positions from it on, with Backward. 0 leaves out
	// nothing.
	Before int64
	// MaxBytes cuts an answer of more bytes behind the message before: that page
	// comes with an error that is [ErrTooLarge], and [PageSize] tells what to do.
	// 0: Limits.Page bounds it, and refuses what is larger.
	MaxBytes int64
}

func (q StreamQuery) check() error {
	switch {
	case q.Position < 0 || q.Before < 0:
		return &store.InvalidError{Field: "position", Reason: "must not be negative"}
	case q.GlobalPosition < 0:
		return &store.InvalidError{Field: "globalPosition", Reason: "must not be negative"}
	case q.Backward && q.Position != 0:
		return &store.InvalidError{Field: "position", Reason: "is where reading forward begins: backward takes Before"}
	case !q.Backward && q.Before != 0:
		return &store.InvalidError{Field: "before", Reason: "is for reading backward"}
	}
	return nil
}

// CategoryQuery selects messages of one category, or of the whole namespace
// when Category is "", by global position. Filters never cut a page short:
// fewer messages than the limit mean that there are no more.
type CategoryQuery struct {
	Category string
	// GlobalPosition is the first to read; backward, the last. 0 leaves out
	// nothing.
	GlobalPosition int64
	// Limit is how many messages at most. 0: [DefaultLimit]; [NoLimit]: all.
	Limit int
	// Correlation keeps messages correlated to this category; "" keeps all.
	Correlation string
	// Group keeps the streams of one member; zero keeps all.
	Group Group
	// Backward reads the newest first. Only evtui's servers offer it.
	Backward bool
	// MaxBytes cuts an answer of more bytes behind the message before: that page
	// comes with an error that is [ErrTooLarge], and [PageSize] tells what to do.
	// 0: Limits.Page bounds it, and refuses what is larger.
	MaxBytes int64
}

func (q CategoryQuery) check() error {
	if q.GlobalPosition < 0 {
		return &store.InvalidError{Field: "globalPosition", Reason: "must not be negative"}
	}
	return nil
}

// StreamsQuery pages through a namespace's streams by name (byte order).
type StreamsQuery struct {
	Prefix   string
	Category string // keeps the streams of this category; "" keeps all
	Cursor   string // the last name of the page before; "" starts
	Limit    int    // how many at most, up to 1000. 0: 1000
}

// maxStreams is the most that a page of ns.streams may hold.
const maxStreams = 1000

// SubscribeQuery selects what a subscription announces: one stream, one
// category, or (both empty) the whole namespace; what is stored first, then
// what comes.
type SubscribeQuery struct {
	Stream   string
	Category string
	// From is the first to announce: a stream position for Stream, else a global
	// position. 0 begins with the first.
	From int64
	// FromNow begins with what is written next. From must be 0 then.
	FromNow bool
	// Group keeps the streams of one member; zero keeps all.
	Group Group
}

func (q SubscribeQuery) check() error {
	switch {
	case q.Stream != "" && q.Category != "":
		return &store.InvalidError{Field: "query", Reason: "must name a stream or a category, not both"}
	case q.From < 0:
		return &store.InvalidError{Field: "from", Reason: "must not be negative: FromNow begins with what comes next"}
	case q.FromNow && q.From != 0:
		return &store.InvalidError{Field: "from", Reason: "must be 0 with FromNow"}
	}
	return nil
}

// limitOf returns how many messages a page with the limit may hold.
func limitOf(limit int) int {
	if limit == 0 {
		return DefaultLimit
	}
	return limit
}
