package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

const (
	exportFirst = 20      // messages of the first page, before their size is known
	exportPage  = 5000    // messages of a page at most
	exportBytes = 4 << 20 // what a page should weigh
)

// Export writes the messages of the category, or of the whole namespace when
// it is "", to w as lines of the import format (protocol section 8), from the
// global position on, and returns how many. Data and metadata stay to the
// letter except that space which holds a line break is taken out. progress,
// unless nil, is called after each page, from this goroutine.
//
// An export that was cut short goes on from one after the gpos of the last
// whole line.
func (c *Client) Export(ctx context.Context, w io.Writer, from int64, category string, progress func(messages int64)) (int64, error) {
	out := bufio.NewWriterSize(w, 64<<10)
	e := exporter{out: out}
	q := CategoryQuery{Category: category, GlobalPosition: from, Limit: exportFirst}
	for {
		page, err := c.readCategory(ctx, q)
		if err != nil {
			// What was read is worth keeping: the export can go on from there.
			return e.messages, fmt.Errorf("export from position %d: %w", q.GlobalPosition, errors.Join(err, out.Flush()))
		}
		before := e.messages
		if err := e.page(page); err != nil {
			return e.messages, fmt.Errorf("export from position %d: %w", q.GlobalPosition, err)
		}
		count := int(e.messages - before)
		if progress != nil {
			progress(e.messages)
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
	messages int64
	last     int64 // global position of the last line
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

const gposField = 4

func (e *exporter) row(s *scanner) error {
	e.line.Reset()
	s.expect('[')
	for i, key := range exportKeys {
		if i > 0 {
			s.expect(',')
		}
		value := s.raw()
		if s.err != nil {
			return s.err
		}
		if i == gposField {
			gpos, err := strconv.ParseInt(string(value), 10, 64)
			if err != nil {
				return errAnswer
			}
			e.last = gpos
		}
		e.line.WriteString(key)
		if err := e.oneLine(value); err != nil {
			return err
		}
	}
	s.expect(']')
	if s.err != nil {
		return s.err
	}
	e.line.WriteString("}\n")
	if _, err := e.out.Write(e.line.Bytes()); err != nil {
		return fmt.Errorf("write export: %w", err)
	}
	e.messages++
	return nil
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
