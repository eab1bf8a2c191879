package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/store"
)

// gated is a store whose appends wait at a gate.
type gated struct {
	store.Store
	waiting atomic.Int32
	gate    chan struct{}
}

func (g *gated) Append(ctx context.Context, ns string, w store.Write) (store.Appended, error) {
	g.waiting.Add(1)
	<-g.gate
	return g.Store.Append(ctx, ns, w)
}

// newGated returns a host on a gated store.
func newGated(t *testing.T, change func(*server.Config)) (*host, *gated) {
	g := &gated{gate: make(chan struct{})}
	h := newHost(t, func(c *server.Config) {
		g.Store = c.Store
		c.Store = g
		change(c)
	})
	return h, g
}

// tooMany expects an answer that nothing was done, and when to come again.
func (h *host) tooMany(what string, answer *http.Response, text string) {
	h.t.Helper()
	h.fault(what, answer, text, http.StatusServiceUnavailable, "UNAVAILABLE")
	if got := answer.Header.Get("Retry-After"); got != "1" {
		h.t.Errorf("%s: Retry-After is %q", what, got)
	}
}

func TestTooManyRequests(t *testing.T) {
	const most = 3
	h, g := newGated(t, func(c *server.Config) { c.Limits.Requests = most })
	answered := make(chan string, most)
	for range most {
		go func() {
			_, text := h.request("POST", "/rpc", h.admin, aWrite)
			answered <- text
		}()
	}
	h.eventually("all wait", func() bool { return g.waiting.Load() == most })
	for _, c := range [][2]string{{"POST", "/rpc"}, {"GET", "/metrics"}, {"GET", "/debug/pprof/heap"}} {
		answer, text := h.request(c[0], c[1], h.admin, aVersion)
		h.tooMany(c[1], answer, text)
	}
	// Who asks whether the server lives is told that it does.
	for _, path := range []string{"/health", "/version"} {
		if answer, text := h.request("GET", path, "", ""); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", path, text)
		}
	}
	close(g.gate)
	for range most {
		if text := <-answered; !strings.HasPrefix(text, `{"position":`) {
			t.Errorf("a call that was let in is answered %s", text)
		}
	}
	for range 2 * most { // none of what was turned away is still counted
		h.expect(aVersion, "2")
	}
	if n := h.messages("default"); n != most {
		t.Errorf("%d messages are stored, want %d", n, most)
	}
}

func TestTooManySubscriptionsAndImports(t *testing.T) {
	h := newHost(t, func(c *server.Config) { c.Limits.Subscriptions, c.Limits.Imports = 2, 1 })
	first, _ := h.subscribe("all=true"), h.subscribe("all=true")
	answer, text := h.request("GET", "/subscribe?all=true", h.admin, "")
	h.tooMany("a third subscription", answer, text)
	first.close()
	h.eventually("there is room again", func() bool {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, "GET", h.url+"/subscribe?all=true&token="+h.admin, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})

	lines, send := io.Pipe()
	done := make(chan string, 1)
	go func() {
		req, err := http.NewRequest("POST", h.url+"/import", lines)
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("Authorization", "Bearer "+h.admin)
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			done <- err.Error()
			return
		}
		text, _ := io.ReadAll(answer.Body)
		done <- string(text)
	}()
	fmt.Fprintln(send, record(1))
	h.eventually("the import is counted", func() bool {
		answer, text = h.request("POST", "/import", h.admin, "")
		return answer.StatusCode == http.StatusServiceUnavailable
	})
	h.tooMany("a second import", answer, text)
	_ = send.Close()
	if text := <-done; !strings.Contains(text, `"done":true,"imported":1`) {
		t.Errorf("the first import is answered %s", text)
	}
	h.eventually("there is room again", func() bool {
		answer, _ := h.request("POST", "/import", h.admin, "")
		return answer.StatusCode == http.StatusOK
	})
}

func TestTooManyConnections(t *testing.T) {
	const most = 4
	h := newHost(t, func(c *server.Config) { c.Limits.Connections = most })
	address := strings.TrimPrefix(h.url, "http://")
	ask := func() (net.Conn, *http.Response, string) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		fmt.Fprint(conn, head("POST", "/rpc", h.admin, fmt.Sprintf("Content-Length: %d", len(aVersion)), "")+aVersion)
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return conn, answer, string(text)
	}
	var open []net.Conn
	for range most {
		conn, answer, text := ask()
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("%s %s", answer.Status, text)
		}
		open = append(open, conn)
	}
	for range 3 * most {
		_, answer, text := ask()
		h.tooMany("one connection more", answer, text)
		if !answer.Close {
			t.Error("the answer does not say that the connection ends")
		}
	}
	_ = open[0].Close()
	h.eventually("there is room again", func() bool {
		conn, answer, _ := ask()
		_ = conn.Close()
		return answer.StatusCode == http.StatusOK
	})
}

// TestLargeBodiesTogether: calls with large bodies that arrive slowly hold no
// more than the limit, and small ones are not in their way.
func TestLargeBodiesTogether(t *testing.T) {
	h := newHost(t, func(c *server.Config) { c.Limits.BodyBytes, c.Limits.LargeBodies = 1<<20, 1<<20 })
	address := strings.TrimPrefix(h.url, "http://")
	body := `["stream.write","a-1",{"type":"T","data":{"x":"` + strings.Repeat("x", 600<<10) + `"}}]`
	begin := func() (net.Conn, *bufio.Reader) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		fmt.Fprint(conn, head("POST", "/rpc", h.admin, fmt.Sprintf("Content-Length: %d", len(body)), ""))
		// 300 KiB take a buffer of 512.
		fmt.Fprint(conn, body[:300<<10])
		return conn, bufio.NewReader(conn)
	}
	var (
		first  net.Conn
		turned *http.Response
	)
	h.eventually("a large body is turned away", func() bool {
		// The first may have been the one turned away, when the other was faster.
		if first != nil {
			_ = first.Close()
		}
		first, _ = begin()
		conn, in := begin()
		defer conn.Close()
		fmt.Fprint(conn, body[300<<10:])
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			return false
		}
		text, _ := io.ReadAll(answer.Body)
		if answer.StatusCode != http.StatusServiceUnavailable {
			return false
		}
		turned = answer
		h.tooMany("a large body", answer, string(text))
		return true
	})
	if turned == nil {
		t.Fatal("no large body was turned away")
	}
	h.call(`["stream.write","b-1",{"type":"T","data":{}}]`)
	// A client that goes in the middle gives its room back.
	_ = first.Close()
	h.eventually("there is room again", func() bool {
		answer, _ := h.request("POST", "/rpc", h.admin, body)
		return answer.StatusCode == http.StatusOK
	})
	answer, text := h.request("POST", "/rpc", h.admin, `["stream.write","a-1",{"type":"T","data":{"x":"`+strings.Repeat("x", 1<<20)+`"}}]`)
	h.fault("too large a body", answer, text, http.StatusRequestEntityTooLarge, "INVALID_REQUEST")
}

// counted is a store that counts the messages that reads hand out.
type counted struct {
	store.Store
	yielded atomic.Int64
}

func (s *counted) ReadCategory(ctx context.Context, ns string, q store.CategoryQuery) iter.Seq2[store.Message, error] {
	return func(yield func(store.Message, error) bool) {
		for m, err := range s.Store.ReadCategory(ctx, ns, q) {
			s.yielded.Add(1)
			if !yield(m, err) {
				return
			}
		}
	}
}

// TestALongReplyStreams: a reply of ten thousand messages to a reader that
// does not read waits in the store, not in memory, while others read and write.
func TestALongReplyStreams(t *testing.T) {
	const messages, size = 10_000, 1000
	c := &counted{}
	h := newHost(t, func(cfg *server.Config) {
		c.Store = cfg.Store
		cfg.Store = c
	})
	one := `{"type":"T","data":{"x":"` + strings.Repeat("x", size) + `"}}`
	for range messages / 100 {
		h.call(`["stream.append","a-1",[` + strings.TrimSuffix(strings.Repeat(one+",", 100), ",") + `]]`)
	}
	const body = `["category.get","a",{"batchSize":10000}]`
	var readers []*bufio.Reader
	for range 3 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		// The less the system takes off the server's hands, the better it shows.
		if err := conn.(*net.TCPConn).SetReadBuffer(64 << 10); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, head("POST", "/rpc", h.admin, fmt.Sprintf("Content-Length: %d", len(body)), "")+body)
		readers = append(readers, bufio.NewReader(conn))
	}
	var still int64
	h.eventually("the replies stand still", func() bool {
		was := still
		still = c.yielded.Load()
		return still > 0 && still == was && h.stands(&c.yielded)
	})
	t.Logf("%d messages wait in sockets", still)
	// What the sockets of both sides hold by Linux' defaults is a few megabytes.
	if most := int64(len(readers)) * messages * 3 / 4; still > most {
		t.Errorf("%d messages were read from the store for readers that do not read, want at most %d", still, most)
	}
	for i := range 50 {
		h.call(aWrite)
		h.expect(`["stream.get","a-1",{"position":`+fmt.Sprint(messages+i)+`,"batchSize":0}]`, "[]")
	}
	for _, in := range readers {
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(string(text), `"T",`); got != messages || !strings.HasSuffix(string(text), "]]") {
			t.Errorf("a slow reader got %d messages, want %d", got, messages)
		}
	}
}

// stands reports whether a count does not change for a while.
func (h *host) stands(n *atomic.Int64) bool {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	was := n.Load()
	for range 10 {
		<-tick.C
		if n.Load() != was {
			return false
		}
	}
	return true
}

// TestExposed: a server that other hosts reach without TLS says so in its log
// and to its admin.
func TestExposed(t *testing.T) {
	for address, exposed := range map[string]bool{"127.0.0.1:0": false, "0.0.0.0:0": true} {
		h := newHost(t)
		s := h.start(server.Config{Store: h.store, TestMode: true, Logger: slog.New(slog.NewTextHandler(h.log, nil))})
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		h.url = "http://127.0.0.1:" + port
		if got := strings.Contains(h.callAs("", `["engine.info"]`), `"exposed":true`); got != exposed {
			t.Errorf("%s: engine.info says that it is exposed: %v", address, got)
		}
		for _, warning := range []string{"for anyone to read", "asks nobody for a token"} {
			if got := strings.Contains(h.log.String(), warning); got != exposed {
				t.Errorf("%s: the log warns that %q: %v", address, warning, got)
			}
		}
		if err := errors.Join(s.Shutdown(t.Context()), <-served); err != nil {
			t.Error(err)
		}
	}
}
