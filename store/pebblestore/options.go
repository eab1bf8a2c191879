package pebblestore

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/sstable/block"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/filesys"
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

	// Memory is the budget in bytes that is divided below (0: 192 MiB). Pebble
	// reserves memtables out of the block cache, so that the cache bounds both
	// while few namespaces write; the rest of the budget is for tables' indexes
	// and filters, batches, and what the collector has not come to yet.
	Memory        int64
	CacheBytes    int64 // block cache, shared by all namespaces (0: half of Memory)
	MemtableBytes int64 // largest memtable of a namespace (0: a 16th of Memory)

	ReadOnly bool // change nothing, on read-only media too: writes are refused with store.ErrReadOnly
	Unlocked bool // with ReadOnly: look into a directory that another process holds

	// Follows says that what is stored follows a log outside, see engine.Store.Follow.
	Follows bool

	FS vfs.FS // nil: the disk

	tablePause time.Duration // see fence; 0: 5 ms
	uncounted  bool          // see engine.Options.Uncounted
}

// DefaultMemory is the budget when none is given.
const DefaultMemory = 192 << 20

// formatVersion is pinned so that a newer Pebble never upgrades a store
// behind the operator's back: the upgrade is one-way.
const formatVersion = pebble.FormatValueSeparation

// Where Pebble begins to compact, and to stop writes. Its score of L0 counts a
// sublevel twice: compactions begin at half of l0Compact. A table of L0 spans all
// categories and so meets most of the bottom; the more sublevels go down at
// once, the less often that is written again.
const (
	l0Compact     = 8
	l0Stop        = 20
	memtablesStop = 4
)

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.MaxOpen <= 0 {
		o.MaxOpen = 64
	}
	o.MaxOpen = min(o.MaxOpen, maxOpenFor(filesys.FileLimit()))
	if o.Memory <= 0 {
		o.Memory = DefaultMemory
	}
	if o.CacheBytes <= 0 {
		o.CacheBytes = o.Memory / 2
	}
	if o.MemtableBytes <= 0 {
		o.MemtableBytes = max(o.Memory/16, 1<<20)
	}
	if o.FS == nil {
		o.FS = private{vfs.Default}
	}
	if o.ReadOnly {
		o.FS = readOnly{o.FS}
	}
	if o.tablePause <= 0 {
		o.tablePause = 5 * time.Millisecond
	}
	return o
}

// pebbleOptions builds the options of the database behind the fence.
func (b *backend) pebbleOptions(name string, files *fence, note func(store.EngineEvent)) *pebble.Options {
	logger := &pebbleLogger{logger: b.options.Logger.With("namespace", name), files: files}
	o := &pebble.Options{
		FS:                          files,
		Cache:                       b.cache,
		FileCache:                   b.tables,
		FormatMajorVersion:          formatVersion,
		Logger:                      logger,
		EventListener:               logger.listener(name, note),
		MemTableSize:                uint64(b.options.MemtableBytes),
		MemTableStopWritesThreshold: memtablesStop,
		L0CompactionThreshold:       l0Compact,
		L0StopWritesThreshold:       l0Stop,
		LBaseMaxBytes:               64 << 20,
		BytesPerSync:                512 << 10,
		CompactionConcurrencyRange:  func() (int, int) { return 1, 2 },
	}
	for i := range o.Levels {
		o.Levels[i].BlockSize = 32 << 10
		o.Levels[i].IndexBlockSize = 64 << 10
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	o.Experimental.CompactionScheduler = files.work
	o.ApplyCompressionSettings(compression)
	return o
}

// minLZBalanced is the second of MinLZ's three levels, minlz.LevelBalanced.
const minLZBalanced = 2

// compression is light above, where data is soon rewritten, and denser at the
// bottom, where it stays. Values that shapes left over give zstd little more to
// find than they give MinLZ, at twice the time: docs/performance.md.
func compression() pebble.DBCompressionSettings {
	settings := pebble.UniformDBCompressionSettings(block.FastestCompression)
	bottom := *block.MinLZCompression
	bottom.Name = "MinLZ balanced"
	bottom.DataBlocks.Level = minLZBalanced
	settings.Levels[len(settings.Levels)-1] = &bottom
	return settings
}

// pebbleLogger passes Pebble's log on and keeps it from ending the process.
type pebbleLogger struct {
	logger *slog.Logger
	files  *fence
}

func (l *pebbleLogger) Infof(format string, args ...any) {
	if l.logger.Enabled(context.Background(), slog.LevelDebug) {
		l.logger.Debug(fmt.Sprintf(format, args...))
	}
}

func (l *pebbleLogger) Errorf(format string, args ...any) {
	l.logger.Error(fmt.Sprintf(format, args...))
}

// Fatalf lets the fence fall where Pebble's own would exit.
func (l *pebbleLogger) Fatalf(format string, args ...any) {
	l.files.fall("engine failed", fmt.Errorf(format, args...))
}

// filesPerNamespace is what an open namespace holds besides tables: log,
// manifest, lock, directories.
const filesPerNamespace = 8

// maxOpenFor is how many namespaces may be open so that they take a quarter of
// the process's file descriptors at most.
func maxOpenFor(files int) int { return max(files/4/filesPerNamespace, 4) }

// tablesFor is how many tables the shared file cache may hold open: another
// quarter. The rest is left to connections and to compactions.
func tablesFor(files int) int { return min(max(files/4, 32), 4096) }
