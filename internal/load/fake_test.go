package load

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/evtui/evtui/internal/barehttp"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/inprocess"
)

// fakeStore answers what a load calls, from counters, and keeps the calls.
type fakeStore struct {
	mu       sync.Mutex
	bodies   []string
	head     int
	counted  int // what ns.info says beyond head
	versions map[string]int
	calls    map[string]int
	before   func(method string) (status int, answer string) // nil, or answers first unless status is 0
}

func (f *fakeStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var parts []json.RawMessage
	var method, name string
	if json.Unmarshal(body, &parts) != nil || json.Unmarshal(parts[0], &method) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if len(parts) > 1 {
		_ = json.Unmarshal(parts[1], &name)
	}
	if f.before != nil {
		if status, answer := f.before(method); status != 0 {
			w.WriteHeader(status)
			io.WriteString(w, answer)
			return
		}
	}
	io.WriteString(w, f.answer(method, name, string(body), parts))
}

func (f *fakeStore) answer(method, name, body string, parts []json.RawMessage) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.versions == nil {
		f.versions, f.calls = make(map[string]int), make(map[string]int)
	}
	f.calls[method]++
	f.bodies = append(f.bodies, body)
	switch method {
	case "stream.write":
		f.head++
		f.versions[name]++
		return fmt.Sprintf(`{"position":%d,"globalPosition":%d}`, f.versions[name]-1, f.head)
	case "stream.append":
		var events []json.RawMessage
		_ = json.Unmarshal(parts[2], &events)
		first, version := f.head+1, f.versions[name]
		f.head += len(events)
		f.versions[name] += len(events)
		return fmt.Sprintf(`{"positions":[%d,%d],"globalPositions":[%d,%d]}`, version, f.versions[name]-1, first, f.head)
	case "stream.get", "category.get":
		return `[]`
	case "stream.version":
		return fmt.Sprint(f.versions[name])
	case "ns.head":
		return fmt.Sprintf(`{"globalPosition":%d}`, f.head)
	case "ns.info":
		return fmt.Sprintf(`{"namespace":%q,"messageCount":%d}`, name, f.head+f.counted)
	}
	return `null`
}

func (f *fakeStore) called(method string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[method]
}

// onMemory serves the handler inside the process, so that it works in a
// synctest bubble, and returns a client of it.
func onMemory(t testing.TB, h http.Handler) *client.Client {
	t.Helper()
	l := inprocess.Listen()
	return mustServe(t, h, l, l.Dial)
}

func mustServe(t testing.TB, h http.Handler, l net.Listener, dial func(context.Context) (net.Conn, error)) *client.Client {
	t.Helper()
	s := &http.Server{Handler: h}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(l)
	}()
	c, err := client.New("http://fake", client.WithDialer(dial), client.WithTransport(barehttp.New), client.WithRetries(client.Once()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		s.Close()
		<-served
	})
	return c
}

// storeCalls are the bodies of the calls that write and read.
func (f *fakeStore) storeCalls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var calls []string
	for _, b := range f.bodies {
		if !strings.HasPrefix(b, `["ns.`) {
			calls = append(calls, b)
		}
	}
	return calls
}
