package quick_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/quick"
)

// both is net/http alone and quick before it, with the same handler.
type both struct{ plain, quick net.Listener }

func newBoth(t testing.TB, network string) both {
	listen := func() net.Listener {
		at := "127.0.0.1:0"
		if network == "unix" {
			dir, err := os.MkdirTemp("", "same") // t's own is too long a name for a socket
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			at = filepath.Join(dir, "s")
		}
		l, err := net.Listen(network, at)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	server := func() *http.Server {
		return &http.Server{Handler: http.HandlerFunc(same), ErrorLog: log.New(io.Discard, "", 0), MaxHeaderBytes: 16 << 10}
	}
	b := both{listen(), listen()}
	alone := server()
	go func() { _ = alone.Serve(b.plain) }()
	q := &quick.Server{Path: "/rpc", BodyBytes: 8 << 10, HTTP: server()}
	go func() { _ = q.Serve(b.quick) }()
	t.Cleanup(func() { _ = alone.Close(); _ = q.Close() })
	return b
}

// transcript sends bytes and the end, and tells the replies but for their
// dates. The pieces are sent one by one.
func transcript(t testing.TB, l net.Listener, pieces ...[]byte) string {
	c, err := net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go func() {
		for _, p := range pieces {
			_, _ = c.Write(p)
		}
		_ = c.(interface{ CloseWrite() error }).CloseWrite()
	}()
	in := bufio.NewReader(c)
	var told strings.Builder
	for {
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			return told.String()
		}
		// When bytes of the client are still on their way, the system may cut the
		// end off: that says nothing about the reply.
		body, _ := io.ReadAll(r.Body)
		r.Header.Del("Date")
		fmt.Fprintf(&told, "%s %v length %d, close %t\n%q\n", r.Status, r.Header, r.ContentLength, r.Close, body)
	}
}

var requests = []string{
	post(""), post("[]"), post(strings.Repeat("x", 8<<10)), post(strings.Repeat("x", 8<<10+1)), post(strings.Repeat("x", 3000)),
	post("a") + post("b") + "GET /health HTTP/1.1\r\nHost: h\r\n\r\n" + post("c"),
	"GET /rpc HTTP/1.1\r\nHost: h\r\n\r\n",
	"POST /rpc HTTP/1.0\r\nHost: h\r\nContent-Length: 2\r\n\r\n[]",
	"POST /rpc?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nContent-Length: 2\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: 2\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\n\r\n",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]x",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: +2\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: -2\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 2 \r\nauthorization:  \t Bearer ns_x \t\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length : 2\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]" + post("x"),
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: Keep-Alive\r\nUser-Agent: u\r\naccept: */*\r\nACCEPT-ENCODING: gzip\r\nContent-type: a/b\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n[]\r\n0\r\n\r\n",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n[]",
	"POST /rpc HTTP/1.1\nHost: h\nContent-Length: 2\n\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nUser-Agent: a\r\n b\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nUser-Agent: a\x01b\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nUser-Agent: \xff\xfe\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h h\r\nContent-Length: 2\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 2\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: \r\nContent-Length: 2\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nOrigin: http://x\r\nCookie: a=b\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Le",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n[]\r\n" + post("x"),
	post("a") + "\r\n\r\n" + post("b"), post("a") + "\n\r\n\r\n" + post("b"), post("a") + "xx", post("a") + "POST", post("a") + "\r\n",
	"PO", "", "\r\n" + post("x"), "rubbish\r\n\r\n",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nUser-Agent: " + strings.Repeat("u", 5000) + "\r\nContent-Length: 2\r\n\r\n[]",
	"POST /rpc HTTP/1.1\r\nHost: h\r\nUser-Agent: " + strings.Repeat("u", 50000) + "\r\nContent-Length: 2\r\n\r\n[]",
}

// TestSameAsNetHTTP sends every request to both, whole and byte by byte.
func TestSameAsNetHTTP(t *testing.T) {
	b := newBoth(t, "tcp")
	for _, r := range slices.Concat(requests, hostile()) {
		want := transcript(t, b.plain, []byte(r))
		if got := transcript(t, b.quick, []byte(r)); got != want {
			t.Errorf("%.200q\nquick    %.600s\nnet/http %.600s", r, got, want)
		}
		if len(r) > 1000 {
			continue
		}
		if got := transcript(t, b.quick, bytes.SplitAfter([]byte(r), nil)...); got != want {
			t.Errorf("byte by byte: %.200q\nquick    %.600s\nnet/http %.600s", r, got, want)
		}
	}
}

// FuzzSameAsNetHTTP holds what quick answers against net/http's answer. What a
// connection covers differs from run to run, so fuzz it with
// -fuzzminimizetime 10x, or it only ever minimises. Its sockets are local ones:
// TCP runs out of ports within minutes.
func FuzzSameAsNetHTTP(f *testing.F) {
	for _, r := range slices.Concat(requests, hostile()) {
		f.Add([]byte(r))
	}
	b := newBoth(f, "unix")
	f.Fuzz(func(t *testing.T, r []byte) {
		want := transcript(t, b.plain, r)
		if got := transcript(t, b.quick, r); got != want {
			t.Errorf("%.200q\nquick    %.600s\nnet/http %.600s", r, got, want)
		}
	})
}

// BenchmarkCall is a call over a connection to quick and to net/http alone.
func BenchmarkCall(b *testing.B) {
	servers := newBoth(b, "tcp")
	for name, l := range map[string]net.Listener{"quick": servers.quick, "net_http": servers.plain} {
		b.Run(name, func(b *testing.B) {
			c, err := net.Dial(l.Addr().Network(), l.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			in, request := bufio.NewReader(c), []byte(post(strings.Repeat("x", 400)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Write(request); err != nil {
					b.Fatal(err)
				}
				r, err := http.ReadResponse(in, nil)
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, r.Body)
			}
		})
	}
}
