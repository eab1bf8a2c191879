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
	printed
	fields []Field[T]
	value  func(T) any // what JSON shows of a value; nil: itself
}

// NewSheet returns a sheet that prints to w in the format.
func NewSheet[T any](w io.Writer, f Format, fields []Field[T], value func(T) any) *Sheet[T] {
	s := &Sheet[T]{printed: newPrinted(w, f), value: value}
	for _, c := range fields {
		if f != Table || c.Show != nil {
			s.fields = append(s.fields, c)
			s.column(c.Name, c.Right, c.Min)
		}
	}
	return s
}

// Add prints values. What it has printed is out when it returns.
func (s *Sheet[T]) Add(values ...T) error {
	return s.add(len(values), func(n, i int) string {
		if c := &s.fields[i]; c.Show == nil || s.format == CSV && c.Raw != nil {
			return c.Raw(values[n])
		}
		return s.fields[i].Show(values[n])
	}, func(n int) any {
		if s.value != nil {
			return s.value(values[n])
		}
		return values[n]
	})
}

// printed is a sheet whatever its values are: it knows them by their number in what is
// added, so that there is one of it and not one for each type of value.
type printed struct {
	out    *bufio.Writer
	format Format
	person bool // somebody looks at it: what would act on a terminal is shown instead
	ascii  bool // nothing beyond ASCII may be printed
	heads  []string
	right  []bool // by column
	widths []int  // by column
	begun  bool
	csv    *csv.Writer
	json   *json.Encoder
	item   *bytes.Buffer // reused: one value of a JSON array
}

func newPrinted(w io.Writer, f Format) printed {
	s := printed{out: bufio.NewWriter(w), format: f, person: IsTerminal(w), ascii: InASCII(w), item: new(bytes.Buffer)}
	if f == CSV {
		s.out = bufio.NewWriter(Verbatim(w))
	}
	s.csv = csv.NewWriter(s.out)
	var to io.Writer = s.out
	if f == JSON {
		to = s.item
	}
	s.json = json.NewEncoder(inertJSON{to, s.ascii})
	s.json.SetEscapeHTML(false)
	if f == JSON {
		s.json.SetIndent("  ", "  ")
	}
	return s
}

func (s *printed) column(name string, right bool, least int) {
	s.heads, s.right, s.widths = append(s.heads, name), append(s.right, right), append(s.widths, max(least, text.Width(name)))
}

// add prints so many values: cell is what stands in a column of one, value what JSON shows
// of it.
func (s *printed) add(values int, cell func(value, column int) string, value func(n int) any) error {
	var err error
	switch s.format {
	case JSON:
		err = s.addJSON(values, value)
	case NDJSON:
		for n := 0; n < values && err == nil; n++ {
			err = s.json.Encode(value(n))
		}
	case CSV:
		err = s.addCSV(values, cell)
	default:
		s.addTable(values, cell)
	}
	if err != nil {
		return err
	}
	return s.out.Flush()
}

// End prints what belongs after the last value.
func (s *printed) End() error {
	if s.format == JSON {
		tail := "\n]\n"
		if !s.begun {
			tail = "[]\n"
		}
		_, _ = s.out.WriteString(tail) // Flush returns its error
		return s.out.Flush()
	}
	return s.add(0, nil, nil)
}

func (s *printed) addJSON(values int, value func(n int) any) error {
	for n := range values {
		s.item.Reset()
		if err := s.json.Encode(value(n)); err != nil {
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

func (s *printed) addCSV(values int, cell func(value, column int) string) error {
	if !s.begun {
		s.begun = true
		if err := s.csv.Write(s.heads); err != nil {
			return err
		}
	}
	record := make([]string, len(s.heads))
	for n := range values {
		for i := range record {
			if record[i] = cell(n, i); s.person {
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

func (s *printed) addTable(values int, cell func(value, column int) string) {
	lines := make([][]string, values)
	for n := range lines {
		lines[n] = make([]string, len(s.heads))
		for i := range s.heads {
			if lines[n][i] = text.Sanitize(cell(n, i)); s.ascii {
				lines[n][i] = text.ASCII(lines[n][i])
			}
			s.widths[i] = max(s.widths[i], text.Width(lines[n][i]))
		}
	}
	if !s.begun {
		s.begun = true
		heads := make([]string, len(s.heads))
		for i := range heads {
			heads[i] = strings.ToUpper(s.heads[i])
		}
		s.tableLine(heads)
	}
	for _, cells := range lines {
		s.tableLine(cells)
	}
}

func (s *printed) tableLine(cells []string) {
	var line strings.Builder
	for i, cell := range cells {
		if i > 0 {
			line.WriteString("  ")
		}
		if s.right[i] {
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
