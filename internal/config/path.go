package config

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Path returns where the configuration file is looked for:
// $XDG_CONFIG_HOME/evtui/config.toml, or where the system keeps such files.
func Path() (string, error) {
	dir, err := base("XDG_CONFIG_HOME", ".config", "Application Support", "Roaming")
	if err != nil {
		return "", fmt.Errorf("find the configuration file: %w", err)
	}
	return filepath.Join(dir, "evtui", "config.toml"), nil
}

// StateDir returns where the terminal UI keeps how it was left:
// $XDG_STATE_HOME/evtui, or where the system keeps such files.
func StateDir() (string, error) {
	dir, err := base("XDG_STATE_HOME", filepath.Join(".local", "state"), filepath.Join("Application Support", "evtui"), "Local")
	if err != nil {
		return "", fmt.Errorf("find the directory for state: %w", err)
	}
	if filepath.Base(dir) == "evtui" { // macOS has no directory of its own for it
		return filepath.Join(dir, "state"), nil
	}
	return filepath.Join(dir, "evtui"), nil
}

func base(variable, unix, darwin, windows string) (string, error) {
	if dir := os.Getenv(variable); filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(home, "AppData", windows), nil
	case "darwin":
		return filepath.Join(home, "Library", darwin), nil
	default:
		return filepath.Join(home, unix), nil
	}
}
