package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestCallsUnderWayEnd stops a server while it has half of a call: it takes no
// more connections, and waits for the other half.
func TestCallsUnderWayEnd(t *testing.T) {
	dir := t.TempDir()
	server, c := mustServe(t, dir)
	address := strings.TrimPrefix(c.url, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := `["stream.write","a-1",{"type":"T","data":{"x":"under way"}}]`
	half := len(body) / 2
	// The server says when it reads the body: the call is under way then.
	fmt.Fprintf(conn, "POST /rpc HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", c.token, len(body))
	in := bufio.NewReader(conn)
	if asks, err := http.ReadResponse(in, nil); err != nil || asks.StatusCode != http.StatusContinue {
		t.Fatalf("the server does not ask for the body: %v, %v", asks, err)
	}
	fmt.Fprint(conn, body[:half])
	if err := server.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(patience)
	for {
		other, err := net.Dial("tcp", address)
		if err != nil {
			break // it stops
		}
		other.Close()
		if time.Now().After(deadline) {
			t.Fatal("a server that was asked to stop still takes connections")
		}
	}
	fmt.Fprint(conn, body[half:])
	answer, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatalf("a call under way when the server was stopped: %v", err)
	}
	text, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(text), `"globalPosition":1`) {
		t.Errorf("a call under way when the server was stopped: %s %s, %v", answer.Status, text, err)
	}
	mustExit(t, server, 0)
	_, c = mustServe(t, dir)
	var version int64
	if err := c.call(&version, "stream.version", "a-1"); err != nil || version != 0 {
		t.Errorf("the stream is at %d, %v, want the call that was under way", version, err)
	}
}
