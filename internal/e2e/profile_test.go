package e2e

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestProfileSession is an hour of looking for time, in short: capture under
// load, find the writes in the flame graph, change the load, see what it did,
// keep it, and go on with Go's own tool.
func TestProfileSession(t *testing.T) {
	dir := t.TempDir()
	term := mustOpen(t, 140, 40, "--data", dir, "--listen", "127.0.0.1:0")
	mustSee(t, term, "1 Overview", "ns default")
	load := mustLaunch(t, "load", "--data", dir, "--duration", "0", "--workers", "4")
	mustMatch(t, term, `[1-9][\d,]* w/s`)

	t.Run("capture", func(t *testing.T) {
		mustPress(t, term, "6")
		mustSee(t, term, "nothing captured yet", "Where the processor's time went")
		mustPress(t, term, "_") // 2 s
		mustSee(t, term, "a capture takes 2 s")
		mustPress(t, term, "c")
		mustSee(t, term, "taking a cpu profile", "esc cancels")
		mustMatch(t, term, `total [\d.]+m?s · [\d.]+ cores busy · without the UI`)
		mustMatch(t, term, `▌ +[\d.]+m?s +[\d.]+% +[\d.]+% +[\d.]+m?s +[\d.]+%  \S`)
	})
	t.Run("flame", func(t *testing.T) {
		mustPress(t, term, "]")
		mustSee(t, term, "all ", "100% of all")
		mustPress(t, term, "/")
		if err := term.Type("pebblestore.*commit"); err != nil {
			t.Fatal(err)
		}
		mustPress(t, term, "enter")
		mustMatch(t, term, `[1-9]\d* bars match, +[\d.]+% of what is shown`)
		mustMatch(t, term, `│ github\.com/evtui/evtui/store/pebblestore\.\S*[cC]ommit`)
		mustPress(t, term, "enter")
		mustMatch(t, term, `100% of what is shown`)
	})
	t.Run("difference", func(t *testing.T) {
		mustPress(t, term, "b")
		mustSee(t, term, "this is the baseline now")
		load.Kill()
		mustLaunch(t, "load", "--data", dir, "--duration", "0", "--workers", "4", "--batch", "50")
		mustMatch(t, term, `[\d,]{5,} w/s`)
		mustPress(t, term, "c")
		mustSee(t, term, "taking a cpu profile")
		mustMatch(t, term, `total [\d.]+m?s`)
		mustPress(t, term, "d")
		mustSee(t, term, "difference to", "▲", "▼")
	})
	t.Run("keep", func(t *testing.T) {
		mustPress(t, term, "x")
		id := mustMatch(t, term, `kept as (\S+)`)[1]
		if _, err := exec.LookPath("go"); err != nil {
			t.Skip("no go tool here to reopen it with")
		}
		out, err := exec.Command("go", "tool", "pprof", "-top", filepath.Join(dir, "profiles", id+".pb.gz")).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "Type: cpu") {
			t.Errorf("go tool pprof: %v\n%s", err, out)
		}
	})
	mustQuit(t, term)
}
