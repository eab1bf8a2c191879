package sqlitestore

import (
	"log/slog"
	"time"

	"github.com/evtui/evtui/store/internal/engine"
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

	// ReadOnly changes nothing in the data directory, which may lie on read-only
	// media. A database with a log is read from a copy in the system's directory
	// for temporary files.
	ReadOnly bool
}

// DefaultMemory is the budget when none is given.
const DefaultMemory = 192 << 20

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.MaxOpen <= 0 {
		o.MaxOpen = 64
	}
	o.MaxOpen = min(o.MaxOpen, maxOpenFor(fileLimit()))
	if o.Memory <= 0 {
		o.Memory = DefaultMemory
	}
	return o
}

// engine is what the shared layer needs of the options.
func (o Options) engine() engine.Options {
	return engine.Options{Logger: o.Logger, MaxOpen: o.MaxOpen, Interval: o.Interval, IdleClose: o.IdleClose, ReadOnly: o.ReadOnly}
}

// filesPerNamespace is what an open namespace holds: each connection has the
// database, its log and the log's index open.
const filesPerNamespace = 3 * (1 + readers + lookers)

// maxOpenFor is how many namespaces may be open so that they take half of the
// process's file descriptors at most.
func maxOpenFor(files int) int { return max(files/2/filesPerNamespace, 4) }
