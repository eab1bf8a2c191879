package barehttp

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// scripted answers the requests on each connection with the next of its
// texts, and closes the connection when it has no more.
func scripted(t *testing.T, scripts ...[]string) *Transport {
	t.Helper()
	var dialed atomic.Int32
	t.Cleanup(func() {
		if n := int(dialed.Load()); n != len(scripts) {
			t.Errorf("%d connections, want %d", n, len(scripts))
		}
	})
	transport := New(&http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		n := int(dialed.Add(1))
		if n > len(scripts) {
			return nil, errors.New("no more connections")
		}
		near, far := net.Pipe()
		go func() {
			defer far.Close()
			in := bufio.NewReader(far)
			for _, text := range scripts[n-1] {
				r, err := http.ReadRequest(in)
				if err != nil {
					return
				}
				io.Copy(io.Discard, r.Body)
				io.WriteString(far, text)
			}
		}()
		return near, nil
	}}).(*Transport)
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// post makes a request; one that may be sent again if replayable.
func post(t *testing.T, url, body string, replayable bool) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if replayable {
		r.Header["Idempotency-Key"] = nil
	}
	return r
}

// ask makes a call and returns the answer's body.
func ask(t *testing.T, rt http.RoundTripper, r *http.Request) (string, error) {
	t.Helper()
	resp, err := rt.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

const good = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n7"

func TestAnswerForms(t *testing.T) {
	twice := func(t *testing.T, c *Transport) {
		for range 2 {
			if v, err := ask(t, c, post(t, "http://script/rpc", "x", true)); v != "7" || err != nil {
				t.Errorf("%q, %v", v, err)
			}
		}
	}
	for name, text := range map[string]string{
		"length":        good,
		"odd case":      "HTTP/1.1 200 OK\r\ncOnTent-length:  1 \r\nX: y\r\n\r\n7",
		"bare newlines": "HTTP/1.1 200\nContent-Length: 1\n\n7",
		"chunked":       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n7\r\n0\r\nTrailer: x\r\n\r\n",
		"sent ahead":    "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + good,
	} {
		t.Run(name, func(t *testing.T) {
			twice(t, scripted(t, []string{text, good})) // one connection carries both
		})
	}
	for name, text := range map[string]string{
		"close":  "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n7",
		"to end": "HTTP/1.1 200 OK\r\n\r\n7",
		"old":    "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n7",
	} {
		t.Run(name, func(t *testing.T) { twice(t, scripted(t, []string{text}, []string{good})) })
	}
}

func TestAnswersThatAreNotHTTP(t *testing.T) {
	for _, text := range []string{
		"SSH-2.0-OpenSSH\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 xxx OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n7",
		"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999\r\n\r\n7", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n7",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n7", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n", "HTTP/1.1 200",
		"HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 1000) + "\r\n", strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 1000),
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n7\r\n0\r\n" + strings.Repeat("X: y\r\n", 1000) + "\r\n",
	} {
		if v, err := ask(t, scripted(t, []string{text}), post(t, "http://script/rpc", "x", true)); err == nil {
			t.Errorf("%.40q: %q", text, v)
		}
	}
}

// TestHeaders: what a client looks at comes through, and what is sent is the
// request's, the empty key aside.
func TestHeaders(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, keyed := r.Header["Idempotency-Key"]; keyed || r.Header.Get("Authorization") != "Bearer x" || r.URL.RequestURI() != "/a%20b/rpc?q=1" || string(body) != "x" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.Header().Set("retry-after", " 7 ")
		w.Header().Set("Location", "http://elsewhere/")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer s.Close()
	c := New(&http.Transport{})
	defer c.(*Transport).CloseIdleConnections()
	r := post(t, s.URL+"/a%20b/rpc?q=1", "x", true)
	r.Header.Set("Authorization", "Bearer x")
	resp, err := c.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "7" || resp.Header.Get("Location") != "http://elsewhere/" {
		t.Errorf("%d, %v", resp.StatusCode, resp.Header)
	}
}

// TestSecondAnswerIsNotTheNext: what follows an answer that nobody asked for
// is not taken for the answer to the next call.
func TestSecondAnswerIsNotTheNext(t *testing.T) {
	c := scripted(t, []string{good + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n8"}, []string{good})
	for range 2 {
		if v, err := ask(t, c, post(t, "http://script/rpc", "x", true)); v != "7" || err != nil {
			t.Errorf("%q, %v", v, err)
		}
	}
}

// TestOnceTakesNoOldConnection: after a pause, what may be sent only once dials
// again, while the rest still uses what is there, until that has idled for too
// long.
func TestOnceTakesNoOldConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := scripted(t, []string{good, good}, []string{good, good}, []string{good})
		call := func(replayable bool) {
			t.Helper()
			if v, err := ask(t, c, post(t, "http://script/rpc", "x", replayable)); v != "7" || err != nil {
				t.Errorf("%q, %v", v, err)
			}
		}
		call(true)
		<-time.After(2 * fresh)
		call(true)
		<-time.After(2 * fresh)
		call(false)
		call(false)
		<-time.After(idleFor + time.Second)
		synctest.Wait()
		c.pool.mu.Lock()
		idle := len(c.pool.idle)
		c.pool.mu.Unlock()
		if idle != 0 {
			t.Errorf("%d connections idle on", idle)
		}
		call(true)
	})
}

// TestHandedOn: what the transport does not send itself goes through the one it
// was made from.
func TestHandedOn(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodPost && r.ContentLength != n {
			w.Header().Set("X-Streamed", "yes") // this transport keeps no such field
		}
		w.Header().Set("X-Method", r.Method)
	}))
	defer s.Close()
	c := New(&http.Transport{})
	defer c.(*Transport).CloseIdleConnections()
	for _, make := range []func() *http.Request{
		func() *http.Request { r := post(t, s.URL, "", false); r.Method, r.Body = http.MethodGet, nil; return r },
		func() *http.Request { r := post(t, s.URL, "lines", false); r.ContentLength = -1; return r },
	} {
		resp, err := c.RoundTrip(make())
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.Header.Get("X-Method") == "" {
			t.Errorf("net/http did not read the answer: %v", resp.Header)
		}
	}
	through := &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return url.Parse(s.URL) }}
	defer through.CloseIdleConnections()
	resp, err := New(through).RoundTrip(post(t, "http://nowhere.invalid/rpc", "x", true))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.Header.Get("X-Method") != http.MethodPost {
		t.Errorf("not through the proxy: %v", resp.Header)
	}
}

func TestContextEndsACall(t *testing.T) {
	arrived := make(chan struct{}, 2)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/half" {
			io.WriteString(w, "half")
			w.(http.Flusher).Flush()
		}
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	defer s.Close()
	c := New(&http.Transport{})
	for _, path := range []string{"/", "/half"} {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-arrived
			cancel()
		}()
		if v, err := ask(t, c, post(t, s.URL+path, "x", true).WithContext(ctx)); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %q, %v", path, v, err)
		}
	}
}

func TestHTTPS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil && r.TLS != nil {
			w.Write(body)
		}
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(s.Certificate())
	c := New(&http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}})
	defer c.(*Transport).CloseIdleConnections()
	big := strings.Repeat("x", 3*smallBody)
	for _, body := range []string{"x", big} {
		if got, err := ask(t, c, post(t, s.URL, body, true)); got != body || err != nil {
			t.Errorf("%d bytes came back as %d, %v", len(body), len(got), err)
		}
	}
	if _, err := ask(t, New(&http.Transport{}), post(t, s.URL, "x", true)); err == nil {
		t.Error("a server that nobody vouches for is trusted")
	}
}

func TestReceiveIsBounded(t *testing.T) {
	for name, text := range map[string]string{
		"length":  "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + strings.Repeat("x", 100),
		"chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n" + strings.Repeat("x", 100) + "\r\n0\r\n\r\n",
		"to end":  "HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("x", 100),
	} {
		receive := func(limit int64) ([]byte, error) {
			body, _, _, err := (&Conn{in: bufio.NewReader(bytes.NewReader([]byte(text)))}).Receive(nil, limit)
			return body, err
		}
		if body, err := receive(100); err != nil || len(body) != 100 {
			t.Errorf("%s: %d bytes, %v", name, len(body), err)
		}
		if _, err := receive(99); !errors.Is(err, ErrTooLong) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
