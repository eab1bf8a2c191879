package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestCommands runs the scripts of testdata/script over the built binary.
// Beside testscript's own commands they have:
//
//	exits CODE COMMAND…  runs a command that must exit with the code
//	ready DIR            waits for the server on a data directory; sets URL and TOKEN
func TestCommands(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the scripts send Unix signals")
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Deadline:            time.Now().Add(4 * time.Minute), // shows where a script hangs
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(binary)+string(filepath.ListSeparator)+env.Getenv("PATH"))
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("TZ", "UTC")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "ready": ready},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s exits with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

func ready(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ready DIR")
	}
	url, token, err := awaitServer(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Setenv("URL", url)
	ts.Setenv("TOKEN", token)
}

// awaitServer waits until a server has announced itself in a data directory.
func awaitServer(dir string) (url, token string, err error) {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		endpoint, err := os.ReadFile(filepath.Join(dir, "endpoint"))
		if err == nil {
			token, err := os.ReadFile(filepath.Join(dir, "token"))
			return strings.TrimSpace(string(endpoint)), strings.TrimSpace(string(token)), err
		}
		select {
		case <-again.C:
		case <-deadline.C:
			return "", "", err
		}
	}
}
