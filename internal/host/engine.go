package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/natsstore"
	"github.com/evtui/evtui/store/pebblestore"
	"github.com/evtui/evtui/store/pgstore"
	"github.com/evtui/evtui/store/sqlitestore"
)

// DefaultMemory is the budget in bytes of the engine for directories that hold
// nothing yet.
const DefaultMemory = pebblestore.DefaultMemory

// Engines returns the engines of this evtui by the schemes of their URLs. The
// first one is for directories that hold nothing yet.
func Engines() *store.Openers {
	var all store.Openers
	all.Register(pebblestore.Opener())
	all.Register(sqlitestore.Opener())
	all.Register(pgstore.Opener())
	all.Register(natsstore.Opener())
	return &all
}

// Backend names an engine by its scheme, as --db-url and engine.info do. The zero
// value leaves it to what a directory holds.
type Backend string

// DefaultBackend is the engine for directories that hold nothing yet.
func DefaultBackend() Backend { return Backend(Engines().All()[0].Scheme) }

// Backend returns the engine whose store is in the directory, "" when there is
// none.
func (p Place) Backend() (Backend, error) {
	var found []string
	for _, one := range Engines().All() {
		if one.Holds(string(p)) {
			found = append(found, one.Scheme)
		}
	}
	switch len(found) {
	case 0:
		return "", nil
	case 1:
		return Backend(found[0]), nil
	}
	return "", fmt.Errorf("%s holds both a %s store: move all but one away", p, strings.Join(found, " store and a "))
}

// choose says which engine opens the directory when asked for one, or for
// either ("").
func (p Place) choose(asked Backend) (Backend, error) {
	there, err := p.Backend()
	switch {
	case err != nil:
		return "", err
	case asked != "" && there != "" && asked != there:
		return "", fmt.Errorf("%s holds a %s store, not a %s one: open it with --db-url %s, or name another directory", p, there, asked, p.URL(there))
	}
	return cmp.Or(there, asked, DefaultBackend()), nil
}

// URL is the directory as --db-url takes it.
func (p Place) URL(b Backend) string {
	one, ok := Engines().Find(string(b))
	if !ok {
		return ""
	}
	return one.URL(string(p))
}

// Locate returns the engine for a directory, or for memory (""), and the URL
// that it opens it by.
func (p Place) Locate(kind Backend) (store.Opener, *url.URL, error) {
	at := MemoryURL(cmp.Or(kind, DefaultBackend()))
	if p != "" {
		kind, err := p.choose(kind)
		if err != nil {
			return store.Opener{}, nil, err
		}
		at = p.URL(kind)
	}
	u, one, err := Engines().Parse(at)
	return one, u, err
}

// MemoryURL is a store of the engine in memory, as --db-url takes it.
func MemoryURL(b Backend) string { return string(b) + "://memory" }

// OpenStore opens the directory, or memory for "", with the engine that cfg
// asks for. An error that Locked knows says that another process has it.
func OpenStore(ctx context.Context, cfg Config) (store.Store, error) {
	if cfg.Elsewhere != nil {
		u, one, err := Engines().Parse(cfg.Elsewhere.String())
		if err != nil {
			return nil, err
		}
		if err := cfg.Dir.mayFollow(one); err != nil {
			return nil, err
		}
		o := cfg.Options()
		o.TokenHash = wire.HashToken(cfg.Token)
		return one.Open(ctx, u, o)
	}
	one, u, err := cfg.Dir.Locate(cfg.Backend)
	if err != nil {
		return nil, err
	}
	return one.Open(ctx, u, cfg.Options())
}

// Options are the engine's part of the configuration.
func (cfg *Config) Options() store.OpenOptions {
	return store.OpenOptions{
		Logger: cfg.Logger, MaxOpen: cfg.MaxOpen, Interval: cfg.Interval, Memory: cfg.Memory, IdleClose: cfg.Idle,
		ReadOnly: cfg.ReadOnly, Dir: string(cfg.Dir), Password: cfg.Password,
	}
}

// mayFollow refuses to put the copy of what an engine keeps elsewhere into a directory that
// holds a store of its own.
func (p Place) mayFollow(one store.Opener) error {
	if !one.Copies {
		return nil
	}
	there, err := p.Backend()
	if err == nil && there != "" && there != Backend(one.Scheme) {
		err = fmt.Errorf("%s holds a %s store: name another directory with --data for this evtui's copy of the cluster", p, there)
	}
	return err
}

// opener is the engine that the configuration asks for; false when that is not known.
func (cfg *Config) opener() (store.Opener, bool) {
	if cfg.Elsewhere != nil {
		return Engines().Find(cfg.Elsewhere.Scheme)
	}
	if cfg.Dir == "" {
		return store.Opener{}, false
	}
	one, _, err := cfg.Dir.Locate(cfg.Backend)
	return one, err == nil
}

// guest reports whether the store is what another program keeps.
func (cfg *Config) guest() bool {
	one, known := cfg.opener()
	return known && one.Guest()
}

// copies reports whether the store is shared, and the directory holds a copy of it.
func (cfg *Config) copies() bool {
	one, known := cfg.opener()
	return known && one.Copies
}

// Copies reports whether the directory holds this machine's copy of a store that several
// evtui share.
func (p Place) Copies() bool {
	one, known := (&Config{Dir: p}).opener()
	return known && one.Copies
}

// Locked reports whether a store was not opened because another process has it.
func Locked(err error) bool { return errors.Is(err, store.ErrLocked) }

// DamagedRegistry returns the error when it says that what a data directory
// knows of its namespaces cannot be read.
func DamagedRegistry(err error) (*store.DamagedError, bool) {
	damaged, ok := errors.AsType[*store.DamagedError](err)
	return damaged, ok && damaged.Namespace == ""
}
