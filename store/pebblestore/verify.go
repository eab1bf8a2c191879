package pebblestore

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// Verify checks that messages, indexes and counts agree. It reads a snapshot,
// taken between two groups, so that writers may go on.
//
// Every message must have its g, s and (for a given id) u entry, and the
// families must hold as many entries as there are messages: together that
// makes the indexes exact in both directions.
func (d *database) Verify(w *engine.Watch) (store.VerifyReport, error) {
	v := &verifier{of: d, reading: d.tableReading(), watch: w, found: map[string]*engine.Counts{}, names: map[uint32]string{}}
	return v.run()
}

func (v *verifier) run() (store.VerifyReport, error) {
	v.snapshot = v.of.db.NewSnapshot()
	defer func() { _ = v.snapshot.Close() }()
	for _, step := range []func() error{
		v.readMeta, v.readCategories, v.readShapes, v.checkMessages, v.checkStreams, v.checkSizes, v.checkCounts, v.checkTables,
	} {
		if err := step(); err != nil {
			return v.report, fmt.Errorf("verify: %w", err)
		}
	}
	return v.report, nil
}

type verifier struct {
	of       *database
	reading  sstable.ReaderOptions
	snapshot *pebble.Snapshot
	watch    *engine.Watch
	report   store.VerifyReport
	state    engine.State
	known    []*engine.Category
	found    map[string]*engine.Counts // by category, counted from the messages
	names    map[uint32]string         // of categories by number
	ids      int64                     // messages with a given id
	high     int64                     // highest global position
	out      decoder
}

// finding tells of one entry, or of a whole family when where is its name.
func (v *verifier) finding(family byte, where, format string, args ...any) {
	f := store.Finding{Where: where, Family: familyName(family), Detail: fmt.Sprintf(format, args...)}
	if where == "" {
		f.Where = f.Family
	} else {
		f.Keys = where
	}
	engine.AddFinding(&v.report, f)
}

func (v *verifier) readMeta() error {
	v.state = engine.State{Next: 1}
	value, closer, err := v.snapshot.Get(metaKey)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil
	}
	if err != nil {
		v.finding(familyMeta, "", "cannot be read: %s", oneLine(err))
		return nil
	}
	v.state, err = decodeMeta(value)
	var format *engine.FormatError
	if errors.As(err, &format) {
		return errors.Join(err, closer.Close())
	}
	if err != nil {
		v.finding(familyMeta, "", "%v", err)
	}
	return closer.Close()
}

// each visits a family's entries, as far as they can be read: the gaps are
// findings.
func (v *verifier) each(family byte, visit func(key, value []byte)) error {
	return scanFamily(v.snapshot, family, func(key, value []byte) error {
		if err := v.watch.Step(); err != nil {
			return err
		}
		visit(key, value)
		return nil
	}, v.torn)
}

func (v *verifier) torn(g gap) {
	engine.AddFinding(&v.report, store.Finding{
		Where: familyName(g.family), Family: familyName(g.family), Keys: g.describe(v.names),
		Detail: g.reason(),
	})
}

func (v *verifier) readCategories() error {
	return v.each(familyCategory, func(key, value []byte) {
		c, err := decodeCategory(string(key[1:]), value)
		if err != nil {
			v.finding(familyCategory, describeKey(key, v.names), "%v", err)
			return
		}
		v.known = append(v.known, c)
		v.found[c.Name], v.names[c.Number] = &engine.Counts{}, c.Name
	})
}

// checkMessages reads every message and looks for its index entries.
func (v *verifier) checkMessages() error {
	return v.each(familyMessage, func(key, value []byte) {
		number, gpos := uint32At(key[1:]), lastUint64(key)
		where := describeKey(key, v.names)
		v.report.Messages++
		v.high = max(v.high, gpos)
		m, _, err := v.out.decode(value, gpos)
		if err != nil {
			v.finding(familyMessage, where, "%v", err)
			return
		}
		category := store.Category(m.Stream)
		n := v.found[category]
		if n == nil {
			v.finding(familyCategory, fmt.Sprintf("category %q", category), "is missing")
			n = &engine.Counts{}
			v.found[category], v.names[number] = n, category
		}
		if v.names[number] != category {
			v.finding(familyMessage, where, "stream %q does not belong to category number %d", m.Stream, number)
			return
		}
		n.Messages++
		n.Last = gpos
		v.expect(where, appendGlobalKey(nil, gpos), int64(number), 0, 0)
		v.expect(where, appendStreamKey(nil, m.Stream, m.Position), gpos, m.Time.UnixNano(), engine.TypeSum(m.Type))
		if value[0]&flagClientID != 0 {
			v.ids++
			v.expect(where, appendIDKey(nil, m.ID), gpos, 0, 0)
		}
	})
}

// expect checks that the message's index entry is there and leads to want. A time
// that it has must be nanos, and the sum of a type sum.
func (v *verifier) expect(message string, key []byte, want, nanos int64, sum uint16) {
	value, closer, err := v.snapshot.Get(key)
	switch {
	case errors.Is(err, pebble.ErrNotFound):
		v.finding(key[0], describeKey(key, v.names), "is missing for the message at %s", message)
		return
	case err != nil:
		return // the scan of that family tells which of its keys cannot be read
	}
	defer func() { _ = closer.Close() }()
	e, err := decodeEntry(value)
	switch {
	case err != nil || e.gpos != want:
		v.finding(key[0], describeKey(key, v.names), "leads to %d instead of %d", e.gpos, want)
	case e.nanos != 0 && e.nanos != nanos:
		v.finding(key[0], describeKey(key, v.names), "has another time than its message")
	case e.typed && e.sum != sum:
		v.finding(key[0], describeKey(key, v.names), "has another type than its message")
	}
}

// checkStreams walks the stream index: as many entries as messages, and in
// each stream positions without gaps unless an import left some.
func (v *verifier) checkStreams() error {
	var entries int64
	name, next := "", int64(0)
	err := v.each(familyStream, func(key, _ []byte) {
		entries++
		position := lastUint64(key)
		if string(streamOfKey(key)) != name || v.report.Streams == 0 {
			name, next = string(streamOfKey(key)), 0
			v.report.Streams++
			v.countStream(name)
		}
		if position != next && !v.state.Sparse {
			v.finding(familyStream, fmt.Sprintf("stream %q", name), "position %d follows where %d is due", position, next)
		}
		next = position + 1
	})
	if entries != v.report.Messages {
		v.finding(familyStream, "", "%d entries for %d messages", entries, v.report.Messages)
	}
	return err
}

func (v *verifier) countStream(name string) {
	if n := v.found[store.Category(name)]; n != nil {
		n.Streams++
		return
	}
	v.finding(familyStream, fmt.Sprintf("stream %q", name), "its category is not known")
}

func (v *verifier) checkSizes() error {
	var globals, ids int64
	if err := v.each(familyGlobal, func([]byte, []byte) { globals++ }); err != nil {
		return err
	}
	if err := v.each(familyID, func([]byte, []byte) { ids++ }); err != nil {
		return err
	}
	if globals != v.report.Messages {
		v.finding(familyGlobal, "", "%d entries for %d messages", globals, v.report.Messages)
	}
	if ids != v.ids {
		v.finding(familyID, "", "%d entries for %d messages with a given id", ids, v.ids)
	}
	return nil
}

func (v *verifier) checkCounts() error {
	for _, c := range v.known {
		if got := *v.found[c.Name]; got != c.Counts {
			v.finding(familyCategory, fmt.Sprintf("category %q", c.Name), "counts say %+v, the messages %+v", c.Counts, got)
		}
	}
	if v.state.Messages != v.report.Messages || v.state.Streams != v.report.Streams {
		v.finding(familyMeta, "", "counts say %d messages in %d streams, there are %d in %d",
			v.state.Messages, v.state.Streams, v.report.Messages, v.report.Streams)
	}
	if v.state.Next <= v.high {
		v.finding(familyMeta, "", "the next global position is %d, but %d is taken", v.state.Next, v.high)
	}
	return nil
}
