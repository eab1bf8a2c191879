package output

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
)

// Field is a column of what a command lists.
type Field[T any] struct {
	Name  string         // heads the column, in capitals over a table
	Right bool           // figures stand to the right
	Min   int            // cells that the column of a table has at least
	Show  func(T) string // in a table; nil: only CSV has the column
	Raw   func(T) string // in CSV; nil: as in a table
}

// Text is a column of text, the same in every format.
func Text[T any](name string, of func(T) string) Field[T] { return Field[T]{Name: name, Show: of} }

// Raw is a column that only CSV has.
func Raw[T any](name string, of func(T) any) Field[T] {
	return Field[T]{Name: name, Raw: func(v T) string { return fmt.Sprint(of(v)) }}
}

// Count is a column of counts.
func Count[T any](name string, of func(T) int64) Field[T] {
	return Shown(name, of, func(v T) string { return text.Count(of(v)) })
}

// Share is a column of shares, from 0 to 1.
func Share[T any](name string, of func(T) float64) Field[T] {
	return Shown(name, of, func(v T) string { return text.Share(of(v)) })
}

// Shown is a column of figures, which a table has as show says.
func Shown[T, N any](name string, of func(T) N, show func(T) string) Field[T] {
	return Field[T]{Name: name, Right: true, Show: show, Raw: func(v T) string { return fmt.Sprint(of(v)) }}
}

// Known is a column of figures that may not be known: of a nil a table has a word, and CSV
// nothing.
func Known[T, N any](name, unknown string, of func(T) *N, show func(N) string) Field[T] {
	either := func(show func(N) string, unknown string) func(T) string {
		return func(v T) string {
			if n := of(v); n != nil {
				return show(*n)
			}
			return unknown
		}
	}
	return Field[T]{Name: name, Right: true, Show: either(show, unknown), Raw: either(func(n N) string { return fmt.Sprint(n) }, "")}
}

// Time is a column of times: in the reader's zone in a table, RFC 3339 in UTC in CSV.
func Time[T any](name, layout string, of func(T) time.Time) Field[T] {
	return Field[T]{
		Name: name, Show: func(v T) string { return of(v).Local().Format(layout) },
		Raw: func(v T) string { return of(v).UTC().Format(time.RFC3339Nano) },
	}
}

// AtLeast gives a column of a table a width to begin with.
func (f Field[T]) AtLeast(cells int) Field[T] {
	f.Min = cells
	return f
}

// Sheet prints values as they come, so that a list of millions takes no more
// memory than a page of it. A column of a table is as wide as what was printed
// in it so far.
type Sheet[T any] struct {
	out    *bufio.Writer
	format Format
	fields []Field[T]
	value  func(T) any // what JSON shows of a value; nil: itself
	person bool        // somebody looks at it: what would act on a terminal is shown instead
	ascii  bool        // nothing beyond ASCII may be printed
	widths []int
	begun  bool
	csv    *csv.Writer
	json   *json.Encoder
	item   bytes.Buffer // reused: one value of a JSON array
}

// NewSheet returns a sheet that prints to w in the format.
func NewSheet[T any](w io.Writer, f Format, fields []Field[T], value func(T) any) *Sheet[T] {
	s := &Sheet[T]{out: bufio.NewWriter(w), format: f, value: value, person: IsTerminal(w), ascii: InASCII(w)}
	if f == CSV {
		s.out = bufio.NewWriter(Verbatim(w))
	}
	for _, c := range fields {
		if f == Table && c.Show == nil {
			continue
		}
		s.fields = append(s.fields, c)
		s.widths = append(s.widths, max(c.Min, text.Width(c.Name)))
	}
	s.csv = csv.NewWriter(s.out)
	var to io.Writer = s.out
	if f == JSON {
		to = &s.item
	}
	s.json = json.NewEncoder(inertJSON{to, s.ascii})
	s.json.SetEscapeHTML(false)
	if f == JSON {
		s.json.SetIndent("  ", "  ")
	}
	return s
}

// Add prints values. What it has printed is out when it returns.
func (s *Sheet[T]) Add(values ...T) error {
	var err error
	switch s.format {
	case JSON:
		err = s.addJSON(values)
	case NDJSON:
		for i := 0; i < len(values) && err == nil; i++ {
			err = s.json.Encode(s.shown(values[i]))
		}
	case CSV:
		err = s.addCSV(values)
	default:
		s.addTable(values)
	}
	if err != nil {
		return err
	}
	return s.out.Flush()
}

// End prints what belongs after the last value.
func (s *Sheet[T]) End() error {
	if s.format == JSON {
		tail := "\n]\n"
		if !s.begun {
			tail = "[]\n"
		}
		_, _ = s.out.WriteString(tail) // Flush returns its error
		return s.out.Flush()
	}
	return s.Add()
}

func (s *Sheet[T]) shown(value T) any {
	if s.value != nil {
		return s.value(value)
	}
	return value
}

// heads returns the fields' names, once.
func (s *Sheet[T]) heads() []string {
	if s.begun {
		return nil
	}
	s.begun = true
	heads := make([]string, len(s.fields))
	for i, c := range s.fields {
		heads[i] = c.Name
	}
	return heads
}

func (s *Sheet[T]) addJSON(values []T) error {
	for _, value := range values {
		s.item.Reset()
		if err := s.json.Encode(s.shown(value)); err != nil {
			return err
		}
		before := ",\n  "
		if !s.begun {
			before = "[\n  "
		}
		s.begun = true
		_, _ = s.out.WriteString(before)
		_, _ = s.out.Write(bytes.TrimRight(s.item.Bytes(), "\n"))
	}
	return nil
}

func (s *Sheet[T]) addCSV(values []T) error {
	if heads := s.heads(); heads != nil {
		if err := s.csv.Write(heads); err != nil {
			return err
		}
	}
	record := make([]string, len(s.fields))
	for _, value := range values {
		for i, c := range s.fields {
			cell := c.Raw
			if cell == nil {
				cell = c.Show
			}
			if record[i] = cell(value); s.person {
				record[i] = text.Sanitize(record[i])
			}
		}
		if err := s.csv.Write(record); err != nil {
			return err
		}
	}
	s.csv.Flush()
	return s.csv.Error()
}

func (s *Sheet[T]) addTable(values []T) {
	lines := make([][]string, len(values))
	for n, value := range values {
		lines[n] = make([]string, len(s.fields))
		for i, c := range s.fields {
			if lines[n][i] = text.Sanitize(c.Show(value)); s.ascii {
				lines[n][i] = text.ASCII(lines[n][i])
			}
			s.widths[i] = max(s.widths[i], text.Width(lines[n][i]))
		}
	}
	if heads := s.heads(); heads != nil {
		for i := range heads {
			heads[i] = strings.ToUpper(heads[i])
		}
		s.tableLine(heads)
	}
	for _, cells := range lines {
		s.tableLine(cells)
	}
}

func (s *Sheet[T]) tableLine(cells []string) {
	var line strings.Builder
	for i, cell := range cells {
		if i > 0 {
			line.WriteString("  ")
		}
		if s.fields[i].Right {
			line.WriteString(text.PadLeft(cell, s.widths[i]))
		} else {
			line.WriteString(text.PadRight(cell, s.widths[i]))
		}
	}
	_, _ = s.out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

// List prints values that are all there.
func List[T any](w io.Writer, f Format, fields []Field[T], value func(T) any, values []T) error {
	s := NewSheet(w, f, fields, value)
	if err := s.Add(values...); err != nil {
		return err
	}
	return s.End()
}
