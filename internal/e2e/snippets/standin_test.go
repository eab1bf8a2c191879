//go:build unix

package snippets

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/evtui/evtui/internal/e2e"
)

// Variables of the environment by which a sandbox and its stand-ins agree.
const (
	standInFor  = "SNIPPETS_STAND_IN" // which program the test binary stands in for
	realEvtui   = "SNIPPETS_EVTUI"
	repository  = "SNIPPETS_REPOSITORY"
	servicePID  = "SNIPPETS_SERVICE_PID"  // file of the service's process
	serviceData = "SNIPPETS_SERVICE_DATA" // its data directory
	downloads   = "SNIPPETS_DOWNLOADS"    // what hosts below .example hand out
)

const (
	// patience is how long anything may take that is waited for.
	patience = 60 * time.Second
	// shown is how long what goes on for ever may go on when it prints nothing.
	shown = 1500 * time.Millisecond
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
		err = run("cat", filepath.Join(filepath.Dir(os.Getenv(servicePID)), "service.log"))
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

// commands are those of evtui that stand before anything else.
var commands = []string{
	"serve", "attach", "load", "ns", "append", "tail", "streams", "categories", "messages", "groups", "events", "log", "export", "import",
	"verify", "backup", "profile", "stats", "config", "record", "open", "bench", "compare", "health", "sbom", "man", "share", "completion", "help", "mcp",
}

func playEvtui(args []string) error {
	which := ""
	if i := slices.IndexFunc(args, func(arg string) bool { return slices.Contains(commands, arg) }); i >= 0 {
		which = args[i]
	}
	args = shorten(which, args)
	asks := which == "verify" && slices.Contains(args, "--accept-older") || which == "import" && slices.Contains(args, "--force") || which == "ns" && slices.Contains(args, "delete")
	screen := which == "" || which == "attach" || which == "open"
	switch {
	case slices.Contains(args, "--version"), slices.Contains(args, "--help"):
	case screen:
		return playScreen(args)
	case which == "serve":
		return playServe(args)
	case asks && !slices.Contains(args, "--yes"):
		return playQuestion(args)
	case which == "health" && slices.Contains(args, "--wait"):
		if err := startService(); err != nil { // it waits for one that starts
			return err
		}
	case slices.Contains(args, "--watch"), which == "tail" && !slices.Contains(args, "--no-follow"), which == "record" && !slices.Contains(args, "--duration"):
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
		"--duration": "1s", "--fill": "20000", "--streams": "200", "--profile-every": "500ms", "--seconds": "1", "--runs": "1", "--past": "1s",
	}
	if which == "open" {
		short["--until"] = "-10ms"
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

// playQuestion types the name that evtui asks for.
func playQuestion(args []string) error {
	term, err := inTerminal(args)
	if err != nil {
		return err
	}
	defer term.Close()
	screen, err := term.Await("the question", patience, func(s e2e.Screen) bool { return s.Has("Type its name to continue:") })
	if err != nil {
		return err
	}
	found := named.FindStringSubmatch(screen.Text())
	if found == nil {
		return fmt.Errorf("no name stands in\n%s", screen.Text())
	}
	if err := term.Type(found[1] + "\r"); err != nil {
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
	case <-time.After(shown):
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

// playGo runs what of Go's commands can be run in a moment: tests are named, and
// their flags taken, but they are not run.
func playGo(args []string) error {
	repo := os.Getenv(repository)
	switch {
	case len(args) > 1 && args[0] == "run" && args[1] == ".":
		return playEvtui(args[2:])
	case len(args) > 1 && args[0] == "build" && slices.Contains(args, "-o"):
		self, err := os.ReadFile(filepath.Join(filepath.SplitList(os.Getenv("PATH"))[0], "evtui"))
		if err != nil {
			return err
		}
		return os.WriteFile(args[slices.Index(args, "-o")+1], self, 0o755)
	case slices.Equal(args, []string{"test", "./..."}):
		return run("go", "-C", repo, "vet", "./internal/e2e/snippets")
	case len(args) > 0 && args[0] == "test":
		return playGoTest(repo, args[1:])
	}
	return run("go", append([]string{"-C", repo}, args...)...)
}

// playGoTest looks whether the tests that would run are there.
func playGoTest(repo string, args []string) error {
	pattern := "."
	var rest []string
	for i := 0; i < len(args); i++ {
		switch {
		case (args[i] == "-run" || args[i] == "-bench" || args[i] == "-fuzz") && i+1 < len(args):
			i++
			if args[i] != "^$" {
				pattern = args[i]
			}
		case args[i] == "-v":
		default:
			rest = append(rest, args[i])
		}
	}
	cmd := command("go", append([]string{"-C", repo, "test", "-list", pattern}, rest...)...)
	cmd.Stdout = nil
	said, err := cmd.Output()
	if err == nil && !regexp.MustCompile(`(?m)^(Test|Benchmark|Fuzz)`).Match(said) {
		err = fmt.Errorf("no test has a name like %q: %s", pattern, said)
	}
	return err
}

// playCurl downloads from hosts below .example what the sandbox has for them,
// and ends what follows.
func playCurl(args []string) error {
	for _, arg := range args {
		if strings.Contains(arg, ".example/") {
			return run("cat", filepath.Join(os.Getenv(downloads), filepath.Base(arg)))
		}
	}
	cmd := command("curl", args...)
	for _, arg := range args {
		if strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "--") && strings.Contains(arg, "N") {
			return playFollower(cmd)
		}
	}
	return cmd.Run()
}

// playSystemctl starts and stops the one service of a sandbox.
func playSystemctl(args []string) error {
	if len(args) == 0 || strings.TrimSuffix(args[len(args)-1], ".service") != "evtui" {
		return fmt.Errorf("there is no such unit")
	}
	switch args[0] {
	case "enable", "start":
		return startService()
	case "stop":
		return stopService()
	case "restart":
		return errors.Join(stopService(), startService())
	case "status", "is-active":
		return nil
	case "edit", "daemon-reload":
		return nil
	}
	return fmt.Errorf("the stand-in for systemctl does not know %q", args[0])
}

// startService runs evtui serve in the background, as the unit does.
func startService() error {
	if _, err := os.Stat(os.Getenv(servicePID)); err == nil {
		return nil
	}
	log, err := os.OpenFile(filepath.Join(filepath.Dir(os.Getenv(servicePID)), "service.log"), os.O_CREATE|os.O_TRUNC|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(os.Getenv(realEvtui), "serve", "--data", os.Getenv(serviceData), "--log-format", "json")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := os.WriteFile(os.Getenv(servicePID), fmt.Appendf(nil, "%d\n", cmd.Process.Pid), 0o600); err != nil {
		return err
	}
	return await("the service", func() bool {
		at, err := os.ReadFile(filepath.Join(os.Getenv(serviceData), "endpoint"))
		if err != nil {
			return false
		}
		answer, err := http.Get(strings.TrimSpace(string(at)) + "/health")
		if err == nil {
			_ = answer.Body.Close()
		}
		return err == nil
	})
}

func stopService() error {
	text, err := os.ReadFile(os.Getenv(servicePID))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return err
	}
	// Nobody may be there to ask for its exit code, so that its log is asked.
	stopped := func() bool {
		log, err := os.ReadFile(filepath.Join(filepath.Dir(os.Getenv(servicePID)), "service.log"))
		return err == nil && strings.Contains(string(log), `"stopped"`)
	}
	if err := await("the service's end", stopped); err != nil {
		return err
	}
	return os.Remove(os.Getenv(servicePID))
}

// await looks again and again whether something holds.
func await(what string, holds func() bool) error {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-deadline.C:
			return fmt.Errorf("waited %v for %s", patience, what)
		}
	}
	return nil
}

// playProgram looks at a program of the repository: a script that a shell can
// read, and that knows the arguments where it can list what it would do.
func playProgram(name string, args []string) error {
	file := filepath.Join(os.Getenv(repository), name)
	if name == ".ci/mutate" {
		return run("bash", append([]string{file, "-list"}, args...)...)
	}
	return run("bash", "-n", file)
}
