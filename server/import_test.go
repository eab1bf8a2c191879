package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
)

// record is a line of an import.
func record(gpos int) string {
	return fmt.Sprintf(`{"id":"018f3c1e-7a3b-4c52-9d0a-%012x","stream":"a-%d","type":"T","pos":%d,"gpos":%d,"data":{"n":%d},"meta":{"correlationStreamName":"w-1"},"time":"2026-01-15T10:30:00.123456789Z"}`,
		gpos, gpos%2, (gpos-1)/2, gpos, gpos)
}

func records(from, to int) string {
	var b strings.Builder
	for g := from; g <= to; g++ {
		b.WriteString(record(g) + "\n")
	}
	return b.String()
}

// importAll sends a body and returns the data of all events.
func (h *host) importAll(query, body string) []string {
	h.t.Helper()
	answer, text := h.request("POST", "/import"+query, h.admin, body)
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/event-stream" {
		h.t.Fatalf("import: %s %s", answer.Status, text)
	}
	var all []string
	for _, event := range strings.Split(strings.TrimSuffix(text, "\n\n"), "\n\n") {
		data, ok := strings.CutPrefix(event, "data: ")
		if !ok || !json.Valid([]byte(data)) {
			h.t.Errorf("not an event: %q", event)
		}
		all = append(all, data)
	}
	return all
}

var doneEvent = regexp.MustCompile(`^\{"done":true,"imported":(\d+),"elapsed":"\d+\.\ds"\}$`)

func (h *host) wantEvents(got []string, want ...string) {
	h.t.Helper()
	for i, event := range got {
		if m := doneEvent.FindStringSubmatch(event); m != nil {
			got[i] = "done " + m[1]
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		h.t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestImport(t *testing.T) {
	h := newHost(t)
	h.wantEvents(h.importAll("", records(1, 2500)), `{"imported":1000,"gpos":1000}`, `{"imported":2000,"gpos":2000}`, `{"imported":2500,"gpos":2500}`, "done 2500")
	got := rows(t, h.call(`["category.get","a",{"position":2500}]`))
	if want := `["018f3c1e-7a3b-4c52-9d0a-0000000009c4" "a-0" "T" 1249 2500 {"n":2500} {"correlationStreamName":"w-1"} "2026-01-15T10:30:00.123456789Z"]`; fmt.Sprintf("%s", got[0]) != want {
		t.Errorf("got %s, want %s", got[0], want)
	}
	if got := h.globals("", `{"correlation":"w","position":2499}`); got != "2499 2500" {
		t.Errorf("imported messages correlate to %q", got)
	}
	// Writing goes on after what was imported.
	h.expect(`["stream.write","a-0",{"type":"T","data":{}},{"expectedVersion":1249}]`, `{"position":1250,"globalPosition":2501}`)
	h.wantEvents(h.importAll("?force=true", "\n  \r\n"+record(7)+"\r\n\t\n"), `{"imported":1,"gpos":7}`, "done 1")
	if n := h.messages("default"); n != 1 {
		t.Errorf("%d messages are there after force, want 1", n)
	}
	h.wantEvents(h.importAll("", ""), "done 0")
	h.wantEvents(h.importAll("?force=false", "\n\n"), "done 0")
	h.wantEvents(h.importAll("", record(9)), `{"imported":1,"gpos":9}`, "done 1") // no newline at the end
	answer, text := h.request("POST", "/import?force=perhaps", h.admin, record(10))
	h.fault("force=perhaps", answer, text, 400, "INVALID_REQUEST")
	answer, text = h.request("POST", "/import?force=true", "", record(10))
	h.fault("without a token", answer, text, 401, "AUTH_REQUIRED")
	if n := h.messages("default"); n != 2 {
		t.Errorf("%d messages are there, want 2", n)
	}
}

func TestImportOfWhatIsWrong(t *testing.T) {
	h := newHost(t)
	h.wantEvents(h.importAll("", records(1, 4)), `{"imported":4,"gpos":4}`, "done 4")
	change := func(old, to string) string { return strings.Replace(record(6), old, to, 1) }
	for line, code := range map[string]string{
		`{`: "INVALID_JSON", `x`: "INVALID_JSON", record(6) + `x`: "INVALID_JSON", record(6)[:100]: "INVALID_JSON", change(`"n":6`, "\"n\":\"\xff\""): "INVALID_JSON",
		change(`"pos":2`, `"pos":"2"`) + `,`: "INVALID_JSON", // wrong in its type and no JSON: the latter counts
		`[]`:                                 "INVALID_RECORD", `null`: "INVALID_RECORD", `{}`: "INVALID_RECORD",
		change(`018f3c1e-`, ``):                                                                "INVALID_RECORD",
		change(`"018f3c1e-7a3b-4c52-9d0a-000000000006"`, `null`):                               "INVALID_RECORD",
		change(`018f3c1e-7a3b-4c52-9d0a-000000000006`, `00000000-0000-0000-0000-000000000000`): "INVALID_RECORD",
		change(`"stream":"a-0",`, ``):                                                          "INVALID_RECORD",
		change(`"a-0"`, `""`):                                                                  "INVALID_RECORD",
		change(`"a-0"`, `"a\u0000"`):                                                           "INVALID_RECORD",
		change(`"a-0"`, `5`):                                                                   "INVALID_RECORD",
		change(`"type":"T",`, ``):                                                              "INVALID_RECORD",
		change(`"T"`, `""`):                                                                    "INVALID_RECORD",
		change(`"pos":2,`, ``):                                                                 "INVALID_RECORD",
		change(`"pos":2`, `"pos":-1`):                                                          "INVALID_RECORD",
		change(`"pos":2`, `"pos":2.0`):                                                         "INVALID_RECORD",
		change(`"pos":2`, `"pos":"2"`):                                                         "INVALID_RECORD",
		change(`"gpos":6,`, ``):                                                                "INVALID_RECORD",
		change(`"gpos":6`, `"gpos":0`):                                                         "INVALID_RECORD",
		change(`"gpos":6`, `"gpos":null`):                                                      "INVALID_RECORD",
		change(`"data":{"n":6},`, ``):                                                          "INVALID_RECORD",
		change(`{"n":6}`, `[6]`):                                                               "INVALID_RECORD",
		change(`{"n":6}`, `null`):                                                              "INVALID_RECORD",
		change(`{"n":6}`, `{"x":"`+strings.Repeat("x", 1<<20)+`"}`):                            "INVALID_RECORD",
		change(`{"correlationStreamName":"w-1"}`, `"x"`):                                       "INVALID_RECORD",
		change(`"2026-01-15T10:30:00.123456789Z"`, `"today"`):                                  "INVALID_RECORD",
		change(`"2026-01-15T10:30:00.123456789Z"`, `5`):                                        "INVALID_RECORD",
		change(`2026-01-15`, `9999-12-31`):                                                     "INVALID_RECORD", // not 1816, which 64 bits would make of it
		change(`2026-01-15`, `0001-01-01`):                                                     "INVALID_RECORD",
		change(`,"time":"2026-01-15T10:30:00.123456789Z"`, ``):                                 "INVALID_RECORD",
		strings.Repeat(" ", 5<<20) + record(6):                                                 "INVALID_RECORD",
		record(4):                                                                              "POSITION_EXISTS",
		change(`"gpos":6`, `"gpos":3`):                                                         "POSITION_EXISTS",
		change(`"pos":2`, `"pos":1`):                                                           "POSITION_EXISTS",
	} {
		got := h.importAll("", record(5)+"\n\n"+line+"\n"+record(7)+"\n")
		var told struct {
			Error, Message string
			Line           int
		}
		mustDecode(t, got[len(got)-1], &told)
		if len(got) != 1 || told.Error != code || told.Line != 3 || told.Message == "" {
			t.Errorf("%.100q: got %q, want %s of line 3", line, got, code)
		}
		if n := h.messages("default"); n != 4 {
			t.Fatalf("%.100q: %d messages are stored, want 4", line, n)
		}
	}
	// What stood in batches before the failed one stays.
	got := h.importAll("", records(5, 1200)+"{}\n"+records(1201, 1300))
	if len(got) != 2 || got[0] != `{"imported":1000,"gpos":1004}` || !strings.Contains(got[1], `"line":1197}`) {
		t.Errorf("got %q", got)
	}
	if n := h.messages("default"); n != 1004 {
		t.Errorf("%d messages are stored, want 1004", n)
	}
}

// TestImportTellsWhileItReads sends the second batch only once the first was
// told, which needs both directions of the connection at once.
func TestImportTellsWhileItReads(t *testing.T) {
	h := newHost(t)
	body, write := io.Pipe()
	req, err := http.NewRequest("POST", h.url+"/import", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.admin)
	sent := make(chan error, 1)
	go func() {
		_, err := write.Write([]byte(records(1, 1000)))
		sent <- err
	}()
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	in := bufio.NewReader(answer.Body)
	event := func() string {
		t.Helper()
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(strings.TrimSpace(line), "data: ")
	}
	if got := event(); got != `{"imported":1000,"gpos":1000}` {
		t.Errorf("got %s", got)
	}
	if n := h.messages("default"); n != 1000 {
		t.Errorf("%d messages are stored already, want 1000", n)
	}
	if _, err := write.Write([]byte(records(1001, 1001))); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	if got := event(); got != `{"imported":1001,"gpos":1001}` {
		t.Errorf("got %s", got)
	}
	if got := event(); !doneEvent.MatchString(got) {
		t.Errorf("got %s", got)
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

// TestImportThatBreaksOff stores no part of the batch that was not whole.
func TestImportThatBreaksOff(t *testing.T) {
	h := newHost(t)
	req, err := http.NewRequest("POST", h.url+"/import", io.MultiReader(strings.NewReader(records(1, 1500)), brokenReader{}))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.admin)
	if answer, err := http.DefaultClient.Do(req); err == nil {
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
	h.eventually("the first batch is stored", func() bool { return h.messages("default") == 1000 })
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestImportTellsWhatIsTaken: the line alone does not say which of its two
// positions to look at.
func TestImportTellsWhatIsTaken(t *testing.T) {
	h := newHost(t)
	h.importAll("", records(1, 4))
	h.wantEvents(h.importAll("", record(5)+"\n"+record(3)),
		`{"error":"POSITION_EXISTS","message":"gpos 3, or pos 1 of stream \"a-1\", is taken","line":2}`)
}

// TestImportTimesAtTheEdges: what 64 bits of nanoseconds can hold comes back.
func TestImportTimesAtTheEdges(t *testing.T) {
	h := newHost(t)
	for i, at := range []string{"1677-09-21T00:12:43.145224192Z", "1970-01-01T00:00:00Z", "2262-04-11T23:47:16.854775807Z"} {
		line := strings.Replace(record(i+1), "2026-01-15T10:30:00.123456789Z", at, 1)
		h.wantEvents(h.importAll("", line), fmt.Sprintf(`{"imported":1,"gpos":%d}`, i+1), "done 1")
		if got := rows(t, h.call(fmt.Sprintf(`["category.get","",{"position":%d}]`, i+1))); string(got[0][7]) != `"`+at+`"` {
			t.Errorf("got %s, want %s", got[0][7], at)
		}
	}
}

// TestImportIntoNothing: a namespace that is not there is told by the status,
// also when there is nothing to store.
func TestImportIntoNothing(t *testing.T) {
	h := newHost(t)
	for _, path := range []string{"/import", "/import?force=true"} {
		for _, body := range []string{"", record(1)} {
			answer, text := h.request("POST", path, h.admin, body, wire.NamespaceHeader, "nothing")
			h.fault(path, answer, text, 404, "NAMESPACE_NOT_FOUND")
		}
	}
	answer, text := h.request("POST", "/import?force=%zz", h.admin, record(1))
	h.fault("a malformed query", answer, text, 400, "INVALID_REQUEST")
}

// TestImportIsBounded: a batch is stored early when its lines are large.
func TestImportIsBounded(t *testing.T) {
	h := newHost(t, func(c *server.Config) { c.Limits.LineBytes = 2 << 20 })
	var body bytes.Buffer
	for g := 1; g <= 20; g++ {
		body.WriteString(strings.Replace(record(g), fmt.Sprintf(`{"n":%d}`, g), `{"x":"`+strings.Repeat("x", 1<<20-100)+`"}`, 1) + "\n")
	}
	got := h.importAll("", body.String())
	if len(got) < 4 || got[0] != `{"imported":4,"gpos":4}` { // four lines of 1 MiB fill a batch
		t.Errorf("got %q", got)
	}
	h.wantEvents(got[len(got)-1:], "done 20")
}

func TestExportedLinesImportAgain(t *testing.T) {
	h := newHost(t)
	tenant := h.namespace("tenant")
	h.importAll("", records(1, 10))
	before := h.call(`["category.get",""]`)
	var body strings.Builder
	for _, r := range rows(t, before) {
		fmt.Fprintf(&body, `{"id":%s,"stream":%s,"type":%s,"pos":%s,"gpos":%s,"data":%s,"meta":%s,"time":%s}`+"\n", r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7])
	}
	answer, text := h.request("POST", "/import", tenant, body.String())
	if answer.StatusCode != 200 || !strings.Contains(text, `"done":true,"imported":10`) {
		t.Fatal(text)
	}
	if after := h.callAs(tenant, `["category.get",""]`); after != before {
		t.Errorf("got  %s\nwant %s", after, before)
	}
}
