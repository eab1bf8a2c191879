package barehttp

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestStream reads lines as they come, until the context that the connection is
// bound to ends.
func TestStream(t *testing.T) {
	next := make(chan string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.RawQuery != "stream=a-1" || r.ContentLength != 0 {
			t.Errorf("%s %s of %d bytes", r.Method, r.URL, r.ContentLength)
		}
		for {
			select {
			case line := <-next:
				fmt.Fprintln(w, line)
				_ = http.NewResponseController(w).Flush()
			case <-r.Context().Done():
				return
			}
		}
	}))
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c, err := Dial(ctx, s.Listener.Addr().String(), 1<<10)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Send([]byte("GET /subscribe?stream=a-1 HTTP/1.1\r\nHost: test\r\nContent-Length: "), nil); err != nil {
		t.Fatal(err)
	}
	next <- "first"
	body, status, err := c.Stream()
	if err != nil || status != http.StatusOK {
		t.Fatalf("%d, %v", status, err)
	}
	lines := bufio.NewScanner(body)
	for _, want := range []string{"first", "second"} {
		if want != "first" {
			next <- want
		}
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("read %q (%v), want %q", lines.Text(), lines.Err(), want)
		}
	}
	cancel()
	if lines.Scan() || lines.Err() == nil {
		t.Errorf("read %q (%v) of a connection whose context has ended", lines.Text(), lines.Err())
	}
}
