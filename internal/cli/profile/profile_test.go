package profile

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/compare"
	"github.com/evtui/evtui/internal/load"
)

func TestBar(t *testing.T) {
	if got := bar(15*time.Second, 30*time.Second); got != "████████████░░░░░░░░░░░░  50%" {
		t.Errorf("half is %q", got)
	}
}

// TestCompareFailsWithItsLoad checks that the report is written and the command
// fails when a call of a load did.
func TestCompareFailsWithItsLoad(t *testing.T) {
	c := compareRun{dir: t.TempDir(), runs: 1}
	c.result = compare.Comparison{Engines: enginesCompared(), Sessions: []compare.Session{
		{Engine: "pebble", Run: 1, Place: 1}, {Engine: "sqlite", Run: 1, Place: 2, Load: load.Report{Errors: 2, FirstError: "boom"}},
	}}
	cmd := &cobra.Command{}
	cmd.SetOut(&bytes.Buffer{})
	if err := c.finish(cmd); command.ExitCode(err) != command.ExitFailed || !strings.Contains(err.Error(), "2 calls") {
		t.Errorf("ended with %v", err)
	}
	if report, err := os.ReadFile(filepath.Join(c.dir, comparisonFile)); err != nil || !strings.Contains(string(report), "nothing follows") {
		t.Errorf("%v: %s", err, report)
	}
}
