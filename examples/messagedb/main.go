// Command messagedb converts a CSV dump of a Message DB's table to lines of the
// import format, for when the database itself is not at hand any more. Where it
// is, export.sql does it in one step.
//
//	psql -d message_store -c "\copy (SELECT * FROM message_store.messages ORDER BY global_position) TO messages.csv WITH (FORMAT csv, HEADER)"
//	go run ./examples/messagedb <messages.csv | evtui import - --data /var/lib/evtui
package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

func main() {
	if err := convert(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "messagedb:", err)
		os.Exit(1)
	}
}

// record is a line of the import format.
type record struct {
	ID     string          `json:"id"`
	Stream string          `json:"stream"`
	Type   string          `json:"type"`
	Pos    int64           `json:"pos"`
	GPos   int64           `json:"gpos"`
	Data   json.RawMessage `json:"data"`
	Meta   json.RawMessage `json:"meta"`
	Time   string          `json:"time"`
}

// columns are those of the table, in whatever order the dump has them.
var columns = [...]string{"id", "stream_name", "type", "position", "global_position", "data", "metadata", "time"}

func convert(in io.Reader, out io.Writer) error {
	rows := csv.NewReader(&carriageReturns{in: bufio.NewReader(in)})
	rows.ReuseRecord = true
	head, err := rows.Read()
	if err != nil {
		return fmt.Errorf("read the header: %w", err)
	}
	place := map[string]int{}
	for i, name := range head {
		place[name] = i
	}
	for _, name := range columns {
		if _, found := place[name]; !found {
			return fmt.Errorf("the dump has no column %q: make it with HEADER", name)
		}
	}
	lines := bufio.NewWriter(out)
	encoder := json.NewEncoder(lines)
	encoder.SetEscapeHTML(false)
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return lines.Flush()
		}
		if err != nil {
			return fmt.Errorf("read the dump: %w", err)
		}
		r, err := recordOf(func(name string) string { return row[place[name]] })
		if err != nil {
			line, _ := rows.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
		if err := encoder.Encode(r); err != nil {
			return err
		}
	}
}

func recordOf(column func(name string) string) (r record, err error) {
	r = record{ID: column("id"), Stream: column("stream_name"), Type: column("type")}
	if r.Pos, err = strconv.ParseInt(column("position"), 10, 64); err != nil {
		return r, fmt.Errorf("position: %w", err)
	}
	if r.GPos, err = strconv.ParseInt(column("global_position"), 10, 64); err != nil {
		return r, fmt.Errorf("global_position: %w", err)
	}
	if r.Data, err = value(column("data")); err != nil {
		return r, fmt.Errorf("data: %w", err)
	}
	if r.Meta, err = value(column("metadata")); err != nil {
		return r, fmt.Errorf("metadata: %w", err)
	}
	r.Time = column("time")
	// The table's times are UTC without saying so. One that evtui cannot store, such
	// as infinity, goes on as it is: the import says so, with its line.
	if at, err := time.Parse("2006-01-02 15:04:05", r.Time); err == nil {
		r.Time = at.Format(time.RFC3339Nano)
	}
	return r, nil
}

// value returns the JSON of a column, and null for NULL: what is no object is the
// import's to refuse or to map.
func value(text string) (json.RawMessage, error) {
	switch {
	case text == "":
		return json.RawMessage("null"), nil
	case !json.Valid([]byte(text)):
		return nil, errors.New("not JSON")
	}
	return json.RawMessage(text), nil
}

// carriageReturns doubles each carriage return before a line feed between quotes:
// package csv would drop it, and the name that it stands in would be another one.
type carriageReturns struct {
	in     *bufio.Reader
	quoted bool
	owed   bool // a carriage return, the second of two
}

// Read implements io.Reader.
func (c *carriageReturns) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if c.owed {
			p[n], c.owed = '\r', false
			n++
			continue
		}
		b, err := c.in.ReadByte()
		if err != nil {
			return n, err
		}
		p[n] = b
		n++
		switch b {
		case '"':
			c.quoted = !c.quoted
		case '\r':
			if next, err := c.in.Peek(1); err == nil && next[0] == '\n' {
				c.owed = c.quoted
			}
		}
	}
	return n, nil
}
