package store

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
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
	Dir       string        // where an engine that Copies keeps its copy; "": in memory
}

// Opener opens a store by its URL. Secrets never stand in it.
type Opener struct {
	Scheme  string
	Aliases []string // other schemes that its URLs may begin with
	Form    string   // what its URLs look like, for errors: "sqlite:///DIR/meta.db"
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
	// Copies says that the store at Place is evtui's own and shared: this machine keeps a
	// copy of it in OpenOptions.Dir, whose lock says who serves there. Else what is at
	// Place is somebody else's, and only read.
	Copies bool
	// Secrets says where a server's password is given instead of in a URL, for errors: "in
	// PGPASSWORD".
	Secrets string
}

// Guest reports whether the engine only looks into what another program keeps.
func (o Opener) Guest() bool { return o.Place != nil && !o.Copies }

// named reports whether a URL of the scheme is the engine's.
func (o Opener) named(scheme string) bool {
	return o.Scheme == scheme || slices.Contains(o.Aliases, scheme)
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
type Openers struct{ list []Opener }

// Register adds an engine, before anybody asks for one. It panics when the scheme is
// taken.
func (o *Openers) Register(one Opener) {
	for _, scheme := range append([]string{one.Scheme}, one.Aliases...) {
		if _, taken := o.Find(scheme); taken {
			panic("store: two engines for the scheme " + scheme)
		}
	}
	o.list = append(o.list, one)
}

// Find returns the engine for a scheme.
func (o *Openers) Find(scheme string) (Opener, bool) {
	i := slices.IndexFunc(o.list, func(one Opener) bool { return one.named(scheme) })
	if i < 0 {
		return Opener{}, false
	}
	return o.list[i], true
}

// All returns the engines in the order in which they were registered.
func (o *Openers) All() []Opener { return slices.Clone(o.list) }

// Parse reads a URL and finds its engine. The error says which forms there are.
func (o *Openers) Parse(text string) (*url.URL, Opener, error) {
	u, err := parseHosts(text)
	if err == nil {
		if one, ok := o.Find(u.Scheme); ok {
			return u, one, nil
		}
	}
	var forms []string
	for _, one := range o.list {
		forms = append(forms, one.Form)
	}
	return nil, Opener{}, fmt.Errorf("must be %s, not %q", strings.Join(forms, " or "), text)
}

// parseHosts is url.Parse for URLs that may name several hosts, "nats://a,b:4223,c", which
// url.Parse takes for one with a strange port.
func parseHosts(text string) (*url.URL, error) {
	scheme, rest, found := strings.Cut(text, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	user, hosts := "", rest[:end]
	if at := strings.LastIndexByte(hosts, '@'); at >= 0 {
		user, hosts = hosts[:at+1], hosts[at+1:]
	}
	if !found || !strings.Contains(hosts, ",") {
		return url.Parse(text)
	}
	all := strings.Split(hosts, ",")
	for i, host := range all {
		one, err := url.Parse(scheme + "://" + host)
		if err == nil && !strings.HasPrefix(host, "[") && strings.Count(host, ":") > 1 {
			err = fmt.Errorf("host %q has more than one port", host)
		}
		if err != nil {
			return nil, err
		}
		all[i] = one.Host
	}
	u, err := url.Parse(scheme + "://" + user + "host" + rest[end:])
	if err != nil {
		return nil, err
	}
	u.Host = strings.Join(all, ",")
	return u, nil
}
