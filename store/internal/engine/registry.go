package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/filesys"
)

// entry is what the registry keeps of a namespace. Its slices are not changed
// once it was handed over.
type entry struct {
	ID          string `json:"id"`
	Dir         string `json:"dir"`      // below ns/
	Identity    string `json:"identity"` // 32 hex digits, random: of this content
	Description string `json:"description,omitempty"`
	// Metadata is no RawMessage, which would not keep it to the letter.
	Metadata     []byte    `json:"metadata,omitempty"`
	CreatedAt    time.Time `json:"createdAt"`
	TokenHash    tokenHash `json:"tokenHash"`
	Mark         Mark      `json:"mark,omitzero"`
	LastActivity time.Time `json:"lastActivity,omitzero"`
	// Leaving is replaced content that is still to be removed, or put aside.
	// home.put keeps what the registry has.
	Leaving []leaving `json:"leaving,omitempty"`
	// Accept says that older content was accepted on purpose: counts may be
	// lower than Mark until the next mark.
	Accept bool `json:"accept,omitempty"`
	// Place is where the format before had the files, below ns/, until an
	// upgrade has brought them to Dir.
	Place string `json:"place,omitempty"`
}

// leaving is a directory whose content was replaced.
type leaving struct {
	Dir      string `json:"dir"`
	Identity string `json:"identity"`
	Aside    string `json:"aside,omitempty"` // the name to keep it under; "": it is deleted
}

// header is the registry's first line.
type header struct {
	Format   int    `json:"format"`
	Reader   string `json:"reader"` // which evtui reads the format
	Engine   string `json:"engine"`
	Identity string `json:"identity"` // of the data directory
	// Whole is how many lines were written at once, before the file got its
	// name: no crash can have torn them.
	Whole int `json:"whole"`
}

// record is each further line. N counts them from 1, so that a line that is
// missing, or stands there twice, is noticed.
type record struct {
	N      int             `json:"n"`
	Put    []entry         `json:"put,omitempty"`
	Marks  map[string]Mark `json:"marks,omitempty"` // by namespace id
	Remove string          `json:"remove,omitempty"`
	Clean  *cleanStop      `json:"clean,omitempty"`
}

// cleanStop ends the registry after a clean stop.
type cleanStop struct {
	Entries int    `json:"entries"`
	Sum     uint32 `json:"sum"` // CRC-32C of all entries, as JSON by id
}

// The registry's directory and files.
const (
	registryDir  = "registry"
	registryName = "namespaces.log"
	// pendingName is what an upgrade, or the first opening, has decided on and
	// not carried out yet.
	pendingName = "namespaces.log.upgrade"
)

// Compaction is due when the registry has outgrown what it would be.
const (
	compactAbove = 1 << 20
	compactTimes = 4
)

// contents is what a registry says.
type contents struct {
	head   header
	live   map[string]entry // by id
	lines  int              // read so far: the number of the next record
	lost   int              // lines that could not be read
	ragged bool             // the file must be written again before more is added
	tail   Dropped          // the end that a crash tore off, if any
}

func (c *contents) apply(r record) error {
	for _, e := range r.Put {
		if e.ID == "" || e.Dir == "" {
			return errors.New("an entry without id or directory")
		}
		c.live[e.ID] = e
	}
	for id, m := range r.Marks {
		if e, ok := c.live[id]; ok {
			e.Mark, e.Accept = m, false
			c.live[id] = e
		}
	}
	delete(c.live, r.Remove)
	if r.Clean == nil {
		return nil
	}
	sum, err := c.sum()
	if err == nil && *r.Clean != sum {
		err = fmt.Errorf("%d entries at a clean stop, where it says %d, or others", sum.Entries, r.Clean.Entries)
	}
	return err
}

func (c *contents) sorted() []entry {
	return slices.SortedFunc(maps.Values(c.live), func(a, b entry) int { return strings.Compare(a.ID, b.ID) })
}

func (c *contents) sum() (cleanStop, error) {
	text, err := json.Marshal(c.sorted())
	return cleanStop{Entries: len(c.live), Sum: checksum(text)}, err
}

// encode writes a registry that holds the same, in as few lines as there are
// entries; with clean it says that all was closed.
func (c *contents) encode(clean bool) ([]byte, error) {
	var records []record
	for _, e := range c.sorted() {
		records = append(records, record{Put: []entry{e}})
	}
	if clean {
		sum, err := c.sum()
		if err != nil {
			return nil, fmt.Errorf("encode registry: %w", err)
		}
		records = append(records, record{Clean: &sum})
	}
	h := c.head
	h.Format, h.Reader, h.Whole = homeFormat, formatReader, 1+len(records)
	out, err := encodeLine(h)
	for i, r := range records {
		r.N = i + 1
		line, bad := encodeLine(r)
		out, err = append(out, line...), errors.Join(err, bad)
	}
	if err != nil {
		return nil, fmt.Errorf("encode registry: %w", err)
	}
	return out, nil
}

func damagedRegistry(err error, format string, args ...any) error {
	return &store.DamagedError{Reason: fmt.Sprintf(format, args...), Err: err}
}

// parseRegistry reads a registry. It returns a *store.DamagedError or a
// *FormatError, or that the directory is another engine's. With salvage it reads
// what it can of one that is damaged.
func parseRegistry(data []byte, engine string, salvage bool) (*contents, error) {
	c := &contents{live: map[string]entry{}}
	for offset := 0; offset < len(data); c.lines++ {
		line, rest, ended := bytes.Cut(data[offset:], []byte("\n"))
		err := c.take(line, salvage)
		var format *FormatError
		switch {
		case err == nil && c.head.Engine != engine && c.lines == 0:
			return nil, fmt.Errorf("the data directory is the %s engine's, not %s's", c.head.Engine, engine)
		case err == nil:
			c.ragged = c.ragged || !ended
		case errors.As(err, &format):
			return nil, format
		case salvage:
			c.lost++
		case errors.Is(err, errLine) && len(rest) == 0 && c.lines > 0 && c.lines >= c.head.Whole:
			c.ragged = true
			c.tail = Dropped{File: registryDir + "/" + registryName, Offset: int64(offset), Bytes: int64(len(data) - offset)}
			return c, nil
		default:
			return nil, damagedRegistry(err, "line %d of %s cannot be read: %v", c.lines+1, registryName, err)
		}
		offset = len(data) - len(rest)
	}
	if !salvage && (c.lines == 0 || c.lines < c.head.Whole) {
		return nil, damagedRegistry(nil, "%s ends after line %d of %d", registryName, c.lines, max(1, c.head.Whole))
	}
	return c, nil
}

// take takes the next line.
func (c *contents) take(line []byte, salvage bool) error {
	text, err := checkLine(line)
	if c.lines == 0 {
		return c.takeHead(line, err, salvage)
	}
	if err != nil {
		return err
	}
	r, err := decodeRecord(text)
	if salvage { // neither fits where lines are missing
		r.N, r.Clean = c.lines, nil
	}
	if err == nil && r.N != c.lines {
		err = fmt.Errorf("record %d stands where %d belongs", r.N, c.lines)
	}
	if err == nil {
		err = c.apply(r)
	}
	return err
}

// takeHead takes the first line. When it salvages, a format is believed though
// its line is damaged: nothing is repaired that is perhaps not ours.
func (c *contents) takeHead(line []byte, fault error, salvage bool) error {
	_, text, _ := bytes.Cut(line, []byte(" "))
	if fault != nil && !salvage {
		return fault
	}
	if err := checkFormat(text, "the data directory"); err != nil || fault != nil {
		return errors.Join(err, fault)
	}
	return json.Unmarshal(text, &c.head)
}

// decodeRecord refuses what it does not know, since leaving it out could
// lose something.
func decodeRecord(text []byte) (record, error) {
	var r record
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(&r)
	return r, err
}

// registry is the log that knows which namespaces there are.
type registry struct {
	files  filesys.Files
	dir    string // the registry's own
	logger *slog.Logger
	note   func(store.EngineEvent)

	failure atomic.Pointer[store.PoisonedError]

	mu      sync.Mutex // guards what follows
	held    contents
	log     filesys.File // nil: it cannot be written
	size    int64
	base    int64 // its size after it was last written anew
	retryAt int64 // the size at which compaction is tried again after it failed
}

// sound returns nil, or the *store.PoisonedError once the log has failed.
func (r *registry) sound() error {
	if p := r.failure.Load(); p != nil {
		return p
	}
	return nil
}

// poison ends all writing: what the log holds now is not known.
func (r *registry) poison(reason string, err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		reason = "disk full"
	}
	p := &store.PoisonedError{Reason: reason, Err: err}
	if r.failure.CompareAndSwap(nil, p) {
		r.logger.Error("registry of namespaces poisoned", "reason", reason, "error", err)
		r.note(store.EngineEvent{Kind: store.EventPoisoned, Reason: reason})
	}
	return r.failure.Load()
}

// add appends one record and waits until it is durable. Only then does it count.
func (r *registry) add(rec record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.addLocked(rec); err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	return nil
}

func (r *registry) addLocked(rec record) error {
	if err := r.sound(); err != nil {
		return err
	}
	if r.log == nil {
		return store.ErrReadOnly
	}
	rec.N = r.held.lines
	line, err := encodeLine(rec)
	if err == nil { // what is kept is what a reader of the line would see
		rec, err = decodeRecord(line[sumDigits+1:])
	}
	if err != nil {
		return err
	}
	if _, err := r.log.Write(line); err != nil {
		return r.poison("write failed", err)
	}
	if err := r.log.Sync(); err != nil {
		return r.poison("sync failed", err)
	}
	if err := r.held.apply(rec); err != nil {
		return r.poison("it contradicts itself", err)
	}
	r.held.lines++
	r.size += int64(len(line))
	if r.size <= max(compactAbove, compactTimes*r.base, r.retryAt) {
		return nil
	}
	// Failing to compact is no reason to stop, as long as the old log is there.
	if err := r.rewriteLocked(false); err != nil && r.sound() == nil {
		r.logger.Warn("compact the registry of namespaces", "error", err)
		r.retryAt = 2 * r.size
	}
	return r.sound()
}

// rewriteLocked writes the log anew and puts it in the place of the old one. An
// error leaves the old one, or poisons.
func (r *registry) rewriteLocked(clean bool) error {
	data, err := r.held.encode(clean)
	if err != nil {
		return err
	}
	lines := bytes.Count(data, []byte("\n")) // now: who is given data may do with it as he likes
	aside := r.files.Join(r.dir, registryName+asideEnd)
	if err := writeSynced(r.files, aside, data); err != nil {
		return errors.Join(fmt.Errorf("write registry aside: %w", err), removeIfThere(r.files, aside))
	}
	if r.log != nil { // some systems rename no file that is open
		err, r.log = r.log.Close(), nil
		if err != nil {
			return r.poison("close failed", err)
		}
	}
	if err := r.files.Rename(aside, r.files.Join(r.dir, registryName)); err != nil {
		return r.poison("rename failed", err)
	}
	if err := r.files.SyncDir(r.dir); err != nil {
		return r.poison("sync failed", err)
	}
	r.held.lines, r.held.ragged = lines, false
	if err := r.openLocked(int64(len(data))); err != nil {
		return r.poison("open failed", err)
	}
	return nil
}

// openLocked makes the log, of which size bytes are there, ready to be added to.
func (r *registry) openLocked(size int64) error {
	log, err := r.files.Append(r.files.Join(r.dir, registryName))
	if err != nil {
		return fmt.Errorf("open registry: %w", err)
	}
	r.log, r.size, r.base, r.retryAt = log, size, size, 0
	return nil
}

// start makes a log of size bytes ready to be added to, and writes it first if
// need be.
func (r *registry) start(size int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held.ragged {
		return r.rewriteLocked(false)
	}
	return r.openLocked(size)
}

// close ends writing; with clean it says that all was closed.
func (r *registry) close(clean bool) (err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if clean && r.log != nil && r.sound() == nil {
		err = r.rewriteLocked(true)
	}
	if r.log != nil {
		err = errors.Join(err, r.log.Close())
		r.log = nil
	}
	return err
}

func (r *registry) find(id string) (entry, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.held.live[id]
	return e, ok
}

func (r *registry) list() []entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held.sorted()
}
