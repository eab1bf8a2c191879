package store

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// OpenOptions say how a store is opened. The zero value is ready for use.
// Engines take of them what they have a use for.
type OpenOptions struct {
	Logger    *slog.Logger  // nil: logs nothing
	MaxOpen   int           // namespaces open at once; 0: the engine's default
	Interval  time.Duration // see Description.Durability; 0: sync
	IdleClose time.Duration // when an unused namespace is closed; 0: the engine's default, negative: never
	Memory    int64         // budget in bytes; 0: the engine's default
	ReadOnly  bool          // change nothing, on read-only media too
	Password  string        // of a server, for engines that ask one
	TokenHash [32]byte      // SHA-256 of the admin token, for engines that cannot keep it
}

// Opener opens a store by its URL. Secrets never stand in it.
type Opener struct {
	Scheme string
	Form   string // what its URLs look like, for errors: "sqlite:///DIR/meta.db"
	// Dir returns the local directory that a URL names, "" for a store in
	// memory, or an error that says what would be right.
	Dir func(u *url.URL) (string, error)
	// URL is Dir's inverse.
	URL func(dir string) string
	// Holds reports whether a directory holds such a store.
	Holds func(dir string) bool
	Open  func(ctx context.Context, u *url.URL, o OpenOptions) (Store, error)
	// Rebuild makes the registry of a data directory again, from what can be read
	// of it and from what the namespaces say of themselves. With OpenOptions.ReadOnly it
	// only says what it would do. Nil: the engine has no such thing.
	Rebuild func(ctx context.Context, u *url.URL, o OpenOptions) (RebuildReport, error)
	// Place names the server and the store of a URL, as one element of a path, for what
	// belongs to it on this machine. Nil: the store is a directory, or in memory.
	Place func(u *url.URL) (string, error)
}

// RebuildReport says what Opener.Rebuild found and did, or would do.
type RebuildReport struct {
	Changed    bool      // the registry was written
	Namespaces []string  // that the registry knows now, by id
	Lost       []Finding // what could not be saved
	Done       []Finding // what was taken, and from where
	Kept       string    // the damaged registry, below the data directory; "": there was none
}

// Openers is a registry of engines, by scheme.
type Openers struct {
	mu   sync.RWMutex // guards list
	list []Opener
}

// Register adds an engine. It panics when the scheme is taken.
func (o *Openers) Register(one Opener) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if slices.ContainsFunc(o.list, func(other Opener) bool { return other.Scheme == one.Scheme }) {
		panic("store: two engines for the scheme " + one.Scheme)
	}
	o.list = append(o.list, one)
}

// Find returns the engine for a scheme.
func (o *Openers) Find(scheme string) (Opener, bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	for _, one := range o.list {
		if one.Scheme == scheme {
			return one, true
		}
	}
	return Opener{}, false
}

// All returns the engines in the order in which they were registered.
func (o *Openers) All() []Opener {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return slices.Clone(o.list)
}

// Parse reads a URL and finds its engine. The error says which forms there are.
func (o *Openers) Parse(text string) (*url.URL, Opener, error) {
	u, err := url.Parse(text)
	if err == nil {
		if one, ok := o.Find(u.Scheme); ok {
			return u, one, nil
		}
	}
	var forms []string
	for _, one := range o.All() {
		forms = append(forms, one.Form)
	}
	return nil, Opener{}, fmt.Errorf("must be %s, not %q", strings.Join(forms, " or "), text)
}
