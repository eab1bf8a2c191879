package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/evtui/evtui/internal/text"
)

// format is the flag --output.
type format string

// The formats: for eyes, one JSON value, one JSON value a line, and comma
// separated values with a head.
const (
	formatTable  format = "table"
	formatJSON   format = "json"
	formatNDJSON format = "ndjson"
	formatCSV    format = "csv"
)

// outputFlag adds --output with the formats that the command knows; the first
// is its default.
func outputFlag(cmd *cobra.Command, formats ...format) *format {
	f := formats[0]
	names := make([]string, len(formats))
	for i := range formats {
		names[i] = string(formats[i])
	}
	cmd.Flags().VarP(&oneOf{value: (*string)(&f), names: names}, "output", "o", "output: "+strings.Join(names, ", "))
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	return &f
}

// oneOf is a flag that takes one of a few words.
type oneOf struct {
	value *string
	names []string
}

func (o *oneOf) String() string { return *o.value }
func (o *oneOf) Type() string   { return strings.Join(o.names, "|") }

func (o *oneOf) Set(given string) error {
	for _, name := range o.names {
		if given == name {
			*o.value = given
			return nil
		}
	}
	return fmt.Errorf("must be one of %s, not %q", strings.Join(o.names, ", "), given)
}

// rows prints values in a format: as a table under the heads, as one JSON
// array, or one JSON value a line. A head that ends with a tab is of numbers,
// which stand to the right.
func rows[T any](w io.Writer, f format, values []T, heads []string, cells func(T) []string) error {
	if f == formatJSON || f == formatNDJSON {
		return list(w, f, nil, nil, values)
	}
	table := [][]string{heads}
	for _, value := range values {
		table = append(table, cells(value))
	}
	return printTable(w, table)
}

// counted is a number with its noun, which takes an s for more than one.
func counted(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return text.Count(n) + " " + noun
}

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(inertJSON{w})
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// printTable prints rows in columns as wide as their widest cell. What cells
// hold is shown, never obeyed. A column whose head ends with a tab is of
// numbers and stands to the right.
func printTable(w io.Writer, table [][]string) error {
	columns := make([]field[[]string], len(table[0]))
	for i, head := range table[0] {
		columns[i] = field[[]string]{right: strings.HasSuffix(head, "\t"), show: func(row []string) string { return row[i] }}
	}
	s := newSheet(w, formatTable, columns, nil)
	s.begun = true // the heads are the first row
	heads := make([]string, len(table[0]))
	for i, head := range table[0] {
		heads[i] = strings.TrimSuffix(head, "\t")
	}
	return s.add(append([][]string{heads}, table[1:]...)...)
}

// isTerminal reports whether a command's stream is one that a person looks at.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// progress shows on standard error how far a long command is: a line that is
// written over on a terminal, or a line a time when asked for without one.
type progress struct {
	w        io.Writer
	terminal bool
	verbose  bool
	shown    bool
}

func newProgress(cmd *cobra.Command, verbose bool) *progress {
	w := cmd.ErrOrStderr()
	return &progress{w: w, terminal: isTerminal(w), verbose: verbose}
}

func (p *progress) line(format string, args ...any) {
	switch {
	case p.terminal:
		fmt.Fprintf(p.w, "\r\x1b[K"+format, args...)
		p.shown = true
	case p.verbose:
		fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// done takes the line away, for what is printed next.
func (p *progress) done() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
