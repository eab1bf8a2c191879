package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/server/client"
)

// badLink stands before a server and resets connections: the first ones after
// some bytes of the answers, and all that are open when it is asked to.
type badLink struct {
	net.Listener
	to string

	mu     sync.Mutex // guards what follows
	random *rand.Rand
	resets int // connections that are still to be reset by themselves
	open   map[*net.TCPConn]bool
}

// mustLinkBadly returns the link and its address.
func mustLinkBadly(t *testing.T, to string, resets int) *badLink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	b := &badLink{Listener: l, to: to, random: rand.New(rand.NewPCG(seed, 3)), resets: resets, open: map[*net.TCPConn]bool{}}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { b.pass(c.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		b.cut()
		serving.Wait()
	})
	return b
}

// pass forwards until either side ends, or the connection's bytes are used up.
func (b *badLink) pass(c *net.TCPConn) {
	up, err := net.Dial("tcp", b.to)
	if err != nil {
		_ = c.Close()
		return
	}
	b.mu.Lock()
	limit := int64(1 << 40)
	if b.resets > 0 {
		b.resets--
		limit = b.random.Int64N(20_000)
	}
	b.open[c] = true
	b.mu.Unlock()
	go func() {
		_, _ = io.Copy(up, c)
		_ = up.Close()
	}()
	_, _ = io.CopyN(c, up, limit)
	_ = c.SetLinger(0) // a reset, not an end
	_ = c.Close()
	_ = up.Close()
	b.mu.Lock()
	delete(b.open, c)
	b.mu.Unlock()
}

// cut resets all connections.
func (b *badLink) cut() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.open {
		_ = c.SetLinger(0)
		_ = c.Close()
	}
}

// TestTailReconnects follows over a link that is reset again and again, in the
// middle of answers too: every message is printed once.
func TestTailReconnects(t *testing.T) {
	const messages, batch, resets = 6000, 100, 6
	h := mustHost(t, host.Config{Dir: host.Place(t.TempDir()), Listen: "127.0.0.1:0"})
	direct, err := client.New(h.URL(), client.WithToken(h.Token))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(direct.Close)
	write := func(n int) {
		for i := 0; i < n; i += batch {
			w := client.Write{Stream: "order-1"}
			for range batch {
				w.Events = append(w.Events, client.Event{Type: "T", Data: fmt.Appendf(nil, `{"pad":%q}`, strings.Repeat("x", 100))})
			}
			if _, err := direct.Append(t.Context(), w); err != nil {
				t.Error(err)
			}
		}
	}
	write(messages / 3)
	for _, args := range [][]string{{"--from", "1"}, {"--stream", "order-1", "--from", "0"}, {"order", "payment", "--from", "1"}} {
		already, err := direct.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		link := mustLinkBadly(t, strings.TrimPrefix(h.URL(), "http://"), resets)
		all := int(already) + messages
		root, words := newRoot(), &bytes.Buffer{}
		printed, out := io.Pipe()
		root.SetOut(out)
		root.SetErr(words)
		root.SilenceErrors, root.SilenceUsage = true, true
		root.SetArgs(append([]string{"tail", "-o", "ndjson", "--columns", "gpos", "--limit", fmt.Sprint(all),
			"--url", "http://" + link.Addr().String(), "--token", h.Token, "--config", "none"}, args...))
		ended := make(chan error, 1)
		go func() {
			ended <- root.ExecuteContext(t.Context())
			_ = out.Close()
		}()
		lines := bufio.NewScanner(printed)
		for n := 1; lines.Scan(); n++ {
			var m struct{ GPos int64 }
			if err := json.Unmarshal(lines.Bytes(), &m); err != nil || m.GPos != int64(n) {
				t.Fatalf("%q: line %d is of message %d (%v)", args, n, m.GPos, err)
			}
			switch n {
			case int(already):
				link.cut() // while it waits for more
				write(messages / 2)
			case int(already) + messages/4:
				link.cut()
				write(messages / 2)
			}
		}
		if err := <-ended; err != nil {
			t.Fatalf("%q: %v\n%s", args, err, words)
		}
		said := words.String()
		if !strings.Contains(said, "connection lost: ") || strings.Count(said, "reconnecting") != strings.Count(said, "reconnected after ") || !strings.Contains(said, "to continue at position ") {
			t.Errorf("%q: it did not say what happened:\n%s", args, said)
		}
	}
}

// TestTailOfALogThatWasReplaced reconnects to a log that ends before what was
// printed, and says so.
func TestTailOfALogThatWasReplaced(t *testing.T) {

	h := mustHost(t, host.Config{Dir: host.Place(t.TempDir()), Listen: "127.0.0.1:0"})
	c, err := client.New(h.URL(), client.WithToken(h.Token))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	var words bytes.Buffer
	tl := tail{reader: messageReader{client: c}, words: &words, begun: true, reached: true, cursor: cursor{global: 17}}
	news, err := tl.resubscribe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_ = news.Close()
	if tl.cursor.global != 1 || !strings.Contains(words.String(), "the log ends before position 16") {
		t.Errorf("it continues at %d and says %q", tl.cursor.global, words.String())
	}
}
