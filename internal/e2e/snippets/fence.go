package snippets

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Fence is one fenced block of a page.
type Fence struct {
	Page  string // from the repository's root, with slashes
	Line  int    // of its first line of text
	Kind  string // what its first line calls it: sh, console, toml, …
	Needs []string
	Text  string
}

// Where names the place of the block.
func (f Fence) Where() string { return fmt.Sprintf("%s:%d", f.Page, f.Line) }

// Pages returns the README and the pages of docs below the repository's root,
// by their names.
func Pages(root string) (map[string]string, error) {
	all := map[string]string{}
	for _, pattern := range []string{"README.md", "CONTRIBUTING.md", "docs/*.md"} {
		names, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				return nil, err
			}
			short, err := filepath.Rel(root, name)
			if err != nil {
				return nil, err
			}
			all[filepath.ToSlash(short)] = strings.ReplaceAll(string(text), "\r\n", "\n")
		}
	}
	return all, nil
}

// Fences returns the blocks of a page in their order. It returns an error for
// one that does not end, or that says what it needs in no way that is known.
func Fences(page, text string) ([]Fence, error) {
	var (
		all    []Fence
		inside *Fence
		indent string
		number int
	)
	for line := range strings.Lines(text) {
		number++
		mark, info, fence := strings.Cut(line, "```")
		switch {
		case inside != nil && fence && strings.TrimSpace(mark) == "" && strings.TrimSpace(info) == "":
			all = append(all, *inside)
			inside = nil
		case inside != nil:
			inside.Text += strings.TrimPrefix(line, indent)
		case fence && strings.TrimSpace(mark) == "":
			indent = mark
			inside = &Fence{Page: page, Line: number + 1}
			if err := inside.describe(strings.Fields(info)); err != nil {
				return nil, fmt.Errorf("%s: %w", inside.Where(), err)
			}
		}
	}
	if inside != nil {
		return nil, fmt.Errorf("%s: the block does not end", inside.Where())
	}
	return all, nil
}

// describe takes what stands behind the fence.
func (f *Fence) describe(info []string) error {
	for i, word := range info {
		name, value, given := strings.Cut(word, "=")
		switch {
		case i == 0 && !given:
			f.Kind = word
		case name == "needs" && value != "":
			f.Needs = strings.Split(value, ",")
		default:
			return fmt.Errorf("%q says nothing that is known of a block", word)
		}
	}
	return nil
}
