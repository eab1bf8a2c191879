package e2e

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// checkout says where a checkout lies whose README is to be followed; .ci/fresh
// gives it.
var checkout = flag.String("checkout", "", "follow the README of this checkout, in its directory")

// buildPatience is how long the first `go run` may take, which downloads and
// compiles everything.
const buildPatience = 15 * time.Minute

// readmeCommands returns the lines of the README's first block of commands,
// without their comments.
func readmeCommands(t *testing.T, checkout string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(checkout, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(text), "```sh\n")
	block, _, _ = strings.Cut(block, "```")
	var commands []string
	for line := range strings.Lines(block) {
		command, _, _ := strings.Cut(line, "#")
		if command = strings.TrimSpace(command); command != "" {
			commands = append(commands, command)
		}
	}
	return commands
}

func TestReadmeBeginsWithItsTwoCommands(t *testing.T) {
	want := []string{"go run . --data /tmp/evdb", "go test ./..."}
	if got := readmeCommands(t, filepath.Join("..", "..")); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the README begins with %q, want %q", got, want)
	}
}

// TestReadme does with the first command what the README says next: it loads,
// it looks, it quits.
func TestReadme(t *testing.T) {
	if *checkout == "" {
		t.Skip("-checkout names none")
	}
	// The directory is the test's own; the command is the README's.
	command := strings.ReplaceAll(readmeCommands(t, *checkout)[0], "/tmp/evdb", filepath.Join(t.TempDir(), "evdb"))
	words := strings.Fields(command)
	term := mustStart(t, Options{
		Binary: words[0], Args: words[1:], Dir: *checkout,
		Env: append(os.Environ(), "EVTUI_LISTEN=127.0.0.1:0", "TERM=xterm-256color"),
	})
	if _, err := term.Await("the Overview", buildPatience, func(s Screen) bool { return s.Has("1 Overview") }); err != nil {
		t.Fatal(err)
	}
	mustPress(t, term, ":")
	if err := term.Type("load 10\r"); err != nil {
		t.Fatal(err)
	}
	mustMatch(t, term, `[1-9][\d,]* w/s .*load 10`)
	mustPress(t, term, ":")
	if err := term.Type("load stop\r"); err != nil {
		t.Fatal(err)
	}
	mustMatch(t, term, `default +0 w/s`)
	mustQuit(t, term)
}
