package server_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// strange is a connection for clients that write HTTP by hand.
type strange struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

func (h *host) strange(t testing.TB) *strange {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return &strange{t: t, conn: conn, in: bufio.NewReader(conn)}
}

func (s *strange) send(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.conn, text); err != nil {
		s.t.Fatal(err)
	}
}

// answer reads one answer to a request with the verb, and its body.
func (s *strange) answer(verb string) (*http.Response, string) {
	s.t.Helper()
	answer, err := http.ReadResponse(s.in, &http.Request{Method: verb})
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer, string(text)
}

// TestStrangeClients sends what is unusual and yet HTTP, and what is not meant
// for this server: it gets the protocol's answer or its error.
func TestStrangeClients(t *testing.T) {
	h := newHost(t)
	const body, ok = `["ns.head"]`, `{"globalPosition":0}`
	length := fmt.Sprintf("Content-Length: %d\r\n", len(body))
	bearer := "Authorization: Bearer " + h.admin + "\r\n"
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(z, body)
	_ = z.Close()
	for name, c := range map[string]struct {
		request string
		status  int
		text    string // how the answer begins, or the code of its error
	}{
		"HTTP/1.0":                {"POST /rpc HTTP/1.0\r\n" + bearer + length + "\r\n" + body, 200, ok},
		"HTTP/1.0 with a host":    {"POST /rpc HTTP/1.0\r\nHost: x\r\n" + bearer + length + "\r\n" + body, 200, ok},
		"chunks":                  {"POST /rpc HTTP/1.1\r\nHost: x\r\n" + bearer + "Transfer-Encoding: chunked\r\n\r\n3\r\n[\"n\r\n8;x=y\r\ns.head\"]\r\n0\r\n\r\n", 200, ok},
		"a trailer":               {"POST /rpc HTTP/1.1\r\nHost: x\r\n" + bearer + "Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\nb\r\n" + body + "\r\n0\r\nX: 1\r\n\r\n", 200, ok},
		"small letters":           {"POST /rpc HTTP/1.1\r\nhost: x\r\nauthorization: bearer " + h.admin + "\r\ncontent-length: 11\r\n\r\n" + body, 200, ok},
		"great letters":           {"POST /rpc HTTP/1.1\r\nHOST: x\r\nAUTHORIZATION: BEARER " + h.admin + "\r\nCONTENT-LENGTH: 11\r\n\r\n" + body, 200, ok},
		"no space after a colon":  {"POST /rpc HTTP/1.1\r\nHost:x\r\nAuthorization:Bearer " + h.admin + "\r\nContent-Length:11\r\n\r\n" + body, 200, ok},
		"text/plain":              {"POST /rpc HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n" + bearer + length + "\r\n" + body, 200, ok},
		"a form":                  {"POST /rpc HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n" + bearer + length + "\r\n" + body, 200, ok},
		"the whole address":       {"POST http://elsewhere/rpc HTTP/1.1\r\nHost: x\r\n" + bearer + length + "\r\n" + body, 200, ok},
		"a query":                 {"POST /rpc?trace=1 HTTP/1.1\r\nHost: x\r\n" + bearer + length + "\r\n" + body, 200, ok},
		"a long header":           {"POST /rpc HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 50<<10) + "\r\n" + bearer + length + "\r\n" + body, 200, ok},
		"a header that is longer": {"POST /rpc HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 70<<10) + "\r\n" + bearer + length + "\r\n" + body, 431, "431 "},
		"an upgrade":              {"POST /rpc HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n" + bearer + length + "\r\n" + body, 200, ok},
		"HTTP/2 by itself":        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 404, "NOT_FOUND"},
		"identity":                {"POST /rpc HTTP/1.1\r\nHost: x\r\nContent-Encoding: identity\r\n" + bearer + length + "\r\n" + body, 200, ok},
		"gzip":                    {fmt.Sprintf("POST /rpc HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n%sContent-Length: %d\r\n\r\n%s", bearer, zipped.Len(), zipped.Bytes()), 400, "INVALID_REQUEST"},
		"an import of gzip":       {fmt.Sprintf("POST /import?force=true HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n%sContent-Length: %d\r\n\r\n%s", bearer, zipped.Len(), zipped.Bytes()), 200, `data: {"error":"INVALID_RECORD"`},
		"an import of zstd":       {fmt.Sprintf("POST /import?force=true HTTP/1.1\r\nHost: x\r\nContent-Encoding: zstd\r\n%sContent-Length: %d\r\n\r\n%s", bearer, zipped.Len(), zipped.Bytes()), 400, "INVALID_REQUEST"},
		"HTTP/1.0 imports":        {"POST /import HTTP/1.0\r\n" + bearer + "Content-Length: 0\r\n\r\n", 200, `data: {"done":true,"imported":0`},
		"no body":                 {"POST /rpc HTTP/1.1\r\nHost: x\r\n" + bearer + "\r\n", 400, "INVALID_REQUEST"},
		"no host":                 {"POST /rpc HTTP/1.1\r\n" + bearer + length + "\r\n" + body, 400, "400 "},
		"two lengths":             {"POST /rpc HTTP/1.1\r\nHost: x\r\n" + bearer + length + "Content-Length: 12\r\n\r\n" + body + " ", 400, "400 "},
		"a negative length":       {"POST /rpc HTTP/1.1\r\nHost: x\r\n" + bearer + "Content-Length: -1\r\n\r\n", 400, "400 "},
		"a huge length":           {"POST /rpc HTTP/1.1\r\nHost: x\r\n" + bearer + "Content-Length: 9223372036854775807\r\n\r\n", 413, "INVALID_REQUEST"},
		"a length beyond all":     {"POST /rpc HTTP/1.1\r\nHost: x\r\n" + bearer + "Content-Length: 9223372036854775808\r\n\r\n", 400, "400 "},
		"a space before a colon":  {"POST /rpc HTTP/1.1\r\nHost: x\r\n" + bearer + "Content-Length : 11\r\n\r\n" + body, 400, "400 "},
		"two tokens":              {"POST /rpc HTTP/1.1\r\nHost: x\r\n" + bearer + "Authorization: Bearer " + tokenOf("default") + "\r\n" + length + "\r\n" + body, 200, ok},
		"another expectation":     {"POST /rpc HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n" + bearer + length + "\r\n" + body, 417, ""},
		"HEAD":                    {"HEAD /rpc HTTP/1.1\r\nHost: x\r\n" + bearer + "\r\n", 405, ""},
		"HEAD of the health":      {"HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n", 200, ""},
		"HEAD of a subscription":  {"HEAD /subscribe?all=true HTTP/1.1\r\nHost: x\r\n" + bearer + "\r\n", 405, ""},
		"GET":                     {"GET /rpc HTTP/1.1\r\nHost: x\r\n" + bearer + "\r\n", 405, "METHOD_NOT_ALLOWED"},
		"OPTIONS of all":          {"OPTIONS * HTTP/1.1\r\nHost: x\r\n" + bearer + "\r\n", 404, "NOT_FOUND"},
		"a tunnel":                {"CONNECT elsewhere:80 HTTP/1.1\r\nHost: elsewhere:80\r\n" + bearer + "\r\n", 404, "NOT_FOUND"},
		"two slashes":             {"POST //rpc HTTP/1.1\r\nHost: x\r\n" + bearer + length + "\r\n" + body, 404, "NOT_FOUND"},
	} {
		t.Run(name, func(t *testing.T) {
			s := h.strange(t)
			s.send(c.request)
			verb, _, _ := strings.Cut(c.request, " ")
			answer, text := s.answer(map[bool]string{true: "HEAD", false: "POST"}[verb == "HEAD"])
			begins := c.text
			if strings.ToUpper(c.text) == c.text && strings.Contains(c.text, "_") {
				begins = `{"error":{"code":"` + c.text + `"`
			}
			if answer.StatusCode != c.status || !strings.HasPrefix(text, begins) {
				t.Errorf("got %s %.200s, want %d %s", answer.Status, text, c.status, begins)
			}
		})
	}
}

// TestOneConnectionForAll uses one connection for one thing after another, as
// clients that keep theirs open do, with pauses and without.
func TestOneConnectionForAll(t *testing.T) {
	h := newHost(t)
	s := h.strange(t)
	call := func(body string) string {
		return fmt.Sprintf("POST /rpc HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", h.admin, len(body), body)
	}
	write := call(`["stream.write","a-1",{"type":"T","data":{}}]`)
	expect := func(status int, want string) {
		t.Helper()
		if answer, text := s.answer("POST"); answer.StatusCode != status || !strings.HasPrefix(text, want) || answer.Close {
			t.Fatalf("got %s %s, want %d %s", answer.Status, text, status, want)
		}
	}
	// Answers come in the order of the requests, whatever each of them is.
	s.send(write + write + call("[") + "GET /health HTTP/1.1\r\nHost: x\r\n\r\n" + write + "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")
	expect(200, `{"position":0,"globalPosition":1}`)
	expect(200, `{"position":1,"globalPosition":2}`)
	expect(400, `{"error":{"code":"INVALID_REQUEST"`)
	expect(200, `{"status":"ok"}`)
	expect(200, `{"position":2,"globalPosition":3}`)
	expect(404, `{"error":{"code":"NOT_FOUND"`)
	// Who announces a body waits to be asked for it, and is asked only then.
	s.send(strings.Replace(write[:strings.Index(write, "[")], "\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n", 1))
	if answer, _ := s.answer("POST"); answer.StatusCode != 100 {
		t.Fatalf("got %s, want 100", answer.Status)
	}
	s.send(write[strings.Index(write, "["):])
	expect(200, `{"position":3,"globalPosition":4}`)
	// A line break behind a body is an old client's; the next request counts.
	s.send("\r\n" + write)
	expect(200, `{"position":4,"globalPosition":5}`)
	// The last is a subscription, which lasts.
	s.send(write + "GET /subscribe?category=a&position=5&token=" + h.admin + " HTTP/1.1\r\nHost: x\r\n\r\n")
	expect(200, `{"position":5,"globalPosition":6}`)
	answer, err := http.ReadResponse(s.in, nil)
	if err != nil || answer.StatusCode != 200 {
		t.Fatal(answer, err)
	}
	lines := bufio.NewReader(answer.Body)
	want := ": ready\n\nevent: poke\ndata: {\"stream\":\"a-1\",\"position\":4,\"globalPosition\":5}\n\nevent: poke\ndata: {\"stream\":\"a-1\",\"position\":5,\"globalPosition\":6}\n\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(lines, got); err != nil || string(got) != want {
		t.Errorf("the subscription says %q (%v)", got, err)
	}
}

// TestUnansweredExpectation: who is refused is not asked for the body.
func TestUnansweredExpectation(t *testing.T) {
	h := newHost(t)
	for _, c := range []struct {
		head   string
		status int
	}{
		{"Content-Length: 999999999", 413}, // with the token
		{"Content-Length: 5", 401},
	} {
		s := h.strange(t)
		bearer := ""
		if c.status == 413 {
			bearer = "Authorization: Bearer " + h.admin + "\r\n"
		}
		s.send("POST /rpc HTTP/1.1\r\nHost: x\r\n" + bearer + "Expect: 100-continue\r\n" + c.head + "\r\n\r\n")
		if answer, text := s.answer("POST"); answer.StatusCode != c.status || !answer.Close {
			t.Errorf("%s: got %s %s, want %d and an end", c.head, answer.Status, text, c.status)
		}
	}
}

// TestSubscribeByHTTP10 has a client without chunks read a subscription.
func TestSubscribeByHTTP10(t *testing.T) {
	h := newHost(t)
	h.write("a-1", 2)
	s := h.strange(t)
	s.send("GET /subscribe?stream=a-1&position=1 HTTP/1.0\r\nAuthorization: Bearer " + h.admin + "\r\n\r\n")
	answer, err := http.ReadResponse(s.in, nil)
	if err != nil || answer.StatusCode != 200 || answer.TransferEncoding != nil {
		t.Fatal(answer, err)
	}
	want := ": ready\n\nevent: poke\ndata: {\"stream\":\"a-1\",\"position\":1,\"globalPosition\":2}\n\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(answer.Body, got); err != nil || string(got) != want {
		t.Errorf("got %q (%v)", got, err)
	}
}
