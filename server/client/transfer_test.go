package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/evtui/evtui/store"
)

// importServer tells of each line that it reads, before it reads on.
func importServer(t *testing.T, end string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		w.Header().Set("Content-Type", "text/event-stream")
		lines := bufio.NewScanner(r.Body)
		n := 0
		for lines.Scan() {
			n++
			fmt.Fprintf(w, "data: {\"imported\":%d,\"gpos\":%d}\n\n", n, 10*n)
			flush(w)
		}
		if lines.Err() == nil {
			io.WriteString(w, end)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestImportStreams: the source is read while the server answers; what is to
// come need not be there yet.
func TestImportStreams(t *testing.T) {
	c := mustNew(t, importServer(t, `data: {"done":true,"imported":3,"elapsed":"2.3s"}`+"\n\n"))
	source, feed := io.Pipe()
	var seen []ImportProgress
	go io.WriteString(feed, "{}\n")
	result, err := c.Import(t.Context(), source, false, func(p ImportProgress) {
		seen = append(seen, p)
		go func() {
			if p.Imported == 3 {
				feed.Close()
				return
			}
			io.WriteString(feed, "{}\n")
		}()
	})
	if err != nil || result != (ImportResult{Imported: 3, Elapsed: 2300 * time.Millisecond}) {
		t.Errorf("%+v, %v", result, err)
	}
	if want := []ImportProgress{{1, 10}, {2, 20}, {3, 30}}; !reflect.DeepEqual(seen, want) {
		t.Errorf("progress %v", seen)
	}
}

func TestImportEnds(t *testing.T) {
	twoLines := "{}\n{}\n"
	t.Run("refused", func(t *testing.T) {
		c := mustNew(t, importServer(t, `data: {"error":"POSITION_EXISTS","message":"taken","line":2}`+"\n\n"))
		result, err := c.Import(t.Context(), strings.NewReader(twoLines), false, nil)
		at, ok := errors.AsType[*ImportError](err)
		if !ok || at.Line != 2 || !errors.Is(err, store.ErrPositionExists) || result.Imported != 2 {
			t.Errorf("%+v, %v", result, err)
		}
	})
	t.Run("cut short", func(t *testing.T) {
		c := mustNew(t, importServer(t, ""))
		_, err := c.Import(t.Context(), strings.NewReader(twoLines), false, nil)
		if !errors.Is(err, errCutShort) || !Unreachable(err) {
			t.Errorf("%v", err)
		}
	})
	t.Run("source fails", func(t *testing.T) {
		c := mustNew(t, importServer(t, `data: {"done":true,"imported":1}`+"\n\n"))
		broken := errors.New("disk on fire")
		_, err := c.Import(t.Context(), io.MultiReader(strings.NewReader("{}\n"), iotest.ErrReader(broken)), false, nil)
		if !errors.Is(err, broken) || Unreachable(err) {
			t.Errorf("%v", err)
		}
	})
	t.Run("context", func(t *testing.T) {
		c := mustNew(t, importServer(t, ""))
		ctx, cancel := context.WithCancel(t.Context())
		source, feed := io.Pipe()
		defer feed.Close()
		go io.WriteString(feed, "{}\n")
		_, err := c.Import(ctx, source, false, func(ImportProgress) { cancel() })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
	t.Run("not allowed", func(t *testing.T) {
		var query string
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			query = r.URL.RawQuery
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `{"error":{"code":"AUTH_UNAUTHORIZED","message":"no"}}`)
		}))
		defer s.Close()
		_, err := mustNew(t, s.URL).Import(t.Context(), strings.NewReader(twoLines), true, nil)
		if !Unauthorized(err) || query != "force=true" {
			t.Errorf("%v, query %q", err, query)
		}
	})
}

// logServer answers category.get from rows whose global positions are odd.
func logServer(t *testing.T, total int, data string) *fakeServer {
	return newFake(t, func(method string, args []json.RawMessage) (int, string) {
		var category string
		var options struct{ Position, BatchSize int }
		if method != "category.get" || json.Unmarshal(args[0], &category) != nil || json.Unmarshal(args[1], &options) != nil || options.BatchSize > 10000 {
			return 400, `{}`
		}
		var rows []string
		for n := range total {
			if gpos := 2*n + 1; gpos >= options.Position && len(rows) < options.BatchSize {
				rows = append(rows, fmt.Sprintf(`["%s","%s\u002d1","T",%d,%d,%s,null,%s]`, idA, category, n, gpos, data, rowTime))
			}
		}
		return 200, "[" + strings.Join(rows, ",") + "]"
	})
}

func TestExport(t *testing.T) {
	const total = 777
	f := logServer(t, total, "{\"big\":12345678901234567890,\r\n \"text\": \"a\\nb\"}")
	c := mustNew(t, f.URL)
	var out bytes.Buffer
	var progress []int64
	n, err := c.Export(t.Context(), &out, ExportQuery{Categories: []string{"a"}, Progress: func(messages int64) { progress = append(progress, messages) }})
	if n != total || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if len(progress) < 2 || progress[0] != firstFits || progress[len(progress)-1] != total {
		t.Errorf("progress %v", progress)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	want := `{"id":"` + idA + `","stream":"a\u002d1","type":"T","pos":776,"gpos":1553,"data":{"big":12345678901234567890,"text":"a\nb"},"meta":null,"time":` + rowTime + `}`
	if len(lines) != total || lines[total-1] != want {
		t.Errorf("%d lines, the last %s\nwant %s", len(lines), lines[len(lines)-1], want)
	}
	out.Reset()
	if n, err := c.Export(t.Context(), &out, ExportQuery{From: 1552, Categories: []string{"a"}}); n != 1 || err != nil || out.String() != want+"\n" {
		t.Errorf("resumed: %d, %v, %s", n, err, out.String())
	}
	out.Reset()
	if n, err := c.Export(t.Context(), &out, ExportQuery{From: 5000, Categories: []string{"a"}}); n != 0 || err != nil || out.Len() != 0 {
		t.Errorf("nothing: %d, %v", n, err)
	}
}

// TestExportPagesByWeight: heavy messages come in small pages.
func TestExportPagesByWeight(t *testing.T) {
	f := logServer(t, 27, `{"x":"`+strings.Repeat("x", goodBytes/8)+`"}`)
	if n, err := mustNew(t, f.URL).Export(t.Context(), io.Discard, ExportQuery{Categories: []string{"a"}}); n != 27 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if !strings.Contains(f.last(), `"batchSize":7}`) {
		t.Errorf("sent %s", f.last())
	}
}

func TestExportFails(t *testing.T) {
	f := logServer(t, 500, `{}`)
	c := mustNew(t, f.URL)
	full := errors.New("disk full")
	if _, err := c.Export(t.Context(), brokenWriter{full}, ExportQuery{Categories: []string{"a"}}); !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
	// A server that gives the same page again and again must not be followed.
	same := newFake(t, func(string, []json.RawMessage) (int, string) {
		row := `["` + idA + `","a","T",0,1,{},null,` + rowTime + `]`
		return 200, "[" + strings.Repeat(row+",", firstFits-1) + row + "]"
	})
	if _, err := mustNew(t, same.URL).Export(t.Context(), io.Discard, ExportQuery{From: 5, Categories: []string{"a"}}); !errors.Is(err, errAnswer) {
		t.Errorf("%v", err)
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }
