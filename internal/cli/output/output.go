package output

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/internal/text"
)

// Format is the flag --output.
type Format string

// The formats: for eyes, one JSON value, one JSON value a line, and comma
// separated values with a head.
const (
	Table  Format = "table"
	JSON   Format = "json"
	NDJSON Format = "ndjson"
	CSV    Format = "csv"

	Markdown Format = "markdown" // of reports
)

// Flag adds --output with the formats that the command knows; the first
// is its default.
func Flag(cmd *cobra.Command, formats ...Format) *Format {
	f := formats[0]
	names := make([]string, len(formats))
	for i := range formats {
		names[i] = string(formats[i])
	}
	cmd.Flags().VarP(&OneOf{Value: (*string)(&f), Names: names}, "output", "o", "output: "+strings.Join(names, ", "))
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	return &f
}

// OneOf is a flag that takes one of a few words.
type OneOf struct {
	Value *string
	Names []string
}

func (o *OneOf) String() string { return *o.Value }

// Type names the value in help.
func (o *OneOf) Type() string { return strings.Join(o.Names, "|") }

// Words are what the flag takes.
func (o *OneOf) Words() []string { return o.Names }

// Set takes one of the words.
func (o *OneOf) Set(given string) error {
	if !slices.Contains(o.Names, given) {
		return fmt.Errorf("must be one of %s, not %q", strings.Join(o.Names, ", "), given)
	}
	*o.Value = given
	return nil
}

// Rows prints values in a format: as a table under the heads, as one JSON
// array, or one JSON value a line. A head that ends with a tab is of numbers,
// which stand to the right.
func Rows[T any](w io.Writer, f Format, values []T, heads []string, cells func(T) []string) error {
	if f == JSON || f == NDJSON {
		return List(w, f, nil, nil, values)
	}
	table := [][]string{heads}
	for _, value := range values {
		table = append(table, cells(value))
	}
	return WriteTable(w, table)
}

// Report prints what was measured: the value as JSON, or its table, for eyes
// under heads in capitals or as Markdown.
func Report(w io.Writer, f Format, value any, table measure.Table) error {
	switch f {
	case JSON:
		return WriteJSON(w, value)
	case Markdown:
		return table.WriteMarkdown(w)
	}
	heads := make([]string, len(table[0]))
	for i, head := range table[0] {
		heads[i] = strings.ToUpper(head)
	}
	return WriteTable(w, append([][]string{heads}, table[1:]...))
}

// Counted is a number with its noun, which takes an s for more than one.
func Counted(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return text.Count(n) + " " + noun
}

// WriteJSON prints a value as indented JSON.
func WriteJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(inertJSON{w, InASCII(w)})
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// WriteLine prints a value as JSON on one line.
func WriteLine(w io.Writer, value any) error {
	encoder := json.NewEncoder(inertJSON{w, InASCII(w)})
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// WriteOne prints a value in one of the two formats of JSON.
func WriteOne(w io.Writer, f Format, value any) error {
	if f == NDJSON {
		return WriteLine(w, value)
	}
	return WriteJSON(w, value)
}

// WriteTable prints rows in columns as wide as their widest cell. What cells
// hold is shown, never obeyed. A column whose head ends with a tab is of
// numbers and stands to the right.
func WriteTable(w io.Writer, table [][]string) error {
	columns := make([]Field[[]string], len(table[0]))
	for i, head := range table[0] {
		columns[i] = Field[[]string]{Right: strings.HasSuffix(head, "\t"), Show: func(row []string) string { return row[i] }}
	}
	s := NewSheet(w, Table, columns, nil)
	s.begun = true // the heads are the first row
	heads := make([]string, len(table[0]))
	for i, head := range table[0] {
		heads[i] = strings.TrimSuffix(head, "\t")
	}
	return s.Add(append([][]string{heads}, table[1:]...)...)
}

// IsTerminal reports whether a command's stream is one that a person looks at.
func IsTerminal(stream any) bool {
	file, ok := FileOf(stream)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Progress shows on standard error how far a long command is: a line that is
// written over on a terminal, or a line a time when asked for without one.
type Progress struct {
	w        io.Writer
	Terminal bool
	verbose  bool
	shown    bool
}

// NewProgress returns a progress on the command's standard error; without a
// terminal there it prints only if verbose.
func NewProgress(cmd *cobra.Command, verbose bool) *Progress {
	w := cmd.ErrOrStderr()
	return &Progress{w: w, Terminal: IsTerminal(w), verbose: verbose}
}

// Line shows a line, formatted as by fmt.Printf, in the place of the one before.
func (p *Progress) Line(format string, args ...any) {
	switch {
	case p.Terminal:
		fmt.Fprintf(p.w, "\r\x1b[K"+format, args...)
		p.shown = true
	case p.verbose:
		fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// Done takes the line away, for what is printed next.
func (p *Progress) Done() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
