package sqlitestore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/evtui/evtui/store/internal/engine"
)

// open opens a namespace's file. It looks before it changes anything.
func (b *backend) open(o engine.Opening) (*database, error) {
	d := &database{backend: b, opening: o, access: reads}
	if b.memory {
		return b.openMemory(d)
	}
	d.path = b.place(o)
	if o.Create {
		return d.create()
	}
	if o.ReadOnly && filepath.Base(o.Dir) == namespacesDir {
		return d.pretend() // see unusedPlace
	}
	size, err := d.inspect()
	if err != nil {
		return nil, err
	}
	if o.ReadOnly {
		err = d.freeze(size > 0)
	}
	if err == nil {
		err = d.openPools(b.options.Memory)
	}
	if err == nil {
		err = d.begin(size > 0)
	}
	if err != nil {
		return nil, errors.Join(err, d.release())
	}
	return d, nil
}

// place is where a namespace's file lies: in its directory, and before an
// upgrade where format 1 had it, which is only read.
func (b *backend) place(o engine.Opening) string {
	if o.ReadOnly && strings.HasSuffix(o.Dir, legacyEnd) && !b.files.IsDir(o.Dir) {
		return o.Dir
	}
	return filepath.Join(o.Dir, dataFile)
}

// inspect looks at file and log without SQLite, and returns the log's size.
func (d *database) inspect() (logSize int64, err error) {
	h, err := readHeader(d.path)
	if err != nil {
		return 0, err
	}
	end, err := readLog(d.path + logSuffix)
	if err != nil {
		return 0, fmt.Errorf("read log: %w", err)
	}
	if end.size == 0 { // else the log can have what the header says
		if err := h.check(d.path); err != nil {
			return 0, fmt.Errorf("open namespace %q: %w", d.opening.ID, err)
		}
	}
	if n := end.dropped(); n > 0 {
		d.dropped = []engine.Dropped{{File: dataFile + logSuffix, Offset: end.valid, Bytes: n}}
	}
	return end.size, nil
}

// begin reads the file for the first time: what is there must be what is
// known. Only then may a connection write.
func (d *database) begin(logged bool) error {
	o := d.opening
	if o.ReadOnly {
		return d.recognize(d.reader)
	}
	if err := d.peek(logged); err != nil {
		return err
	}
	if o.Changing != nil {
		if err := o.Changing(); err != nil {
			return err
		}
	}
	if err := d.recognize(d.writer); err != nil {
		return err
	}
	if d.bare {
		if err := d.upgrade(); err != nil {
			return err
		}
	}
	return d.relax()
}

// peek holds what the file counts against the mark on connections that write
// nothing.
func (d *database) peek(logged bool) error {
	a := frozen
	if logged {
		a = looks
	}
	p, err := openPool(d.path, 1, 1<<20, a)
	if err != nil {
		return err
	}
	err = d.recognize(p)
	if err == nil {
		var s engine.State
		if s, err = d.state(p, d.bare); err == nil {
			err = compare(d.opening.Mark, s)
		}
	}
	return errors.Join(err, p.close())
}

// compare holds what a file counts against the mark.
func compare(m engine.Mark, s engine.State) error {
	head := s.Next - 1
	switch {
	case m.Known && (head < m.Head || s.Messages < m.Messages || s.Streams < m.Streams):
		return engine.Damaged(nil, "it ends at global position %d with %d messages in %d streams, and had %d with %d in %d: it is older or shorter than what was there",
			head, s.Messages, s.Streams, m.Head, m.Messages, m.Streams)
	case m.Clean && head > m.Head:
		return engine.Damaged(nil, "it ends at global position %d, and had %d when it was closed: something wrote to it since", head, m.Head)
	}
	return nil
}

// recognize asks SQLite what the file is: what says so may still be in the log.
func (d *database) recognize(p *pool) error {
	var h header
	if err := readPragmas(p, &h); err != nil {
		return unreadable("header", err)
	}
	d.bare = h.version == formatBare
	return h.check(d.path)
}

// readPragmas reads a header as SQLite sees it.
func readPragmas(p *pool, h *header) error {
	return errors.Join(p.db.QueryRow("PRAGMA application_id").Scan(&h.application), p.db.QueryRow("PRAGMA user_version").Scan(&h.version))
}

// upgrade makes a file of format 1 one of format 2, at once or not at all.
func (d *database) upgrade() error {
	script := fmt.Sprintf("BEGIN IMMEDIATE; %s PRAGMA user_version = %d; COMMIT;", upgradeSchema, format)
	if _, err := d.writer.db.Exec(script); err != nil {
		return fmt.Errorf("upgrade to format %d: %w", format, err)
	}
	if err := d.truncateLog(); err != nil {
		return err
	}
	d.bare = false
	d.backend.options.Logger.Info("namespace's file upgraded", "namespace", d.opening.ID, "from", formatBare, "to", format)
	return nil
}

// truncateLog moves all of the log into the file.
func (d *database) truncateLog() error {
	if _, err := d.writer.db.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return fmt.Errorf("move the log into the file: %w", err)
	}
	return nil
}

// relax has SQLite commit without a sync where an interval does it.
func (d *database) relax() error {
	if d.opening.Interval == 0 || d.path == "" {
		return nil
	}
	if _, err := d.writer.db.Exec("PRAGMA synchronous = NORMAL"); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	return nil
}

// create makes the file of a new namespace, durably.
func (d *database) create() (*database, error) {
	files := d.backend.files
	switch _, err := files.Size(d.path); {
	case err == nil:
		return nil, fmt.Errorf("create namespace %q: there is a %s", d.opening.ID, dataFile)
	case !engine.IsNotExist(err):
		return nil, fmt.Errorf("create namespace %q: %w", d.opening.ID, err)
	}
	err := d.fill()
	if err == nil {
		err = d.relax()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("create namespace %q: %w", d.opening.ID, err), d.release())
	}
	return d, nil
}

// fill makes the file at d.path with its tables, and opens it.
func (d *database) fill() error {
	if err := touch(d.backend.files, filepath.Dir(d.path), filepath.Base(d.path)); err != nil {
		return err
	}
	if err := d.openPools(d.backend.options.Memory); err != nil {
		return err
	}
	if err := d.makeTables(); err != nil {
		return err
	}
	return d.truncateLog() // so that the file alone tells what it is
}

// pretend stands for a namespace that format 1 would have made a file for on
// first use: an empty one in memory.
func (d *database) pretend() (*database, error) {
	d.path, d.pretended = "", true
	err := d.openPools(d.backend.options.Memory)
	if err == nil {
		err = d.makeTables()
	}
	if err != nil {
		return nil, errors.Join(err, d.release())
	}
	return d, nil
}

func (d *database) makeTables() error {
	script := fmt.Sprintf("BEGIN IMMEDIATE; %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;", namespaceSchema, namespaceApplication, format)
	if _, err := d.writer.db.Exec(script); err != nil {
		return fmt.Errorf("make tables: %w", err)
	}
	return nil
}

// touch makes an empty file that only its owner reads, durably. SQLite gives
// the log beside it the same mode.
func touch(files engine.Files, dir, name string) error {
	f, err := files.Create(files.Join(dir, name))
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), files.SyncDir(dir))
}

// freeze has d read a file that nothing may change: by itself when the file has
// no log, else a copy of both in a private directory.
func (d *database) freeze(logged bool) (err error) {
	d.access = frozen
	if !logged {
		return nil
	}
	d.private, d.path, err = copyAside(d.path)
	d.access = reads
	return err
}

// copyAside copies a database and its log into a directory of its own, which
// the caller removes.
func copyAside(path string) (private, copied string, err error) {
	private, err = os.MkdirTemp("", "evtui-read-")
	if err != nil {
		return "", "", fmt.Errorf("copy to read: %w", err)
	}
	copied = filepath.Join(private, filepath.Base(path))
	for _, suffix := range []string{"", logSuffix} {
		if err := copyFile(path+suffix, copied+suffix); err != nil {
			return "", "", errors.Join(fmt.Errorf("copy to read: %w", err), os.RemoveAll(private))
		}
	}
	return private, copied, nil
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}

// header is what the first bytes of a database file tell.
type header struct{ application, version uint32 }

// headerSize is that of the part of page 1 that sqlite.org/fileformat2.html
// section 1.3 describes.
const headerSize = 100

// readHeader reads a file's header. A file that is none of SQLite's is damaged.
func readHeader(path string) (header, error) {
	name := filepath.Base(path)
	f, err := os.Open(path)
	if engine.IsNotExist(err) {
		return header{}, engine.Damaged(err, "missing: %s", name)
	}
	if err != nil {
		return header{}, fmt.Errorf("open database: %w", err)
	}
	defer f.Close()
	var b [headerSize]byte
	switch n, err := io.ReadFull(f, b[:]); {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return header{}, engine.Damaged(nil, "%s has only %d bytes", name, n)
	case err != nil:
		return header{}, fmt.Errorf("read database: %w", err)
	}
	h, ok := parseHeader(b[:])
	if !ok {
		return header{}, engine.Damaged(nil, "%s is no SQLite database, or its first bytes are damaged", name)
	}
	return h, nil
}

// parseHeader reads the first bytes of page 1.
func parseHeader(b []byte) (h header, ok bool) {
	h = header{application: binary.BigEndian.Uint32(b[68:]), version: binary.BigEndian.Uint32(b[60:])}
	return h, string(b[:16]) == "SQLite format 3\x00"
}

// check tells a file of another program, or of a newer evtui, from ours.
func (h header) check(path string) error {
	switch {
	case h.application != namespaceApplication:
		return engine.Damaged(nil, "%s is not evtui's, or its first bytes are damaged (application id %#x)", filepath.Base(path), h.application)
	case h.version > format:
		return &engine.FormatError{What: filepath.Base(path), Found: int(h.version), Known: format}
	case h.version == 0:
		return engine.Damaged(nil, "%s has no format number", filepath.Base(path))
	}
	return nil
}
