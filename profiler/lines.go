package profiler

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Listing is one function's source with what each line spent.
type Listing struct {
	Function  string
	File      string // "" where the profile does not say
	Flat, Cum int64
	Lines     []Line
	Err       error // why Lines are without text, if they are
}

// Line is one line of source. Lines that spent nothing have zero values.
type Line struct {
	No        int
	Text      string // without the newline; may hold anything a file holds
	Flat, Cum int64
}

// ReadSource gives the text of a source file that a profile names.
type ReadSource func(file string) ([]byte, error)

// maxSource caps the source files that are read, in bytes.
const maxSource = 16 << 20

// SourceFiles reads the files that profiles name from disk. Relative names, and
// absolute ones that pass through a directory of a root's own name, are looked
// for under the roots. Only regular files of sensible size are read, since a
// profile may name anything.
func SourceFiles(roots ...string) ReadSource {
	return func(file string) ([]byte, error) {
		var last error
		for _, path := range candidates(file, roots) {
			data, err := readRegular(path)
			if err == nil {
				return data, nil
			}
			if last == nil || !errors.Is(err, os.ErrNotExist) {
				last = err
			}
		}
		return nil, fmt.Errorf("read source: %w", last)
	}
}

func candidates(file string, roots []string) []string {
	var paths []string
	slashed := filepath.ToSlash(file)
	for _, root := range roots {
		if !filepath.IsAbs(file) {
			paths = append(paths, filepath.Join(root, file))
			continue
		}
		if mark := "/" + filepath.Base(root) + "/"; strings.Contains(slashed, mark) {
			paths = append(paths, filepath.Join(root, slashed[strings.Index(slashed, mark)+len(mark):]))
		}
	}
	return append(paths, file)
}

func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxSource {
		return nil, fmt.Errorf("%s is not a source file", path)
	}
	return os.ReadFile(path)
}

// Lines lists the source of the functions whose names match the expression,
// by function and file. A file that cannot be read gives a Listing of only
// the lines that spent something, with Err set. It returns ErrNoMatch when no
// function matches.
func (v *View) Lines(expr string, read ReadSource) ([]Listing, error) {
	rx, err := compileSearch(expr)
	if err != nil {
		return nil, err
	}
	byLine := *v
	byLine.o.Granularity, byLine.nodes, byLine.names = SourceLines, nil, nil
	byLine.number()
	found := byLine.listings(rx)
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNoMatch, expr)
	}
	starts := v.startLines()
	list := make([]Listing, 0, len(found))
	for _, l := range found {
		l.fill(starts[[2]string{l.Function, l.File}], read)
		list = append(list, *l)
	}
	slices.SortFunc(list, func(a, b Listing) int {
		return cmp.Or(strings.Compare(a.Function, b.Function), strings.Compare(a.File, b.File))
	})
	return list, nil
}

// listings sums up the lines of each function that matches, without text.
func (v *View) listings(rx *regexp.Regexp) map[[2]string]*Listing {
	g := v.buildGraph(nil)
	found := make(map[[2]string]*Listing)
	for _, n := range g.order {
		info := v.nodes[n]
		if info.Name == "" || !rx.MatchString(info.Name) {
			continue
		}
		key := [2]string{info.Name, info.File}
		l := found[key]
		if l == nil {
			l = &Listing{Function: info.Name, File: info.File}
			found[key] = l
		}
		l.Flat += g.flat[n]
		l.Cum += g.cum[n]
		l.Lines = append(l.Lines, Line{No: info.Lineno, Flat: g.flat[n], Cum: g.cum[n]})
	}
	return found
}

// startLines returns where each function begins, by name and file.
func (v *View) startLines() map[[2]string]int {
	starts := make(map[[2]string]int)
	for _, f := range v.p.Function {
		key, start := [2]string{f.Name, cleanFile(f.Filename)}, int(f.StartLine)
		if known, ok := starts[key]; start > 0 && (!ok || start < known) {
			starts[key] = start
		}
	}
	return starts
}

// fill puts the text beside the figures, from the function's start to a little
// below its last line that spent anything.
func (l *Listing) fill(start int, read ReadSource) {
	slices.SortFunc(l.Lines, func(a, b Line) int { return a.No - b.No })
	var data []byte
	switch {
	case l.File == "":
		l.Err = errors.New("the profile does not name its file")
	case read == nil:
		l.Err = errors.New("no source at hand")
	default:
		data, l.Err = read(l.File)
	}
	if l.Err != nil {
		return
	}
	const margin = 5
	first, last := l.Lines[0].No, l.Lines[len(l.Lines)-1].No
	if start == 0 {
		start = first - margin
	}
	start = max(1, start)
	spent := l.Lines
	l.Lines = nil
	no := 0
	for text := range strings.Lines(string(data)) {
		if no++; no < start || no > last+margin {
			continue
		}
		line := Line{No: no, Text: strings.TrimRight(text, "\n")}
		for len(spent) > 0 && spent[0].No <= no {
			if spent[0].No == no {
				line.Flat += spent[0].Flat
				line.Cum += spent[0].Cum
			}
			spent = spent[1:]
		}
		l.Lines = append(l.Lines, line)
	}
}

// WriteList prints the functions that match the expression with their source,
// as `go tool pprof -list` does.
func (v *View) WriteList(w io.Writer, expr string, read ReadSource) error {
	list, err := v.Lines(expr, read)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	dot := func(value int64) string {
		if value == 0 {
			return "."
		}
		return v.Format(value)
	}
	fmt.Fprintf(b, "Total: %s\n", v.Format(v.total))
	for _, l := range list {
		if l.File == "" {
			fmt.Fprintf(b, "No source information for %s\n", l.Function)
			continue
		}
		fmt.Fprintf(b, "ROUTINE ======================== %s in %s\n", l.Function, l.File)
		fmt.Fprintf(b, "%10s %10s (flat, cum) %s of Total\n", v.Format(l.Flat), v.Format(l.Cum), Percent(l.Cum, v.total))
		if l.Err != nil {
			fmt.Fprintf(b, " Error: %v\n", l.Err)
		}
		for _, line := range l.Lines {
			fmt.Fprintf(b, "%10s %10s %6d:%s\n", dot(line.Flat), dot(line.Cum), line.No, line.Text)
		}
	}
	return flushed(b, "lines")
}
