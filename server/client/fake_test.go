package client

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// fakeServer answers calls from a function and keeps what it was sent.
type fakeServer struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	header http.Header // of the last call
}

type answerer func(method string, args []json.RawMessage) (status int, answer string)

func newFake(t testing.TB, answer answerer) *fakeServer {
	t.Helper()
	f := new(fakeServer)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		f.mu.Lock()
		f.bodies = append(f.bodies, string(body))
		f.header = r.Header.Clone()
		f.mu.Unlock()
		var parts []json.RawMessage
		var method string
		if err := json.Unmarshal(body, &parts); err != nil || json.Unmarshal(parts[0], &method) != nil {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, `{"error":{"code":"INVALID_REQUEST","message":"malformed JSON"}}`)
			return
		}
		status, text := answer(method, parts[1:])
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, text)
	}))
	t.Cleanup(f.Close)
	return f
}

// always answers every call with the same.
func always(status int, text string) answerer {
	return func(string, []json.RawMessage) (int, string) { return status, text }
}

func (f *fakeServer) last() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.bodies) == 0 {
		return ""
	}
	return f.bodies[len(f.bodies)-1]
}

func (f *fakeServer) sentHeader(name string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.header.Get(name)
}

func mustNew(t testing.TB, url string, opts ...Option) *Client {
	t.Helper()
	c, err := New(url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
