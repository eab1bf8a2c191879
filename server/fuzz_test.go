package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
)

// parsed is a server whose parsers are fed with anything, on a store that is
// obviously right.
type parsed struct {
	s     *servertest.Server
	store *storetest.Model
	admin string
}

func newParsed(f *testing.F) *parsed {
	f.Helper()
	st := storetest.NewModel()
	s := servertest.New(f, server.Config{Store: st, Version: "1.2.3", Limits: server.Limits{BodyBytes: 1 << 20}})
	return &parsed{s: s, store: st, admin: s.Token}
}

// post sends a body to a path of the server, whose store is emptied first.
func (p *parsed) post(t *testing.T, path string, body []byte) *httptest.ResponseRecorder {
	t.Helper()
	all, err := p.store.Namespaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, ns := range all {
		if ns.ID == store.DefaultNamespace {
			err = p.store.Truncate(t.Context(), ns.ID)
		} else {
			_, err = p.store.DeleteNamespace(t.Context(), ns.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	r := httptest.NewRequest("POST", path, bytes.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+p.admin)
	w := httptest.NewRecorder()
	p.s.Handler().ServeHTTP(w, r)
	return w
}

// isJSON reports whether a text is JSON in UTF-8; deep says that it may be too
// deep for the server all the same.
func isJSON(text []byte) (valid, deep bool) {
	return json.Valid(text) && utf8.Valid(text), bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) > rawjson.MaxDepth
}

// FuzzRPC: whatever a call's body is, it is answered in JSON by the protocol's
// codes, and what is stored is what was sent, to the letter.
func FuzzRPC(f *testing.F) {
	p := newParsed(f)
	for name := range server.Methods(p.s.Server) {
		f.Add([]byte(`["` + name + `"]`))
		f.Add([]byte(`["` + name + `","a-1",{"position":1,"globalPosition":-1,"batchSize":10,"backward":true,"limit":5,"prefix":"a","cursor":"b","time":"2026-01-01T00:00:00Z","consumerGroup":{"member":0,"size":2},"correlation":"c"}]`))
	}
	for _, body := range []string{
		aWrite, aGet, `["stream.write","a-1",{"type":"T","data":{"n":12345678901234567890,"é":"\ud83d\ude00"},"metadata":{"correlationStreamName":"w-1"}},{"id":"018f3c1e-7a3b-4c52-9d0a-5f1e2d3c4b01","expectedVersion":-1}]`,
		`["stream.append","a-1",[{"type":"A","data":{}},{"type":"B","data":{"x":[1,2]},"metadata":null,"id":"018f3c1e-7a3b-4c52-9d0a-5f1e2d3c4b02"}],{"expectedVersion":0}]`,
		`["ns.create","x",{"description":"d","token":"` + wire.NewToken("x") + `","metadata":{"a":1}}]`, `["ns.delete","x"]`, `[`, ``, `null`, `["stream.write" "a"]`, "[\"\xff\"]", `["sys.version",{}]  `, `["stream.get","\u0000"]`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		w := p.post(t, "/rpc", body)
		text := w.Body.Bytes()
		if !json.Valid(text) || w.Header().Get("Content-Type") != "application/json" {
			t.Fatalf("answered %d %q", w.Code, text)
		}
		if !slices.Contains([]int{200, 400, 404, 409, 413}, w.Code) {
			t.Fatalf("answered %d %s", w.Code, text)
		}
		if valid, _ := isJSON(body); !valid && w.Code != 400 {
			t.Fatalf("what is not JSON is answered %d %s", w.Code, text)
		}
		for m, err := range p.store.ReadCategory(t.Context(), store.DefaultNamespace, store.CategoryQuery{Limit: store.NoLimit}) {
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(body, m.Data) || !bytes.Contains(body, m.Metadata) || !json.Valid(m.Data) {
				t.Fatalf("stored %s with %s", m.Data, m.Metadata)
			}
		}
	})
}

// FuzzImport: whatever is imported, the answer's last line says what came of
// it, and it is true.
func FuzzImport(f *testing.F) {
	p := newParsed(f)
	for _, body := range []string{
		"", "\n \r\n\t", record(1), records(1, 3), record(1) + "\n" + record(1), record(2) + "\r\n\n" + record(1) + "\n", record(1) + "\n{", record(1) + "\nnull", `{"id":"x"}`, "\xff", `{} {}`,
		strings.Replace(record(1), `"time":"`, `"time":"x`, 1), strings.Replace(record(1), `"pos":`, `"pos":-`, 1), strings.Replace(record(1), `"data":{`, `"data":[{`, 1),
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		w := p.post(t, "/import", body)
		if w.Code != 200 {
			t.Fatalf("answered %d %s", w.Code, w.Body)
		}
		events := strings.Split(strings.TrimSuffix(w.Body.String(), "\n\n"), "\n\n")
		var last struct {
			Done     bool
			Imported int64
			Error    string
			Line     int
		}
		text, isData := strings.CutPrefix(events[len(events)-1], "data: ")
		if err := json.Unmarshal([]byte(text), &last); err != nil || !isData || last.Done == (last.Error != "") {
			t.Fatalf("the last event is %q", text)
		}
		ns, err := p.store.Namespace(t.Context(), store.DefaultNamespace)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Split(body, []byte("\n"))
		if last.Done {
			there := int64(0)
			for _, line := range lines {
				if len(bytes.Trim(line, " \t\r")) > 0 {
					there++
				}
			}
			if last.Imported != there || ns.MessageCount != there {
				t.Fatalf("%d of %d lines are imported, %d messages are stored", last.Imported, there, ns.MessageCount)
			}
			return
		}
		if err := wrongLine(last.Error, last.Line, lines); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if ns.MessageCount > int64(last.Line) {
			t.Fatalf("%d messages are stored, and line %d is wrong", ns.MessageCount, last.Line)
		}
	})
}

// wrongLine holds what an import says of a line against the line.
func wrongLine(code string, n int, lines [][]byte) error {
	if n < 1 || n > len(lines) {
		return fmt.Errorf("there are %d lines", len(lines))
	}
	valid, deep := isJSON(lines[n-1])
	switch code {
	case wire.InvalidJSON:
		if valid && !deep {
			return fmt.Errorf("%q is JSON", lines[n-1])
		}
	case wire.InvalidRecord, wire.PositionExists:
		if !valid {
			return fmt.Errorf("%q is not JSON", lines[n-1])
		}
	default:
		return fmt.Errorf("there is no reason for this")
	}
	return nil
}
