package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/bench"
	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/load"
	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/internal/story/state"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore/jetlog/jettest"
)

// asProgram has the test binary behave as evtui, which is how bench starts its
// server. It must not begin with EVTUI_: those are not handed on.
const asProgram = "TEST_AS_EVTUI"

func TestMain(m *testing.M) {
	jettest.Serve()
	if os.Getenv(asProgram) != "" || len(os.Args) == 2 && os.Args[1] == state.Argument { // a reducer's child has no environment
		os.Exit(Main(os.Args[1:]))
	}
	// What the developer has configured is not under test.
	_ = os.Setenv("XDG_CONFIG_HOME", filepath.Join(os.TempDir(), "evtui-no-such-configuration"))
	os.Exit(m.Run())
}

// runCommand runs evtui with the arguments.
func runCommand(t *testing.T, args ...string) (out, errs string, err error) {
	t.Helper()
	return runCommandOn(t, nil, args...)
}

// runCommandOn is runCommand with a standard input; nil for the test's own.
func runCommandOn(t *testing.T, in io.Reader, args ...string) (out, errs string, err error) {
	t.Helper()
	var o, e bytes.Buffer
	root := newRoot()
	root.SetIn(in)
	root.SetOut(&o)
	root.SetErr(&e)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetArgs(args)
	err = root.ExecuteContext(t.Context())
	return o.String(), aboutMachine.ReplaceAllString(e.String(), ""), err
}

// aboutMachine is what commands say of the machine that the tests run on, whatever
// they were asked.
var aboutMachine = regexp.MustCompile(`(?m)^evtui: warning: disk space is low .*\n`)

func TestBenchMeasuresAndCleansUp(t *testing.T) {
	if testing.Short() || runtime.GOOS == "windows" {
		t.Skip("starts servers, and ends them by a signal")
	}
	t.Setenv(asProgram, "1")
	t.Setenv("EVTUI_TOKEN", "ns_of_somewhere_else") // is not for the server that is measured
	dir := t.TempDir()
	out, errs, err := runCommand(t, "bench", "--dir", dir, "--messages", "20000", "--duration", "100ms", "-o", "json")
	if err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	var results []bench.Result
	if err := json.Unmarshal([]byte(out), &results); err != nil || len(results) != len(bench.Names()) {
		t.Fatalf("%v, %d results\n%s", err, len(results), out)
	}
	for _, r := range results {
		known := runtime.GOOS == "linux" || r.Unit == measure.PerSecond || r.Row == "disk"
		if known && r.Measured <= 0 || r.Connections > 0 && (r.Calls == 0 || r.LimitRate <= 0) {
			t.Errorf("%+v", r)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestBenchOfALargeStore(t *testing.T) {
	if testing.Short() || runtime.GOOS == "windows" {
		t.Skip("starts a server, and ends it by a signal")
	}
	t.Setenv(asProgram, "1")
	dir := t.TempDir()
	if _, errs, err := runCommand(t, "load", "--data", dir, "--fill", "20000", "--streams", "500"); err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	out, errs, err := runCommand(t, "bench", "--large", dir, "-o", "json")
	if err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	var results []bench.Result
	if err := json.Unmarshal([]byte(out), &results); err != nil || len(results) != 5 {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, r := range results {
		if r.Measured <= 0 || r.Unit != measure.Milliseconds {
			t.Errorf("%+v", r)
		}
	}
	if _, _, err := runCommand(t, "bench", "--large", t.TempDir()); err == nil {
		t.Error("an empty directory was measured")
	}
}

func TestMarkdownHasACellForEachHead(t *testing.T) {
	cmd := benchCommand()
	var out bytes.Buffer
	cmd.SetOut(&out)
	results := []bench.Result{
		{What: "cost", Unit: measure.CPUMicros, Measured: 15.04, Limit: 10, Ratio: 1.504, Goal: 16, Met: true, Calls: 9, Rate: 1234, Cost: 15.04},
		{What: "peak", Unit: measure.Bytes, Measured: 3e8, Goal: 2e8},
	}
	if err := printResults(cmd, results, output.Markdown); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for _, line := range lines {
		if strings.Count(line, "|") != 10 {
			t.Errorf("%q has other columns", line)
		}
	}
	if want := "| cost | 15.0 µs | 10.0 µs | 1.50 | ≤ 16.0 µs | yes | 1,234/s | 15.0 µs |  |"; lines[2] != want {
		t.Errorf("got  %s\nwant %s", lines[2], want)
	}
	if !strings.Contains(lines[3], "| 300 MB | – | – | ≤ 200 MB | no |") {
		t.Errorf("got %s", lines[3])
	}
}

func TestFillAndStats(t *testing.T) {
	dir := t.TempDir()
	var filled load.FillReport
	out, _, err := runCommand(t, "load", "--data", dir, "--fill", "3000", "--streams", "100", "-o", "json")
	if err != nil || json.Unmarshal([]byte(out), &filled) != nil || !filled.Verified || filled.Messages != 3000 {
		t.Fatalf("%v: %s", err, out)
	}
	if _, _, err := runCommand(t, "load", "--data", dir, "--fill", "3000", "--streams", "100"); command.ExitCode(err) != command.ExitFailed {
		t.Errorf("a second fill: %v", err)
	}
	var s stats
	out, _, err = runCommand(t, "stats", "--data", dir, "-o", "ndjson")
	if err != nil || json.Unmarshal([]byte(out), &s) != nil || strings.Count(out, "\n") != 1 || s.Info.PID != os.Getpid() || s.Engine == nil {
		t.Errorf("%v: %s", err, out)
	}
	var storage store.Storage
	out, _, err = runCommand(t, "stats", "--data", dir, "--storage", "-o", "json")
	if err != nil || json.Unmarshal([]byte(out), &storage) != nil || storage.Messages != 3000 || storage.Total <= 0 || len(storage.Families) == 0 {
		t.Errorf("%v: %s", err, out)
	}
	out, _, err = runCommand(t, "stats", "--data", dir, "--storage")
	if err != nil || !strings.HasPrefix(out, "KEYS") || !strings.HasSuffix(out, "3,000 messages\n") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestMeasuringUsage(t *testing.T) {
	for _, args := range []string{
		"bench --only nothing", "bench --duration 0s", "bench --messages 10", "bench -o ndjson", "bench there",
		"stats --storage --watch", "stats --watch -o json",
		"load --data x --fill 10", "load --data x --fill 100000 --rate 5",
		"serve --memory 1MB", "serve --memory much", "serve --idle-close -1s",
	} {
		if _, _, err := runCommand(t, strings.Fields(args)...); command.ExitCode(err) != command.ExitUsage {
			t.Errorf("%s: exit %d (%v)", args, command.ExitCode(err), err)
		}
	}
}

func TestByteSize(t *testing.T) {
	for given, want := range map[string]byteSize{
		"256MB": 256e6, "192MiB": 192 << 20, "1GiB": 1 << 30, "1.5gb": 15e8, "500000": 500000, "64 KiB": 64 << 10, "7B": 7,
	} {
		var b, again byteSize
		if err := b.Set(given); err != nil || b != want {
			t.Errorf("Set(%q) = %d, %v; want %d", given, b, err, want)
		}
		if err := again.Set(b.String()); err != nil || again != b {
			t.Errorf("%d prints as %s, which reads as %d", b, b.String(), again)
		}
	}
	for _, given := range []string{"", "MB", "-1", "NaN", "Inf", "1e30GB", "12 apples"} {
		if err := new(byteSize).Set(given); err == nil {
			t.Errorf("Set(%q) is accepted", given)
		}
	}
}
