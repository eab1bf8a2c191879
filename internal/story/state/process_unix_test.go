//go:build linux

package state_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/evtui/evtui/internal/story/state"
)

// endless says that it began, and never ends.
const endless = `if $event.position == 0 then . else (def f: f; f) end`

// TestNothingIsInherited looks at the running child: its environment, its directory
// and its files.
func TestNothingIsInherited(t *testing.T) {
	secret, err := os.Create(filepath.Join(t.TempDir(), "secret"))
	if err != nil {
		t.Fatal(err)
	}
	defer secret.Close()
	// As a careless library opens it: it survives exec.
	if _, err := unix.FcntlInt(secret.Fd(), unix.F_SETFD, 0); err != nil {
		t.Fatal(err)
	}
	t.Setenv("EVTUI_TOKEN", "secret")
	p := newProcess(t, `.`, "", state.DefaultLimits())
	if _, err := p.Fold(t.Context(), state.Initial(), messagesOf(`{}`)); err != nil {
		t.Fatal(err)
	}
	child := childOf(t, os.Getpid())
	proc := filepath.Join("/proc", strconv.Itoa(child))
	if env, err := os.ReadFile(filepath.Join(proc, "environ")); err != nil || len(env) > 0 {
		t.Errorf("its environment is %q, %v", env, err)
	}
	if dir, err := os.Readlink(filepath.Join(proc, "cwd")); err != nil || dir != "/" {
		t.Errorf("its directory is %q, %v", dir, err)
	}
	files, err := os.ReadDir(filepath.Join(proc, "fd"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name, err := os.Readlink(filepath.Join(proc, "fd", f.Name())); err == nil && strings.HasPrefix(name, "/") && name != "/dev/null" && !strings.HasPrefix(name, "/sys/fs/cgroup/") { // the runtime's own
			t.Errorf("it has %s open", name)
		}
	}
}

// childOf is the only child of a process.
func childOf(t *testing.T, pid int) int {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		raw, _ := os.ReadFile(task) // a thread that has ended has none
		for field := range strings.FieldsSeq(string(raw)) {
			if child, err := strconv.Atoi(field); err == nil && state.Argument == argument(child) {
				return child
			}
		}
	}
	t.Skip("this system does not tell of children")
	return 0
}

// argument is a process's only argument.
func argument(pid int) string {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	_, rest, _ := strings.Cut(strings.TrimSuffix(string(raw), "\x00"), "\x00")
	return rest
}

// asParent makes the test binary a process that has a child at work.
const asParent = "EVTUI_TEST_PARENT"

// TestParent is the parent of TestTheChildDiesWithItsParent.
func TestParent(t *testing.T) {
	if os.Getenv(asParent) == "" {
		t.Skip("for another test")
	}
	p := state.NewProcess(endless, "", state.Limits{Memory: 64 << 20, Message: time.Hour, Batch: time.Hour})
	if _, err := p.Fold(t.Context(), state.Initial(), messagesOf(`{}`)); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("child %d\n", childOf(t, os.Getpid()))
	_, err := p.Fold(t.Context(), state.Initial(), messagesOf(`{}`, `{}`)[1:])
	t.Fatal("it ended", err)
}

// TestTheChildDiesWithItsParent kills a parent whose child is in a loop.
func TestTheChildDiesWithItsParent(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run", "^TestParent$", "-test.v")
	cmd.Env = append(os.Environ(), asParent+"=1")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	child := 0
	buf := make([]byte, 4096)
	for said := ""; child == 0; {
		n, err := out.Read(buf)
		said += string(buf[:n])
		if _, rest, ok := strings.Cut(said, "child "); ok && strings.Contains(rest, "\n") {
			_, _ = fmt.Sscan(rest, &child)
		}
		if err != nil && child == 0 {
			t.Skipf("no parent (%v): %s", err, said)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed, as it should be
	for argument(child) == state.Argument {
		if err := ctx.Err(); err != nil {
			_ = unix.Kill(child, unix.SIGKILL)
			t.Fatal("the child lives on")
		}
		wait(ctx)
	}
}

// wait lets others run.
func wait(ctx context.Context) {
	tick := time.NewTimer(5 * time.Millisecond)
	defer tick.Stop()
	select {
	case <-ctx.Done():
	case <-tick.C:
	}
}

// TestClosedIsSaid by a fold during which the process is closed.
func TestClosedIsSaid(t *testing.T) {
	p := newProcess(t, endless, "", state.Limits{Memory: 64 << 20, Message: time.Hour, Batch: time.Hour})
	if _, err := p.Fold(t.Context(), state.Initial(), messagesOf(`{}`)); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := p.Fold(t.Context(), state.Initial(), messagesOf(`{}`, `{}`)[1:])
		ended <- err
	}()
	if err := closeUnder(p, ended); !errors.Is(err, state.ErrClosed) {
		t.Fatal(err)
	}
}
