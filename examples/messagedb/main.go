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
	rows := csv.NewReader(bufio.NewReader(in))
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
	if r.Data, err = object(column("data"), "{}"); err != nil {
		return r, fmt.Errorf("data: %w", err)
	}
	if r.Meta, err = object(column("metadata"), "null"); err != nil {
		return r, fmt.Errorf("metadata: %w", err)
	}
	// The table's times are UTC without saying so.
	at, err := time.Parse("2006-01-02 15:04:05", column("time"))
	if err != nil {
		return r, err
	}
	r.Time = at.Format(time.RFC3339Nano)
	return r, nil
}

// object returns the JSON of a column, or what stands for NULL.
func object(text, null string) (json.RawMessage, error) {
	switch {
	case text == "":
		return json.RawMessage(null), nil
	case !json.Valid([]byte(text)):
		return nil, errors.New("not JSON")
	case text[0] != '{':
		return nil, errors.New("not an object, which every event of evtui is")
	}
	return json.RawMessage(text), nil
}
