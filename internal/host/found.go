package host

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/durable"
)

// Notes is a directory of the user's own in which servers note where their data
// is, one file each, so that a command that is given no more than the URL of a
// server on this machine finds its token. "": they note it nowhere.
type Notes string

func (n Notes) file(dir Place) string {
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(string(n), hex.EncodeToString(sum[:8]))
}

// add notes a data directory, and remove takes the note back.
func (n Notes) add(dir Place) error {
	if n == "" {
		return nil
	}
	if err := os.MkdirAll(string(n), 0o700); err != nil {
		return err
	}
	return durable.Write(n.file(dir), []byte(string(dir)+"\n"))
}

func (n Notes) remove(dir Place) error {
	if n == "" {
		return nil
	}
	if err := os.Remove(n.file(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// dirs are the data directories of which servers may be found by their URL:
// the noted ones, the default one, and that of the packages.
func (n Notes) dirs() (all []Place) {
	if n != "" {
		files, _ := os.ReadDir(string(n)) // there need be none
		for _, f := range files {
			if dir, err := readLine(filepath.Join(string(n), f.Name())); err == nil && filepath.IsAbs(dir) {
				all = append(all, Place(dir))
			}
		}
	}
	if dir, err := DefaultDir(); err == nil {
		all = append(all, Place(dir))
	}
	if runtime.GOOS == "linux" {
		all = append(all, packagedDir)
	}
	return all
}

// packagedDir is where the deb and rpm packages keep the data.
const packagedDir = Place("/var/lib/evtui")

// ServerAt finds the data directory of a server on this machine by its URL, and
// how that directory says that the server is reached. It finds what the user may
// read, and only a server that holds its directory just now: a port may have
// come to somebody else since, who is not to get its token.
func (n Notes) ServerAt(ctx context.Context, given string) (dir Place, at string, found bool) {
	wanted, ok := loopback(given)
	if !ok {
		return "", "", false
	}
	for _, dir := range n.dirs() {
		at, token, err := dir.Endpoint()
		if err != nil || token == "" {
			continue
		}
		if serves, ok := loopback(at); ok && serves == wanted && dir.held(ctx) {
			return dir, at, true
		}
	}
	return "", "", false
}

// heldTime is far above what it takes to find a directory locked.
const heldTime = 3 * time.Second

// held reports whether a process that may write has the directory.
func (p Place) held(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, heldTime) // a copy whose lock is free would ask its cluster
	defer cancel()
	st, err := OpenStore(ctx, Config{Dir: p, ReadOnly: true})
	if err == nil {
		_ = st.Close() // nothing was changed
	}
	return Locked(err)
}

// address is where on this machine a URL leads.
type address struct{ scheme, host, port string }

// loopback takes a URL of this machine apart. A name for it counts as the
// address that servers write.
func loopback(given string) (a address, ok bool) {
	u, err := url.Parse(given)
	if err != nil || u.User != nil || strings.Trim(u.Path, "/") != "" {
		return a, false
	}
	a = address{u.Scheme, u.Hostname(), u.Port()}
	if a.host == "localhost" {
		a.host = "127.0.0.1"
	}
	if ip := net.ParseIP(a.host); ip == nil || !ip.IsLoopback() {
		return a, false
	}
	switch {
	case a.port != "":
	case a.scheme == "https":
		a.port = "443"
	default:
		a.port = "80"
	}
	return a, a.scheme == "http" || a.scheme == "https"
}
