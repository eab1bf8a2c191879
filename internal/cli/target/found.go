package target

import (
	"context"
	"path/filepath"

	"github.com/evtui/evtui/internal/config"
	"github.com/evtui/evtui/internal/host"
)

// Notes is where the user's servers note their data directories; "" where the
// system has no place for that.
func Notes() host.Notes {
	dir, err := config.StateDir()
	if err != nil {
		return ""
	}
	return host.Notes(filepath.Join(dir, "servers"))
}

// found returns what to attach with to a URL. Where no token is given and a
// server on this machine is there whose data directory the user may read, that
// is the server's own token, by its own address and for its certificate alone.
func (t *Target) found(ctx context.Context, url, token string) (*Target, string, string) {
	if token != "" || t.Serves != "" {
		return t, url, token
	}
	dir, at, kept := keptAt(ctx, url)
	if kept == "" {
		return t, url, token
	}
	to := *t
	to.Serves = dir
	return &to, at, kept
}

// keptAt returns the data directory, the address and the admin token of a server on this
// machine; "" for the token where there is none, or none that the user may read.
func keptAt(ctx context.Context, url string) (dir host.Place, at, token string) {
	dir, at, found := Notes().ServerAt(ctx, url)
	if found {
		_, token, _ = dir.Endpoint() // "" with an error
	}
	return dir, at, token
}

// KeptToken returns the admin token of a server on this machine that holds its data directory
// just now, if the user may read it; else "". A server that only came to the same
// port is sent none.
func KeptToken(ctx context.Context, url string) string {
	_, _, token := keptAt(ctx, url)
	return token
}
