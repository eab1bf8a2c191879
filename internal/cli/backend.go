package cli

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
	"github.com/evtui/evtui/store/sqlitestore"
)

// backend is the engine that keeps the data. The zero value leaves it to what
// a directory holds, and is Pebble in a fresh one.
type backend string

// The engines, by the names that --db-url and sys.info know them by.
const (
	pebbleBackend backend = "pebble"
	sqliteBackend backend = "sqlite"
)

// backend returns the engine whose store is in the directory, "" when there is
// none.
func (p place) backend() (backend, error) {
	_, pebble := os.Stat(filepath.Join(string(p), "registry"))
	_, sqlite := os.Stat(filepath.Join(string(p), sqlitestore.RegistryFile))
	switch {
	case pebble == nil && sqlite == nil:
		return "", fmt.Errorf("%s holds both a Pebble store (registry) and a SQLite store (%s): move one of them away", p, sqlitestore.RegistryFile)
	case pebble == nil:
		return pebbleBackend, nil
	case sqlite == nil:
		return sqliteBackend, nil
	}
	return "", nil
}

// choose tells which engine opens the directory when asked for one, or for
// either ("").
func (p place) choose(asked backend) (backend, error) {
	there, err := p.backend()
	switch {
	case err != nil:
		return "", err
	case asked != "" && there != "" && asked != there:
		return "", fmt.Errorf("%s holds a %s store, not a %s one: open it with --db-url %s, or name another directory", p, there, asked, p.url(there))
	case there != "":
		return there, nil
	case asked != "":
		return asked, nil
	}
	return pebbleBackend, nil
}

// url is the directory as --db-url takes it.
func (p place) url(b backend) string {
	name := filepath.ToSlash(string(p))
	if !strings.HasPrefix(name, "/") {
		name = "/" + name // C:/…
	}
	if b == sqliteBackend {
		name = path.Join(name, sqlitestore.RegistryFile)
	}
	return string(b) + "://" + name
}

// engineStore is a store that also shows its insides.
type engineStore interface {
	store.Store
	store.Engine
}

// openStore opens the directory, or memory for "", with the engine that cfg
// asks for. An error that isLocked knows says that another process has it.
func openStore(cfg hostConfig) (engineStore, error) {
	kind := cfg.Backend
	if cfg.Dir != "" {
		var err error
		if kind, err = cfg.Dir.choose(kind); err != nil {
			return nil, err
		}
	}
	if kind == sqliteBackend {
		o := sqlitestore.Options{
			Logger: cfg.Logger, MaxOpen: cfg.MaxOpen, Interval: cfg.Durable.interval, Memory: int64(cfg.Memory), IdleClose: cfg.Idle,
		}
		if cfg.Dir == "" {
			return opened(sqlitestore.OpenMemory(o))
		}
		return opened(sqlitestore.Open(string(cfg.Dir), o))
	}
	o := pebblestore.Options{
		Logger: cfg.Logger, MaxOpen: cfg.MaxOpen, Interval: cfg.Durable.interval, Memory: int64(cfg.Memory), IdleClose: cfg.Idle,
	}
	if cfg.Dir == "" {
		return opened(pebblestore.OpenMemory(o))
	}
	return opened(pebblestore.Open(string(cfg.Dir), o))
}

// opened keeps a nil pointer beside an error from becoming a store.
func opened[S engineStore](st S, err error) (engineStore, error) {
	if err != nil {
		return nil, err
	}
	return st, nil
}

// isLocked reports whether a store was not opened because another process has it.
func isLocked(err error) bool {
	return errors.Is(err, pebblestore.ErrLocked) || errors.Is(err, sqlitestore.ErrLocked)
}

// dbURL is the flag --db-url: an engine, and where its data is. The zero value
// was not given.
type dbURL struct {
	backend backend
	dir     string // "": in memory
}

func (u *dbURL) given() bool { return u.backend != "" }

func (u *dbURL) String() string {
	switch {
	case !u.given():
		return ""
	case u.dir == "":
		return string(u.backend) + "://memory"
	}
	return place(u.dir).url(u.backend)
}

func (u *dbURL) Type() string { return "URL" }

func (u *dbURL) Set(given string) error {
	parsed, err := url.Parse(given)
	if err != nil {
		return fmt.Errorf("%q is not a URL: %s", given, dbURLForms)
	}
	kind := backend(parsed.Scheme)
	if kind != pebbleBackend && kind != sqliteBackend || parsed.RawQuery != "" || parsed.Fragment != "" || parsed.User != nil {
		return fmt.Errorf("%s, not %q", dbURLForms, given)
	}
	if parsed.Host == "memory" && parsed.Path == "" {
		*u = dbURL{backend: kind}
		return nil
	}
	dir, ok := localPath(parsed)
	if ok && kind == sqliteBackend {
		ok = filepath.Base(dir) == sqlitestore.RegistryFile
		dir = filepath.Dir(dir)
	}
	if !ok {
		return fmt.Errorf("%s, not %q", dbURLForms, given)
	}
	*u = dbURL{backend: kind, dir: dir}
	return nil
}

const dbURLForms = "must be pebble:///DIR, sqlite:///DIR/" + sqlitestore.RegistryFile + ", pebble://memory or sqlite://memory"

// localPath is the absolute path that a URL names.
func localPath(u *url.URL) (string, bool) {
	name := u.Path
	if runtime.GOOS == "windows" {
		name = strings.TrimPrefix(name, "/") // /C:/…
	}
	name = filepath.FromSlash(name)
	return filepath.Clean(name), u.Host == "" && filepath.IsAbs(name)
}
