package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/evtui/evtui/internal/durable"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// NoNetwork stands, as --listen and in an endpoint file, for a server that
// only its own process reaches.
const NoNetwork = "none"

// Place is a data directory and the files in it that lead others to the
// server on it.
type Place string

// TokenFile holds the admin token.
func (p Place) TokenFile() string    { return filepath.Join(string(p), "token") }
func (p Place) endpointFile() string { return filepath.Join(string(p), "endpoint") }

// HostKeyFile holds the key that the server shows to those who come over SSH.
func (p Place) HostKeyFile() string { return filepath.Join(string(p), "ssh_host_key") }

// certificateFile holds what a server shows that serves TLS.
func (p Place) certificateFile() string { return filepath.Join(string(p), "endpoint.crt") }

// inheritedToken returns the admin token of the data directory that this one is
// a checkpoint of, if it is one, keeps none of its own, and that token is right.
func (p Place) inheritedToken(ctx context.Context, st store.Store) string {
	within := filepath.Dir(string(p))
	if _, err := os.Stat(p.TokenFile()); err == nil || filepath.Base(within) != CheckpointsDir {
		return ""
	}
	token, err := readLine(Place(filepath.Dir(within)).TokenFile())
	if err != nil || token == "" {
		return ""
	}
	if hash, err := st.TokenHash(ctx, store.DefaultNamespace); err != nil || hash != wire.HashToken(token) {
		return ""
	}
	return token
}

// CheckpointsDir is where an engine puts checkpoints, below a data directory.
const CheckpointsDir = "checkpoints"

// HoldsStore reports whether a store was made here before.
func (p Place) HoldsStore() bool {
	b, err := p.Backend()
	return b != "" || err != nil
}

func (p Place) publish(endpoint string) error {
	if err := durable.Write(p.endpointFile(), []byte(endpoint+"\n")); err != nil {
		return fmt.Errorf("publish the server: %w", err)
	}
	return nil
}

// unpublish removes the files that lead to the server, if they are there.
func (p Place) unpublish() error {
	for _, file := range []string{p.endpointFile(), p.certificateFile()} {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("unpublish the server: %w", err)
		}
	}
	return nil
}

// Endpoint returns the URL, or NoNetwork, of the server on the directory, and
// its admin token. Both are "" when the files are not there (yet).
func (p Place) Endpoint() (url, token string, err error) {
	url, err = readLine(p.endpointFile())
	if err != nil || url == "" {
		return "", "", err
	}
	token, err = readLine(p.TokenFile())
	return url, token, err
}

func readLine(file string) (string, error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(raw)), nil
}

// localURL is how a program on this host reaches a listener, by http or https.
func localURL(scheme string, address net.Addr) string {
	host, port, err := net.SplitHostPort(address.String())
	if err != nil {
		return scheme + "://" + address.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// DefaultDir is where evtui keeps its data when nobody says where.
func DefaultDir() (string, error) {
	if base := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "evtui"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the home directory (give --data): %w", err)
	}
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(home, "AppData", "Local", "evtui"), nil
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "evtui"), nil
	default:
		return filepath.Join(home, ".local", "share", "evtui"), nil
	}
}

// OpenToOthers returns a warning when others than its owner may read a secret.
func OpenToOthers(file string) string {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return ""
	}
	return fmt.Sprintf("users other than the owner can read %s (mode %04o): run chmod 600", file, info.Mode().Perm())
}
