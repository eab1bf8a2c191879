package pebblestore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/internal/filesys"
)

// survey is what was found in a database's directory, without changing
// anything in it.
type survey struct {
	files    vfs.FS
	dir      string
	names    []string
	manifest string // the name of the file
	logs     []uint64
	ends     map[string]scanned // of the manifest and of the logs that are needed
	dropped  []engine.Dropped

	unflushed uint64 // the first log that is needed
	sequence  uint64 // the highest number of a change that the manifest knows
	changes   bool   // logs that are needed hold some
	unborn    bool   // nothing was ever made there
}

const manifestPrefix = "MANIFEST-"

// firstSequence is what Pebble begins with to number changes.
const firstSequence = 10

// check finds out whether all is there that the mark says, and that Pebble
// needs, before Pebble may change anything: by itself, it takes a manifest
// without marker for none and makes a new database, and a manifest's damaged
// end for its end and then deletes the tables that were named there.
func (b *backend) check(o engine.Opening) (survey, error) {
	// Versions before made a namespace's database on its first use, and noted
	// that it held nothing until then.
	unused := o.Mark.Known && o.Mark.Head == 0 && o.Mark.Messages == 0 && len(o.Mark.Files) == 0
	s, err := b.survey(o.Dir, !unused)
	if err != nil || s.unborn {
		return s, err
	}
	for _, step := range []func() error{
		func() error { return s.checkFiles(o.Mark, isManifest) }, s.checkLogs,
		func() error { return s.checkFiles(o.Mark, isLog) },
		func() error { return s.checkTail(o.Mark.Known) },
	} {
		if err := step(); err != nil {
			return s, err
		}
	}
	if len(s.dropped) == 0 && o.Mark.Clean && s.proved(o.Mark) || !o.Mark.Known {
		return s, nil
	}
	return s, b.compare(o)
}

// survey reads markers and manifest. Unless something was held there, there
// need not be any.
func (b *backend) survey(dir string, held bool) (survey, error) {
	s := survey{files: b.options.FS, dir: dir, ends: map[string]scanned{}}
	var err error
	if s.names, err = s.files.List(dir); err != nil && (held || !filesys.IsNotExist(err)) {
		return s, fmt.Errorf("list the database's files: %w", err)
	}
	for _, name := range s.names {
		if number, ok := logNumber(name); ok {
			s.logs = append(s.logs, number)
		}
	}
	slices.Sort(s.logs)
	if !held && s.neverMade() {
		s.unborn = true
		return s, nil
	}
	if err := s.readMarkers(); err != nil {
		return s, err
	}
	return s, s.readManifest()
}

// neverMade reports whether a database was begun at most: one that was made has
// a log, or tables.
func (s *survey) neverMade() bool {
	return len(s.logs) == 0 && !slices.ContainsFunc(s.names, func(name string) bool {
		return strings.HasSuffix(name, ".sst") || strings.HasPrefix(name, manifestMarker)
	})
}

func (s *survey) readMarkers() error {
	format, err := marker(s.names, "format-version")
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(format)
	if err != nil {
		return engine.Damaged(err, "the format is unknown: %q", format)
	}
	if version > int(formatVersion) {
		return &engine.FormatError{What: "the namespace's database", Found: version, Known: int(formatVersion)}
	}
	if s.manifest, err = marker(s.names, "manifest"); err != nil {
		return err
	}
	if !strings.HasPrefix(s.manifest, manifestPrefix) || !slices.Contains(s.names, s.manifest) {
		return engine.Damaged(nil, "missing: %s", s.manifest)
	}
	return nil
}

// marker returns what a marker says.
func marker(names []string, name string) (string, error) {
	newest, value := uint64(0), ""
	for _, file := range names {
		rest, ok := strings.CutPrefix(file, "marker."+name+".")
		if !ok {
			continue
		}
		count, says, _ := strings.Cut(rest, ".")
		n, err := strconv.ParseUint(count, 10, 64)
		if err != nil {
			return "", engine.Damaged(err, "file %s has no name that a marker has", file)
		}
		if n >= newest {
			newest, value = n, says
		}
	}
	if value == "" {
		return "", engine.Damaged(nil, "missing: the file marker.%s.*", name)
	}
	return value, nil
}

// scan reads a log or the manifest.
func (s *survey) scan(name string, number uint32, visit func(record []byte) error) (scanned, error) {
	file, err := s.files.Open(s.files.PathJoin(s.dir, name))
	if err != nil {
		return scanned{}, fmt.Errorf("read %s: %w", name, err)
	}
	found, err := scanLog(file, number, visit)
	if err := errors.Join(err, file.Close()); err != nil {
		if damage, ok := errors.AsType[*engine.DamageError](err); ok {
			return found, damage
		}
		return found, fmt.Errorf("read %s: %w", name, err)
	}
	s.ends[name] = found
	if found.dropped > 0 {
		s.dropped = append(s.dropped, engine.Dropped{File: name, Offset: found.records, Bytes: found.dropped})
	}
	return found, nil
}

// readManifest reads the manifest as far as it can be read. Each of its records
// is synced before the next one is begun, so that a crash can only have torn
// the last one.
func (s *survey) readManifest() error {
	records := 0
	found, err := s.scan(s.manifest, 0, func(record []byte) error {
		records++
		return s.edit(record)
	})
	if err != nil {
		return err
	}
	if records == 0 {
		return engine.Damaged(nil, "file %s cannot be read", s.manifest)
	}
	if found.after {
		return engine.Damaged(nil, "file %s cannot be read at byte %d", s.manifest, found.reach)
	}
	return nil
}

// edit reads what an edit of the manifest begins with.
func (s *survey) edit(record []byte) error {
	next := func() (v uint64) {
		v, n := binary.Uvarint(record)
		if n <= 0 {
			record = nil
			return 0
		}
		record = record[n:]
		return v
	}
	for len(record) > 0 {
		switch tag := next(); tag {
		case 1: // comparer
			n := next()
			record = record[min(n, uint64(len(record))):]
		case 2:
			s.unflushed = next()
		case 4:
			s.sequence = max(s.sequence, next())
		case 3, 9, 106: // next file, previous log, a backing that is gone
			next()
		case 105: // a backing
			next()
			next()
		default:
			return nil // tables: they stand behind what is looked for
		}
	}
	return nil
}

// checkLogs reads the logs that are needed. Changes are numbered without gaps,
// over all logs: a number that is missing is a log, or the end of one, or of
// the manifest, that is missing.
func (s *survey) checkLogs() error {
	expected := max(s.sequence+1, firstSequence)
	first := true
	for i, number := range s.logs {
		if number < s.unflushed {
			continue
		}
		name := logName(number)
		found, err := s.scan(name, uint32(number), func(batch []byte) error {
			if len(batch) < 12 {
				return engine.Damaged(nil, "file %s holds a record that is none of a log", name)
			}
			begin, count := binary.LittleEndian.Uint64(batch), uint64(binary.LittleEndian.Uint32(batch[8:]))
			if begin > expected || !first && begin != expected {
				return engine.Damaged(nil, "the changes before file %s are missing: its first is number %d, and should be %d", name, begin, expected)
			}
			expected, first = begin+count, false
			s.changes = s.changes || count > 0
			return nil
		})
		if err != nil {
			return err
		}
		if i < len(s.logs)-1 && !found.closed {
			return engine.Damaged(nil, "file %s ends at byte %d, without the end that it had when the log after it was begun", name, found.records)
		}
	}
	return nil
}

// checkTail looks at a manifest of which the end cannot be read, when no mark
// says how far it goes: the record there may have named the only tables that
// hold what was in logs that are gone.
func (s *survey) checkTail(known bool) error {
	if !known && s.ends[s.manifest].dropped > 0 && !s.changes {
		return engine.Damaged(nil, "the end of file %s cannot be read", s.manifest)
	}
	return nil
}

// checkFiles holds the files of a kind against the mark. Those of a clean stop
// the shared layer has compared.
func (s *survey) checkFiles(m engine.Mark, ofKind func(name string) bool) error {
	for _, f := range m.Files {
		if (f.Grows || f.Sum != 0) && ofKind(f.Name) {
			if err := s.checkFile(f); err != nil {
				return err
			}
		}
	}
	return nil
}

func isManifest(name string) bool { return strings.HasPrefix(name, manifestPrefix) }

func isLog(name string) bool {
	_, ok := logNumber(name)
	return ok
}

func (s *survey) checkFile(f engine.FileMark) error {
	number, isLog := logNumber(f.Name)
	found, read := s.ends[f.Name]
	if read && f.Sum != 0 {
		if err := s.checkSum(f); err != nil {
			return err
		}
	}
	switch {
	case !f.Grows:
		return nil
	case read && found.reach < f.Size:
		return engine.Damaged(nil, "file %s can be read up to byte %d, and %d bytes of it were durable", f.Name, found.reach, f.Size)
	case read:
		return nil
	case isLog && number >= s.unflushed:
		return engine.Damaged(nil, "missing: %s, of which %d bytes were durable", f.Name, f.Size)
	case !isLog && manifestNumber(f.Name) > manifestNumber(s.manifest):
		return engine.Damaged(nil, "file %s was in use, and now an older one is", f.Name)
	default: // it was rotated away
		return nil
	}
}

// proved reports whether the mark has a sum of each log that is needed and was
// not empty.
func (s *survey) proved(m engine.Mark) bool {
	return !slices.ContainsFunc(m.Files, func(f engine.FileMark) bool {
		_, needed := s.ends[f.Name]
		return needed && f.Sum == 0 && f.Size > 0
	})
}

// checkSum looks whether a file begins with what was written to it.
func (s *survey) checkSum(f engine.FileMark) error {
	file, err := s.files.Open(s.files.PathJoin(s.dir, f.Name))
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Name, err)
	}
	defer func() { _ = file.Close() }()
	sum := crc32.New(castagnoli)
	switch n, err := io.CopyN(sum, file, f.Covered()); {
	case errors.Is(err, io.EOF):
		return engine.Damaged(nil, "file %s has %d bytes, and %d were durable", f.Name, n, f.Covered())
	case err != nil:
		return fmt.Errorf("read %s: %w", f.Name, err)
	case sum.Sum32() != f.Sum:
		return engine.Damaged(nil, "the first %d bytes of file %s are not those that were written", f.Covered(), f.Name)
	}
	return nil
}

// compare opens the database to read only, and looks whether it holds what the
// mark says.
func (b *backend) compare(o engine.Opening) error {
	d, err := b.look(o.ID, o.Dir, b.reading())
	if err != nil {
		return err
	}
	l, err := d.Load()
	if err := errors.Join(err, d.Close()); err != nil {
		return err
	}
	return o.Mark.Compare(l.State)
}

// reading is the file system, but for changes.
func (b *backend) reading() vfs.FS {
	if b.options.ReadOnly {
		return b.options.FS
	}
	return readOnly{b.options.FS}
}

// look opens a database to read only.
func (b *backend) look(id, dir string, on vfs.FS) (*database, error) {
	return b.open(engine.Opening{ID: id, Dir: dir, ReadOnly: true}, on, false)
}

// missingTable finds the table in Pebble's words for one that is not there.
var missingTable = regexp.MustCompile(`file (\d+) \(type sstable\) unknown`)

// damageOf turns Pebble's reason for not opening a database into damage, unless
// it is the machine's.
func damageOf(dir string, err error) error {
	_, damaged := errors.AsType[*engine.DamageError](err)
	_, fell := errors.AsType[*failure](err)
	_, machine := errors.AsType[syscall.Errno](err)
	switch {
	case err == nil || damaged || fell:
		return err
	case missingTable.MatchString(err.Error()):
		return engine.Damaged(err, "missing: %s.sst", missingTable.FindStringSubmatch(err.Error())[1])
	case errors.Is(err, fs.ErrNotExist), pebble.IsCorruptionError(err), !machine:
		return engine.Damaged(err, "%s", strings.ReplaceAll(oneLine(err), dir+string(filepath.Separator), ""))
	default:
		return err
	}
}

// logNumber returns the number of a log by the name of its file.
func logNumber(name string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, ".log")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil
}

func logName(number uint64) string { return fmt.Sprintf("%06d.log", number) }

func manifestNumber(name string) uint64 {
	n, _ := strconv.ParseUint(strings.TrimPrefix(name, manifestPrefix), 10, 64)
	return n
}
