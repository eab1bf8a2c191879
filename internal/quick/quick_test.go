package quick_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/evtui/evtui/internal/quick"
)

// pipes is a listener whose connections net.Pipe makes: synctest knows them.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { close(p.done); return nil }
func (p *pipes) Addr() net.Addr { return &net.IPAddr{} }

func (p *pipes) dial() net.Conn {
	near, far := net.Pipe()
	p.conns <- far
	return near
}

// stage is a server on a pipe, with what net/http's share of it saw.
type stage struct {
	*quick.Server
	pipes  *pipes
	served chan error
	handed atomic.Int64 // connections that net/http got
	open   atomic.Int64
}

func newStage(handler http.HandlerFunc) *stage {
	s := &stage{pipes: newPipes(), served: make(chan error, 1)}
	s.Server = &quick.Server{Path: "/rpc", BodyBytes: 64 << 10, HTTP: &http.Server{
		Handler: handler, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		ErrorLog: log.New(io.Discard, "", 0),
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				s.open.Add(1)
			case http.StateHijacked:
				s.handed.Add(1)
				s.open.Add(-1)
			case http.StateClosed:
				s.open.Add(-1)
			case http.StateActive, http.StateIdle:
			}
		},
	}}
	go func() { s.served <- s.Serve(s.pipes) }()
	return s
}

// stop ends the server and checks that nothing of it is left.
func (s *stage) stop(t *testing.T) {
	t.Helper()
	if err := s.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if err := <-s.served; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("Serve: %v", err)
	}
	synctest.Wait()
	if n := s.open.Load(); n != 0 {
		t.Errorf("%d connections are open after Shutdown", n)
	}
}

func post(body string) string {
	return fmt.Sprintf("POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// ask sends a request and returns the reply and its body.
func ask(t *testing.T, c net.Conn, in *bufio.Reader, request string) (*http.Response, string) {
	t.Helper()
	go func() { _, _ = io.WriteString(c, request) }()
	r, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatalf("reply to %.60q: %v", request, err)
	}
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatalf("body of the reply to %.60q: %v", request, err)
	}
	return r, string(b)
}

func echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	b, _ := io.ReadAll(r.Body)
	_, _ = w.Write(b)
}

func TestCallsOfOneConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(echo)
		c := s.pipes.dial()
		in := bufio.NewReader(c)
		for _, size := range []int{0, 1, 300, 2 << 10, 2<<10 + 1, 40_000, 64 << 10, 5} {
			want := strings.Repeat("x", size)
			if _, got := ask(t, c, in, post(want)); got != want {
				t.Errorf("%d bytes came back as %d", size, len(got))
			}
		}
		if _, got := ask(t, c, in, post("a")+post("b")+post("c")); got != "a" {
			t.Errorf("first of three at once: %q", got)
		}
		for _, want := range []string{"b", "c"} {
			r, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := io.ReadAll(r.Body); string(got) != want {
				t.Errorf("next of three at once: %q, want %q", got, want)
			}
		}
		if n := s.handed.Load(); n != 0 {
			t.Errorf("net/http got %d connections", n)
		}
		want := strings.Repeat("y", 64<<10+1)
		if _, got := ask(t, c, in, post(want)); got != want || s.handed.Load() != 1 {
			t.Errorf("a long body came back as %d bytes, %d handed on", len(got), s.handed.Load())
		}
		if _, got := ask(t, c, in, post("after")); got != "after" {
			t.Errorf("after it: %q", got)
		}
		_ = c.Close()
		s.stop(t)
	})
}

func TestReplies(t *testing.T) {
	long := strings.Repeat("z", 100_000)
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		status  int
		body    string
		length  int64
		ends    bool
	}{
		"nothing": {func(http.ResponseWriter, *http.Request) {}, 200, "", 0, false},
		"status": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(404)
			w.WriteHeader(500)
			_, _ = io.WriteString(w, "no")
		}, 404, "no", 2, false},
		"chunks": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, long)
			_, _ = io.WriteString(w, "!")
		}, 200, long + "!", -1, false},
		"flushed": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "a")
			_ = http.NewResponseController(w).Flush()
			_, _ = io.WriteString(w, "b")
		}, 200, "ab", -1, false},
		"declared": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = io.WriteString(w, long)
		}, 200, long, 100000, false},
		"closing": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "close")
			_, _ = io.WriteString(w, "bye")
		}, 200, "bye", 3, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(c.handler)
				nc := s.pipes.dial()
				in := bufio.NewReader(nc)
				r, body := ask(t, nc, in, post("[]"))
				if r.StatusCode != c.status || body != c.body || r.ContentLength != c.length || r.Close != c.ends {
					t.Errorf("status %d, %d bytes, length %d, close %t", r.StatusCode, len(body), r.ContentLength, r.Close)
				}
				if at, err := http.ParseTime(r.Header.Get("Date")); err != nil || time.Since(at) > time.Minute {
					t.Errorf("Date: %v, %v", at, err)
				}
				if c.ends {
					if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
						t.Errorf("after it: %v", err)
					}
				} else if r, _ := ask(t, nc, in, post("[]")); r.StatusCode != c.status {
					t.Errorf("again: status %d", r.StatusCode)
				}
				_ = nc.Close()
				s.stop(t)
			})
		})
	}
}

// TestBrokenReplies has handlers end in ways that must break the connection,
// since the client could not tell otherwise.
func TestBrokenReplies(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"aborted":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"panicked": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "half"); panic("oh") },
		"too short": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "half")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStage(handler)
				c := s.pipes.dial()
				go func() { _, _ = io.WriteString(c, post("[]")) }()
				r, err := http.ReadResponse(bufio.NewReader(c), nil)
				if err == nil {
					_, err = io.ReadAll(r.Body)
				}
				if err == nil {
					t.Error("the reply looks whole")
				}
				s.stop(t)
			})
		})
	}
}

func TestManyAllocations(t *testing.T) {
	client, server := net.Pipe()
	s := &quick.Server{Path: "/rpc", BodyBytes: 1 << 10, HTTP: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = jsonType
		_, _ = w.Write(reply)
	})}}
	l := newPipes()
	go func() { _ = s.Serve(l) }()
	l.conns <- server
	request, answer := []byte(post("[\"sys.version\"]")), make([]byte, 1024)
	n := testing.AllocsPerRun(200, func() {
		if _, err := client.Write(request); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Read(answer); err != nil || !bytes.Contains(answer, reply) {
			t.Fatal(err)
		}
	})
	if n > 2 { // net.Pipe's own, if any
		t.Errorf("%.1f allocations a call", n)
	}
	_ = s.Close()
}

var (
	jsonType = []string{"application/json"}
	reply    = []byte("{}")
)

// same is what a handler can see of a request.
func same(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var names []string
	for name, values := range r.Header {
		names = append(names, fmt.Sprintf("%s=%q", name, values))
	}
	slices.Sort(names)
	w.Header().Set("Content-Type", "text/plain")
	_, _ = fmt.Fprintf(w, "%s %q %s %s %d %v %v %t %q %v", r.Method, r.RequestURI, r.URL, r.Proto, r.ContentLength, r.TransferEncoding, names, r.Close, body, err)
	_, _ = fmt.Fprintf(w, " host %q, %s", r.Host, strings.Repeat("-", len(body)%5000))
}
