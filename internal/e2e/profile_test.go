package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/profiler"
)

// TestProfileSession is a session of looking for time: capture under load, zoom
// to the committer in the flame graph, make that the baseline, change the load
// to batches, capture again, see what it did, keep it, and go on with Go's own
// tool. Captures take 5 s, with -short 2.
func TestProfileSession(t *testing.T) {
	dir := t.TempDir()
	term := mustOpen(t, 140, 40, "--data", dir, "--listen", "127.0.0.1:0", "--no-triggers")
	mustSee(t, term, "1 Overview", "ns default")
	load := mustLaunch(t, "load", "--data", dir, "--duration", "0", "--workers", "4")
	mustMatch(t, term, `[1-9][\d,]* w/s`)
	seconds := 5

	t.Run("capture", func(t *testing.T) {
		mustPress(t, term, "6")
		mustSee(t, term, "nothing captured yet", "Where the processor's time went", "c  capture")
		if testing.Short() {
			mustPress(t, term, "_")
			mustSee(t, term, "a capture takes 2 s")
			seconds = 2
		}
		mustPress(t, term, "c")
		mustSee(t, term, fmt.Sprintf("of %d s", seconds), "esc cancels")
		mustBeToldWhoCaptures(t, dir)
		mustMatch(t, term, `total [\d.]+m?s · [\d.]+ cores busy · without the UI`)
		mustMatch(t, term, `▌ +[\d.]+m?s +[\d.]+% +[\d.]+% +[\d.]+m?s +[\d.]+%  \S`)
	})
	t.Run("flame", func(t *testing.T) {
		mustPress(t, term, "]")
		mustSee(t, term, "all ", "100% of all")
		mustPress(t, term, "/")
		if err := term.Type(`engine\.\(\*committer\)`); err != nil {
			t.Fatal(err)
		}
		mustPress(t, term, "enter")
		mustMatch(t, term, `[1-9]\d* bars match, +[\d.]+% of what is shown`)
		mustMatch(t, term, `│ github\.com/evtui/evtui/store/internal/engine\.\S*[cC]ommit`)
		mustPress(t, term, "enter")
		mustMatch(t, term, `engine\.\S*[cC]ommit.* +[\d.]+% of all, 100% of what is shown`)
	})
	t.Run("difference", func(t *testing.T) {
		mustPress(t, term, "b")
		mustSee(t, term, "baseline set")
		load.Kill()
		mustLaunch(t, "load", "--data", dir, "--duration", "0", "--workers", "4", "--batch", "50")
		mustMatch(t, term, `[\d,]{5,} w/s`)
		mustPress(t, term, "c")
		mustSee(t, term, fmt.Sprintf("of %d s", seconds))
		mustMatch(t, term, `total [\d.]+m?s`)
		mustPress(t, term, "d")
		mustSee(t, term, "difference to", "▲", "▼")
		mustPress(t, term, "[") // top, with its signs
		mustMatch(t, term, `difference of [+-]?[\d.]+m?s to [\d.]+m?s`)
		mustMatch(t, term, `▲[\d.]+m?s +[\d.]+%`)
	})
	t.Run("keep", func(t *testing.T) {
		mustPress(t, term, "x")
		id := mustMatch(t, term, `saved as (\S+)`)[1]
		if _, err := exec.LookPath("go"); err != nil {
			t.Skip("no go tool here to reopen it with")
		}
		out, err := exec.Command("go", "tool", "pprof", "-top", filepath.Join(dir, "profiles", id+".pb.gz")).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "Type: cpu") || !strings.Contains(string(out), fmt.Sprintf("Duration: %d", seconds)) {
			t.Errorf("go tool pprof: %v\n%s", err, out)
		}
		mustEqualPprof(t, filepath.Join(dir, "profiles"), id)
	})
	t.Run("open again", func(t *testing.T) {
		mustPress(t, term, "[")
		mustMatch(t, term, `▌ .* cpu `)
		mustPress(t, term, "enter") // the newest
		mustSee(t, term, "d shows the difference to its baseline")
		mustMatch(t, term, `difference of [+-]?[\d.]+m?s to [\d.]+m?s`)
	})
	mustQuit(t, term)
}

// mustEqualPprof compares the difference of a kept profile to the baseline that
// was kept with it, as the command line prints it, with what Go's own tool does.
func mustEqualPprof(t *testing.T, dir, id string) {
	t.Helper()
	kept, err := profiler.OpenSessions(dir, profiler.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	about, err := kept.Find(id)
	if err != nil || about.Base == "" {
		t.Fatalf("kept %+v (%v), want a baseline with it", about, err)
	}
	file, base := kept.Path(id), kept.Path(about.Base)
	ours, _ := mustRun(t, t.TempDir(), 0, "profile", "diff", base, file)
	tool := exec.Command("go", "tool", "pprof", "-top", "-diff_base", base, file)
	tool.Env = append(os.Environ(), "PPROF_BINARY_PATH="+dir) // no binary, of another build
	theirs, err := tool.Output()
	if err != nil || ours != string(theirs) {
		t.Errorf("evtui profile diff prints\n%s\nand go tool pprof (%v)\n%s", ours, err, theirs)
	}
}

// mustBeToldWhoCaptures asks for a CPU profile while the page takes one.
func mustBeToldWhoCaptures(t *testing.T, dir string) {
	t.Helper()
	url, token, err := awaitServer(dir)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/debug/pprof/profile?seconds=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusConflict || !strings.Contains(string(said), "the terminal UI is taking a CPU profile, for ") {
		t.Errorf("who captures meanwhile gets %s, %q (%v)", answer.Status, said, err)
	}
}

// TestTriggerSession has two rules met under load: the first takes its profiles
// and says what it found, the second waits for its minute.
func TestTriggerSession(t *testing.T) {
	dir := t.TempDir()
	term := mustOpen(t, 140, 40, "--data", dir, "--listen", "127.0.0.1:0",
		"--trigger", "p99(stream.write) > 1us for 1s", "--trigger", "p50(stream.write) > 1us for 2s")
	mustSee(t, term, "1 Overview", "ns default")
	mustLaunch(t, "load", "--data", dir, "--duration", "0", "--workers", "2")
	mustSee(t, term, "trigger p99(stream.write) > 1us for 1s: taking a CPU profile for 5s")
	mustMatch(t, term, `trigger p99\(stream\.write\) > 1us for 1s, saved on the Profile page: \S`)
	kinds := mustKeepTwo(t, dir)
	if !slices.Equal(kinds, []profiler.Kind{profiler.CPU, profiler.Goroutine}) {
		t.Errorf("kept %v", kinds)
	}
	mustPress(t, term, "6")
	mustPress(t, term, "[")
	mustMatch(t, term, ` cpu .* most time in \S+, [\d.]+m?s;`)
	mustMatch(t, term, ` goroutine .* trigger p99\(stream\.write\) > 1us for 1s, at [\d.]+`)
	mustPress(t, term, "enter") // the newest of them, as a profile like any other
	mustMatch(t, term, `total \S`)
	mustPress(t, term, "7")
	screen := mustSee(t, term, "saved on the Profile page")
	if screen.Has("p50(stream.write)") {
		t.Errorf("two rules fired within a minute:\n%s", screen.Text())
	}
	mustQuit(t, term)
}

// mustKeepTwo returns the kinds of the two profiles that a firing keeps, as Go's
// own library opens them.
func mustKeepTwo(t *testing.T, dir string) []profiler.Kind {
	t.Helper()
	kept, err := profiler.OpenSessions(filepath.Join(dir, "profiles"), profiler.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := kept.List()
	if err != nil {
		t.Fatal(err)
	}
	var kinds []profiler.Kind
	for _, one := range list {
		kinds = append(kinds, one.Kind)
		if len(one.Figures) < 10 {
			t.Errorf("%s is without the samples around it", one.ID)
		}
		if _, err := kept.Open(one.ID); err != nil {
			t.Error(err)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// TestNoTriggerSession runs what would fire, with triggers off.
func TestNoTriggerSession(t *testing.T) {
	dir := t.TempDir()
	term := mustOpen(t, 140, 40, "--data", dir, "--listen", "127.0.0.1:0", "--no-triggers")
	mustSee(t, term, "1 Overview", "ns default")
	load := mustLaunch(t, "load", "--data", dir, "--duration", "4s", "--workers", "2")
	if _, err := load.Wait(patience + 4*time.Second); err != nil {
		t.Fatal(err)
	}
	if screen := term.Screen(); screen.Has("trigger") {
		t.Errorf("a trigger speaks:\n%s", screen.Text())
	}
	if kept, err := os.ReadDir(filepath.Join(dir, "profiles")); err == nil && len(kept) > 0 {
		t.Errorf("kept %v", kept)
	}
	mustQuit(t, term)
}
