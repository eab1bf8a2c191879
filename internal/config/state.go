package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/evtui/evtui/internal/durable"
)

// States is a directory in which the terminal UI keeps how it was left, one
// file for each server. Files are private to the user.
type States struct{ dir string }

// maxState bounds what is read of a state: more was not written by evtui.
const maxState = 1 << 20

// NewStates returns the states in a directory, which is made when the first is
// saved.
func NewStates(dir string) States { return States{dir: dir} }

// kept is what a file holds. The key stands in it for people who look.
type kept struct {
	Server string          `json:"server"`
	State  json.RawMessage `json:"state"`
}

// Load returns what was saved for a server, nil when nothing was. What cannot
// be read comes with an error that names the file.
func (s States) Load(key string) (json.RawMessage, error) {
	path := s.path(key)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && info.Size() > maxState {
		return nil, fmt.Errorf("read how the UI was left: %s is too large to be evtui's", path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read how the UI was left: %w", err)
	}
	var k kept
	if err := json.Unmarshal(raw, &k); err != nil {
		return nil, fmt.Errorf("read how the UI was left: %s: %w", path, err)
	}
	return k.State, nil
}

// Save keeps the state of a server, whole or not at all.
func (s States) Save(key string, state json.RawMessage) error {
	raw, err := json.Marshal(kept{Server: key, State: state})
	if err == nil {
		err = os.MkdirAll(s.dir, 0o700)
	}
	if err != nil {
		return fmt.Errorf("keep how the UI is left: %w", err)
	}
	if err := durable.Write(s.path(key), append(raw, '\n')); err != nil {
		return fmt.Errorf("keep how the UI is left: %w", err)
	}
	return nil
}

// path is readable for people and different for different keys.
func (s States) path(key string) string {
	sum := sha256.Sum256([]byte(key))
	name := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '.' {
			return r
		}
		return '-'
	}, strings.TrimPrefix(strings.TrimPrefix(key, "http://"), "https://"))
	if len(name) > 60 {
		name = name[len(name)-60:]
	}
	return filepath.Join(s.dir, strings.Trim(name, "-.")+"-"+hex.EncodeToString(sum[:4])+".json")
}
