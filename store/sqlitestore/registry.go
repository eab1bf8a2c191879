package sqlitestore

import (
	"database/sql"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/store"
)

// RegistryFile is the registry's name in a data directory.
const RegistryFile = "meta.db"

// entry is what the registry keeps of a namespace.
type entry struct {
	ID          string
	File        string // below ns/
	Description string
	Metadata    []byte
	CreatedAt   time.Time
	TokenHash   [32]byte

	// Dirty says that the namespace was opened and not closed since, so that
	// the counts below may be old: it must be opened to tell them.
	Dirty        bool
	Messages     int64
	Streams      int64
	LastActivity time.Time
}

// registry is the small database that knows which namespaces there are.
type registry struct {
	db     *database
	serial int // the highest number given to a file
}

func openRegistry(path string) (*registry, []entry, error) {
	db, err := openDatabase(path, databaseOptions{schema: registrySchema, application: registryApplication})
	if err != nil {
		return nil, nil, fmt.Errorf("open registry: %w", err)
	}
	r := &registry{db: db}
	entries, err := r.load()
	if err != nil {
		_ = db.close()
		return nil, nil, fmt.Errorf("read registry: %w", err)
	}
	return r, entries, nil
}

func (r *registry) load() ([]entry, error) {
	rows, err := r.db.read.Query(`SELECT id, file, description, metadata, created, token, dirty, messages, streams, last_activity FROM namespaces`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var entries []entry
	for rows.Next() {
		var (
			e             entry
			token         []byte
			created, last int64
		)
		if err := rows.Scan(&e.ID, &e.File, &e.Description, &e.Metadata, &created, &token, &e.Dirty, &e.Messages, &e.Streams, &last); err != nil {
			return nil, err
		}
		copy(e.TokenHash[:], token)
		e.CreatedAt, e.LastActivity = timeOf(created), timeOf(last)
		entries = append(entries, e)
		r.serial = max(r.serial, serialOf(e.File))
	}
	return entries, rows.Err()
}

// put stores an entry durably.
func (r *registry) put(e entry) error {
	return r.change(`INSERT OR REPLACE INTO namespaces VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.ID, e.File, e.Description, e.Metadata, nanoseconds(e.CreatedAt), e.TokenHash[:], e.Dirty,
		e.Messages, e.Streams, nanoseconds(e.LastActivity))
}

func (r *registry) remove(id string) error {
	return r.change(`DELETE FROM namespaces WHERE id = ?`, id)
}

// change runs one statement and keeps the log short, for there is no committer
// here that would.
func (r *registry) change(text string, args ...any) error {
	err := r.db.transact(func(tx *sql.Tx) error {
		_, err := tx.Exec(text, args...)
		return err
	})
	if err == nil && r.db.path != "" && sizeOf(r.db.path+"-wal") > registryLog {
		_, err = r.db.write.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	}
	if err != nil {
		return fmt.Errorf("write registry: %w", err)
	}
	return nil
}

// registryLog is how long the registry's log may grow, in bytes.
const registryLog = 1 << 20

// newFile names a fresh file for a namespace: a readable, harmless form of its
// id and a serial number that makes it unique on any file system.
func (r *registry) newFile(id string) string {
	r.serial++
	return escapeID(id) + "." + strconv.Itoa(r.serial) + fileEnd
}

// fileEnd ends the names of namespaces' files.
const fileEnd = ".db"

func serialOf(file string) int {
	stem := strings.TrimSuffix(file, fileEnd)
	n, _ := strconv.Atoi(stem[strings.LastIndexByte(stem, '.')+1:])
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

// nanoseconds is how times are stored; the zero time is 0.
func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func timeOf(nanoseconds int64) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds).UTC()
}

// unixTime is a message's time; 0 is a time like any other there.
func unixTime(nanoseconds int64) time.Time { return time.Unix(0, nanoseconds).UTC() }
