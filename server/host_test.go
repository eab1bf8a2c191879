package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// host is a server on a store in memory, reached over TCP.
type host struct {
	t     testing.TB
	store store.Store
	url   string
	admin string
	log   *logText
}

// newHost starts a server; changes may replace its store, which by default is
// the real engine in memory.
func newHost(t testing.TB, changes ...func(*server.Config)) *host {
	t.Helper()
	st, err := openMemory()
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, store: st, log: &logText{}}
	t.Cleanup(func() {
		h.verify(st)
		if err := st.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	if h.admin, err = server.EnsureDefault(context.Background(), st, "", ""); err != nil {
		t.Fatal(err)
	}
	cfg := server.Config{Store: st, Version: "1.2.3", Logger: slog.New(slog.NewTextHandler(h.log, nil))}
	for _, change := range changes {
		change(&cfg)
	}
	h.start(cfg)
	return h
}

// start has a server serve the host's requests from now on.
func (h *host) start(cfg server.Config) *servertest.Server {
	h.t.Helper()
	s := servertest.New(h.t, cfg, servertest.Token(h.admin))
	h.url = s.Listen()
	h.t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return s
}

// verify holds the store against its own indexes after every test.
func (h *host) verify(st store.Store) {
	all, err := st.Namespaces(context.Background())
	if err != nil {
		h.t.Errorf("list the namespaces: %v", err)
	}
	for _, ns := range all {
		report, err := st.(store.Verifier).Verify(context.Background(), ns.ID)
		if err != nil || len(report.Findings) > 0 {
			h.t.Errorf("verify %s: %v %v", ns.ID, report.Findings, err)
		}
	}
}

// logText is a buffer that a logger and a test may use at once.
type logText struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// request sends one request and returns the answer with its body read.
func (h *host) request(verb, path, token, body string, header ...string) (*http.Response, string) {
	h.t.Helper()
	req, err := http.NewRequest(verb, h.url+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatalf("%s %s: %v", verb, path, err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatalf("%s %s: %v", verb, path, err)
	}
	return answer, string(text)
}

// call makes a call with the admin token, which must succeed.
func (h *host) call(body string) string {
	h.t.Helper()
	return h.callAs(h.admin, body)
}

func (h *host) callAs(token, body string) string {
	h.t.Helper()
	answer, text := h.request("POST", "/rpc", token, body)
	if answer.StatusCode != http.StatusOK {
		h.t.Fatalf("%.200s: %s %s", body, answer.Status, text)
	}
	if got := answer.Header.Get("Content-Type"); got != "application/json" {
		h.t.Errorf("%.200s: Content-Type is %q", body, got)
	}
	if !json.Valid([]byte(text)) {
		h.t.Fatalf("%.200s: the answer is not JSON: %s", body, text)
	}
	return text
}

// expect makes a call whose whole answer is known.
func (h *host) expect(body, want string) {
	h.t.Helper()
	if got := h.call(body); got != want {
		h.t.Errorf("%.200s\n got %s\nwant %s", body, got, want)
	}
}

// refused makes a call that must fail, and returns the error.
func (h *host) refused(token, body string, status int, code string, header ...string) wire.Error {
	h.t.Helper()
	answer, text := h.request("POST", "/rpc", token, body, header...)
	return h.fault(fmt.Sprintf("%.120q", body), answer, text, status, code)
}

func (h *host) fault(what string, answer *http.Response, text string, status int, code string) wire.Error {
	h.t.Helper()
	var decoded struct{ Error wire.Error }
	if err := json.Unmarshal([]byte(text), &decoded); err != nil {
		h.t.Errorf("%s: %s, and no error in JSON: %s", what, answer.Status, text)
		return wire.Error{}
	}
	if answer.StatusCode != status || decoded.Error.Code != code || decoded.Error.Message == "" {
		h.t.Errorf("%s: got %d %s, want %d %s", what, answer.StatusCode, text, status, code)
	}
	for _, secret := range []string{"goroutine", ".go:", "/work", "/tmp", "runtime error"} {
		if strings.Contains(text, secret) {
			h.t.Errorf("%s: the answer tells too much: %s", what, text)
		}
	}
	return decoded.Error
}

// messages returns how many messages a namespace holds.
func (h *host) messages(namespace string) int64 {
	h.t.Helper()
	ns, err := h.store.Namespace(context.Background(), namespace)
	if err != nil {
		h.t.Fatal(err)
	}
	return ns.MessageCount
}

// namespace makes a namespace and returns its token.
func (h *host) namespace(id string) string {
	h.t.Helper()
	var created struct{ Token string }
	mustDecode(h.t, h.call(`["ns.create",`+quote(id)+`]`), &created)
	return created.Token
}

// write stores n messages in a stream of default.
func (h *host) write(stream string, n int) {
	h.t.Helper()
	for i := range n {
		h.call(fmt.Sprintf(`["stream.write",%s,{"type":"Happened","data":{"n":%d}}]`, quote(stream), i))
	}
}

func mustDecode(t testing.TB, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

func quote(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(quoted)
}

// row is a message as a read answers it.
type row []json.RawMessage

func rows(t testing.TB, text string) []row {
	t.Helper()
	var all []row
	mustDecode(t, text, &all)
	return all
}
