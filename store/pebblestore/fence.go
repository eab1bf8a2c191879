package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// fence stands between one Pebble database and its files. When something
// fails that Pebble would end the process for, it falls: from then on the
// files stay as they are, as if the power had gone at that moment, and the
// database goes on in memory, so that its readers can and its goroutines end.
//
// Pebble panics, while it holds its locks, when its log cannot be written or
// a directory not be synced, and after a failed write of its manifest it
// relies on the process's end: were it to go on, it could delete tables that
// the manifest on disk still names. So neither must ever come to see it.
//
// What fails about tables is told to Pebble, which tries again: the fence
// puts pauses between its tries, and falls once they go on failing.
type fence struct {
	vfs.FS
	dir    string
	pause  time.Duration // after the first table that could not be written
	onFall func(reason string, err error)
	work   *compactions // of the database behind the fence
	damage badBlocks

	once   sync.Once
	fallen atomic.Bool // only once onFall has returned
	ghosts *vfs.MemFS  // what is written after the fall

	readOnly bool        // nothing is written, and what tries to is refused
	growing  growing     // logs and manifest
	stalled  atomic.Bool // writers wait for flushes or compactions
	closing  context.Context
	release  context.CancelFunc // compactions that wait behind a fallen fence fail: the database is being closed
	plain    atomic.Bool        // the file system cannot preallocate
	failures atomic.Int32       // of tables in a row
}

// tableTries is how many tables in a row may fail before the fence falls.
const tableTries = 12

// longestPause bounds the pauses between them: some five seconds in all.
const longestPause = time.Second

// errFallen is what Pebble's compactions get to see after the fall.
var errFallen = errors.New("the database's files are fenced off")

func newFence(files vfs.FS, dir string, pause time.Duration, onFall func(reason string, err error)) *fence {
	reads := changesNothing(files)
	closing, release := context.WithCancel(context.Background())
	return &fence{
		FS: files, dir: filepath.Clean(dir), pause: pause, onFall: onFall, readOnly: reads,
		ghosts: vfs.NewMem(), closing: closing, release: release, work: newCompactions(20 * pause),
		growing: growing{files: map[string]*growth{}},
	}
}

// fall cuts the database off from its files. When it returns, whoever asks is
// told: the order matters, since Pebble is told of success afterwards.
func (f *fence) fall(reason string, err error) {
	f.once.Do(func() {
		if errors.Is(err, syscall.ENOSPC) {
			reason = "disk full"
		}
		f.onFall(reason, err)
		f.fallen.Store(true)
	})
}

// abandon ends what Pebble began for a database that it then could not open.
func (f *fence) abandon() {
	f.release()
	f.work.end()
}

// kind tells files apart by the names that Pebble gives them.
type kind int

const (
	foreign kind = iota // not of this database, or of no importance
	logFile
	tableFile
	stateFile // manifest, markers, options: what says which files count
)

func (f *fence) kindOf(name string) kind {
	if filepath.Dir(name) != f.dir {
		return foreign
	}
	base := filepath.Base(name)
	switch {
	case strings.HasSuffix(base, ".log"):
		return logFile
	case strings.HasSuffix(base, ".sst"), strings.HasSuffix(base, ".blob"):
		return tableFile
	case strings.HasPrefix(base, "MANIFEST-"), strings.HasPrefix(base, "marker."), strings.HasPrefix(base, "OPTIONS-"):
		return stateFile
	default:
		return foreign
	}
}

// Create makes a file: in memory after the fall.
func (f *fence) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	k := f.kindOf(name)
	if k == foreign {
		return f.FS.Create(name, category)
	}
	if strings.HasPrefix(filepath.Base(name), "marker.") {
		// Pebble syncs the directory only after it made a marker: a crash before
		// that could keep the marker and lose the manifest that it names.
		if err := syncDir(f, f.dir); err != nil {
			return nil, err
		}
	}
	return f.begin(name, k, category, func() (vfs.File, error) { return f.FS.Create(name, category) })
}

// ReuseForWrite takes an old log for a new one.
func (f *fence) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	k := f.kindOf(newname)
	if k == foreign {
		return f.FS.ReuseForWrite(oldname, newname, category)
	}
	return f.begin(newname, k, category, func() (vfs.File, error) {
		file, err := f.FS.ReuseForWrite(oldname, newname, category)
		if err == nil {
			f.growing.end(filepath.Base(oldname))
		}
		return file, err
	})
}

// begin makes a file of the database: by create, or in memory after the fall.
func (f *fence) begin(name string, k kind, category vfs.DiskWriteCategory, create func() (vfs.File, error)) (vfs.File, error) {
	if f.fallen.Load() {
		return f.ghost(name, k, category)
	}
	file, err := create()
	switch {
	case err == nil:
		return &fencedFile{File: file, fence: f, kind: k, growth: f.growing.begin(filepath.Base(name))}, nil
	case k == tableFile:
		return nil, f.tableFailed(err)
	}
	f.fall("write failed", err)
	return f.ghost(name, k, category)
}

// ghost makes a file in memory. Flushes may go on, since they are no larger
// than the memtables that they free; compactions wait for their end, unless
// writers wait for them.
func (f *fence) ghost(name string, k kind, category vfs.DiskWriteCategory) (vfs.File, error) {
	if k == tableFile && category == "pebble-compaction" {
		look := time.NewTicker(50 * time.Millisecond)
		defer look.Stop()
		for !f.stalled.Load() {
			select {
			case <-f.closing.Done():
				return nil, errFallen
			case <-look.C:
			}
		}
	}
	if err := f.ghosts.MkdirAll(f.dir, 0o700); err != nil {
		return nil, err
	}
	return f.ghosts.Create(name, category)
}

// tableFailed counts a failure, waits, and gives the error back.
func (f *fence) tableFailed(err error) error {
	n := f.failures.Add(1)
	if n >= tableTries {
		f.fall("tables cannot be written", err)
		return err
	}
	pause := time.NewTimer(min(f.pause<<min(n-1, 16), longestPause))
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-f.closing.Done():
	}
	return err
}

// Open opens a file for reading, wherever it is.
func (f *fence) Open(name string, options ...vfs.OpenOption) (vfs.File, error) {
	if f.fallen.Load() && f.kindOf(name) != foreign {
		if file, err := f.ghosts.Open(name, options...); err == nil {
			return file, nil
		}
	}
	file, err := f.FS.Open(name, options...)
	if err != nil || f.kindOf(name) != tableFile {
		return file, err
	}
	return &table{File: file, name: filepath.Base(name), blocks: &f.damage}, nil
}

// Stat looks at a file, wherever it is.
func (f *fence) Stat(name string) (vfs.FileInfo, error) {
	if f.fallen.Load() && f.kindOf(name) != foreign {
		if info, err := f.ghosts.Stat(name); err == nil {
			return info, nil
		}
	}
	return f.FS.Stat(name)
}

// OpenDir opens a directory for syncing.
func (f *fence) OpenDir(name string) (vfs.File, error) {
	dir, err := f.FS.OpenDir(name)
	if err != nil || filepath.Clean(name) != f.dir {
		return dir, err
	}
	return &fencedFile{File: dir, fence: f, kind: stateFile, directory: true}, nil
}

// Remove removes a file; after the fall, only from memory.
func (f *fence) Remove(name string) error {
	if f.fallen.Load() && filepath.Dir(name) == f.dir {
		_ = f.ghosts.Remove(name) // it need not be there
		return nil
	}
	f.growing.end(filepath.Base(name))
	return f.FS.Remove(name)
}

// Rename renames a file; after the fall it does nothing.
func (f *fence) Rename(oldname, newname string) error {
	if f.fallen.Load() && filepath.Dir(newname) == f.dir {
		return nil
	}
	return f.FS.Rename(oldname, newname)
}

// Unwrap returns the file system below.
func (f *fence) Unwrap() vfs.FS { return f.FS }

// fencedFile is a file that is written, or a directory that is synced.
type fencedFile struct {
	vfs.File
	fence *fence
	kind  kind
	torn  atomic.Bool // a table that a change of failed: it is none of those that could be written

	growth    *growth // of a log or a manifest, else nil
	directory bool
}

// outcome turns the error of a change into what Pebble may see.
func (f *fencedFile) outcome(reason string, err error) error {
	switch {
	case err == nil:
		return nil
	case f.kind == tableFile:
		f.torn.Store(true)
		return f.fence.tableFailed(err)
	default:
		f.fence.fall(reason, err)
		return nil
	}
}

// void reports whether a change must not reach the disk any more. Tables that
// were begun before are none of a database that ended then: they may be finished.
func (f *fencedFile) void() bool { return f.kind != tableFile && f.fence.fallen.Load() }

func (f *fencedFile) Write(p []byte) (int, error) {
	if f.void() {
		return len(p), nil
	}
	grown := f.growth.with(p) // whoever gets p may do with it as he likes
	n, err := f.File.Write(p)
	if err := f.outcome("write failed", err); err != nil {
		return n, err
	}
	f.growth.wrote(grown)
	return len(p), nil
}

// Preallocate makes room for what will be written. A file system that cannot
// do that does without.
func (f *fencedFile) Preallocate(offset, length int64) error {
	if f.void() || f.fence.plain.Load() {
		return nil
	}
	err := f.File.Preallocate(offset, length)
	if notOffered(err) {
		f.fence.plain.Store(true)
		return nil
	}
	return f.outcome("write failed", err)
}

func (f *fencedFile) Sync() error { return f.sync(f.File.Sync) }

// SyncData syncs without what the file system only notes beside the data, where
// it can tell the two apart.
func (f *fencedFile) SyncData() error {
	return f.sync(func() error {
		err := f.File.SyncData()
		if notOffered(err) {
			err = f.File.Sync()
		}
		return err
	})
}

func (f *fencedFile) sync(do func() error) error {
	if f.void() {
		return nil
	}
	written := f.growth.now()
	if err := f.outcome("sync failed", do()); err != nil {
		return err
	}
	if !f.void() { // else it was not for the disk
		f.growth.reached(written)
		if f.directory {
			f.fence.growing.settle()
		}
	}
	return nil
}

// SyncTo asks that the first bytes be synced soon. A file system that has no
// such thing syncs all of them at once.
func (f *fencedFile) SyncTo(length int64) (full bool, err error) {
	if f.void() {
		return true, nil
	}
	full, err = f.File.SyncTo(length)
	if notOffered(err) {
		return true, f.SyncData()
	}
	return full, f.outcome("sync failed", err)
}

// notOffered reports whether a file system answers that it has no such
// operation.
func notOffered(err error) bool {
	return errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.EINVAL)
}

func (f *fencedFile) Close() error {
	if f.void() {
		_ = f.File.Close() // for its descriptor
		return nil
	}
	err := f.outcome("write failed", f.File.Close())
	if err == nil && f.kind == tableFile && !f.torn.Load() {
		f.fence.failures.Store(0)
	}
	return err
}

// trim gives back what lies behind the ends of a closed database's logs. Pebble
// lays in a memtable's worth of room with the first write, which pays while a
// namespace is written to: 14 MB, of which ten thousand that hold a message
// each would keep 140 GB.
func (f *fence) trim() error {
	disk, ok := f.FS.(private)
	if !ok || f.fallen.Load() {
		return nil
	}
	names, err := f.List(f.dir)
	for _, base := range names {
		if name := filepath.Join(f.dir, base); f.kindOf(name) == logFile {
			err = errors.Join(err, disk.trim(name))
		}
	}
	if err != nil {
		return fmt.Errorf("trim logs: %w", err)
	}
	return nil
}
