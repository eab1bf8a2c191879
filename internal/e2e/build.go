package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/evtui/evtui/internal/race"
)

// BinaryVariable names the environment variable that says which evtui to
// drive, instead of one built from the work tree.
const BinaryVariable = "EVTUI_E2E_BINARY"

// Build returns the path of an evtui built from this work tree into dir, or
// the one that [BinaryVariable] names. A test under the race detector drives a
// binary under the race detector.
func Build(dir string) (string, error) {
	if given := os.Getenv(BinaryVariable); given != "" {
		return filepath.Abs(given)
	}
	name := "evtui"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	binary := filepath.Join(dir, name)
	args := []string{"build", "-o", binary}
	if race.Enabled {
		args = append(args, "-race")
	}
	build := exec.Command("go", append(args, "github.com/evtui/evtui")...)
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build evtui: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	return binary, nil
}
