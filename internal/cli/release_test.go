package cli

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func mustLines(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
}

// archived are the patterns of what .goreleaser.yaml puts into archives, and
// packaged those below /usr/share/doc/evtui that it puts into packages.
func archived(t *testing.T) (archives, packages []string) {
	t.Helper()
	inside := false
	for _, line := range mustLines(t, ".goreleaser.yaml") {
		entry, listed := strings.CutPrefix(line, "      - ")
		switch {
		case line == "    files:":
			inside = true
		case !listed:
			inside = inside && strings.TrimSpace(line) == ""
		case inside:
			archives = append(archives, entry)
		}
		if to, ok := strings.CutPrefix(line, "        dst: /usr/share/doc/evtui/"); ok {
			packages = append(packages, to)
		}
	}
	return archives, packages
}

// archiveGlob is a pattern of .goreleaser.yaml as GoReleaser reads it: ** is
// anything, * anything within a directory, so that docs/**/* has no docs/a.md.
func archiveGlob(pattern string) *regexp.Regexp {
	quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*\*`, ".*")
	return regexp.MustCompile("^" + strings.ReplaceAll(quoted, `\*`, "[^/]*") + "$")
}

// holds reports whether a file is among what patterns name, where a directory
// stands for what is in it, or is a directory of which they name something.
func holds(patterns []string, file string) bool {
	for _, pattern := range patterns {
		if strings.HasPrefix(pattern, file+"/") {
			return true
		}
		for at := file; at != "."; at = path.Dir(at) {
			if archiveGlob(pattern).MatchString(at) {
				return true
			}
		}
	}
	return false
}

func TestArchivePatternsMeanWhatGoReleaserMeans(t *testing.T) {
	for _, c := range []struct {
		pattern, file string
		want          bool
	}{
		{"docs/**/*", "docs/a.md", false},
		{"docs/**/*", "docs/pictures/a.svg", true},
		{"docs/**", "docs/a.md", true},
		{"docs/**", "docs/pictures/a.svg", true},
		{"docs/*", "docs/a.md", true},
		{"docs", "docs/pictures/a.svg", true},
		{"docs/*", "docs", true},
		{"docs/*", "doc", false},
		{"docs/**", "docs.md", false},
		{"LICENSE", "LICENSE.md", false},
	} {
		if got := holds([]string{c.pattern}, c.file); got != c.want {
			t.Errorf("%s has %s: %v", c.pattern, c.file, got)
		}
	}
}

// TestArchivesHoldWhatTheReadmeLeadsTo follows the links of README.md, and on
// from there, inside an archive and inside a package's documentation.
func TestArchivesHoldWhatTheReadmeLeadsTo(t *testing.T) {
	archives, packages := archived(t)
	pages := mustPages(t)
	images := regexp.MustCompile(`src="([^":]+)"`)
	for name, patterns := range map[string][]string{"the archives": archives, "the packages": packages} {
		seen, next := map[string]bool{}, []string{"README.md"}
		for len(next) > 0 {
			page := next[0]
			next = next[1:]
			text := fenced.ReplaceAllString(pages[page], "")
			for _, m := range append(linkTo.FindAllStringSubmatch(text, -1), images.FindAllStringSubmatch(text, -1)...) {
				link, _, _ := strings.Cut(m[1], "#")
				if link == "" || strings.Contains(link, ":") {
					continue
				}
				file := path.Join(path.Dir(page), link)
				if seen[file] {
					continue
				}
				seen[file] = true
				next = append(next, file)
				if !holds(patterns, file) && !(file == "LICENSE" && holds(patterns, "copyright")) {
					t.Errorf("%s lack %s, which %s leads to", name, file, page)
				}
			}
		}
		if len(seen) < 30 {
			t.Errorf("only %d files were followed in %s", len(seen), name)
		}
	}
}

// TestImageIsBuiltFromAllOfTheRepository: a file that git knows and the build
// does not see has the binary say that it was built with changes, and without
// .git it does not know its commit.
func TestImageIsBuiltFromAllOfTheRepository(t *testing.T) {
	known, err := exec.Command("git", "-C", filepath.Join("..", ".."), "ls-files").Output()
	if err != nil {
		t.Skipf("this is no checkout: %v", err)
	}
	for _, pattern := range mustLines(t, ".dockerignore") {
		if pattern == "" || strings.HasPrefix(pattern, "#") {
			continue
		}
		if pattern == ".git" {
			t.Error("the image's build does not see .git")
		}
		for _, file := range strings.Fields(string(known)) {
			top, _, _ := strings.Cut(file, "/")
			if match, err := path.Match(pattern, top); err != nil || match {
				t.Errorf(".dockerignore keeps %s from the build by %q (%v)", file, pattern, err)
			}
		}
	}
}

func TestReleaseNotes(t *testing.T) {
	script := filepath.Join("..", "..", "packaging", "notes")
	if out, err := exec.Command("sh", script, "Unreleased").Output(); err != nil || !strings.Contains(string(out), "### Added") || strings.Contains(string(out), "\n## ") {
		t.Errorf("%v: %.200s", err, out)
	}
	if out, err := exec.Command("sh", script, "9.9.9").Output(); err == nil {
		t.Errorf("a version that is not there has the notes %.200s", out)
	}
}

// TestImageHasWhatItsFileSays: what the Dockerfile copies is there, it builds by
// the Go of go.mod, and evtui takes its environment.
func TestImageHasWhatItsFileSays(t *testing.T) {
	variables, copied, built := map[string]string{}, 0, ""
	for _, line := range mustLines(t, "Dockerfile") {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		switch words[0] {
		case "ARG":
			if version, ok := strings.CutPrefix(words[1], "GO_VERSION="); ok {
				built = version
			}
		case "COPY":
			if strings.HasPrefix(words[1], "--from=") {
				continue
			}
			for _, source := range words[1 : len(words)-1] {
				copied++
				if _, err := os.Stat(filepath.Join("..", "..", source)); err != nil {
					t.Errorf("the Dockerfile copies %v", err)
				}
			}
		case "ENV":
			for _, word := range words[1:] {
				name, value, _ := strings.Cut(word, "=")
				variables[name] = value
			}
		}
	}
	if copied == 0 || len(variables) < 3 {
		t.Fatalf("%d files are copied, the environment is %v", copied, variables)
	}
	mustTakeEnvironment(t, "the Dockerfile", variables)
	for _, line := range mustLines(t, "go.mod") {
		if version, ok := strings.CutPrefix(line, "go "); ok && version != built && !strings.HasPrefix(version, built+".") {
			t.Errorf("go.mod is of Go %s, the image is built by %s", version, built)
		}
	}
}

// TestUnitTakesItsSettings: what packaging/evtui.env proposes can be set.
func TestUnitTakesItsSettings(t *testing.T) {
	variables := map[string]string{}
	for _, line := range mustLines(t, "packaging/evtui.env") {
		if name, value, ok := strings.Cut(strings.TrimPrefix(line, "#"), "="); ok && !strings.Contains(name, " ") {
			variables[name] = value
		}
	}
	if len(variables) < 3 {
		t.Fatalf("it proposes only %v", variables)
	}
	mustTakeEnvironment(t, "packaging/evtui.env", variables)
}
