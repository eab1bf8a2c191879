package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// foreignLines are lines that Message DB's or EventoDB's data can come to and that
// cannot be stored as they are, by what is wrong with them.
func foreignLines() map[string]string {
	big := strings.Repeat("x", 1<<20)
	line := func(id, stream, kind, data, meta string, n int) string {
		return fmt.Sprintf(`{"id":%s,"stream":%q,"type":%q,"pos":0,"gpos":%d,"data":%s,"meta":%s,"time":"2026-11-01T00:00:00Z"}`, id, stream, kind, n, data, meta)
	}
	id := func(n int) string { return fmt.Sprintf(`"018f0000-0000-7000-8000-%012d"`, n) }
	return map[string]string{
		"no category": line(id(1), "-1", "T", "{}", "null", 1),
		"long type":   line(id(2), "b-2", strings.Repeat("T", 300), "{}", "null", 2),
		"2 MB":        line(id(3), "b-3", "T", `{"x":"`+big+`"}`, `{"x":"`+big+`"}`, 3),
		"5 MB":        line(id(4), "b-4", "T", `{"x":"`+strings.Repeat(big, 5)+`"}`, `null`, 4),
		"no JSON":     `{"id":`,
		"null data":   line(id(6), "b-6", "T", "null", "null", 6),
		"array data":  line(id(7), "b-7", "T", "[1, 2.0]", `{"k":1}`, 7),
		"scalar meta": line(id(8), "b-8", "T", "{}", `"m"`, 8),
		"nil id":      line(`"00000000-0000-0000-0000-000000000000"`, "b-9", "T", "{}", `{"k":1}`, 9),
		"no UUID":     line(`"order-7 \"x\""`, "b-10", "T", `{"big":12345678901234567890}`, "null", 10),
		"repeated id": line(id(99), "b-11", "T", "{}", "{}", 99+1),
	}
}

// importForeign imports one good line, the foreign line, and a good line that
// has the id 99, twice for the repeated one.
func importForeign(t *testing.T, dir, foreign string, flags ...string) (stderr string, err error) {
	t.Helper()
	good := `{"id":"018f0000-0000-7000-8000-000000000099","stream":"a-1","type":"T","pos":0,"gpos":99,"data":{},"meta":null,"time":"2026-11-01T00:00:00Z"}`
	args := append([]string{"import", "-", "--data", dir}, flags...)
	_, stderr, err = runCommandOn(t, strings.NewReader(good+"\n\n"+foreign+"\n"), args...)
	return stderr, err
}

// TestForeignRecords: nothing stops an import with flags to go on, nothing
// is left out or changed in silence.
func TestForeignRecords(t *testing.T) {
	t.Setenv("EVTUI_CONFIG", "none")
	for name, line := range foreignLines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := importForeign(t, t.TempDir(), line); err == nil {
				t.Error("it was taken as it is")
			}
			if name == "repeated id" {
				return // found by the store, not in the line: see TestNewIDs
			}
			stderr, err := importForeign(t, t.TempDir(), line, "--on-invalid", "skip")
			if err != nil || !strings.Contains(stderr, "1 message could not be imported") || !strings.Contains(stderr, "line 3: ") || !strings.Contains(stderr, "imported 1 message") {
				t.Errorf("skipped: %v, %s", err, stderr)
			}
			report := filepath.Join(t.TempDir(), "left-out.ndjson")
			if _, err := importForeign(t, t.TempDir(), line, "--on-invalid", "report="+report); err != nil {
				t.Fatal(err)
			}
			var left struct {
				Line   int
				Error  string
				Record json.RawMessage
			}
			text, err := os.ReadFile(report)
			if err != nil || json.Unmarshal(text, &left) != nil || left.Line != 3 || left.Error == "" || len(left.Record) == 0 {
				t.Errorf("reported: %v, %.200s", err, text)
			}
			if json.Valid([]byte(line)) && len(line) < maxLine && !sameJSON(left.Record, []byte(line)) {
				t.Errorf("the report has another record: %.200s", left.Record)
			}
		})
	}
}

// stored returns the message that the foreign line became.
func stored(t *testing.T, name string, flags ...string) (id string, data, metadata string) {
	t.Helper()
	dir := t.TempDir()
	stderr, err := importForeign(t, dir, foreignLines()[name], flags...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if !strings.Contains(stderr, "1 message ") {
		t.Errorf("%s: in silence: %s", name, stderr)
	}
	out, _, err := runCommand(t, "export", "--category", "b", "--data", dir)
	if err != nil {
		t.Fatal(err)
	}
	var m line
	if json.Unmarshal([]byte(out), &m) != nil {
		t.Fatalf("%s: exported %q", name, out)
	}
	return m.ID, string(m.Data), string(m.Metadata)
}

func TestMapping(t *testing.T) {
	t.Setenv("EVTUI_CONFIG", "none")
	for name, want := range map[string][2]string{
		"null data":   {`{}`, `null`},
		"array data":  {`{"value":[1, 2.0]}`, `{"k":1}`},
		"scalar meta": {`{}`, `{"value":"m"}`},
	} {
		if _, data, meta := stored(t, name, "--map"); data != want[0] || meta != want[1] {
			t.Errorf("%s: data %s, metadata %s", name, data, meta)
		}
	}
}

// TestNewIDs: the new id is the same in each import, and the old one is kept.
func TestNewIDs(t *testing.T) {
	t.Setenv("EVTUI_CONFIG", "none")
	for name, want := range map[string][2]string{
		"nil id":      {`{}`, `{"k":1,"importedId":"00000000-0000-0000-0000-000000000000"}`},
		"no UUID":     {`{"big":12345678901234567890}`, `{"importedId":"order-7 \"x\""}`},
		"repeated id": {`{}`, `{"importedId":"018f0000-0000-7000-8000-000000000099"}`},
	} {
		id, data, meta := stored(t, name, "--new-ids")
		if data != want[0] || meta != want[1] {
			t.Errorf("%s: data %s, metadata %s", name, data, meta)
		}
		if again, _, _ := stored(t, name, "--new-ids"); again != id || id[14] != '8' {
			t.Errorf("%s: ids %s and %s", name, id, again)
		}
	}
	// Good ids stay, and an import that is resumed finds what it stored.
	dir := t.TempDir()
	for _, flags := range [][]string{{"--new-ids"}, {"--new-ids", "--resume"}} {
		if _, err := importForeign(t, dir, foreignLines()["repeated id"], flags...); err != nil {
			t.Error(err)
		}
	}
	out, _, err := runCommand(t, "export", "--data", dir)
	if err != nil || strings.Count(out, "\n") != 2 || !strings.Contains(out, `{"id":"018f0000-0000-7000-8000-000000000099","stream":"a-1"`) {
		t.Errorf("%v, %s", err, out)
	}
}

// TestLeftOutIsNotChanged: what is left out in the end is not counted as changed, is
// reported as it came, and takes no id from another.
func TestLeftOutIsNotChanged(t *testing.T) {
	t.Setenv("EVTUI_CONFIG", "none")
	const both = `{"id":"no UUID","stream":"b-1","type":"","pos":0,"gpos":1,"data":[1],"meta":"m","time":"2026-11-01T00:00:00Z"}`
	const first = `{"id":"018f0000-0000-7000-8000-000000000001","stream":"-1","type":"T","pos":0,"gpos":2,"data":{},"meta":null,"time":"2026-11-01T00:00:00Z"}`
	second := strings.Replace(first, `"stream":"-1"`, `"stream":"b-1"`, 1)
	report, dir := filepath.Join(t.TempDir(), "left-out.ndjson"), t.TempDir()
	stderr, err := importForeign(t, dir, both+"\n"+first+"\n"+second, "--map", "--new-ids", "--on-invalid", "report="+report)
	if err != nil || strings.Contains(stderr, "new id") || strings.Contains(stderr, "as --map says") || !strings.Contains(stderr, "2 messages could not be imported") {
		t.Errorf("%v, %s", err, stderr)
	}
	text, err := os.ReadFile(report)
	if err != nil || !strings.Contains(string(text), `"record":`+both+"}") || !strings.Contains(string(text), `"record":`+first+"}") {
		t.Errorf("reported: %v, %s", err, text)
	}
	out, _, err := runCommand(t, "export", "--category", "b", "--data", dir)
	if err != nil || out != second+"\n" {
		t.Errorf("%v, exported %s", err, out)
	}
}
