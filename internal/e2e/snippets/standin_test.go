//go:build unix

package snippets

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/evtui/evtui/internal/cli"
	"github.com/evtui/evtui/internal/e2e"
)

// Variables of the environment by which a sandbox and its stand-ins agree.
const (
	standInFor  = "SNIPPETS_STAND_IN" // which program the test binary stands in for
	realEvtui   = "SNIPPETS_EVTUI"
	repository  = "SNIPPETS_REPOSITORY"
	daemons     = "SNIPPETS_DAEMONS"      // where what stays running keeps its files
	serviceData = "SNIPPETS_SERVICE_DATA" // the data directory of systemd's unit
	downloads   = "SNIPPETS_DOWNLOADS"    // what hosts below .example hand out
	testsOf     = "SNIPPETS_TESTS"        // where the test binaries of packages are kept
	sshKey      = "SNIPPETS_SSH_KEY"
)

const (
	// patience is how long anything may take that is waited for.
	patience = 60 * time.Second
	// silence is how long what goes on for ever may go on when it prints nothing.
	silence = 1500 * time.Millisecond
)

// standIn is what a shell of a sandbox runs instead of a program.
func standIn(name string, args []string) int {
	var err error
	switch name {
	case "evtui":
		err = playEvtui(args)
	case "go":
		err = playGo(args)
	case "curl":
		err = playCurl(args)
	case "systemctl":
		err = playSystemctl(args)
	case "journalctl":
		err = run("cat", service().file(".log"))
	case "ssh":
		err = playSSH(args)
	case "make":
		err = run("make", append([]string{"-n", "-C", os.Getenv(repository)}, args...)...)
	default: // a program of the repository, such as .ci/run
		err = playProgram(name, args)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s %s: %v\n", name, strings.Join(args, " "), err)
		return 99
	}
	return 0
}

// realPath is the PATH without the stand-ins.
func realPath() string {
	return strings.Join(filepath.SplitList(os.Getenv("PATH"))[1:], string(filepath.ListSeparator))
}

// look finds a program behind the stand-ins.
func look(name string) string {
	for _, dir := range filepath.SplitList(realPath()) {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return file
		}
	}
	return name
}

func command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(look(name), args...)
	cmd.Env = append(os.Environ(), "PATH="+realPath())
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd
}

func run(name string, args ...string) error { return command(name, args...).Run() }

// commandIn returns the first word that is a command of evtui, or "".
func commandIn(args []string) string {
	commands := []string{"man", "share", "completion", "help"} // those without examples
	for path := range cli.Examples() {
		if words := strings.Fields(path); len(words) > 1 {
			commands = append(commands, words[1])
		}
	}
	for _, arg := range args {
		if slices.Contains(commands, arg) {
			return arg
		}
	}
	return ""
}

func playEvtui(args []string) error {
	which := commandIn(args)
	args = shorten(which, args)
	has := func(arg string) bool { return slices.Contains(args, arg) }
	asks := which == "verify" && has("--accept-older") || which == "import" && has("--force") || which == "ns" && has("delete") || which == "groups" && has("retry")
	screen := which == "" || which == "attach" || which == "open"
	switch {
	case has("--version"), has("--help"):
	case screen:
		return playScreen(args)
	case which == "serve" && has("--ssh"): // for others to come to
		return daemon{os.Getenv(daemons), "ssh"}.start(args...)
	case which == "serve":
		return playServe(args)
	case asks && !has("--yes"):
		return playQuestion(args)
	case which == "health" && has("--wait"):
		if err := startService(); err != nil { // it waits for one that starts
			return err
		}
	case has("--watch"), which == "tail" && !has("--no-follow"), which == "record" && !has("--duration"):
		return playFollower(exec.Command(os.Getenv(realEvtui), args...))
	}
	cmd := exec.Command(os.Getenv(realEvtui), args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

// shorten makes what takes long take little: how long a load runs, how much is
// filled in, how many rows are measured.
func shorten(which string, args []string) []string {
	short := map[string]string{
		"--duration": "500ms", "--fill": "20000", "--streams": "200", "--profile-every": "10s", "--seconds": "1", "--runs": "1", "--past": "1s", "--trend": "4s",
	}
	switch which {
	case "open":
		short["--until"] = "-10ms"
	case "compare", "profile":
		short["--duration"] = "1s" // which is the least
	}
	args = slices.Clone(args)
	for i := range args[:max(len(args)-1, 0)] {
		if value, known := short[args[i]]; known {
			args[i+1] = value
		}
	}
	switch {
	case which == "bench" && !slices.Contains(args, "--large") && !slices.Contains(args, "--only"):
		args = append(args, "--only", "write")
	case which == "profile" && len(args) > 1 && strings.HasPrefix(args[1], "-") && !slices.Contains(args, "--duration"),
		which == "compare" && !slices.Contains(args, "--duration"):
		args = append(args, "--duration", "1s")
	case which == "load" && !slices.ContainsFunc(args, func(arg string) bool { return arg == "--duration" || arg == "--fill" || arg == "--story" }):
		args = append(args, "--duration", "500ms")
	}
	if which == "bench" && !slices.Contains(args, "--duration") && !slices.Contains(args, "--large") {
		args = append(args, "--duration", "200ms")
	}
	return args
}

// inTerminal starts evtui in a terminal of its own.
func inTerminal(args []string) (*e2e.Terminal, error) {
	return e2e.Start(e2e.Options{Binary: os.Getenv(realEvtui), Args: args, Env: os.Environ()})
}

// playScreen looks whether the terminal UI comes up, and quits it.
func playScreen(args []string) error {
	term, err := inTerminal(args)
	if err != nil {
		return err
	}
	return quit(term)
}

// quit waits for the terminal UI's first page and quits it.
func quit(term *e2e.Terminal) error {
	defer term.Close()
	if _, err := term.Await("a page", patience, func(s e2e.Screen) bool { return s.Has("1 Overview") || s.Has("Profile") }); err != nil {
		return err
	}
	if err := term.Press("q"); err != nil {
		return err
	}
	code, err := term.Wait(patience)
	if err == nil && code != 0 {
		err = fmt.Errorf("it ends with %d: %s", code, term.Screen().Text())
	}
	return err
}

var named = regexp.MustCompile(`namespace "?([\w.-]+)"?`)

// playQuestion types the name, or the y, that evtui asks for.
func playQuestion(args []string) error {
	term, err := inTerminal(args)
	if err != nil {
		return err
	}
	defer term.Close()
	screen, err := term.Await("the question", patience, func(s e2e.Screen) bool { return s.Has("Type its name to continue:") || s.Has("[y/N]") })
	if err != nil {
		return err
	}
	answer := "y"
	if !screen.Has("[y/N]") {
		found := named.FindStringSubmatch(screen.Text())
		if found == nil {
			return fmt.Errorf("no name stands in\n%s", screen.Text())
		}
		answer = found[1]
	}
	if err := term.Type(answer + "\r"); err != nil {
		return err
	}
	code, err := term.Wait(patience)
	if err == nil && code != 0 {
		err = fmt.Errorf("it ends with %d: %s", code, term.Screen().Text())
	}
	return err
}

// firstWord is closed at the first byte that is written.
type firstWord struct {
	w    io.Writer
	came chan struct{}
	once atomic.Bool
}

func (f *firstWord) Write(p []byte) (int, error) {
	if f.once.CompareAndSwap(false, true) {
		close(f.came)
	}
	return f.w.Write(p)
}

// playFollower runs what goes on for ever until it has shown something.
func playFollower(cmd *exec.Cmd) error {
	out := &firstWord{w: os.Stdout, came: make(chan struct{})}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, out, os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended: // it should not have
		return errors.Join(errors.New("it ends by itself"), err)
	case <-out.came:
	case <-time.After(silence):
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	err := <-ended
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && (exit.ExitCode() == 130 || exit.Sys().(syscall.WaitStatus).Signaled()) {
		return nil
	}
	return err
}

// playServe starts a server, and ends it once it serves.
func playServe(args []string) error {
	p, err := e2e.Launch(nil, nil, os.Getenv(realEvtui), args...)
	if err != nil {
		return err
	}
	defer p.Kill()
	if err := p.AwaitStderr("serving", patience); err != nil {
		return err
	}
	if err := p.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	code, err := p.Wait(patience)
	if err == nil && code != 0 {
		err = fmt.Errorf("it ends with %d: %s", code, p.Stderr())
	}
	return err
}
