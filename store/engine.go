package store

import (
	"context"
	"time"
)

// Engine is what a store can show of its insides, for those who operate it.
// An engine need not implement it: ask with a type assertion.
type Engine interface {
	// EngineFigures returns the figures of all open namespaces, by id, and
	// of what they share. It takes microseconds a namespace.
	EngineFigures() EngineFigures
	// EngineEvents returns the events after the given sequence number, oldest
	// first, as far as they are remembered (some thousands).
	EngineEvents(after uint64) []EngineEvent
	// Storage measures where a namespace's bytes lie, by key family. It opens the
	// namespace and can take seconds.
	Storage(ctx context.Context, namespace string) (Storage, error)
	// Flush writes a namespace's memtables to tables, Compact then merges all
	// of its tables into the bottom level.
	Flush(ctx context.Context, namespace string) error
	Compact(ctx context.Context, namespace string) error
}

// Checkpoint is a copy of a store.
type Checkpoint struct {
	Name       string        `json:"name"`
	Dir        string        `json:"dir"` // where it lies, on the engine's machine
	Namespaces int           `json:"namespaces"`
	Messages   int64         `json:"messages"`
	Duration   time.Duration `json:"duration"`
	Damaged    []string      `json:"damaged,omitempty"` // namespaces that were left out, since they are damaged
}

// EngineFigures is an engine at one moment. Sizes are in bytes; counts since a
// namespace was opened unless said otherwise.
type EngineFigures struct {
	Namespaces []NamespaceFigures `json:"namespaces"` // the open ones, by id
	Known      int                `json:"known"`      // namespaces there are
	MaxOpen    int                `json:"maxOpen"`
	Opened     int64              `json:"opened"` // since the store was opened
	Closed     int64              `json:"closed"`
	BlockCache CacheFigures       `json:"blockCache"` // shared by all namespaces
	FileCache  CacheFigures       `json:"fileCache"`  // shared by all namespaces
}

// CacheFigures describes a cache.
type CacheFigures struct {
	Size     int64 `json:"size"`
	Capacity int64 `json:"capacity,omitempty"`
	Count    int64 `json:"count"`
	Hits     int64 `json:"hits"`
	Misses   int64 `json:"misses"`
}

// NamespaceFigures describes the tree of one open namespace.
type NamespaceFigures struct {
	ID            string        `json:"id"`
	Messages      int64         `json:"messages"`
	DiskBytes     int64         `json:"diskBytes"`
	Subscriptions int64         `json:"subscriptions"`
	Poisoned      bool          `json:"poisoned,omitempty"`
	PoisonedBy    string        `json:"poisonedBy,omitempty"` // such as "sync failed"
	Levels        []Level       `json:"levels"`               // L0 first
	Limits        Limits        `json:"limits"`
	ReadAmp       int           `json:"readAmp"`
	MemtableBytes int64         `json:"memtableBytes"`
	Memtables     int64         `json:"memtables"`
	WAL           WALFigures    `json:"wal"`
	Flushes       int64         `json:"flushes"`
	Compactions   int64         `json:"compactions"`
	Compacting    int64         `json:"compacting"` // compactions under way
	Debt          int64         `json:"debt"`       // estimated compaction debt
	FilterHits    int64         `json:"filterHits"` // lookups that a filter spared
	FilterMisses  int64         `json:"filterMisses"`
	FsyncP50      time.Duration `json:"fsyncP50"`
	FsyncP99      time.Duration `json:"fsyncP99"`
	Fsyncs        int64         `json:"fsyncs"`
	Uptime        time.Duration `json:"uptime"`
	OldestRead    time.Duration `json:"oldestRead,omitempty"` // how long the oldest long read has been going on; 0: there is none
}

// Level describes one level of a tree.
type Level struct {
	Level      int     `json:"level"`
	Sublevels  int     `json:"sublevels"`
	Tables     int64   `json:"tables"`
	Size       int64   `json:"size"`
	Score      float64 `json:"score"`
	BytesIn    int64   `json:"bytesIn"`
	BytesRead  int64   `json:"bytesRead"`
	BytesMoved int64   `json:"bytesMoved"`
	Written    int64   `json:"written"` // flushed and compacted into the level
	WriteAmp   float64 `json:"writeAmp"`
}

// Limits are the options that the figures run up against.
type Limits struct {
	CompactAtSublevels int   `json:"compactAtSublevels"` // L0 compacts from here on
	StopAtSublevels    int   `json:"stopAtSublevels"`    // writes stop from here on
	StopAtMemtables    int   `json:"stopAtMemtables"`    // the bytes of so many full ones stop writes
	MemtableBytes      int64 `json:"memtableBytes"`      // of one memtable
}

// WALFigures describes a write-ahead log.
type WALFigures struct {
	Files        int64 `json:"files"`
	Size         int64 `json:"size"`
	BytesIn      int64 `json:"bytesIn"`      // what was asked to be written, and what opening found in the log: BytesWritten counts it too
	BytesWritten int64 `json:"bytesWritten"` // with the log's own framing
}

// Kinds of engine events.
const (
	EventFlush     = "flush"
	EventCompact   = "compaction"
	EventStall     = "stall"       // writes stopped
	EventStallEnd  = "stall ended" // and go on
	EventOpened    = "opened"
	EventClosed    = "closed"
	EventCreated   = "created"
	EventDeleted   = "deleted"
	EventTruncated = "truncated"
	EventPoisoned  = "poisoned"
	EventDiskLow   = "disk low"
	EventDamaged   = "damaged" // a table could not be read, or a namespace not be opened: evtui verify tells more
	EventDropped   = "dropped" // the end of a log that could not be read was left out
	EventReplaced  = "replaced"
	EventType      = "new type"       // a category got its first message of a type
	EventFollows   = "new transition" // a type followed another in a stream for the first time in its category
	EventDrift     = "drift"          // messages of a known type have other fields than before
	EventCutOff    = "cut off"        // the log that is followed is not reached
	EventBack      = "back"           // and is followed again
	EventUnknown   = "unknown"        // something lies in the data directory that no namespace knows
)

// EventKinds are all kinds of engine events.
func EventKinds() []string {
	return []string{
		EventFlush, EventCompact, EventStall, EventStallEnd, EventOpened, EventClosed, EventCreated, EventDeleted, EventTruncated, EventReplaced,
		EventPoisoned, EventDiskLow, EventDamaged, EventDropped, EventUnknown, EventType, EventFollows, EventDrift, EventCutOff, EventBack,
	}
}

// EngineEvent is something that the engine did.
type EngineEvent struct {
	Seq       uint64        `json:"seq"`
	Time      time.Time     `json:"time"`
	Namespace string        `json:"namespace"`
	Kind      string        `json:"kind"`
	Reason    string        `json:"reason,omitempty"`
	FromLevel int           `json:"fromLevel,omitempty"`
	ToLevel   int           `json:"toLevel,omitempty"`
	BytesIn   int64         `json:"bytesIn,omitempty"`
	BytesOut  int64         `json:"bytesOut,omitempty"`
	Duration  time.Duration `json:"duration,omitempty"`
	Error     string        `json:"error,omitempty"`
}

// Storage says where a namespace's bytes lie.
type Storage struct {
	Messages int64           `json:"messages"`
	Total    int64           `json:"total"` // tables, log and the rest
	Families []StorageFamily `json:"families"`
}

// StorageFamily is one kind of key.
type StorageFamily struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"` // estimated from the tables' indexes
}
