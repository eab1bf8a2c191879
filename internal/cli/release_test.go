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

// holds reports whether a file is among what patterns name: a directory stands
// for what is in it.
func holds(patterns []string, file string) bool {
	for _, pattern := range patterns {
		for at := file; at != "."; at = path.Dir(at) {
			if match, err := path.Match(strings.TrimSuffix(strings.TrimSuffix(pattern, "/**/*"), "/*"), at); err == nil && match {
				return true
			}
		}
	}
	return false
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
