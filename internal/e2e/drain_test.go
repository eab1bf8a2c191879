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
	fmt.Fprintf(conn, "POST /rpc HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", c.token, len(body), body[:half])
	// Another call, answered after the half was sent: the server has it by then.
	var known any
	if err := c.call(&known, "sys.version"); err != nil {
		t.Fatal(err)
	}
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
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
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
