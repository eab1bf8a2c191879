package snippets

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Fence is one fenced block of a page.
type Fence struct {
	Page  string   // from the repository's root, with slashes
	Line  int      // of its first line of text
	Kind  string   // what its first line calls it: sh, console, toml, …
	Needs []string // it is a placeholder: nothing runs it, since it needs these
	By    string   // the test elsewhere that runs it, as package.Test
	Apart string   // it is run in a sandbox of its own, with those of the same name
	Text  string
}

// Where names the place of the block.
func (f Fence) Where() string { return fmt.Sprintf("%s:%d", f.Page, f.Line) }

// Pages returns the texts of all pages below the repository's root, the README
// and those of docs among them, by their names.
func Pages(root string) (map[string]string, error) {
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "dist" || entry.Name() == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		short, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		all[filepath.ToSlash(short)] = strings.ReplaceAll(string(text), "\r\n", "\n")
		return nil
	})
	return all, err
}

var (
	fenceLine = regexp.MustCompile("^([ \t]*)(```+|~~~+)(.*)$")
	// hiddenFence begins a block as well, in a quotation or a list, where
	// readers see it and this package would not.
	hiddenFence = regexp.MustCompile("^[ \t]*([>*+-]|\\d+[.)])[ \t>]*(```|~~~)")
)

// Fences returns the blocks of a page in their order. It returns an error for
// one that does not end, that says of itself what is not known, or that begins
// in a quotation or behind a list's mark.
func Fences(page, text string) ([]Fence, error) {
	var (
		all          []Fence
		inside       *Fence
		indent, mark string
		number       int
	)
	for line := range strings.Lines(text) {
		number++
		found := fenceLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		switch {
		case inside != nil && found != nil && strings.HasPrefix(found[2], mark) && strings.TrimSpace(found[3]) == "":
			all = append(all, *inside)
			inside = nil
		case inside != nil:
			inside.Text += strings.TrimPrefix(line, indent)
		case found != nil:
			indent, mark = found[1], found[2]
			inside = &Fence{Page: page, Line: number + 1}
			if err := inside.describe(strings.Fields(found[3])); err != nil {
				return nil, fmt.Errorf("%s: %w", inside.Where(), err)
			}
		case hiddenFence.MatchString(line):
			return nil, fmt.Errorf("%s:%d: a block begins behind other text, where it is not found: %q", page, number, strings.TrimSpace(line))
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
		case name == "apart" && (value != "") == given:
			f.Apart = cmp.Or(value, fmt.Sprintf("line %d", f.Line))
		case name == "by" && value != "":
			f.By = value
		case name == "needs" && value != "":
			f.Needs = strings.Split(value, ",")
			for _, need := range f.Needs {
				if placeholders[need] == "" {
					return fmt.Errorf("it needs %q, which makes no placeholder", need)
				}
			}
		default:
			return fmt.Errorf("%q says nothing that is known of a block", word)
		}
	}
	return nil
}
