package cli

import (
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheMapNamesEveryPackage holds docs/architecture.md against the tree: a
// package stands at the head of a line, behind others of the same folder, or in
// what the line of its folder says.
func TestTheMapNamesEveryPackage(t *testing.T) {
	house := mustPages(t)["docs/architecture.md"]
	_, house, _ = strings.Cut(house, "```text\n")
	house, _, _ = strings.Cut(house, "```\n")
	named := map[string]bool{"examples": true}
	for line := range strings.Lines(house) {
		head, says, _ := strings.Cut(line, "  ")
		folder := ""
		for name := range strings.FieldsSeq(head) {
			if folder != "" && !strings.Contains(name, "/") {
				name = path.Join(folder, name)
			}
			name = strings.TrimSuffix(name, "/")
			folder, named[name] = path.Dir(name), true
			for word := range strings.FieldsSeq(says) {
				if below, ok := strings.CutSuffix(word, "/"); ok {
					named[path.Join(name, below)] = true
				}
			}
		}
	}
	root, packages := filepath.Join("..", ".."), map[string]bool{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if short, _ := filepath.Rel(root, name); err == nil && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			packages[filepath.ToSlash(filepath.Dir(short))] = true
		}
		return err
	})
	if err != nil || len(packages) < 40 {
		t.Fatalf("%d packages, %v", len(packages), err)
	}
	for name := range packages {
		if name != "." && !named[name] && path.Dir(name) != "examples" {
			t.Errorf("%s stands nowhere in the house of docs/architecture.md", name)
		}
	}
	for name := range named {
		if strings.HasPrefix(name, "internal/") && !packages[name] {
			t.Errorf("the house has %s, which is no package", name)
		}
	}
}
