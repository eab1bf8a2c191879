package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
	"github.com/evtui/evtui/store/sqlitestore"
)

// engines returns the engines of this evtui by the schemes of their URLs. The
// first one is for directories that hold nothing yet.
func engines() *store.Openers {
	var all store.Openers
	all.Register(pebblestore.Opener())
	all.Register(sqlitestore.Opener())
	return &all
}

// backend names an engine by its scheme, as --db-url and sys.info do. The zero
// value leaves it to what a directory holds.
type backend string

// defaultBackend is the engine for directories that hold nothing yet.
func defaultBackend() backend { return backend(engines().All()[0].Scheme) }

// backend returns the engine whose store is in the directory, "" when there is
// none.
func (p place) backend() (backend, error) {
	var found []string
	for _, one := range engines().All() {
		if one.Holds(string(p)) {
			found = append(found, one.Scheme)
		}
	}
	switch len(found) {
	case 0:
		return "", nil
	case 1:
		return backend(found[0]), nil
	}
	return "", fmt.Errorf("%s holds both a %s store: move all but one away", p, strings.Join(found, " store and a "))
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
	return defaultBackend(), nil
}

// url is the directory as --db-url takes it.
func (p place) url(b backend) string {
	one, ok := engines().Find(string(b))
	if !ok {
		return ""
	}
	return one.URL(string(p))
}

// locate returns the engine for a directory, or for memory (""), and the URL
// that it opens it by.
func (p place) locate(kind backend) (store.Opener, *url.URL, error) {
	if p == "" {
		if kind == "" {
			kind = defaultBackend()
		}
		u, one, err := engines().Parse(memoryURL(kind))
		return one, u, err
	}
	kind, err := p.choose(kind)
	if err != nil {
		return store.Opener{}, nil, err
	}
	u, one, err := engines().Parse(p.url(kind))
	return one, u, err
}

func memoryURL(b backend) string { return string(b) + "://memory" }

// openStore opens the directory, or memory for "", with the engine that cfg
// asks for. An error that isLocked knows says that another process has it.
func openStore(ctx context.Context, cfg hostConfig) (store.Store, error) {
	one, u, err := cfg.Dir.locate(cfg.Backend)
	if err != nil {
		return nil, err
	}
	return one.Open(ctx, u, cfg.options())
}

// options are the engine's part of the configuration.
func (cfg *hostConfig) options() store.OpenOptions {
	return store.OpenOptions{
		Logger: cfg.Logger, MaxOpen: cfg.MaxOpen, Interval: cfg.Durable.interval, Memory: int64(cfg.Memory), IdleClose: cfg.Idle,
		ReadOnly: cfg.ReadOnly,
	}
}

// isLocked reports whether a store was not opened because another process has it.
func isLocked(err error) bool { return errors.Is(err, store.ErrLocked) }

// damagedRegistry returns the error when it says that what a data directory
// knows of its namespaces cannot be read.
func damagedRegistry(err error) (*store.DamagedError, bool) {
	damaged, ok := errors.AsType[*store.DamagedError](err)
	return damaged, ok && damaged.Namespace == ""
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
		return memoryURL(u.backend)
	}
	return place(u.dir).url(u.backend)
}

func (u *dbURL) Type() string { return "URL" }

func (u *dbURL) Set(given string) error {
	parsed, one, err := engines().Parse(given)
	if err != nil {
		return err
	}
	dir, err := one.Dir(parsed)
	if err != nil {
		return err
	}
	if dir != "" {
		dir = filepath.Clean(dir)
	}
	*u = dbURL{backend: backend(one.Scheme), dir: dir}
	return nil
}

// dbURLForms says what --db-url takes.
func dbURLForms() string {
	var forms []string
	for _, one := range engines().All() {
		forms = append(forms, one.Form)
	}
	return strings.Join(forms, ", ")
}
