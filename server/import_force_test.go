package server_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/store"
)

func zip(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestForcedImportIsAllOrNothing: whatever is wrong with it, what was there
// stays.
func TestForcedImportIsAllOrNothing(t *testing.T) {
	h := newHost(t)
	h.importAll("", records(1, 7))
	before := h.call(`["category.get",""]`)
	whole := records(1, 1500)
	for name, body := range map[string]string{
		"empty":              "",
		"blank lines":        "\n \n\r\n",
		"not JSON":           whole + "{",
		"a bad record":       whole + "{}",
		"a position twice":   whole + record(3),
		"gzip of nothing":    zip(t, ""),
		"gzip that is cut":   zip(t, whole)[:2000],
		"gzip, a bad record": zip(t, whole+"{}"),
		"zstd":               "\x28\xb5\x2f\xfd" + whole,
	} {
		got := h.importAll("?force=true", body)
		if last := got[len(got)-1]; !strings.HasPrefix(last, `{"error":`) {
			t.Errorf("%s: the import ends with %s", name, last)
		}
		if after := h.call(`["category.get",""]`); after != before {
			t.Fatalf("%s: what was there is now %.300s", name, after)
		}
	}
	if got := h.importAll("?force=true", ""); strings.Join(got, "") != `{"error":"IMPORT_FAILED","message":"the body holds no message: nothing was replaced"}` {
		t.Errorf("an empty body is answered %q", got)
	}
	h.wantEvents(h.importAll("?force=true", whole), `{"imported":1000,"gpos":1000}`, `{"imported":1500,"gpos":1500}`, "done 1500")
	if n := h.messages("default"); n != 1500 {
		t.Errorf("%d messages are there, want 1500", n)
	}
}

// TestForcedImportThatBreaksOff keeps what was there, too.
func TestForcedImportThatBreaksOff(t *testing.T) {
	h := newHost(t)
	h.importAll("", records(1, 7))
	req, err := http.NewRequest("POST", h.url+"/import?force=true", io.MultiReader(strings.NewReader(records(1, 1500)), brokenReader{}))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.admin)
	if answer, err := http.DefaultClient.Do(req); err == nil {
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
	// It is over once another may replace the content.
	h.importAll("", records(8, 8))
	if n := h.messages("default"); n != 8 {
		t.Errorf("%d messages are there, want 8", n)
	}
}

// answering sends a request whose answer is read as it comes. It returns once
// the answer has begun.
func (h *host) answering(path string, body io.Reader) *bufio.Reader {
	h.t.Helper()
	req, err := http.NewRequest("POST", h.url+path, body)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.admin)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = answer.Body.Close() })
	return bufio.NewReader(answer.Body)
}

// TestForcedImportGivesWayToWrites: what was acknowledged since it began is
// not lost, and nobody sees the new content before it is whole.
func TestForcedImportGivesWayToWrites(t *testing.T) {
	for _, writes := range []bool{false, true} {
		h := newHost(t)
		h.importAll("", records(1, 7))
		e := h.subscribe("all=true")
		lines, body := io.Pipe()
		go func() { _, _ = io.WriteString(body, records(1, 1000)) }() // the answer says whether it came
		answer := h.answering("/import?force=true", lines)
		if told, err := answer.ReadString('\n'); err != nil || told != `data: {"imported":1000,"gpos":1000}`+"\n" {
			t.Fatalf("got %q, %v", told, err)
		}
		if n := h.messages("default"); n != 7 {
			t.Errorf("%d messages are there before the import is done", n)
		}
		if writes {
			h.write("b-1", 1)
		}
		if _, err := io.WriteString(body, record(1001)); err != nil {
			t.Fatal(err)
		}
		_ = body.Close()
		rest, err := io.ReadAll(answer)
		if err != nil {
			t.Fatal(err)
		}
		text := string(rest)
		if writes {
			if n := h.messages("default"); !strings.Contains(text, "was written to") || strings.Contains(text, `"done"`) || n != 8 {
				t.Errorf("%d messages are there after %s", n, text)
			}
			e.pokes(1)
			continue
		}
		if n := h.messages("default"); !strings.Contains(text, `"done":true,"imported":1001`) || n != 1001 {
			t.Errorf("%d messages are there after %s", n, text)
		}
		if got := e.line(); !strings.HasPrefix(got, `: end {"error":{"code":"NAMESPACE_REPLACED"`) {
			t.Errorf("the subscription ends with %q", got)
		}
	}
}

// replacing is a store whose replacements note what becomes of them.
type replacing struct {
	store.Store
	imported, discarded int
	committing          func(ctx context.Context) error
}

func (s *replacing) Import(context.Context, string, []store.ImportMessage) error { return nil }

func (s *replacing) Truncate(context.Context, string) error { return errors.New("nobody truncates") }

func (s *replacing) Replace(context.Context, string) (store.Replacement, error) {
	return replacement{s}, nil
}

type replacement struct{ s *replacing }

func (r replacement) Import(_ context.Context, messages []store.ImportMessage) error {
	r.s.imported += len(messages)
	return nil
}

func (r replacement) Commit(ctx context.Context) error { return r.s.committing(ctx) }

func (r replacement) Discard() error { r.s.discarded++; return nil }

// TestACommitThatTakesLong keeps the answer alive, and its failure is told.
func TestACommitThatTakesLong(t *testing.T) {
	s := &replacing{}
	h := newHost(t, func(c *server.Config) {
		s.Store = c.Store
		c.Store = s
		c.Limits.Heartbeat = time.Millisecond
	})
	for _, failure := range []error{nil, store.ErrChanged, &store.UnavailableError{Namespace: "default", Reason: "it is busy"}} {
		var commits int
		heard := make(chan struct{})
		s.committing = func(ctx context.Context) error {
			commits++
			select {
			case <-heard:
			case <-ctx.Done():
				return ctx.Err()
			}
			return failure
		}
		body := h.answering("/import?force=true", strings.NewReader(record(1)))
		beat, err := body.ReadString('\n')
		for err == nil && !strings.HasPrefix(beat, ": still here") {
			beat, err = body.ReadString('\n')
		}
		if err != nil {
			t.Fatalf("no sign of life: %v", err)
		}
		close(heard)
		rest, err := io.ReadAll(body)
		want := `"done":true`
		if failure != nil {
			want = `data: {"error":"IMPORT_FAILED","message":` + quote(failure.Error()) + "}"
		}
		if err != nil || !strings.Contains(string(rest), want) || commits != 1 {
			t.Errorf("%v: after %d commits the answer ends with %s, %v", failure, commits, rest, err)
		}
	}
	h.importAll("?force=true", "{")
	if s.imported != 3 || s.discarded != 4 {
		t.Errorf("%d messages are imported, %d replacements given up", s.imported, s.discarded)
	}
}

func TestImportOfGzip(t *testing.T) {
	h := newHost(t)
	n := 0
	for name, header := range map[string][]string{
		"as its header says":  {"Content-Encoding", "gzip"},
		"by its beginning":    nil,
		"by an older name":    {"Content-Encoding", "X-Gzip"},
		"as identity, it may": {"Content-Encoding", "identity"},
	} {
		n++
		answer, text := h.request("POST", "/import?force=true", h.admin, zip(t, records(1, 1000))+zip(t, records(1001, 1000+n)), header...)
		if answer.StatusCode != 200 || !strings.Contains(text, fmt.Sprintf(`"done":true,"imported":%d`, 1000+n)) {
			t.Errorf("%s: %s %s", name, answer.Status, text)
		}
	}
	big := strings.Replace(record(1), `{"n":1}`, `{"n":"`+strings.Repeat("x", 8<<20)+`"}`, 1)
	for name, c := range map[string]struct{ body, want string }{
		"a bomb in one line":   {zip(t, big), `{"error":"INVALID_RECORD","message":"the line is longer than 4194304 bytes","line":1}`},
		"twice":                {zip(t, zip(t, record(1))), `"message":"the body is compressed twice: once is enough","line":1}`},
		"a flipped bit":        {flip(zip(t, records(1, 100)), 100), `"error":"`},
		"a wrong checksum":     {flip(zip(t, record(1)), -5), "the body's gzip is damaged: its checksum is wrong"},
		"cut":                  {zip(t, records(1, 100))[:100], "the body's gzip is not whole"},
		"no more than a magic": {"\x1f\x8b", "the body's gzip is not whole"},
		"a tar in gzip":        {zip(t, strings.Repeat("\x00", 257)+"ustar"+strings.Repeat("\x00", 250)), "the body is a tar archive, not NDJSON"},
		"a tar":                {strings.Repeat("n", 257) + "ustar", "the body is a tar archive, not NDJSON"},
		"xz":                   {"\xfd7zXZ\x00\x00", "the body is compressed with xz, not NDJSON"},
		"bzip2":                {"BZh91AY&SY", "the body is compressed with bzip2, not NDJSON"},
		"zip":                  {"PK\x03\x04\x14\x00", "the body is a zip archive, not NDJSON"},
		"a byte order mark":    {"\xef\xbb\xbf" + record(1), "the body is text with a byte order mark, not NDJSON"},
		"UTF-16":               {"\xff\xfe{\x00", "the body is UTF-16, not NDJSON"},
		"an array":             {"[" + record(1) + "]", "the body is a JSON array, not NDJSON"},
		"a page":               {"<!doctype html>", "the body is HTML or XML, not NDJSON"},
		"a database":           {"SQLite format 3\x00", "the body is an SQLite database, not NDJSON"},
		"a short line":         {"x", `"error":"INVALID_JSON"`},
	} {
		got := h.importAll("?force=true", c.body)
		if last := got[len(got)-1]; !strings.Contains(last, c.want) {
			t.Errorf("%s: got %s, want %s", name, last, c.want)
		}
	}
	answer, text := h.request("POST", "/import", h.admin, record(1), "Content-Encoding", "gzip")
	if answer.StatusCode != 200 || !strings.Contains(text, "the body is not gzip") {
		t.Errorf("what is no gzip: %s", text)
	}
	answer, text = h.request("POST", "/import", h.admin, record(1), "Content-Encoding", "br")
	if e := h.fault("another encoding", answer, text, 400, "INVALID_REQUEST"); !strings.Contains(e.Message, `must be gzip or absent, not "br"`) {
		t.Errorf("got %s", e.Message)
	}
	if got := h.messages("default"); got <= 1000 {
		t.Errorf("%d messages are left", got)
	}
}

// flip returns text with one bit of a byte flipped, counted from the end where
// at is negative.
func flip(text string, at int) string {
	b := []byte(text)
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 0x10
	return string(b)
}
