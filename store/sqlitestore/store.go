package sqlitestore

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// ErrLocked is returned by Open when another process holds the data directory.
var ErrLocked = engine.ErrLocked

// RegistryFile is the file in a data directory that tells a SQLite store. It
// was the registry once, and keeps versions of that time out.
const RegistryFile = "meta.db"

// Store is an event store in one data directory, or in memory. It implements
// store.Store and what capability.go and engine.go in store list.
type Store struct{ *engine.Store }

// Open opens the store in dir, making it if need be (directories 0700, files
// 0600). It returns ErrLocked when another process holds dir, and a
// *store.DamagedError when the registry of namespaces is damaged. A namespace
// that is damaged refuses by itself.
func Open(dir string, o Options) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find data directory: %w", err)
	}
	return open(newBackend(engine.OSFiles{}, o, false), dir)
}

// OpenMemory opens an empty store that lives in memory only.
func OpenMemory(o Options) (*Store, error) {
	return open(newBackend(engine.NewMemFiles(), o, true), "evtui")
}

func newBackend(files engine.Files, o Options, memory bool) *backend {
	return &backend{files: files, options: o.withDefaults(), memory: memory, parked: map[string]*database{}}
}

func open(b *backend, dir string) (*Store, error) {
	o := b.options.engine()
	o.InMemory = b.memory
	if !b.memory {
		o.Format = formatBefore(b.options.Logger)
	}
	shared, err := engine.Open(b, dir, o)
	if err != nil {
		return nil, err
	}
	return &Store{Store: shared}, nil
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
			options := Options{
				Logger: o.Logger, MaxOpen: o.MaxOpen, Interval: o.Interval, IdleClose: o.IdleClose, Memory: o.Memory, ReadOnly: o.ReadOnly,
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

// dirOf is the data directory that a URL names, "" for one in memory.
func dirOf(u *url.URL) (string, error) {
	wrong := fmt.Errorf("must be %s, not %q", urlForm, u.Redacted())
	if u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", wrong
	}
	if u.Host == "memory" && u.Path == "" {
		return "", nil
	}
	name := u.Path
	if runtime.GOOS == "windows" {
		name = strings.TrimPrefix(name, "/") // /C:/…
	}
	name = filepath.Clean(filepath.FromSlash(name))
	if u.Host != "" || !filepath.IsAbs(name) || filepath.Base(name) != RegistryFile {
		return "", wrong
	}
	return filepath.Dir(name), nil
}

// urlOf is the URL of a data directory.
func urlOf(dir string) string {
	if dir == "" {
		return "sqlite://memory"
	}
	name := filepath.ToSlash(dir)
	if !strings.HasPrefix(name, "/") {
		name = "/" + name // C:/…
	}
	return (&url.URL{Scheme: "sqlite", Path: path.Join(name, RegistryFile)}).String()
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
