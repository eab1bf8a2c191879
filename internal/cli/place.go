package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// noNetwork, as --listen and in an endpoint file, stands for a server that
// only its own process reaches.
const noNetwork = "none"

// place is a data directory and the files in it that lead others to the
// server on it.
type place string

func (p place) tokenFile() string    { return filepath.Join(string(p), "token") }
func (p place) endpointFile() string { return filepath.Join(string(p), "endpoint") }

// holdsStore reports whether a store was made here before.
func (p place) holdsStore() bool {
	_, err := os.Stat(filepath.Join(string(p), "registry"))
	return err == nil
}

// announce writes the endpoint file, whole or not at all.
func (p place) announce(endpoint string) error {
	temp, err := os.CreateTemp(string(p), ".endpoint-*") // mode 0600
	if err != nil {
		return fmt.Errorf("announce the server: %w", err)
	}
	_, err = temp.WriteString(endpoint + "\n")
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), p.endpointFile())
	}
	if err != nil {
		_ = os.Remove(temp.Name())
		return fmt.Errorf("announce the server: %w", err)
	}
	return nil
}

// retract removes the endpoint file, if it is there.
func (p place) retract() error {
	if err := os.Remove(p.endpointFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("retract the server: %w", err)
	}
	return nil
}

// endpoint returns the URL, or noNetwork, of the server on the directory, and
// its admin token. Both are "" when the files are not there (yet).
func (p place) endpoint() (url, token string, err error) {
	url, err = readLine(p.endpointFile())
	if err != nil || url == "" {
		return "", "", err
	}
	token, err = readLine(p.tokenFile())
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

// localURL is how a program on this host reaches a listener.
func localURL(address net.Addr) string {
	host, port, err := net.SplitHostPort(address.String())
	if err != nil {
		return "http://" + address.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// defaultData is where evtui keeps its data when nobody says where.
func defaultData() (string, error) {
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
