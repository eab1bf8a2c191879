package pebblestore

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
)

// entry is what the registry keeps of a namespace.
type entry struct {
	ID          string    `json:"id"`
	Dir         string    `json:"dir"` // below ns/
	Description string    `json:"description,omitempty"`
	Metadata    []byte    `json:"metadata,omitempty"` // no RawMessage, which would not keep it to the letter
	CreatedAt   time.Time `json:"createdAt"`
	TokenHash   [32]byte  `json:"tokenHash"`

	// Aside is a directory that Repair replaced and had not renamed yet when
	// it wrote this: it is not to be taken for a stray.
	Aside string `json:"aside,omitempty"`

	// Dirty says that the namespace was opened and not closed since, so that
	// the counts below may be old: it must be opened to tell them.
	Dirty        bool      `json:"dirty,omitempty"`
	Messages     int64     `json:"messages"`
	Streams      int64     `json:"streams"`
	LastActivity time.Time `json:"lastActivity"`
}

// registry is the small database that knows which namespaces there are.
type registry struct {
	db      *pebble.DB
	serial  int // the highest number given to a directory
	files   *fence
	failure atomic.Pointer[store.PoisonedError]
}

func openRegistry(dir string, s *shared) (*registry, []entry, error) {
	r := &registry{}
	r.files = s.fence(dir, func(reason string, err error) {
		r.failure.Store(&store.PoisonedError{Reason: reason, Err: err})
		s.events.add(store.EngineEvent{Kind: store.EventPoisoned, Reason: reason})
		s.options.Logger.Error("registry of namespaces poisoned", "reason", reason, "error", err)
	})
	o := s.pebbleOptions("", r.files)
	o.MemTableSize = 1 << 20
	var db *pebble.DB
	err := markFormat(r.files, dir)
	if err == nil {
		db, err = pebble.Open(dir, o)
	}
	if err != nil {
		r.files.abandon()
		return nil, nil, fmt.Errorf("open registry: %w", err)
	}
	r.db = db
	entries, err := r.load()
	if err == nil {
		err = r.sound(nil)
	}
	if err != nil {
		_ = r.close()
		return nil, nil, err
	}
	return r, entries, nil
}

func (r *registry) close() error {
	r.files.release()
	return r.db.Close()
}

// sound returns err or, when the log has failed, that. Pebble tells its logger
// of such failures, and nobody else.
func (r *registry) sound(err error) error {
	if p := r.failure.Load(); p != nil {
		return p
	}
	return err
}

func (r *registry) load() ([]entry, error) {
	it, err := r.db.NewIter(nil)
	if err != nil {
		return nil, fmt.Errorf("read registry: %w", err)
	}
	defer func() { _ = it.Close() }()
	var entries []entry
	for it.First(); it.Valid(); it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return nil, fmt.Errorf("read registry: %w", err)
		}
		var e entry
		if err := json.Unmarshal(value, &e); err != nil {
			return nil, fmt.Errorf("read registry entry %q: %w", it.Key(), err)
		}
		entries = append(entries, e)
		r.serial = max(r.serial, serialOf(e.Dir))
	}
	return entries, it.Error()
}

// put stores an entry durably.
func (r *registry) put(e entry) error {
	value, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode registry entry: %w", err)
	}
	if err := r.sound(nil); err != nil {
		return err
	}
	if err := r.sound(r.db.Set([]byte(e.ID), value, pebble.Sync)); err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	return nil
}

func (r *registry) remove(id string) error {
	if err := r.sound(nil); err != nil {
		return err
	}
	if err := r.sound(r.db.Delete([]byte(id), pebble.Sync)); err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	return nil
}

// newDir names a fresh directory for a namespace: a readable, harmless form of
// its id and a serial number that makes it unique on any file system.
func (r *registry) newDir(id string) string {
	r.serial++
	return escapeID(id) + "." + strconv.Itoa(r.serial)
}

func serialOf(dir string) int {
	n, _ := strconv.Atoi(dir[strings.LastIndexByte(dir, '.')+1:])
	return n
}

// escapeID keeps lower-case letters, digits and dashes of a namespace id and
// makes every other byte _XX, cut to 80 characters. It need not be unique.
func escapeID(id string) string {
	var b strings.Builder
	for i := range len(id) {
		c := id[i]
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "_%02X", c)
		}
	}
	escaped := b.String()
	return escaped[:min(len(escaped), 80)]
}

func (e entry) namespace() store.Namespace {
	return store.Namespace{
		ID: e.ID, Description: e.Description, Metadata: e.Metadata, CreatedAt: e.CreatedAt,
		MessageCount: e.Messages, StreamCount: e.Streams, LastActivity: e.LastActivity,
	}
}

func sortNamespaces(list []store.Namespace) {
	sort.Slice(list, func(i, j int) bool { return list[i].ID < list[j].ID })
}
