//go:build unix

package snippets

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/evtui/evtui/internal/e2e"
)

// playGo runs what of Go's commands can be run in a moment: tests are named, and
// their flags taken, but they are not run.
func playGo(args []string) error {
	repo := os.Getenv(repository)
	switch {
	case len(args) > 1 && args[0] == "run" && args[1] == ".":
		return playEvtui(args[2:])
	case len(args) == 4 && args[0] == "build" && args[1] == "-o" && args[3] == ".":
		self, err := os.ReadFile(filepath.Join(filepath.SplitList(os.Getenv("PATH"))[0], "evtui"))
		if err != nil {
			return err
		}
		return os.WriteFile(args[2], self, 0o755)
	case slices.Equal(args, []string{"test", "./..."}):
		return inCI(repo, "go test ./...")
	case len(args) > 0 && args[0] == "test":
		return playGoTest(repo, args[1:])
	}
	return run("go", append([]string{"-C", repo}, args...)...)
}

// inCI looks for a command that takes minutes and that .ci/run runs as it is.
func inCI(repo, line string) error {
	text, err := os.ReadFile(filepath.Join(repo, ".ci", "run"))
	if err == nil && !slices.Contains(strings.Split(string(text), "\n"), line) {
		err = fmt.Errorf(".ci/run does not run %q", line)
	}
	return err
}

// goTest is a call of go test, taken apart.
type goTest struct {
	packages []string
	pattern  string   // of what it runs
	sizes    []string // flags of the tests themselves, as they are given
	measures bool     // benchmarks, or fuzzes
}

func parseGoTest(args []string) goTest {
	call := goTest{pattern: "."}
	for i := 0; i < len(args); i++ {
		name, value := args[i], ""
		if strings.HasPrefix(name, "-") && name != "-v" && i+1 < len(args) {
			i++
			value = args[i]
		}
		switch {
		case strings.HasPrefix(name, "./"):
			call.packages = append(call.packages, name)
		case name == "-run" && value == "^$", name == "-v", name == "-timeout", name == "-benchtime", name == "-fuzztime":
		case name == "-run":
			call.pattern = value
		case name == "-bench", name == "-fuzz":
			call.pattern, call.measures = value, true
		default:
			call.sizes = append(call.sizes, name, value)
		}
	}
	return call
}

// small returns the tests' own flags with small sizes.
func (c goTest) small() []string {
	sizes := slices.Clone(c.sizes)
	for i := 0; i+1 < len(sizes); i += 2 {
		switch _, what, _ := strings.Cut(sizes[i], "."); what {
		case "points", "namespaces":
			sizes[i+1] = "20"
		case "messages":
			sizes[i+1] = "200"
		default:
			sizes[i+1] = "2"
		}
	}
	return sizes
}

// playGoTest looks whether the tests that would run are there and take these
// flags, and runs them small, unless they measure or kill servers.
func playGoTest(repo string, args []string) error {
	call := parseGoTest(args)
	if len(call.packages) == 0 {
		return errors.New("it names no package")
	}
	for _, pkg := range call.packages {
		binary, err := testBinary(repo, pkg)
		if err != nil {
			return err
		}
		said, err := exec.Command(binary, append([]string{"-test.list", call.pattern}, call.sizes...)...).CombinedOutput()
		if err == nil && !regexp.MustCompile(`(?m)^(Test|Benchmark|Fuzz)`).Match(said) {
			err = fmt.Errorf("no test has a name like %q", call.pattern)
		}
		if err != nil {
			return fmt.Errorf("%s: %w: %s", pkg, err, said)
		}
		if call.measures || pkg == "./internal/e2e" {
			continue
		}
		cmd := command(binary, append([]string{"-test.run", call.pattern, "-test.timeout", "2m"}, call.small()...)...)
		cmd.Dir = filepath.Join(repo, pkg)
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w", pkg, err)
		}
	}
	return nil
}

// testBinary builds the tests of a package, once for all snippets.
func testBinary(repo, pkg string) (string, error) {
	file := filepath.Join(os.Getenv(testsOf), strings.ReplaceAll(strings.TrimPrefix(pkg, "./"), "/", "_"))
	lock, err := os.OpenFile(file+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer lock.Close() // which lets the next one in
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	return file, run("go", "-C", repo, "test", "-c", "-o", file, pkg)
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
		return service().stop()
	case "restart":
		return errors.Join(service().stop(), startService())
	case "status", "is-active":
		return nil
	case "edit", "daemon-reload":
		return nil
	}
	return fmt.Errorf("the stand-in for systemctl does not know %q", args[0])
}

// service is the unit evtui of systemd.
func service() daemon { return daemon{os.Getenv(daemons), "evtui"} }

func startService() error {
	return service().start("serve", "--data", os.Getenv(serviceData), "--log-format", "json")
}

// playSSH comes to the sandbox's own server with the sandbox's key, whatever the
// host below .example, and looks at the terminal UI.
func playSSH(args []string) error {
	host := args[len(args)-1]
	if host != "127.0.0.1" && !strings.HasSuffix(host, ".example") && !strings.HasSuffix(host, ".example.com") {
		return fmt.Errorf("%s is no placeholder for a host", host)
	}
	key := os.Getenv(sshKey)
	options := []string{"-F", "none", "-i", key, "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=accept-new", "-o", "UserKnownHostsFile=" + key + ".hosts"}
	term, err := e2e.Start(e2e.Options{Binary: look("ssh"), Args: slices.Concat(options, args[:len(args)-1], []string{"127.0.0.1"}), Env: os.Environ()})
	if err != nil {
		return err
	}
	return quit(term)
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
