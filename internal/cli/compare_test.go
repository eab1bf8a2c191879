package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/compare"
)

func TestCompareUsage(t *testing.T) {
	for _, args := range [][]string{
		{"--duration", "10ms"}, {"--workers", "0"}, {"--runs", "0"}, {"--batch", "0"}, {"--mix", "0:0"}, {"--durability", "never"}, {"--no-such-flag"},
	} {
		if out, _, err := runCommand(t, append([]string{"compare", "--into", t.TempDir()}, args...)...); command.ExitCode(err) != command.ExitUsage {
			t.Errorf("%q: %q, %v", args, out, err)
		}
	}
}

// TestCompare compares for a second and checks that both sessions and the
// report are there, and that no data is left.
func TestCompare(t *testing.T) {
	if testing.Short() || runtime.GOOS == "windows" {
		t.Skip("starts servers, and ends them by a signal")
	}
	t.Setenv(asProgram, "1")
	scratch, into := t.TempDir(), t.TempDir()
	out, errs, err := runCommand(t, "compare", "--duration", "1s", "--workers", "2", "--mix", "3:1", "--into", into, "--dir", scratch, "--durability", "interval")
	if err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	report := strings.TrimSpace(out)
	dir := filepath.Dir(report)
	if filepath.Base(report) != "COMPARISON.md" || filepath.Dir(dir) != into || !strings.HasSuffix(dir, "-compare") {
		t.Errorf("printed %q", out)
	}
	mustHold(t, dir, "COMPARISON.md", "# Pebble and SQLite", "3 writes to 1 read,", "durability interval=100ms", "| messages written |", "## Why this is fair")
	raw, err := os.ReadFile(filepath.Join(dir, "comparison.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c compare.Comparison
	if err := json.Unmarshal(raw, &c); err != nil || len(c.Sessions) != 2 {
		t.Fatalf("%d sessions, %v", len(c.Sessions), err)
	}
	for i, engine := range []string{"pebble", "sqlite"} {
		s := &c.Sessions[i]
		if s.Engine != engine || s.Load.Messages == 0 || s.Load.Reads == 0 || s.Load.Errors != 0 || s.DiskPacked == 0 || s.AllocBytes == 0 || len(s.Kinds) == 0 {
			t.Errorf("session %d: %+v", i, s)
		}
		mustHold(t, filepath.Join(dir, engine), "README.md", "# Profile of")
		mustHold(t, filepath.Join(dir, engine), engine+"-disk-usage.txt", "NAMESPACE")
	}
	if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}
