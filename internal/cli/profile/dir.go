package profile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/evtui/evtui/internal/cli/target"
)

// SessionDir is where the terminal UI keeps a session's profiles: in the data
// directory of its own server, or of one beside it where this user may write,
// else with the user's state. It is made when first needed.
func SessionDir(s *target.Session, dataDir string) string {
	if dataDir == "" && s.Beside != "" {
		if dir := Dir(string(s.Beside)); mayKeep(dir) {
			return dir
		}
	}
	return Dir(dataDir)
}

// mayKeep reports whether this user may write to a directory, or make it.
func mayKeep(dir string) bool {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		dir = filepath.Dir(dir)
	}
	f, err := os.CreateTemp(dir, ".try-*")
	if err != nil {
		return false
	}
	return errors.Join(f.Close(), os.Remove(f.Name())) == nil
}

// Dir is the directory of profiles in a data directory, or without one
// in the user's state.
func Dir(dataDir string) string {
	if dataDir != "" {
		return filepath.Join(dataDir, "profiles")
	}
	if base := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "evtui", "profiles")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "" // the page says that there is no directory
	}
	if runtime.GOOS == "windows" {
		return filepath.Join(home, "AppData", "Local", "evtui", "profiles")
	}
	return filepath.Join(home, ".local", "state", "evtui", "profiles")
}
