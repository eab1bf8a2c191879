package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
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

// rows prints n values in a format: as a table under the heads, as one JSON
// array, or one JSON value a line.
func rows[T any](w io.Writer, f format, values []T, heads []string, cells func(T) []string) error {
	switch f {
	case formatJSON:
		if values == nil {
			values = []T{}
		}
		return printJSON(w, values)
	case formatNDJSON:
		out := bufio.NewWriter(w)
		encoder := json.NewEncoder(inertJSON{out, inASCII(w)})
		encoder.SetEscapeHTML(false)
		for _, value := range values {
			if err := encoder.Encode(value); err != nil {
				return err
			}
		}
		return out.Flush()
	default:
		table := [][]string{heads}
		for _, value := range values {
			table = append(table, cells(value))
		}
		return printTable(w, table)
	}
}

// counted is a number with its noun, which takes an s for more than one.
func counted(n int64, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return text.Count(n) + " " + noun
}

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(inertJSON{w, inASCII(w)})
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// printTable prints rows in columns as wide as their widest cell. What cells
// hold is shown, never obeyed. A column whose head ends with a tab is of
// figures and stands to the right.
func printTable(w io.Writer, table [][]string) error {
	widths := make([]int, len(table[0]))
	figures := make([]bool, len(table[0]))
	for i, head := range table[0] {
		figures[i] = strings.HasSuffix(head, "\t")
		table[0][i] = strings.TrimSuffix(head, "\t")
	}
	for _, row := range table {
		for i := range row {
			row[i] = spell(w, text.Sanitize(row[i]))
			widths[i] = max(widths[i], text.Width(row[i]))
		}
	}
	var out strings.Builder
	for _, row := range table {
		var line strings.Builder
		for i, cell := range row {
			if i > 0 {
				line.WriteString("  ")
			}
			if figures[i] {
				line.WriteString(text.PadLeft(cell, widths[i]))
			} else {
				line.WriteString(text.PadRight(cell, widths[i]))
			}
		}
		out.WriteString(strings.TrimRight(line.String(), " "))
		out.WriteByte('\n')
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// isTerminal reports whether a command's stream is one that a person looks at.
func isTerminal(stream any) bool {
	file, ok := fileOf(stream)
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
