package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/evtui/evtui/store"
)

const (
	exportFirst = 20      // messages of the first page, before their size is known
	exportPage  = 5000    // messages of a page at most
	exportBytes = 4 << 20 // what a page should weigh
)

// ExportQuery selects what Export writes; the zero value is the whole namespace.
type ExportQuery struct {
	// From is the first global position.
	From int64
	// Categories are those to write; none stands for all. Several are looked for
	// in the whole namespace.
	Categories []string
	// Since leaves out messages before it, Until those at it and after it. Zero
	// leaves out nothing.
	Since, Until time.Time
	// Progress, unless nil, is told how many are written after each page, from
	// the caller's goroutine.
	Progress func(messages int64)
}

// Export writes the messages to w as lines of the import format (protocol
// section 8), by global position, and returns how many. Data and metadata stay
// byte for byte except that space which holds a line break is taken out.
//
// An export that was cut short goes on from one after the gpos of the last
// whole line.
func (c *Client) Export(ctx context.Context, w io.Writer, x ExportQuery) (int64, error) {
	out := bufio.NewWriterSize(w, 64<<10)
	e := exporter{out: out, query: x}
	q := CategoryQuery{GlobalPosition: x.From, Limit: exportFirst}
	if len(x.Categories) == 1 {
		q.Category = x.Categories[0]
	}
	if !x.Since.IsZero() {
		at, err := c.PositionAt(ctx, x.Since)
		if err != nil && !NotOffered(err) {
			return 0, fmt.Errorf("export: %w", err)
		}
		q.GlobalPosition = max(q.GlobalPosition, at)
	}
	for {
		page, err := c.readCategory(ctx, q)
		if err != nil {
			// What was read is worth keeping: the export can go on from there.
			return e.messages, fmt.Errorf("export from position %d: %w", q.GlobalPosition, errors.Join(err, out.Flush()))
		}
		before := e.rows
		if err := e.page(page); err != nil {
			return e.messages, fmt.Errorf("export from position %d: %w", q.GlobalPosition, err)
		}
		count := int(e.rows - before)
		if x.Progress != nil {
			x.Progress(e.messages)
		}
		if count < q.Limit {
			if err := out.Flush(); err != nil {
				return e.messages, fmt.Errorf("write export: %w", err)
			}
			return e.messages, nil
		}
		if e.last < q.GlobalPosition {
			return e.messages, fmt.Errorf("export from position %d: %w", q.GlobalPosition, errAnswer)
		}
		q.GlobalPosition = e.last + 1
		q.Limit = min(max(exportBytes/(len(page)/count+1), 1), exportPage)
	}
}

// exporter turns rows into lines.
type exporter struct {
	out      *bufio.Writer
	line     bytes.Buffer
	query    ExportQuery
	rows     int64 // that came
	messages int64 // that were written
	last     int64 // global position of the last row
}

func (e *exporter) page(rows []byte) error {
	s := &scanner{buf: rows}
	s.expect('[')
	for first := true; s.more(']', first); first = false {
		if err := e.row(s); err != nil {
			return err
		}
	}
	return s.end()
}

// exportKeys are the members of a line, in the order of a row's fields.
var exportKeys = [...]string{`{"id":`, `,"stream":`, `,"type":`, `,"pos":`, `,"gpos":`, `,"data":`, `,"meta":`, `,"time":`}

// The fields of a row that are looked at, by their places in exportKeys.
const (
	streamField = 1
	gposField   = 4
	timeField   = 7
)

func (e *exporter) row(s *scanner) error {
	e.line.Reset()
	e.rows++
	keep := true
	s.expect('[')
	for i, key := range exportKeys {
		if i > 0 {
			s.expect(',')
		}
		value := s.raw()
		if s.err != nil {
			return s.err
		}
		wanted, err := e.look(i, value)
		if err != nil {
			return err
		}
		keep = keep && wanted
		e.line.WriteString(key)
		if err := e.oneLine(value); err != nil {
			return err
		}
	}
	s.expect(']')
	if s.err != nil || !keep {
		return s.err
	}
	e.line.WriteString("}\n")
	if _, err := e.out.Write(e.line.Bytes()); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	e.messages++
	return nil
}

// look reads a field of a row, and reports whether the query keeps such rows.
func (e *exporter) look(field int, value []byte) (keep bool, err error) {
	switch x := &e.query; {
	case field == gposField:
		if e.last, err = strconv.ParseInt(string(value), 10, 64); err != nil {
			return false, errAnswer
		}
	case field == streamField && len(x.Categories) > 1:
		var stream string
		if json.Unmarshal(value, &stream) != nil {
			return false, errAnswer
		}
		return slices.Contains(x.Categories, store.Category(stream)), nil
	case field == timeField && !(x.Since.IsZero() && x.Until.IsZero()):
		at := (&scanner{buf: value}).timestamp()
		if at.IsZero() {
			return false, errAnswer
		}
		return !at.Before(x.Since) && (x.Until.IsZero() || at.Before(x.Until)), nil
	}
	return true, nil
}

// oneLine appends the value, without space if some of it breaks the line. In
// valid JSON line breaks stand only between values, never inside.
func (e *exporter) oneLine(value []byte) error {
	if bytes.IndexByte(value, '\n') < 0 && bytes.IndexByte(value, '\r') < 0 {
		e.line.Write(value)
		return nil
	}
	if err := json.Compact(&e.line, value); err != nil {
		return errAnswer
	}
	return nil
}
