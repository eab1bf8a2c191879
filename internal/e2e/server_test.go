package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func mustLaunch(t *testing.T, args ...string) *Process {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("sends Unix signals")
	}
	p, err := Launch(nil, []string{"HOME=" + t.TempDir()}, binary, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// rpc is a program that speaks the protocol by hand.
type rpc struct{ url, token string }

func mustServe(t *testing.T, dir string) (*Process, rpc) {
	t.Helper()
	p := mustLaunch(t, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	if err := p.AwaitStderr("msg=serving", patience); err != nil {
		t.Fatal(err)
	}
	url, token, err := awaitServer(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p, rpc{url, token}
}

func (c rpc) call(result any, args ...any) error {
	body, err := json.Marshal(args)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPost, c.url+"/rpc", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", answer.Status, raw)
	}
	return json.Unmarshal(raw, result)
}

func mustExit(t *testing.T, p *Process, want int) {
	t.Helper()
	code, err := p.Wait(patience)
	if err != nil {
		t.Fatal(err)
	}
	if code != want {
		t.Fatalf("exit code %d, want %d; it said\n%s", code, want, p.Stderr())
	}
}

// acknowledged is what a writer got for one message.
type acknowledged struct {
	stream           string
	number           int
	position, global int64
}

// writeUntilGone writes numbered messages to a stream of its own until the
// server is gone, and returns what was acknowledged.
func writeUntilGone(c rpc, stream string, written chan<- struct{}) []acknowledged {
	var acks []acknowledged
	for n := 0; ; n++ {
		var at struct{ Position, GlobalPosition int64 }
		err := c.call(&at, "stream.write", stream, map[string]any{"type": "Counted", "data": map[string]int{"n": n}})
		if err != nil {
			return acks
		}
		acks = append(acks, acknowledged{stream, n, at.Position, at.GlobalPosition})
		select {
		case written <- struct{}{}:
		default:
		}
	}
}

func TestKilledServerKeepsWhatItAcknowledged(t *testing.T) {
	dir := t.TempDir()
	server, c := mustServe(t, dir)
	mustLaunch(t, "load", "--data", dir, "--duration", "0")
	const writers, enough = 8, 2000
	written := make(chan struct{}, enough)
	acks := make([][]acknowledged, writers)
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() { acks[i] = writeUntilGone(c, fmt.Sprintf("counter-%d", i), written) })
	}
	deadline := time.NewTimer(patience)
	for range enough {
		select {
		case <-written:
		case <-deadline.C:
			t.Fatal("the writers are too slow")
		}
	}
	server.Kill()
	all.Wait()

	again, c := mustServe(t, dir)
	total := 0
	for _, own := range acks {
		total += len(own)
		for from := 0; from < len(own); from += 1000 {
			checkPage(t, c, own[from:min(from+1000, len(own))])
		}
	}
	if total < enough {
		t.Fatalf("%d were acknowledged, at least %d were counted", total, enough)
	}
	t.Logf("%d acknowledged messages are all there", total)
	if err := again.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	mustExit(t, again, 0)
	verify := mustLaunch(t, "verify", "--data", dir, "-o", "json")
	mustExit(t, verify, 0)
	if !strings.Contains(verify.Stdout(), `"findings": []`) {
		t.Errorf("verify says\n%s%s", verify.Stdout(), verify.Stderr())
	}
}

// checkPage reads a run of acknowledged messages of one stream and compares.
func checkPage(t *testing.T, c rpc, want []acknowledged) {
	t.Helper()
	var page [][7]json.RawMessage
	first := want[0]
	err := c.call(&page, "stream.get", first.stream, map[string]any{"position": first.position, "batchSize": len(want)})
	if err != nil {
		t.Fatal(err)
	}
	if len(page) != len(want) {
		t.Fatalf("%s has %d messages from %d on, %d were acknowledged", first.stream, len(page), first.position, len(want))
	}
	for i, message := range page {
		got := fmt.Sprintf("position %s, global %s, data %s", message[2], message[3], message[4])
		if should := fmt.Sprintf(`position %d, global %d, data {"n":%d}`, want[i].position, want[i].global, want[i].number); got != should {
			t.Fatalf("%s: got %s, acknowledged was %s", first.stream, got, should)
		}
	}
}

func TestServerDrainsOnSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			dir := t.TempDir()
			server, c := mustServe(t, dir)
			// A subscription that never ends by itself must not hold the server up.
			request, err := http.NewRequest(http.MethodGet, c.url+"/subscribe?all=true&token="+c.token, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if err := server.Signal(signal); err != nil {
				t.Fatal(err)
			}
			mustExit(t, server, 0)
			if _, err := os.Stat(filepath.Join(dir, "endpoint")); err == nil {
				t.Error("the endpoint file is still there")
			}
		})
	}
}

func TestTestModeNeedsNoToken(t *testing.T) {
	server := mustLaunch(t, "serve", "--test-mode", "--port", "0")
	if err := server.AwaitStderr("msg=serving", patience); err != nil {
		t.Fatal(err)
	}
	url := regexp.MustCompile(`url=(\S+)`).FindStringSubmatch(server.Stderr())
	if url == nil {
		t.Fatalf("no URL in\n%s", server.Stderr())
	}
	var at struct{ Position int64 }
	if err := (rpc{url: url[1]}).call(&at, "stream.write", "account-1", map[string]any{"type": "Opened", "data": map[string]any{}}); err != nil {
		t.Error(err)
	}
}

func TestAnswersAsCurlSeesThem(t *testing.T) {
	_, c := mustServe(t, t.TempDir())
	for path, want := range map[string]string{"/health": `{"status":"ok"}`, "/version": `{"version":"0.1.0"}`} {
		answer, err := http.Get(c.url + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || strings.TrimSpace(string(body)) != want {
			t.Errorf("%s answers %q (%v), want %s", path, body, err, want)
		}
	}
	var page [][]any
	if err := (rpc{c.url, ""}).call(&page, "stream.get", "account-1"); err == nil || !strings.Contains(err.Error(), "AUTH_REQUIRED") {
		t.Errorf("without a token: %v", err)
	}
	if err := c.call(&page, "stream.get", "account-1"); err != nil || len(page) != 0 {
		t.Errorf("an unknown stream: %v, %v", page, err)
	}
}
