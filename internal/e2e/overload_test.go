package e2e

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/evtui/evtui/internal/race"
	"github.com/evtui/evtui/server/client"
)

var crowd = flag.Int("overload.connections", 2000, "how many connections TestThousandsOfConnections opens, as far as the system lets it")

// mustServeWith starts a server with more arguments.
func mustServeWith(t *testing.T, dir string, args ...string) (*Process, rpc) {
	t.Helper()
	p := mustLaunch(t, append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0"}, args...)...)
	if err := p.AwaitStderr("msg=serving", patience); err != nil {
		t.Fatal(err)
	}
	url, token, err := awaitServer(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p, rpc{url, token}
}

// mustFill writes 10,000 messages of a kilobyte.
func mustFill(t *testing.T, c rpc) {
	t.Helper()
	events := make([]any, 500)
	for i := range events {
		events[i] = map[string]any{"type": "T", "data": map[string]string{"x": strings.Repeat("x", 1000)}}
	}
	for range 20 {
		var at any
		if err := c.call(&at, "stream.append", "large-1", events); err != nil {
			t.Fatal(err)
		}
	}
}

// kinds of clients that take and do not give.
const (
	fresh      = iota // says nothing
	idle              // has asked once
	slowHeader        // begins to ask
	subscriber        // waits for news
	slowReader        // asks for much and reads nothing
	kindsOfClients
)

// mustJoin opens a connection of one of the kinds.
func mustJoin(t *testing.T, c rpc, kind int) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	head := func(verb, path string) string {
		return verb + " " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + c.token + "\r\n"
	}
	switch kind {
	case idle:
		fmt.Fprint(conn, head("GET", "/health")+"\r\n")
		if _, err := io.ReadFull(conn, make([]byte, len("HTTP/1.1 200 OK"))); err != nil {
			t.Fatal(err)
		}
	case slowHeader:
		fmt.Fprint(conn, head("POST", "/rpc")+"X-Slow: ")
	case subscriber:
		fmt.Fprint(conn, head("GET", "/subscribe?all=true")+"\r\n")
		if _, err := io.ReadFull(conn, make([]byte, len("HTTP/1.1 200 OK"))); err != nil {
			t.Fatal(err)
		}
	case slowReader:
		_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		const body = `["category.get","large",{"batchSize":10000}]`
		fmt.Fprint(conn, head("POST", "/rpc")+fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body))+body)
		if _, err := io.ReadFull(conn, make([]byte, len("HTTP/1.1 200 OK"))); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

// resident returns a process's memory in bytes, 0 where that is not known.
func resident(t *testing.T, p *Process) int64 {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "status"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var kb int64
		if n, _ := fmt.Sscanf(string(line), "VmRSS: %d kB", &kb); n == 1 {
			return kb << 10
		}
	}
	t.Fatalf("no VmRSS in %s", text)
	return 0
}

// TestThousandsOfConnections: those who take and do not give cost little
// memory, others are served meanwhile, and the server stops when it is asked to
// with all of them there.
func TestThousandsOfConnections(t *testing.T) {
	n := *crowd
	if race.Enabled {
		n = min(n, 200)
	}
	n = min(n, maxFiles()-200)
	dir := t.TempDir()
	server, c := mustServeWith(t, dir, "--drain-timeout", "1s")
	mustFill(t, c)
	before := resident(t, server)
	var open []net.Conn
	defer func() {
		for _, conn := range open {
			conn.Close()
		}
	}()
	var news []net.Conn
	for i := range n {
		kind := i % kindsOfClients
		if kind == slowReader && i > 40*kindsOfClients {
			kind = idle // what these do not read lies in the system's memory
		}
		conn := mustJoin(t, c, kind)
		open = append(open, conn)
		if kind == subscriber {
			news = append(news, conn)
		}
	}
	for i := range 50 {
		var at struct{ Position int64 }
		if err := c.call(&at, "stream.write", "small-1", map[string]any{"type": "T", "data": map[string]int{"n": i}}); err != nil || at.Position != int64(i) {
			t.Fatalf("write %d beside %d connections: %v, %v", i, n, at, err)
		}
	}
	after := resident(t, server)
	t.Logf("%d connections: %d MB, %d MB without them", n, after>>20, before>>20)
	if most := before + int64(n)*(40<<10) + (64 << 20); !race.Enabled && after > most {
		t.Errorf("%d connections take %d MB, want at most %d", n, (after-before)>>20, (most-before)>>20)
	}
	if err := server.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	mustExit(t, server, 0)
	for _, conn := range news {
		text, err := io.ReadAll(bufio.NewReader(conn))
		if err != nil || !strings.HasSuffix(string(text), "0\r\n\r\n") {
			t.Fatalf("a subscription ended with %q, %v", text[max(0, len(text)-40):], err)
		}
	}
	again, c := mustServe(t, dir)
	var version int64
	if err := c.call(&version, "stream.version", "small-1"); err != nil || version != 49 {
		t.Errorf("of 50 acknowledged messages the last is %d, %v", version, err)
	}
	again.Kill()
}

// TestSecondSignalEndsAtOnce: whoever does not want to wait for a slow client
// says so.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	server, c := mustServeWith(t, t.TempDir(), "--drain-timeout", "1h", "--stall-timeout", "1h")
	mustFill(t, c)
	conn := mustJoin(t, c, slowReader)
	defer conn.Close()
	if err := server.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := server.AwaitStderr("msg=stopping", patience); err != nil {
		t.Fatal(err)
	}
	if err := server.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	mustExit(t, server, 130)
}

// TestStoppedUnderLoad: what was acknowledged until the end is there, and who
// was not heard any more can tell that from a refusal.
func TestStoppedUnderLoad(t *testing.T) {
	dir := t.TempDir()
	server, c := mustServe(t, dir)
	const writers, enough = 16, 400
	written := make(chan struct{}, enough)
	acks := make([][]acknowledged, writers)
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() { acks[i] = writeUntilGone(c, fmt.Sprintf("counter-%d", i), written) })
	}
	for range enough {
		<-written
	}
	if err := server.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	mustExit(t, server, 0)
	gone, err := client.New(c.url, client.WithToken(c.token))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gone.Version(t.Context(), "counter-0"); !client.Unreachable(err) {
		t.Errorf("a server that has gone: %v", err)
	}
	_, c = mustServe(t, dir)
	for _, own := range acks {
		for from := 0; from < len(own); from += 1000 {
			checkPage(t, c, own[from:min(from+1000, len(own))])
		}
	}
}

// TestTooManyAreToldSo: the limits are flags, and what is beyond them is refused
// when to come again.
func TestTooManyAreToldSo(t *testing.T) {
	_, c := mustServeWith(t, t.TempDir(), "--max-connections", "3", "--max-body", "1KB")
	var held []net.Conn
	for range 3 {
		held = append(held, mustJoin(t, c, idle))
	}
	defer func() {
		for _, conn := range held {
			conn.Close()
		}
	}()
	answer, err := (&http.Client{Transport: &http.Transport{}}).Get(c.url + "/health")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") != "1" || !strings.Contains(string(text), "3 connections") {
		t.Errorf("%s %v %s, %v", answer.Status, answer.Header, text, err)
	}
	body := `["stream.write","a-1",{"type":"T","data":{"x":"` + strings.Repeat("x", 1000) + `"}}]`
	fmt.Fprintf(held[1], "POST /rpc HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", c.token, len(body), body)
	in := bufio.NewReader(held[1])
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatalf("no 413: %v", err)
		}
		if strings.Contains(line, "HTTP/1.1 413") {
			return
		}
	}
}
