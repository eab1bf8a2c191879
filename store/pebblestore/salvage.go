package pebblestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"path/filepath"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
)

// ErrMessagesDamaged is returned by Repair when messages themselves would be
// lost, and nobody said that they may be.
var ErrMessagesDamaged = errors.New("messages are damaged, not only their indexes")

// RepairOptions say how far Repair may go. The zero value repairs only what
// can be repaired without loss.
type RepairOptions struct {
	DryRun     bool // only tell what would be
	AcceptLoss bool // keep what can still be read of damaged messages
}

// RepairReport says what Repair found and did.
type RepairReport struct {
	Messages int64           // that can be read, and were kept
	Streams  int64           // with at least one of them
	Missing  int64           // messages that the counts tell of, and that cannot be read; -1 when the counts cannot be read either
	Lost     []store.Finding // where messages are damaged
	Kept     string          // where the damaged database lies now; "" when nothing was changed
}

// damagedMark stands in the name of a directory that Repair put aside.
const damagedMark = ".damaged-"

// Repair makes a namespace's database anew from its messages, which are the
// truth: indexes and counts follow from them. The damaged database is kept
// beside it, and the change from one to the other is a single write. It needs
// the namespace for itself, and the room for a second copy. When messages
// themselves are damaged it returns ErrMessagesDamaged, with a report that
// tells which, unless the options accept that.
func (s *Store) Repair(ctx context.Context, namespace string, o RepairOptions) (RepairReport, error) {
	h, err := s.handleOf(namespace)
	if err != nil {
		return RepairReport{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.deleted {
		return RepairReport{}, s.absence()
	}
	if err := h.drainLocked(); err != nil {
		s.logger.Warn("close namespace to repair it", "namespace", namespace, "error", err)
	}
	defer h.liftBarLocked()
	return h.repairLocked(ctx, o)
}

func (h *handle) repairLocked(ctx context.Context, o RepairOptions) (RepairReport, error) {
	r, err := openDamaged(h.store, h.dir())
	if err != nil {
		return RepairReport{}, fmt.Errorf("open the damaged database: %w", err)
	}
	report, err := r.survey(ctx)
	if err == nil && len(report.Lost) > 0 && !o.AcceptLoss {
		err = ErrMessagesDamaged
	}
	if err != nil || o.DryRun {
		return report, errors.Join(err, r.close())
	}
	s := h.store
	s.opening.Lock()
	fresh := h.entry
	fresh.Dir = s.reg.newDir(h.id)
	s.opening.Unlock()
	fresh.Aside, fresh.Dirty = h.entry.Dir, true
	err = h.rebuild(ctx, fresh, r)
	if err = errors.Join(err, r.close()); err != nil {
		return report, errors.Join(err, s.shared.options.FS.RemoveAll(filepath.Join(s.dir, "ns", fresh.Dir)))
	}
	old := h.dir()
	if err := s.reg.put(fresh); err != nil { // from here on the new one counts
		return report, fmt.Errorf("note the repaired database: %w", err)
	}
	h.entry = fresh
	h.bell.ring()
	report.Kept = old + damagedMark + time.Now().UTC().Format("20060102T150405Z")
	if err := s.shared.options.FS.Rename(old, report.Kept); err != nil {
		s.logger.Warn("rename the damaged database", "error", err)
		report.Kept = old
	}
	return report, syncDir(s.shared.options.FS, filepath.Dir(old))
}

// damaged is a database that is read, and left as it is.
type damaged struct {
	db      *pebble.DB
	files   *fence
	streams map[uint64]struct{} // hashes of the names seen
	seed    maphash.Seed
	names   map[uint32]string // of categories by number, as far as they can be read
	out     decoder
}

func openDamaged(s *Store, dir string) (*damaged, error) {
	files := s.shared.fence(dir, func(string, error) {})
	o := s.shared.pebbleOptions("", files)
	o.ReadOnly = true
	db, err := pebble.Open(dir, o)
	if err != nil {
		files.abandon()
		return nil, err
	}
	d := &damaged{db: db, files: files, streams: map[uint64]struct{}{}, seed: maphash.MakeSeed(), names: map[uint32]string{}}
	err = scanFamily(db, familyCategory, func(key, value []byte) error {
		if c, fault := decodeCategory(string(key[1:]), value); fault == nil {
			d.names[c.number] = c.name
		}
		return nil
	}, func(gap) {})
	d.out.shapes = newShapes()
	if err = errors.Join(err, d.out.shapes.gather(db)); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

func (d *damaged) close() error { return d.db.Close() }

// survey counts what can be read and notes what cannot.
func (d *damaged) survey(ctx context.Context) (RepairReport, error) {
	var report RepairReport
	err := d.messages(ctx, func(m store.ImportMessage, _ bool) error {
		report.Messages++
		d.streams[maphash.String(d.seed, m.Stream)] = struct{}{}
		return nil
	}, func(f store.Finding) { report.Lost = append(report.Lost, f) })
	report.Streams = int64(len(d.streams))
	report.Missing = d.missing(report.Messages)
	if report.Missing > 0 && len(report.Lost) == 0 {
		report.Lost = append(report.Lost, store.Finding{
			Where: familyName(familyMessage), Family: familyName(familyMessage),
			Detail: fmt.Sprintf("%d are missing, by what counts and indexes say", report.Missing),
		})
	}
	return report, err
}

// missing is how many messages there were beyond those found, -1 when nothing
// tells. The counts and two indexes are witnesses: a message that is gone left
// its trace in all of them, and what is wrong in one of them alone is its fault.
func (d *damaged) missing(found int64) int64 {
	most := int64(-1)
	hear := func(n int64) {
		if most < 0 || n < most {
			most = n
		}
	}
	if state, err := d.meta(); err == nil {
		hear(state.messages)
	}
	for _, family := range []byte{familyGlobal, familyStream} {
		entries, whole := int64(0), true
		err := scanFamily(d.db, family, func(_, _ []byte) error { entries++; return nil }, func(gap) { whole = false })
		if whole && err == nil {
			hear(entries)
		}
	}
	if most < 0 {
		return -1
	}
	return max(most-found, 0)
}

func (d *damaged) meta() (meta, error) {
	value, closer, err := d.db.Get(metaKey)
	if err != nil {
		return meta{}, err
	}
	state, err := decodeMeta(value)
	return state, errors.Join(err, closer.Close())
}

// messages yields all messages that can be read, borrowed, each with whether a
// client gave its id. What cannot be read, or not be believed, goes to lost.
func (d *damaged) messages(ctx context.Context, yield func(m store.ImportMessage, given bool) error, lost func(store.Finding)) error {
	one := func(key, value []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		m, fault := d.whole(key, value)
		if fault != "" {
			lost(store.Finding{
				Where: describeKey(key, d.names), Keys: describeKey(key, d.names), Family: familyName(familyMessage), Detail: fault,
			})
			return nil
		}
		return yield(m, value[0]&flagClientID != 0)
	}
	var gaps []gap
	err := scanFamily(d.db, familyMessage, one, func(g gap) { gaps = append(gaps, g) })
	for _, g := range gaps {
		if err == nil {
			err = d.rescue(g, one)
		}
		lost(store.Finding{
			Where: familyName(familyMessage), Keys: g.describe(d.names), Family: familyName(familyMessage),
			Detail: g.reason(),
		})
	}
	return err
}

// whole decodes a message and checks it against what every write keeps to. It
// returns what is wrong, or "".
func (d *damaged) whole(key, value []byte) (m store.ImportMessage, fault string) {
	var err error
	if m.Message, m.Correlation, err = d.out.decode(value, lastUint64(key)); err != nil {
		return m, err.Error()
	}
	if err := checkImport(&m); err != nil {
		return m, err.Error()
	}
	return m, ""
}

// rescue tries the messages of a gap one by one, as the global index knows
// them: between two damaged blocks there can be whole ones.
func (d *damaged) rescue(g gap, one func(key, value []byte) error) error {
	return scanFamily(d.db, familyGlobal, func(key, value []byte) error {
		var err error
		if category, damage := decodeNumber(value); damage == nil {
			k := appendMessageKey(nil, category, lastUint64(key))
			if bytes.Compare(k, g.after) > 0 && (len(g.before) == 0 || bytes.Compare(k, g.before) < 0) {
				if value, closer, lost := d.db.Get(k); lost == nil {
					err = errors.Join(one(k, value), closer.Close())
				}
			}
		}
		return err
	}, func(gap) {})
}

// rebuild stores the messages in a fresh database, as an import does, and
// checks it.
func (h *handle) rebuild(ctx context.Context, e entry, from *damaged) (err error) {
	beside := newHandle(h.store, e) // nobody else finds it
	ns, err := openApart(beside, beside.dir())
	if err != nil {
		return fmt.Errorf("make a fresh database: %w", err)
	}
	defer func() { err = errors.Join(err, ns.close()) }()
	var batch repairBatch
	err = from.messages(ctx, func(m store.ImportMessage, given bool) error {
		if batch.add(m, given) {
			return batch.store(ns)
		}
		return nil
	}, func(store.Finding) {})
	if state, damage := from.meta(); damage == nil {
		batch.next = state.next // positions that were given are not given again
	}
	if err == nil {
		err = batch.store(ns)
	}
	if err != nil {
		return fmt.Errorf("store the messages anew: %w", err)
	}
	report, err := ns.verify(ctx)
	if err == nil && len(report.Findings) > 0 {
		err = fmt.Errorf("the repaired database is not sound: %+v", report.Findings[0])
	}
	return err
}

// repairBatch gathers messages for one import.
type repairBatch struct {
	messages []store.ImportMessage
	made     []bool
	bytes    int
	next     int64
}

// add reports whether the batch is full.
func (b *repairBatch) add(m store.ImportMessage, given bool) bool {
	m.Message = m.Message.Clone()
	m.Correlation = string([]byte(m.Correlation))
	b.messages, b.made = append(b.messages, m), append(b.made, !given)
	b.bytes += len(m.Data) + len(m.Metadata)
	return len(b.messages) == 2000 || b.bytes > groupBytes
}

func (b *repairBatch) store(ns *namespace) error {
	if len(b.messages) == 0 {
		return nil
	}
	o := newOp()
	defer o.free()
	o.imports, o.made, o.next = b.messages, b.made, b.next
	o.cut(ns.shapes)
	ns.queue.put(o)
	<-o.done
	*b = repairBatch{}
	return o.err
}
