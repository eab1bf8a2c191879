package pebblestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// salvage is a damaged database that is read, and left as it is.
type salvage struct {
	reader pebble.Reader
	counts func() (engine.State, error)
	check  func(*engine.Watch) (store.VerifyReport, error)
	names  map[uint32]string // of categories by number, as far as they can be read
	out    decoder
	notes  []store.Finding // what could not be read at all
}

// Salvage opens a database that may be damaged. Logs and manifest are read as
// far as they can be read, and tables that are missing are left out. Where that is
// not enough for Pebble, all tables and logs are read one by one.
func (b *backend) Salvage(_ context.Context, o engine.Opening) (engine.Salvage, error) {
	d := &salvage{names: map[uint32]string{}}
	d.out.shapes = newShapes()
	err := d.open(b, o)
	if err != nil && !isNewer(err) {
		reason := err
		if err = d.openLoose(b, o); err == nil {
			d.notes = append(d.notes, store.Finding{Where: "database", Family: "files", Detail: oneLine(reason)})
		}
	}
	if err != nil {
		return nil, err
	}
	err = scanFamily(d.reader, familyCategory, func(key, value []byte) error {
		if c, fault := decodeCategory(string(key[1:]), value); fault == nil {
			d.names[c.Number] = c.Name
		}
		return nil
	}, func(gap) {})
	if _, newer := d.counts(); isNewer(newer) { // which is not to be taken for a damaged one
		err = errors.Join(err, newer)
	}
	if err = errors.Join(err, d.out.shapes.gather(d.reader)); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// open opens the database by Pebble.
func (d *salvage) open(b *backend, o engine.Opening) error {
	found, err := b.survey(o.Dir, true)
	if err != nil {
		return err
	}
	whole := wholeLogs{readOnly: readOnly{b.options.FS}, dir: o.Dir, ends: map[string]int64{}}
	if err := d.cut(&found, &whole); err != nil {
		return err
	}
	database, err := b.look(o.ID, o.Dir, whole)
	if err != nil {
		d.notes = nil
		return err
	}
	d.reader, d.check = database.db, database.Verify
	d.counts = func() (engine.State, error) { return readState(database.db) }
	return nil
}

// openLoose opens tables and logs without Pebble's knowledge of them.
func (d *salvage) openLoose(b *backend, o engine.Opening) error {
	l, err := b.openLoose(o.Dir)
	if err != nil {
		return err
	}
	d.reader, d.counts, d.notes = l, l.meta, l.notes
	d.check = func(*engine.Watch) (store.VerifyReport, error) { return store.VerifyReport{}, nil }
	return nil
}

// Close closes what was opened.
func (d *salvage) Close() error { return d.reader.Close() }

// cut notes up to where each log, and the manifest, can be read.
func (d *salvage) cut(found *survey, whole *wholeLogs) error {
	note := func(name string, s scanned) {
		whole.ends[name] = s.records
		if s.dropped == 0 {
			return
		}
		d.notes = append(d.notes, store.Finding{
			Where: "log", Family: "log", Keys: fmt.Sprintf("file %s from byte %d on", name, s.records),
			Detail: fmt.Sprintf("%d bytes cannot be read", s.dropped),
		})
	}
	note(found.manifest, found.ends[found.manifest])
	for _, number := range found.logs {
		if number < found.unflushed {
			continue
		}
		s, err := found.scan(logName(number), uint32(number), func([]byte) error { return nil })
		if err != nil {
			return err
		}
		if s.after { // Pebble would not read what follows
			return engine.Damaged(nil, "file %s cannot be read at byte %d", logName(number), s.reach)
		}
		note(logName(number), s)
	}
	return nil
}

// Next is the next global position that was to be given.
func (d *salvage) Next() int64 {
	if state, err := d.counts(); err == nil {
		return state.Next
	}
	return 0
}

// Count is how many messages there were, as far as anything tells. The counts
// and two indexes are witnesses: a message that is gone left its trace in all
// of them, and what is wrong in one of them alone is its fault.
func (d *salvage) Count() int64 {
	var told []int64
	if state, err := d.counts(); err == nil {
		told = append(told, state.Messages)
	}
	for _, family := range []byte{familyGlobal, familyStream} {
		entries, whole := int64(0), true
		err := scanFamily(d.reader, family, func(_, _ []byte) error { entries++; return nil }, func(gap) { whole = false })
		if whole && err == nil {
			told = append(told, entries)
		}
	}
	if told == nil {
		return -1
	}
	return slices.Min(told)
}

// Verify looks for faults as far as the database can be read.
func (d *salvage) Verify(w *engine.Watch) (store.VerifyReport, error) {
	report, err := d.check(w)
	report.Findings = append(append([]store.Finding(nil), d.notes...), report.Findings...)
	return report, err
}

// Messages yields all messages that can be read, borrowed, each with whether a
// client gave its id. What cannot be read, or not be believed, goes to lost.
func (d *salvage) Messages(ctx context.Context, yield func(m store.ImportMessage, given bool) error, lost func(store.Finding)) error {
	one := func(key, value []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		m, fault := d.whole(key, value)
		if fault != "" {
			where := describeKey(key, d.names)
			lost(store.Finding{Where: where, Keys: where, Family: familyName(familyMessage), Detail: fault})
			return nil
		}
		return yield(m, value[0]&flagClientID != 0)
	}
	for _, f := range d.notes {
		lost(f)
	}
	var gaps []gap
	err := scanFamily(d.reader, familyMessage, one, func(g gap) { gaps = append(gaps, g) })
	for _, g := range gaps {
		if err == nil {
			err = d.rescue(g, one)
		}
		lost(g.finding(d.names))
	}
	return err
}

// whole decodes a message and checks it against what every write keeps to. It
// returns what is wrong, or "".
func (d *salvage) whole(key, value []byte) (m store.ImportMessage, fault string) {
	var err error
	if m.Message, m.Correlation, err = d.out.decode(value, lastUint64(key)); err != nil {
		return m, err.Error()
	}
	if err := engine.CheckImport(&m); err != nil {
		return m, err.Error()
	}
	return m, ""
}

// rescue tries the messages of a gap one by one, as the global index knows
// them: between two damaged blocks there can be whole ones.
func (d *salvage) rescue(g gap, one func(key, value []byte) error) error {
	return scanFamily(d.reader, familyGlobal, func(key, value []byte) error {
		var err error
		if category, damage := decodeNumber(value); damage == nil {
			k := appendMessageKey(nil, category, lastUint64(key))
			if bytes.Compare(k, g.after) > 0 && (len(g.before) == 0 || bytes.Compare(k, g.before) < 0) {
				if value, closer, lost := d.reader.Get(k); lost == nil {
					err = errors.Join(one(k, value), closer.Close())
				}
			}
		}
		return err
	}, func(gap) {})
}

// wholeLogs shows logs and manifest of a directory up to where they can be
// read.
type wholeLogs struct {
	readOnly
	dir  string
	ends map[string]int64
}

func (l wholeLogs) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	file, err := l.readOnly.Open(name, opts...)
	if end, ok := l.ends[l.PathBase(name)]; ok && err == nil && l.PathDir(name) == l.dir {
		return &limited{File: file, left: end}, nil
	}
	return file, err
}

// limited is a file of which only the beginning is read, from front to back.
type limited struct {
	vfs.File
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left == 0 {
		return 0, io.EOF
	}
	n, err := l.File.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}
