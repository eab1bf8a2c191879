package sqlitestore

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/internal/filesys"
)

// ErrLocked is returned by Open when another process holds the data directory.
var ErrLocked = store.ErrLocked

// RegistryFile is the file in a data directory that tells a SQLite store. It
// was the registry once, and keeps versions of that time out.
const RegistryFile = "meta.db"

// Store is an event store in one data directory, or in memory. It implements
// store.Store and what capability.go and engine.go in store list.
type Store = engine.Store

// Options tune a store. The zero value is ready for use. Memory is what page
// caches are sized by (0: 192 MiB): a namespace's writer may take a 24th of it,
// each of its four readers a 32nd. ReadOnly reads a database with a log from a copy in
// the system's directory for temporary files.
type Options = store.OpenOptions

// Open opens the store in dir, making it if need be (directories 0700, files
// 0600). It returns ErrLocked when another process holds dir, and a
// *store.DamagedError when the registry of namespaces is damaged. A namespace
// that is damaged refuses by itself.
func Open(dir string, o Options) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find data directory: %w", err)
	}
	b := newBackend(filesys.Disk{}, o, false)
	return engine.Open(b, dir, b.shared())
}

// OpenMemory opens an empty store that lives in memory only.
func OpenMemory(o Options) (*Store, error) {
	b := newBackend(filesys.NewMemory(), o, true)
	return engine.Open(b, "evtui", b.shared())
}

// newBackend makes a backend. As many namespaces may be open at once as take
// half of the process's file descriptors: each connection has the database, its
// log and the log's index open.
func newBackend(files filesys.Files, o Options, memory bool) *backend {
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	o.MaxOpen = min(cmp.Or(max(o.MaxOpen, 0), 64), max(filesys.FileLimit()/2/3/(1+readers+lookers), 4))
	o.Memory = cmp.Or(max(o.Memory, 0), 192<<20)
	return &backend{files: files, options: o, memory: memory, held: map[string]*database{}}
}

// shared is what the shared layer needs to know.
func (b *backend) shared() engine.Options {
	o := engine.Options{
		Logger: b.options.Logger, MaxOpen: b.options.MaxOpen, Interval: b.options.Interval, IdleClose: b.options.IdleClose,
		ReadOnly: b.options.ReadOnly, InMemory: b.memory,
	}
	if !b.memory {
		o.Format = b.formatBefore()
	}
	return o
}

// urlForm is what URLs of SQLite stores look like.
const urlForm = "sqlite:///DIR/" + RegistryFile + " or sqlite://memory"

// Opener opens SQLite stores by sqlite:///DIR/meta.db and sqlite://memory.
func Opener() store.Opener {
	return store.Opener{
		Scheme: "sqlite",
		Form:   urlForm,
		Dir:    dirOf, URL: urlOf, Holds: holds, Rebuild: rebuild,
		Open: func(_ context.Context, u *url.URL, o store.OpenOptions) (store.Store, error) {
			dir, err := dirOf(u)
			if err != nil {
				return nil, err
			}
			open := Open
			if dir == "" {
				open = func(_ string, o Options) (*Store, error) { return OpenMemory(o) }
			}
			s, err := open(dir, o)
			if err != nil {
				return nil, err
			}
			return s, nil
		},
	}
}

func rebuild(_ context.Context, u *url.URL, o store.OpenOptions) (store.RebuildReport, error) {
	dir, err := dirOf(u)
	if err == nil && dir == "" {
		err = store.ErrNotOffered
	}
	if err != nil {
		return store.RebuildReport{}, err
	}
	b := newBackend(filesys.Disk{}, o, false)
	return engine.Rebuild(b, dir, b.shared())
}

// dirOf is the data directory that a URL names, "" for one in memory.
func dirOf(u *url.URL) (string, error) {
	wrong := fmt.Errorf("must be %s, not %q", urlForm, u.Redacted())
	if u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", wrong
	}
	if u.Host == "memory" && u.Path == "" {
		return "", nil
	}
	name := filepath.Clean(filesys.PathOf(u))
	if u.Host != "" || !filepath.IsAbs(name) || filepath.Base(name) != RegistryFile {
		return "", wrong
	}
	return filepath.Dir(name), nil
}

func urlOf(dir string) string {
	if dir == "" {
		return "sqlite://memory"
	}
	return filesys.URL("sqlite", filepath.Join(dir, RegistryFile))
}

// holds reports whether a directory holds a SQLite store.
func holds(dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, RegistryFile)); err == nil {
		return true
	}
	// A registry that is lost: namespaces tell whose they are.
	names, err := filepath.Glob(filepath.Join(dir, "ns", "*", dataFile))
	return err == nil && len(names) > 0
}
