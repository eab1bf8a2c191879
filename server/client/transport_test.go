package client

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// scripted answers the requests on each connection with the next of its
// texts, and closes the connection when it has no more.
func scripted(t *testing.T, scripts ...[]string) *Client {
	t.Helper()
	return mustNew(t, "http://script", WithDialer(script(t, scripts...)))
}

func script(t *testing.T, scripts ...[]string) func(context.Context) (net.Conn, error) {
	t.Helper()
	var dialed atomic.Int32
	t.Cleanup(func() {
		if n := int(dialed.Load()); n != len(scripts) {
			t.Errorf("%d connections, want %d", n, len(scripts))
		}
	})
	return func(context.Context) (net.Conn, error) {
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
	}
}

const good = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n7"

// TestDeadConnections: what only reads is sent again on a new connection; a
// write is not, for it may have been done.
func TestDeadConnections(t *testing.T) {
	t.Run("read", func(t *testing.T) {
		c := scripted(t, []string{good, ""}, []string{good})
		for range 2 {
			if v, err := c.Version(t.Context(), "a"); v != 7 || err != nil {
				t.Errorf("%d, %v", v, err)
			}
		}
	})
	t.Run("write", func(t *testing.T) {
		c := scripted(t, []string{good, ""})
		if _, err := c.Version(t.Context(), "a"); err != nil {
			t.Error(err)
		}
		if _, err := c.Write(t.Context(), "a", anEvent, AnyVersion()); !Unreachable(err) {
			t.Errorf("%v", err)
		}
	})
	t.Run("fresh", func(t *testing.T) {
		c := scripted(t, []string{""})
		if _, err := c.Version(t.Context(), "a"); !Unreachable(err) {
			t.Errorf("%v", err)
		}
	})
	t.Run("half an answer", func(t *testing.T) {
		c := scripted(t, []string{good, good[:len(good)-1]})
		if _, err := c.Version(t.Context(), "a"); err != nil {
			t.Error(err)
		}
		if _, err := c.Version(t.Context(), "a"); !Unreachable(err) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%v", err)
		}
	})
}

// TestRefusalBeforeTheEnd: a server that does not want the rest of a body is
// heard.
func TestRefusalBeforeTheEnd(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		io.WriteString(w, `{"error":{"code":"INVALID_REQUEST","message":"too large"}}`)
	}))
	defer s.Close()
	c := mustNew(t, s.URL)
	big := Event{Type: "T", Data: []byte(`{"x":"` + strings.Repeat("x", 200<<10) + `"}`)}
	_, err := c.Write(t.Context(), "a", big, AnyVersion())
	if e, ok := errors.AsType[*Error](err); !ok || e.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("%v", err)
	}
}

// TestHTTPS: over TLS all goes as it does without, once the server's authority
// is trusted, and a server that is not is no server that is away.
func TestHTTPS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/version" && r.TLS != nil {
			io.WriteString(w, `{"version":"1.2.3"}`)
			return
		}
		if r.TLS == nil || r.Header.Get("Authorization") != "Bearer ns_x" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		if body, _ := io.ReadAll(r.Body); string(body) != `["stream.version","a"]` {
			w.WriteHeader(http.StatusTeapot)
		}
		io.WriteString(w, "7")
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(s.Certificate())
	c := mustNew(t, s.URL, WithToken("ns_x"), WithTLS(&tls.Config{RootCAs: trusted}))
	for range 3 {
		if v, err := c.Version(t.Context(), "a"); v != 7 || err != nil {
			t.Errorf("%d, %v", v, err)
		}
	}
	if v, err := c.ServerVersion(t.Context()); v != "1.2.3" || err != nil {
		t.Errorf("%s, %v", v, err)
	}
	stranger := mustNew(t, s.URL, WithToken("ns_x"))
	_, err := stranger.Version(t.Context(), "a")
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok || Unreachable(err) {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
	if err := stranger.Ping(t.Context()); err == nil || Unreachable(err) {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
	plain := mustNew(t, strings.Replace(s.URL, "https", "http", 1))
	if _, err := plain.Version(t.Context(), "a"); err == nil || !strings.Contains(err.Error(), "https://") {
		t.Errorf("without TLS where there is TLS: %v", err)
	}
}

func TestBasePath(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/my stores/one/") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/version") {
			io.WriteString(w, `{"version":"1.2.3"}`)
			return
		}
		io.WriteString(w, "7")
	}))
	defer s.Close()
	c := mustNew(t, s.URL+"/my%20stores/one/")
	if v, err := c.Version(t.Context(), "a"); v != 7 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
	if v, err := c.ServerVersion(t.Context()); v != "1.2.3" || err != nil {
		t.Errorf("%s, %v", v, err)
	}
}

func TestProfile(t *testing.T) {
	var asked string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		io.WriteString(w, "\x1f\x8bprofile")
	}))
	defer s.Close()
	c := mustNew(t, s.URL)
	for _, tt := range []struct {
		kind    string
		seconds int
		want    string
	}{{"cpu", 5, "/debug/pprof/profile?seconds=5"}, {"heap", 0, "/debug/pprof/heap?gc=1"}, {"mutex", 1, "/debug/pprof/mutex?seconds=1"}} {
		got, err := c.Profile(t.Context(), tt.kind, tt.seconds)
		if err != nil || string(got) != "\x1f\x8bprofile" || asked != tt.want {
			t.Errorf("%s: %q, %v, asked %s", tt.kind, got, err, asked)
		}
	}
	if err := c.Ping(t.Context()); err != nil || asked != "/health" {
		t.Errorf("%v, asked %s", err, asked)
	}
}
