package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/batchrepr"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// loose reads all tables and logs in a directory, where Pebble cannot tell which
// of them count. Messages never change, so it does not matter how often one is
// found; only counts can be old.
type loose struct {
	options *pebble.Options
	files   vfs.FS
	dir     string
	tables  []string // newest first

	// What logs hold goes into a database in memory, and there into tables.
	memory  *vfs.MemFS
	logs    *pebble.DB
	flushed []string        // its tables, newest first
	notes   []store.Finding // what cannot be read at all
}

var _ pebble.Reader = (*loose)(nil)

const looseDir = "logs"

func (b *backend) openLoose(dir string) (_ *loose, err error) {
	l := &loose{files: b.options.FS, dir: dir, memory: vfs.NewMem()}
	l.options = &pebble.Options{FS: l.memory, FormatMajorVersion: formatVersion, DisableAutomaticCompactions: true, Logger: silent{}}
	if l.logs, err = pebble.Open(looseDir, l.options); err != nil {
		return nil, err
	}
	l.options.EnsureDefaults()
	names, err := files{l.files}.List(dir)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	for _, name := range names { // in order, so that the newest counts come last
		switch number, log := logNumber(name); {
		case log:
			err = errors.Join(err, l.addLog(name, uint32(number)))
		case strings.HasSuffix(name, ".sst"):
			l.addTable(name)
		}
	}
	slices.Reverse(l.tables)
	err = errors.Join(err, l.logs.Flush())
	if err == nil {
		l.flushed, err = files{l.memory}.List(looseDir)
		l.flushed = slices.DeleteFunc(l.flushed, func(name string) bool { return !strings.HasSuffix(name, ".sst") })
		slices.Reverse(l.flushed)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// silent keeps the database in memory from writing to standard error, or
// ending the process.
type silent struct{}

func (silent) Infof(string, ...any)  {}
func (silent) Errorf(string, ...any) {}
func (silent) Fatalf(string, ...any) {}

func (l *loose) lost(name string, err error) {
	l.notes = append(l.notes, store.Finding{Where: "file " + name, Family: "files", Keys: name, Detail: "cannot be read: " + oneLine(err)})
}

// addTable takes a table that can be opened.
func (l *loose) addTable(name string) {
	it, err := l.iterate(nil, []string{name}, false)
	if err != nil {
		l.lost(name, err)
		return
	}
	_ = it.Close()
	l.tables = append(l.tables, name)
}

// addLog takes all records of a log that are whole, wherever they stand.
func (l *loose) addLog(name string, number uint32) error {
	data, err := files{l.files}.ReadFile(l.files.PathJoin(l.dir, name))
	if err != nil {
		l.lost(name, err)
		return nil
	}
	return wholeRecords(data, number, func(record []byte) error {
		if !isBatch(record) {
			return nil
		}
		b := l.logs.NewBatch()
		if err := b.SetRepr(slices.Clone(record)); err != nil {
			return errors.Join(err, b.Close())
		}
		return errors.Join(l.logs.Apply(b, pebble.NoSync), b.Close())
	})
}

// isBatch reports whether a record holds changes that can all be read.
func isBatch(record []byte) bool {
	if len(record) < batchrepr.HeaderLen || batchrepr.IsEmpty(record) {
		return false
	}
	changes := batchrepr.Read(record)
	for {
		kind, key, _, more, err := changes.Next()
		switch {
		case err != nil:
			return false
		case !more:
			return true
		case kind.String() != "SET" && kind.String() != "DEL" || len(key) == 0:
			return false
		}
	}
}

// wholeRecords visits the whole records of a log, borrowed, also behind what
// cannot be read.
func wholeRecords(data []byte, number uint32, visit func(record []byte) error) error {
	var record []byte
	inside, follows := false, 0 // where the next chunk of a record must stand
	for at, c := range anyChunks(data, len(data), 0, number) {
		if c.number != number {
			continue
		}
		if c.begins() {
			record, inside = record[:0], true
		} else {
			inside = inside && (follows == at || at%chunkBlock == 0 && at-follows < promiseHeader)
		}
		record = append(record, c.payload...)
		if inside && c.ends() {
			if err := visit(record); err != nil {
				return err
			}
			inside = false
		}
		follows = at + c.size
	}
	return nil
}

// iterate iterates over tables, those of the logs first if they are wanted.
func (l *loose) iterate(o *pebble.IterOptions, tables []string, logs bool) (*pebble.Iterator, error) {
	var all [][]sstable.ReadableFile
	add := func(fs vfs.FS, dir string, names []string) error {
		for _, name := range names {
			file, err := fs.Open(fs.PathJoin(dir, name))
			if err != nil {
				return err
			}
			all = append(all, []sstable.ReadableFile{file})
		}
		return nil
	}
	var err error
	if logs {
		err = add(l.memory, looseDir, l.flushed)
	}
	if err == nil {
		err = add(l.files, l.dir, tables)
	}
	if err != nil {
		for _, one := range all {
			_ = one[0].Close()
		}
		return nil, err
	}
	return pebble.NewExternalIter(l.options, o, all)
}

// NewIter iterates over all that is there.
func (l *loose) NewIter(o *pebble.IterOptions) (*pebble.Iterator, error) {
	return l.iterate(o, l.tables, true)
}

func (l *loose) NewIterWithContext(_ context.Context, o *pebble.IterOptions) (*pebble.Iterator, error) {
	return l.NewIter(o)
}

// Get returns a value. The caller closes what keeps it.
func (l *loose) Get(key []byte) ([]byte, io.Closer, error) {
	it, err := l.NewIter(nil)
	if err != nil {
		return nil, nil, err
	}
	if !it.SeekGE(key) || string(it.Key()) != string(key) {
		return nil, nil, errors.Join(pebble.ErrNotFound, it.Error(), it.Close())
	}
	value, err := it.ValueAndErr()
	if err != nil {
		return nil, nil, errors.Join(err, it.Close())
	}
	return value, it, nil
}

// meta returns the newest counts of all that are there.
func (l *loose) meta() (newest engine.State, err error) {
	err = pebble.ErrNotFound
	for i := -1; i < len(l.tables); i++ {
		var one []string
		if i >= 0 {
			one = l.tables[i : i+1]
		}
		it, fault := l.iterate(nil, one, i < 0)
		if fault != nil {
			continue
		}
		if it.SeekGE(metaKey) && string(it.Key()) == string(metaKey) {
			state, fault := decodeMeta(it.Value())
			if isNewer(fault) {
				return newest, errors.Join(fault, it.Close())
			}
			if fault == nil && state.Next > newest.Next {
				newest, err = state, nil
			}
		}
		_ = it.Close()
	}
	return newest, err
}

// Close forgets what the logs held.
func (l *loose) Close() error {
	if err := l.logs.Close(); err != nil {
		return fmt.Errorf("close what was read of logs: %w", err)
	}
	return nil
}
