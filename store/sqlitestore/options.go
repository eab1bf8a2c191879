package sqlitestore

import (
	"log/slog"
	"time"
)

// Options tune a store. The zero value is ready for use.
type Options struct {
	Logger *slog.Logger // nil: logs nothing

	// MaxOpen is how many namespaces may be open at once (0: 64). Those in
	// use are never closed, so more can be open while more are in use.
	MaxOpen int

	// Interval trades durability away: appends are acknowledged once written,
	// and synced this often. 0: every append is synced before it is acknowledged.
	Interval time.Duration

	// IdleClose is how long an open namespace may go unused before it is closed
	// (0: 5 minutes; negative: never).
	IdleClose time.Duration

	// Memory in bytes is what the page caches are sized by (0: 192 MiB): a
	// namespace's writer may take a 24th of it, each of its readers a 96th.
	Memory int64
}

// DefaultMemory is the budget when none is given.
const DefaultMemory = 192 << 20

// readers is how many connections of a namespace read at once.
const readers = 4

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.MaxOpen <= 0 {
		o.MaxOpen = 64
	}
	o.MaxOpen = min(o.MaxOpen, maxOpenFor(fileLimit()))
	if o.IdleClose == 0 {
		o.IdleClose = 5 * time.Minute
	}
	if o.Memory <= 0 {
		o.Memory = DefaultMemory
	}
	return o
}

// filesPerNamespace is what an open namespace holds: each connection has the
// database, its log and the log's index open.
const filesPerNamespace = 3 * (1 + readers)

// maxOpenFor is how many namespaces may be open so that they take half of the
// process's file descriptors at most.
func maxOpenFor(files int) int { return max(files/2/filesPerNamespace, 4) }
