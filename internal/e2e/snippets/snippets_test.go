//go:build unix

package snippets

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/evtui/evtui/internal/cli"
)

var runAll = flag.Bool("snippets.run", false, "run what the pages and --help show, which takes a minute or two")

func TestMain(m *testing.M) {
	if name := os.Getenv(standInFor); name != "" {
		_ = os.Unsetenv(standInFor)
		os.Exit(standIn(name, os.Args[1:]))
	}
	// Snippets are alone with what they are given.
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "EVTUI_") && name != "EVTUI_E2E_BINARY" || strings.HasPrefix(name, "XDG_") || strings.HasPrefix(name, "PG") {
			_ = os.Unsetenv(name)
		}
	}
	os.Exit(m.Run())
}

// missing reports whether a tool is not on this machine.
func missing(tool string, server *postgres) bool {
	switch tool {
	case "postgres":
		return server == nil
	case "nats":
		return true // internal/e2e has a cluster of its own
	case "ssh":
		if _, err := exec.LookPath("ssh-keygen"); err != nil {
			return true
		}
	}
	_, err := exec.LookPath(tool)
	return err != nil
}

// script puts blocks into one, which a reader works through in one shell. A line
// that tells the block comes before each.
func (s *sandbox) script(blocks []Fence) string {
	var out strings.Builder
	for _, b := range blocks {
		fmt.Fprintf(&out, "echo '## %s' >&2\n%s\n", b.Where(), s.places(b.Text))
	}
	return out.String()
}

// tally counts what was run, and keeps what was not.
type tally struct {
	mu     sync.Mutex
	blocks int
	left   []Left
}

func (y *tally) add(blocks int, left []Left) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.blocks += blocks
	y.left = append(y.left, left...)
}

// say tells what was not run, and why.
func (y *tally) say(t *testing.T) {
	y.mu.Lock()
	defer y.mu.Unlock()
	slices.SortFunc(y.left, func(a, b Left) int { return strings.Compare(a.Where(), b.Where()) })
	for _, one := range y.left {
		t.Logf("not run: %s (%s): %s", one.Where(), one.For, one.Why)
	}
	t.Logf("%d blocks and examples were run, %d were not", y.blocks, len(y.left))
}

// TestSnippets runs all that can be run, two pages at a time.
func TestSnippets(t *testing.T) {
	if !*runAll {
		t.Skip("it starts evtui hundreds of times, for a minute or two: -snippets.run")
	}
	f := mustFixture(t)
	all := mustFences(t, f.repo)
	f.postgres = mustPostgres(t, all)
	y := &tally{}
	t.Run("all", func(t *testing.T) {
		runPages(t, f, y, all)
		runHelp(t, f, y)
		runTranscripts(t, f, y, all)
	})
	checkConfiguration(t, f, y, all)
	runReducers(t, f, y, all)
	y.say(t)
	if y.blocks < 150 {
		t.Errorf("only %d blocks and examples were run", y.blocks)
	}
}

// inTurn runs a test beside one other.
func (f *fixture) inTurn(t *testing.T, name string, run func(t *testing.T)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		f.turns <- struct{}{}
		defer func() { <-f.turns }()
		// What was left over by run is ended by its own t's Cleanup, within the turn.
		t.Run("sandbox", run)
	})
}

// page is one page with its blocks.
type page struct {
	name, text string
	fences     []Fence
}

func mustFences(t *testing.T, repo string) (all []page) {
	t.Helper()
	pages, err := Pages(repo)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		fences, err := Fences(name, pages[name])
		if err != nil {
			t.Error(err)
		}
		all = append(all, page{name, pages[name], fences})
	}
	return all
}

// runPages runs the shell's blocks of every page.
func runPages(t *testing.T, f *fixture, y *tally, all []page) {
	for _, p := range all {
		shell := slices.DeleteFunc(slices.Clone(p.fences), func(fence Fence) bool { return fence.Kind != "sh" })
		run, left := Plan(shell, func(tool string) bool { return missing(tool, f.postgres) })
		y.add(0, left)
		for _, blocks := range run {
			y.add(len(blocks), nil)
			text := ""
			for _, b := range blocks {
				text += b.Text
			}
			f.inTurn(t, strings.ReplaceAll(blocks[0].Where(), "/", "_"), func(t *testing.T) {
				s := mustSandbox(t, f, text)
				if out, err := s.shell(s.script(blocks)); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
		for _, one := range left {
			if out, err := exec.Command("bash", "-n", "-c", one.Text).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", one.Where(), err, out)
			}
		}
	}
}

// runHelp runs the examples of every command.
func runHelp(t *testing.T, f *fixture, y *tally) {
	examples := cli.Examples()
	for _, path := range slices.Sorted(maps.Keys(examples)) {
		var lines []Fence
		number := 0
		for line := range strings.Lines(examples[path]) {
			number++
			lines = append(lines, Fence{Page: path + " --help", Line: number, Kind: "sh", Text: line})
		}
		run, left := Plan(lines, func(tool string) bool { return missing(tool, f.postgres) })
		y.add(0, left)
		for _, blocks := range run {
			y.add(len(blocks), nil)
			f.inTurn(t, "help_"+strings.ReplaceAll(path, " ", "_"), func(t *testing.T) {
				s := mustSandbox(t, f, examples[path])
				if out, err := s.shell(s.script(blocks)); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	}
	if len(examples) < 40 {
		t.Errorf("only %d commands have examples", len(examples))
	}
}

// runTranscripts runs what stands behind a $ and compares what it prints.
func runTranscripts(t *testing.T, f *fixture, y *tally, all []page) {
	for _, p := range all {
		for _, fence := range p.fences {
			if fence.Kind != "console" {
				continue
			}
			y.add(1, nil)
			f.inTurn(t, strings.ReplaceAll(fence.Where(), "/", "_"), func(t *testing.T) {
				s := mustSandbox(t, f, fence.Text)
				var script, want strings.Builder
				for line := range strings.Lines(fence.Text) {
					if command, ok := strings.CutPrefix(line, "$ "); ok {
						fmt.Fprintf(&script, "%s || true\n", s.places(strings.TrimSpace(command)))
					} else {
						want.WriteString(line)
					}
				}
				out, err := s.shell(script.String())
				if err != nil || strings.TrimSpace(out) != strings.TrimSpace(want.String()) {
					t.Errorf("%v: it prints\n%s\nand the page says\n%s", err, out, want.String())
				}
			})
		}
	}
}

// reducerFile is the name of a reducer's file, beside the configuration.
var reducerFile = regexp.MustCompile(`(?m)^file = "([^"/]+)"`)

// checkConfiguration has evtui check what the pages show of its configuration.
func checkConfiguration(t *testing.T, f *fixture, y *tally, all []page) {
	for _, p := range all {
		for _, fence := range p.fences {
			if fence.Kind != "toml" {
				continue
			}
			y.add(1, nil)
			file := filepath.Join(t.TempDir(), "config.toml")
			for _, m := range reducerFile.FindAllStringSubmatch(fence.Text, -1) { // check compiles it
				if err := os.WriteFile(filepath.Join(filepath.Dir(file), m[1]), []byte(".\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(file, []byte(fence.Text), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(f.evtui, "config", "check", file).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", fence.Where(), err, out)
			}
		}
	}
}

// runReducers has evtui fold a stream with the reducers that the pages show.
func runReducers(t *testing.T, f *fixture, y *tally, all []page) {
	for _, p := range all {
		for _, fence := range p.fences {
			if fence.Kind != "jq" {
				continue
			}
			y.add(1, nil)
			file := filepath.Join(t.TempDir(), "reducer.jq")
			if err := os.WriteFile(file, []byte(fence.Text), 0o600); err != nil {
				t.Fatal(err)
			}
			f.evtuiDoes(t, "", "state", "account-123", "--reducer", file, "--data", filepath.Join(f.dir, "stores", "with"))
		}
	}
}

// kinds are what a block may be, and what looks at it. What nothing looks at is
// text.
var kinds = map[string]string{
	"sh": "run by TestSnippets", "console": "run and compared by TestSnippets", "toml": "checked by TestSnippets", "go": "a part of a program: TestGoIsOfPrograms",
	"json": "parsed by TestBlocksSayWhatTheyAre", "yaml": "of other programs' configuration", "sql": "run on a PostgreSQL by TestSnippets", "jq": "run as a reducer by TestSnippets", "filter": "run by internal/filter.TestPage",
	"text": "nothing to run",
}

// unchecked are the kinds of which a block with a command would go unnoticed.
var unchecked = []string{"text", "yaml", "filter", "sql"}

// where looks for a test by its package and its name.
func where(test, repo string) error {
	if test == "" {
		return nil
	}
	pkg, name, _ := strings.Cut(test, ".")
	files, err := filepath.Glob(filepath.Join(repo, filepath.FromSlash(pkg), "*_test.go"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && strings.Contains(string(text), "\nfunc "+name+"(t *testing.T)") {
			return nil
		}
	}
	return fmt.Errorf("there is no test %s", test)
}

func TestBlocksSayWhatTheyAre(t *testing.T) {
	repo := filepath.Join("..", "..", "..")
	for _, p := range mustFences(t, repo) {
		for _, fence := range p.fences {
			if kinds[fence.Kind] == "" {
				t.Errorf("%s is a block of %q: call it one of %q", fence.Where(), fence.Kind, slices.Sorted(maps.Keys(kinds)))
			}
			if command := Shown(fence.Text); command != "" && slices.Contains(unchecked, fence.Kind) {
				t.Errorf("%s shows %q and calls itself %s, so that nobody runs it", fence.Where(), command, fence.Kind)
			}
			if err := where(fence.By, repo); err != nil {
				t.Errorf("%s: %v", fence.Where(), err)
			}
			for line := range strings.Lines(fence.Text) {
				if fence.Kind == "json" && strings.TrimSpace(line) != "" && !json.Valid([]byte(line)) && !json.Valid([]byte(fence.Text)) {
					t.Errorf("%s: %s is not JSON", fence.Where(), line)
				}
			}
		}
	}
}

// TestGoIsOfPrograms looks for what the pages show of Go in the examples and the
// Example functions, which are compiled and run.
func TestGoIsOfPrograms(t *testing.T) {
	repo := filepath.Join("..", "..", "..")
	flat := func(text string) string {
		var out strings.Builder
		for line := range strings.Lines(text) {
			out.WriteString(strings.TrimSpace(line) + "\n")
		}
		return out.String()
	}
	var programs []string
	for _, pattern := range []string{"examples/*/*.go", "server/client/example*_test.go", "server/client/consumer/example*_test.go"} {
		files, err := filepath.Glob(filepath.Join(repo, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			programs = append(programs, flat(string(text)))
		}
	}
	for _, p := range mustFences(t, repo) {
		for _, fence := range p.fences {
			if fence.Kind == "go" && !slices.ContainsFunc(programs, func(text string) bool { return strings.Contains(text, flat(fence.Text)) }) {
				t.Errorf("%s stands in no example, so that nobody compiles it", fence.Where())
			}
		}
	}
}
