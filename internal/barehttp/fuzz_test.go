package barehttp

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// FuzzAnswer: no answer makes the client panic or wait, and one that net/http
// reads is read in the same way or refused.
func FuzzAnswer(f *testing.F) {
	for _, in := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n{}", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n{}", "HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n\r\nx", "HTTP/2 200\r\n\r\n", "x",
	} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		c := &Conn{in: bufio.NewReaderSize(bytes.NewReader(in), 16<<10)}
		body, status, _, err := c.Receive(nil, 1<<20)
		if err != nil {
			return
		}
		want, e := http.ReadResponse(bufio.NewReader(bytes.NewReader(in)), &http.Request{Method: http.MethodPost})
		for e == nil && want.StatusCode < 200 { // net/http's reader does not pass over those that come ahead
			return
		}
		if e != nil {
			return // net/http is stricter about what it does not need
		}
		text, e := io.ReadAll(want.Body)
		if e != nil && !errors.Is(e, io.ErrUnexpectedEOF) {
			return
		}
		if want.StatusCode != status || e == nil && !bytes.Equal(text, body) {
			t.Fatalf("read %d %.60q, net/http reads %d %.60q", status, body, want.StatusCode, text)
		}
		if strings.Contains(want.Header.Get("Content-Length"), ",") {
			t.Fatal("two lengths")
		}
	})
}
