package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/servertest"
)

// inTime runs a test on a server in this process whose clock is the test's:
// minutes pass at once.
func inTime(t *testing.T, test func(t *testing.T, dial func() net.Conn, token string)) {
	synctest.Test(t, func(t *testing.T) {
		s := servertest.New(t, server.Config{})
		defer s.Stop() // before what the test cleans up
		test(t, func() net.Conn {
			conn, err := s.Dial(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			return conn
		}, s.Token)
	})
}

func head(verb, path, token string, more ...string) string {
	return verb + " " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n" + strings.Join(more, "\r\n") + "\r\n"
}

func TestHeartbeatEveryFifteenSeconds(t *testing.T) {
	inTime(t, func(t *testing.T, dial func() net.Conn, token string) {
		conn := dial()
		fmt.Fprint(conn, head("GET", "/subscribe?all=true", token))
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(answer.Body)
		opened := time.Now()
		// Far beyond every other timeout.
		for beat := range 20 {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if passed := time.Since(opened); !strings.HasPrefix(line, ":") || passed != time.Duration(beat)*15*time.Second {
				t.Fatalf("after %v: %q", passed, line)
			}
			if blank, err := lines.ReadString('\n'); err != nil || blank != "\n" {
				t.Fatalf("got %q, %v", blank, err)
			}
		}
		_ = conn.Close()
	})
}

func TestSlowRequestsAreCut(t *testing.T) {
	for name, sent := range map[string]string{
		"nothing":        "",
		"half a line":    "POST /r",
		"half a header":  "POST /rpc HTTP/1.1\r\nHost: x\r\nX-A",
		"no body":        head("POST", "/rpc", "TOKEN", "Content-Length: 100", ""),
		"half a body":    head("POST", "/rpc", "TOKEN", "Content-Length: 100", "") + `["sys.ver`,
		"half a chunk":   head("POST", "/rpc", "TOKEN", "Transfer-Encoding: chunked", "") + "10\r\n[\"sys",
		"import stalled": head("POST", "/import", "TOKEN", "Content-Length: 100", "") + `{"id"`,
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T, dial func() net.Conn, token string) {
				conn := dial()
				start := time.Now()
				fmt.Fprint(conn, strings.ReplaceAll(sent, "TOKEN", token))
				text, err := io.ReadAll(conn) // until the server closes
				if err != nil {
					t.Fatal(err)
				}
				if passed := time.Since(start); passed < 30*time.Second || passed > 3*time.Minute {
					t.Errorf("cut after %v with %q", passed, text)
				}
				if strings.HasPrefix(string(text), "HTTP/1.1 200") && !strings.Contains(string(text), "IMPORT_FAILED") {
					t.Errorf("answered %q", text)
				}
			})
		})
	}
}

// TestLongImport takes an hour, a line a minute less a second: no deadline is
// for the whole.
func TestLongImport(t *testing.T) {
	inTime(t, func(t *testing.T, dial func() net.Conn, token string) {
		conn := dial()
		fmt.Fprint(conn, head("POST", "/import", token, "Transfer-Encoding: chunked", ""))
		for g := 1; g <= 60; g++ {
			line := record(g) + "\n"
			fmt.Fprintf(conn, "%x\r\n%s\r\n", len(line), line)
			<-time.After(59 * time.Second) // of the test's clock
		}
		fmt.Fprint(conn, "0\r\n\r\n")
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		if err != nil || !strings.Contains(string(text), `"done":true,"imported":60,"elapsed":"3540.0s"`) {
			t.Errorf("got %s, %v", text, err)
		}
		_ = conn.Close()
	})
}

// TestShutdownDoesNotWaitForTheIdle: connections that ask for nothing, or not
// yet, do not hold it up.
func TestShutdownDoesNotWaitForTheIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := servertest.New(t, server.Config{})
		fresh, err := s.Dial(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		idle, err := s.Dial(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(idle, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
		in := bufio.NewReader(idle)
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		synctest.Wait()
		start := time.Now()
		s.Stop()
		if passed := time.Since(start); passed > time.Second {
			t.Errorf("shutting down took %v", passed)
		}
		for _, conn := range []net.Conn{fresh, idle} {
			if n, err := conn.Read(make([]byte, 1)); n != 0 || err != io.EOF {
				t.Errorf("read %d, %v after the server is gone", n, err)
			}
		}
	})
}

// TestShutdownEndsImports: one that waits for its client does not hold it up.
func TestShutdownEndsImports(t *testing.T) {
	var conn net.Conn
	var start time.Time
	inTime(t, func(t *testing.T, dial func() net.Conn, token string) {
		conn = dial()
		fmt.Fprint(conn, head("POST", "/import", token, "Transfer-Encoding: chunked", "")+"5\r\n{\"id\"\r\n")
		synctest.Wait()
		start = time.Now()
		ended := make(chan struct{})
		t.Cleanup(func() { <-ended }) // before the one that closes the connection
		go func() {
			defer close(ended)
			text, err := io.ReadAll(conn)
			if err != nil || !strings.Contains(string(text), "IMPORT_FAILED") || time.Since(start) > 5*time.Second {
				t.Errorf("after %v: %q, %v", time.Since(start), text, err)
			}
		}()
	})
}

func TestHugeHeadersAreRefused(t *testing.T) {
	inTime(t, func(t *testing.T, dial func() net.Conn, token string) {
		conn := dial()
		go func() {
			_, _ = fmt.Fprint(conn, head("POST", "/rpc", token, "X-Junk: "+strings.Repeat("x", 200<<10), ""))
		}()
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("got %s", answer.Status)
		}
		_ = conn.Close()
	})
}
