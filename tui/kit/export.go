package kit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
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

// MessagesOf hands messages, oldest first, to emit until it returns an error.
// It counts those that it looked at.
type MessagesOf func(ctx context.Context, c *client.Client, looked *atomic.Int64, emit func(*store.Message) error) error

// Export is a page's export: asked for, or under way.
type Export struct {
	of      MessagesOf
	columns []filter.Column // of a CSV file
	run     *exportRun      // nil: none
	gen     uint64
}

// exportRun is an export under way. Only its counters and stop are used by
// others while it runs.
type exportRun struct {
	file    string
	written atomic.Int64
	looked  atomic.Int64
	stop    context.CancelFunc
}

// Ask asks where to write what of hands out.
func (e *Export) Ask(t *page.Turn, of MessagesOf, columns []filter.Column, name string) {
	if e.run != nil {
		t.Toast(page.LevelWarn, "an export is running; esc cancels it")
		return
	}
	e.of, e.columns = of, columns
	t.Prompt(page.Prompt{ID: "export", Label: "export to", Hint: "FILE.ndjson for evtui import, or FILE.csv", Text: fileName(t.Namespace + "-" + name)})
}

// fileName makes a name that any file system takes.
func fileName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '+' || r == '.' || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' && r < 0x80 {
			return r
		}
		return '_'
	}, s)
	return strings.TrimLeft(s[:min(len(s), 100)], ".-") + ".ndjson"
}

// Prompted begins the export, and reports whether the prompt was its own. gen is
// what its reply carries.
func (e *Export) Prompted(t *page.Turn, msg page.PromptMsg, gen uint64) bool {
	if msg.ID != "export" {
		return false
	}
	file := strings.TrimSpace(msg.Text)
	if msg.State != page.PromptDone || file == "" || e.of == nil {
		return true
	}
	if ext := strings.ToLower(filepath.Ext(file)); ext != ".csv" && ext != ".ndjson" {
		t.Toast(page.LevelWarn, "the name must end with .ndjson or .csv, which chooses the format")
		t.Prompt(page.Prompt{ID: "export", Label: ".ndjson or .csv", Text: file + ".ndjson"})
		return true
	}
	run, of, columns := &exportRun{file: file}, e.of, e.columns
	call, stop := Stoppable(func(ctx context.Context, c *client.Client) (any, error) { return nil, run.do(ctx, c, of, columns) })
	run.stop = stop
	e.run, e.gen = run, gen
	t.Ask(gen, call)
	return true
}

// Running reports whether an export is under way.
func (e *Export) Running() bool { return e.run != nil }

// Awaits reports whether an export is under way whose reply carries gen.
func (e *Export) Awaits(gen uint64) bool { return e.run != nil && e.gen == gen }

// Cancel ends an export under way, and reports whether there was one.
func (e *Export) Cancel() bool {
	if e.run == nil {
		return false
	}
	e.run.stop()
	return true
}

// Replied takes the export's end, and reports whether the reply was its own.
func (e *Export) Replied(t *page.Turn, msg page.Reply) bool {
	if e.run == nil || msg.Gen != e.gen {
		return false
	}
	run := e.run
	e.run = nil
	run.stop()
	switch {
	case errors.Is(msg.Err, fs.ErrExist):
		t.Toast(page.LevelWarn, "%s already exists; give another name", run.file)
		t.Prompt(page.Prompt{ID: "export", Label: "taken; another name", Text: another(run.file)})
	case errors.Is(msg.Err, context.Canceled):
		t.Toast(page.LevelInfo, "export cancelled; no file was written")
	case msg.Err != nil:
		t.Toast(page.LevelError, "export to %s: %v; no file was written", run.file, msg.Err)
	default:
		t.Toast(page.LevelInfo, "exported %s messages to %s", text.Count(run.written.Load()), run.file)
	}
	return true
}

// another suggests a name beside one that is taken.
func another(file string) string {
	ext := filepath.Ext(file)
	base := strings.TrimSuffix(file, ext)
	n := 2
	if i := strings.LastIndexByte(base, '-'); i > 0 {
		var last int
		if _, err := fmt.Sscanf(base[i:], "-%d", &last); err == nil && last > 1 && last < 1000 && fmt.Sprintf("-%d", last) == base[i:] {
			base, n = base[:i], last+1
		}
	}
	return fmt.Sprintf("%s-%d%s", base, n, ext)
}

// Chip says how far an export is; "" when none runs.
func (e *Export) Chip() string {
	if e.run == nil {
		return ""
	}
	s := "exporting " + text.Count(e.run.written.Load())
	if looked := e.run.looked.Load(); looked > e.run.written.Load() {
		s += " of " + text.Count(looked) + " read"
	}
	return s
}

// do writes the file, whole or not at all: under another name first, so that
// what was cut short is never taken for an export.
func (r *exportRun) do(ctx context.Context, c *client.Client, of MessagesOf, columns []filter.Column) (err error) {
	name := expandHome(r.file)
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("create %s: %w", name, fs.ErrExist)
	}
	part := name + ".part"
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(part) // it is of no use; the error told is the first
		}
	}()
	w := newExportWriter(file, strings.EqualFold(filepath.Ext(name), ".csv"), columns)
	err = of(ctx, c, &r.looked, func(m *store.Message) error {
		r.written.Add(1)
		return w.write(m)
	})
	if err = errors.Join(err, w.flush(), file.Close()); err != nil {
		return err
	}
	// A link is made only where there is nothing, unlike a rename.
	if os.Link(part, name) == nil {
		return os.Remove(part)
	}
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("create %s: %w", name, fs.ErrExist)
	}
	return os.Rename(part, name)
}

// expandHome reads a leading ~ as shells do.
func expandHome(file string) string {
	if rest, ok := strings.CutPrefix(file, "~"+string(filepath.Separator)); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return file
}

// Given hands out messages at hand.
func Given(messages []*store.Message) MessagesOf {
	return func(_ context.Context, _ *client.Client, looked *atomic.Int64, emit func(*store.Message) error) error {
		for _, m := range messages {
			looked.Add(1)
			if err := emit(m); err != nil {
				return err
			}
		}
		return nil
	}
}
