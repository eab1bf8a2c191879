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

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/store"
)

// exportPage is how many messages a page of an export holds at most.
const exportPage = 5000

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
	// Filter is a line of evtui's filter language: what it does not keep is left
	// out. "" keeps all. The server evaluates it, or where it cannot, the client.
	Filter string
	// Cost, unless nil, is told with a Filter what was looked at after each page,
	// from the caller's goroutine.
	Cost func(ScanCost)
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
	e := exporter{out: bufio.NewWriterSize(w, 64<<10), query: x, from: x.From}
	var err error
	if e.filter, err = filter.Parse(x.Filter, time.Now()); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	if !x.Since.IsZero() {
		at, err := c.PositionAt(ctx, x.Since)
		if err != nil && !NotOffered(err) {
			return 0, fmt.Errorf("export: %w", err)
		}
		e.from = max(e.from, at)
	}
	for more := true; more; {
		from := e.from
		if more, err = e.next(ctx, c); err != nil {
			// What was read is worth keeping: the export can go on from there.
			return e.messages, fmt.Errorf("export from position %d: %w", from, errors.Join(err, e.out.Flush()))
		}
		if x.Cost != nil && !e.filter.IsZero() {
			x.Cost(e.cost)
		}
		if x.Progress != nil {
			x.Progress(e.messages)
		}
	}
	if err := e.out.Flush(); err != nil {
		return e.messages, fmt.Errorf("write export: %w", err)
	}
	return e.messages, nil
}

// exporter turns rows into lines.
type exporter struct {
	out      *bufio.Writer
	line     bytes.Buffer
	query    ExportQuery
	filter   filter.Filter
	here     bool // the filter is evaluated here
	size     PageSize
	from     int64 // global position to go on at
	cost     ScanCost
	rows     int64 // that came
	messages int64 // that were written
	last     int64 // global position of the last row
}

// category is the one to read; "" for all.
func (e *exporter) category() string {
	if len(e.query.Categories) == 1 {
		return e.query.Categories[0]
	}
	return ""
}

// next writes the next page, and reports whether there is more.
func (e *exporter) next(ctx context.Context, c *Client) (more bool, err error) {
	if !e.filter.IsZero() && !e.here {
		q := ScanQuery{From: e.from, Limit: exportPage}.withDefaults()
		p, rows, err := c.scanThere(ctx, q, e.filter, e.category())
		if NotOffered(err) {
			e.here, e.cost.Here = true, true
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if !p.Complete && p.Next <= e.from {
			return false, errAnswer
		}
		e.from, e.cost = p.Next, e.cost.Add(p.Read)
		return !p.Complete, e.page(rows)
	}
	q := CategoryQuery{Category: e.category(), GlobalPosition: e.from, Limit: e.size.Next(exportPage)}
	q.MaxBytes = PageBytes
	began, before := time.Now(), e.rows
	page, err := c.readCategory(ctx, q)
	if len(page) > 0 {
		if err := e.page(page); err != nil {
			return false, err
		}
	}
	count := int(e.rows - before)
	if more, err = e.size.took(q.Limit, count, len(page), err); err != nil || count == 0 {
		return more, err
	}
	e.cost = e.cost.Add(ScanCost{Messages: int64(count), Bytes: int64(len(page)), Time: time.Since(began)})
	if more && e.last < e.from {
		return false, errAnswer
	}
	e.from = e.last + 1
	return more, nil
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
	if e.here {
		at := s.pos
		m := parseRow(s, "", new(store.Message))
		if s.err != nil {
			return s.err
		}
		keep, s.pos = e.filter.Keeps(&m), at
	}
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
