package pebblestore

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
	"github.com/evtui/evtui/store/internal/filesys"
)

// ErrLocked is returned by Open when another process holds the data directory.
var ErrLocked = store.ErrLocked

// Store is an event store in one data directory. It implements store.Store and
// all of store's capabilities.
type Store struct {
	*engine.Store
	backend *backend
	dir     string
}

// Open opens the store in dir, making it if need be (directories 0700). It
// returns ErrLocked when another process holds dir, and a *store.DamagedError
// when the registry of namespaces is damaged.
func Open(dir string, o Options) (*Store, error) {
	return open(dir, o.withDefaults(), false)
}

// OpenMemory opens an empty store that lives in memory only.
func OpenMemory(o Options) (*Store, error) {
	o.FS = vfs.NewMem()
	return open("evtui", o.withDefaults(), true)
}

func open(dir string, o Options, inMemory bool) (*Store, error) {
	b := newBackend(o)
	s, err := engine.Open(b, dir, engine.Options{
		Logger: o.Logger, MaxOpen: o.MaxOpen, Interval: o.Interval, IdleClose: o.IdleClose,
		ReadOnly: o.ReadOnly, Unlocked: o.Unlocked, InMemory: inMemory,
		Format: engine.Format{Legacy: b.legacy, Wall: b.wall}, Uncounted: o.uncounted, Follows: o.Follows,
	})
	if err != nil {
		return nil, err
	}
	return &Store{Store: s, backend: b, dir: dir}, nil
}

// Opener opens stores by URLs with the scheme pebble.
func Opener() store.Opener {
	return store.Opener{
		Scheme: "pebble",
		Form:   "pebble:///DIR or pebble://memory",
		Dir:    urlDir,
		URL:    func(dir string) string { return filesys.URL("pebble", dir) },
		Holds:  holds, Rebuild: rebuild,
		Open: func(_ context.Context, u *url.URL, o store.OpenOptions) (store.Store, error) {
			dir, err := urlDir(u)
			if err != nil {
				return nil, err
			}
			options := Options{
				Logger: o.Logger, MaxOpen: o.MaxOpen, Interval: o.Interval, IdleClose: o.IdleClose,
				Memory: o.Memory, ReadOnly: o.ReadOnly,
			}
			var s *Store
			if dir == "" {
				s, err = OpenMemory(options)
			} else {
				s, err = Open(dir, options)
			}
			if err != nil {
				return nil, err
			}
			return s, nil
		},
	}
}

// urlDir returns the directory that a URL names, "" for a store in memory.
func urlDir(u *url.URL) (string, error) {
	bare := u.RawQuery == "" && u.Fragment == "" && u.User == nil && u.Opaque == ""
	switch {
	case bare && u.Host == "memory" && (u.Path == "" || u.Path == "/"):
		return "", nil
	case bare && u.Host == "" && len(u.Path) > 1:
		return filesys.PathOf(u), nil
	}
	return "", fmt.Errorf("must be pebble:///DIR or pebble://memory, not %q", u.Redacted())
}

// holds reports whether a directory holds a store of this engine, also of the
// format before this one.
func holds(dir string) bool {
	names, err := filepath.Glob(filepath.Join(dir, "registry", "marker.format-version.*"))
	if err == nil && len(names) > 0 {
		return true
	}
	if _, err := os.Stat(filepath.Join(dir, "meta.db")); err == nil {
		return false
	}
	if _, err = os.Stat(filepath.Join(dir, "registry", "namespaces.log")); err == nil {
		return true
	}
	// A registry that is lost: namespaces tell whose they are.
	names, err = filepath.Glob(filepath.Join(dir, "ns", "*", "marker.format-version.*"))
	return err == nil && len(names) > 0
}
