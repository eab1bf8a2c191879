package tui

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/store"
)

// exportWriter writes messages as lines of the import format, or as CSV.
type exportWriter struct {
	out     *bufio.Writer
	line    []byte
	csv     *csv.Writer // nil: lines of JSON
	columns []filter.Column
	fields  []string
}

// newExportWriter begins a file. columns are those of CSV; none stands for all
// of a message.
func newExportWriter(w io.Writer, asCSV bool, columns []filter.Column) *exportWriter {
	e := &exportWriter{out: bufio.NewWriterSize(w, 64<<10)}
	if !asCSV {
		return e
	}
	e.csv = csv.NewWriter(e.out)
	if e.columns = columns; len(columns) == 0 {
		e.columns = allColumns()
	}
	for _, c := range e.columns {
		e.fields = append(e.fields, c.String())
	}
	_ = e.csv.Write(e.fields) // the error stays with the writer until flush
	return e
}

// allColumns is everything that a message has.
func allColumns() []filter.Column {
	columns, err := filter.ParseColumns("time,stream,position,gpos,type,id,data,metadata")
	if err != nil {
		panic(err) // the names stand above
	}
	return columns
}

func (e *exportWriter) write(m *store.Message) error {
	if e.csv == nil {
		return e.writeLine(m)
	}
	e.fields = e.fields[:0]
	for _, c := range e.columns {
		e.fields = append(e.fields, c.Text(m))
	}
	return e.csv.Write(e.fields)
}

// writeLine writes {"id","stream","type","pos","gpos","data","meta","time"},
// data and metadata to the letter as long as they hold no line break.
func (e *exportWriter) writeLine(m *store.Message) error {
	b := append(e.line[:0], `{"id":"`...)
	b = append(b, m.ID.String()...)
	b = append(b, `","stream":`...)
	b = appendJSON(b, m.Stream)
	b = append(b, `,"type":`...)
	b = appendJSON(b, m.Type)
	b = append(b, `,"pos":`...)
	b = strconv.AppendInt(b, m.Position, 10)
	b = append(b, `,"gpos":`...)
	b = strconv.AppendInt(b, m.GlobalPosition, 10)
	b = append(b, `,"data":`...)
	b, err := appendOneLine(b, m.Data)
	if err != nil {
		return fmt.Errorf("message %d: data: %w", m.GlobalPosition, err)
	}
	b = append(b, `,"meta":`...)
	if b, err = appendOneLine(b, m.Metadata); err != nil {
		return fmt.Errorf("message %d: metadata: %w", m.GlobalPosition, err)
	}
	b = append(b, `,"time":"`...)
	b = m.Time.UTC().AppendFormat(b, time.RFC3339Nano)
	e.line = append(b, "\"}\n"...)
	_, err = e.out.Write(e.line)
	return err
}

// appendJSON appends a string as JSON.
func appendJSON(dst []byte, s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always can be
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// appendOneLine appends JSON; nil is null. In valid JSON line breaks stand only
// between values, and are taken out with the space around them.
func appendOneLine(dst, raw []byte) ([]byte, error) {
	if raw == nil {
		return append(dst, "null"...), nil
	}
	if bytes.IndexByte(raw, '\n') < 0 && bytes.IndexByte(raw, '\r') < 0 {
		return append(dst, raw...), nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return dst, err
	}
	return append(dst, b.Bytes()...), nil
}

// flush ends the file.
func (e *exportWriter) flush() error {
	if e.csv != nil {
		e.csv.Flush()
		if err := e.csv.Error(); err != nil {
			return err
		}
	}
	return e.out.Flush()
}
