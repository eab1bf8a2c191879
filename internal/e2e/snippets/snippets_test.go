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
	"testing"

	"github.com/evtui/evtui/internal/cli"
)

var runAll = flag.Bool("snippets.run", false, "run what the pages and --help show, which takes three minutes")

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

// there reports whether a machine has what a block needs.
func there(need string) bool {
	switch need {
	case "docker":
		return exec.Command("docker", "info").Run() == nil
	case "kubernetes":
		return exec.Command("kubectl", "version", "--request-timeout=2s").Run() == nil
	}
	return false
}

// needs are those that a block may name, and why a machine may not have it.
var needs = map[string]string{
	"docker": "an engine for images", "kubernetes": "a cluster", "postgres": "a Message DB of the reader's own", "eventodb": "an EventoDB of the reader's own", "npm": "packages from the internet", "ssh": "a machine of the reader's own to come from (internal/cli/door's tests do)",
}

// script puts the blocks of a page into one, which a reader works through in
// one shell. A line that tells the block comes before each.
func (s *sandbox) script(blocks []Fence) string {
	var out strings.Builder
	for _, b := range blocks {
		fmt.Fprintf(&out, "echo '## %s' >&2\n%s\n", b.Where(), s.places(b.Text))
	}
	return out.String()
}

// TestSnippets runs all that can be run.
func TestSnippets(t *testing.T) {
	if !*runAll {
		t.Skip("it starts evtui hundreds of times, for three minutes: -snippets.run")
	}
	f := mustFixture(t)
	all := mustFences(t, f.repo)
	t.Run("pages", func(t *testing.T) { runPages(t, f, all) })
	t.Run("help", func(t *testing.T) { runHelp(t, f) })
	t.Run("transcripts", func(t *testing.T) { runTranscripts(t, f, all) })
	t.Run("configuration", func(t *testing.T) { checkConfiguration(t, f, all) })
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

// runPages runs the shell's blocks of every page, one page after another.
func runPages(t *testing.T, f *fixture, all []page) {
	ran := 0
	for _, p := range all {
		var blocks []Fence
		for _, fence := range p.fences {
			if fence.Kind == "sh" && mayRun(t, fence) {
				blocks = append(blocks, fence)
			}
		}
		if len(blocks) == 0 {
			continue
		}
		ran += len(blocks)
		t.Run(p.name, func(t *testing.T) {
			s := mustSandbox(t, f, p.text)
			if out, err := s.shell(s.script(blocks)); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	if ran < 20 {
		t.Errorf("only %d blocks were run", ran)
	}
}

// mayRun reports whether this machine has what a block needs.
func mayRun(t *testing.T, fence Fence) bool {
	t.Helper()
	for _, need := range fence.Needs {
		why, known := needs[need]
		if !known {
			t.Errorf("%s needs %q, which is not known", fence.Where(), need)
			return false
		}
		if !there(need) {
			t.Logf("%s is not run: there is no %s here: %s", fence.Where(), need, why)
			return false
		}
	}
	return true
}

// runHelp runs the examples of every command, one command after another.
func runHelp(t *testing.T, f *fixture) {
	examples := cli.Examples()
	for _, path := range slices.Sorted(maps.Keys(examples)) {
		t.Run(strings.ReplaceAll(path, " ", "_"), func(t *testing.T) {
			s := mustSandbox(t, f, examples[path])
			var script strings.Builder
			for line := range strings.Lines(examples[path]) {
				fmt.Fprintf(&script, "echo '## %s' >&2\n%s\n", strings.ReplaceAll(strings.TrimSpace(line), "'", `'\''`), s.places(line))
			}
			if out, err := s.shell(script.String()); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	if len(examples) < 40 {
		t.Errorf("only %d commands have examples", len(examples))
	}
}

// runTranscripts runs what stands behind a $ and compares what it prints.
func runTranscripts(t *testing.T, f *fixture, all []page) {
	for _, p := range all {
		for _, fence := range p.fences {
			if fence.Kind != "console" {
				continue
			}
			t.Run(strings.ReplaceAll(fence.Where(), ":", "_"), func(t *testing.T) {
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

// checkConfiguration has evtui check what the pages show of its configuration.
func checkConfiguration(t *testing.T, f *fixture, all []page) {
	for _, p := range all {
		for _, fence := range p.fences {
			if fence.Kind != "toml" {
				continue
			}
			file := filepath.Join(t.TempDir(), "config.toml")
			if err := os.WriteFile(file, []byte(fence.Text), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(f.evtui, "config", "check", file).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", fence.Where(), err, out)
			}
		}
	}
}

// kinds are what a block may be, and what looks at it. What nothing looks at is
// text.
var kinds = map[string]string{
	"sh": "run by TestSnippets", "console": "run and compared by TestSnippets", "toml": "checked by TestSnippets", "go": "a part of a program: TestGoIsOfPrograms",
	"json": "parsed by TestBlocksSayWhatTheyAre", "yaml": "of other programs' configuration", "sql": "run by store/pgstore's tests", "filter": "run by internal/filter's tests",
	"text": "nothing to run",
}

func TestBlocksSayWhatTheyAre(t *testing.T) {
	repo := filepath.Join("..", "..", "..")
	for _, p := range mustFences(t, repo) {
		if indented := regexp.MustCompile(`(?m)^    (evtui|curl|go|\$) .*`).FindString(p.text); indented != "" {
			t.Errorf("%s: put a fence around %q, so that it is run", p.name, indented)
		}
		for _, fence := range p.fences {
			if kinds[fence.Kind] == "" {
				t.Errorf("%s is a block of %q: call it one of %q", fence.Where(), fence.Kind, slices.Sorted(maps.Keys(kinds)))
			}
			for line := range strings.Lines(fence.Text) {
				if fence.Kind == "json" && strings.TrimSpace(line) != "" && !json.Valid([]byte(line)) && !json.Valid([]byte(fence.Text)) {
					t.Errorf("%s: %s is not JSON", fence.Where(), line)
				}
				if fence.Kind == "text" && strings.HasPrefix(strings.TrimPrefix(strings.TrimSpace(line), "$ "), "evtui ") {
					t.Errorf("%s shows a command and calls itself text, which nobody runs", fence.Where())
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

func TestFences(t *testing.T) {
	text := "a\n```sh needs=docker,npm\none\n\ttwo\n```\n\n  ```\n  three\n  ```\n"
	got, err := Fences("p.md", text)
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if f := got[0]; f.Where() != "p.md:3" || f.Kind != "sh" || !slices.Equal(f.Needs, []string{"docker", "npm"}) || f.Text != "one\n\ttwo\n" {
		t.Errorf("the first is %+v", f)
	}
	if f := got[1]; f.Where() != "p.md:8" || f.Kind != "" || f.Text != "three\n" {
		t.Errorf("the second is %+v", f)
	}
	for _, wrong := range []string{"```sh\nopen", "```sh later\n```\n", "```sh needs=\n```\n"} {
		if got, err := Fences("p.md", wrong); err == nil {
			t.Errorf("%q is taken for %+v", wrong, got)
		}
	}
}
