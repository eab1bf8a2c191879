package tui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// fault is what stands between the UI and its server does to answers.
type fault int

const (
	passes  fault = iota
	hangs         // takes requests, and answers none until it passes again, like a stopped process
	slow          // answers two seconds late
	garbage       // answers something else
	endless       // answers without end
	stops         // sends half of each answer, and then nothing
	breaks        // sends half of each answer, and hangs up
	swallow       // keeps the answers on connections that are open, for good, and lets no new ones through
	refuses       // nobody is there
)

func (f fault) String() string {
	return [...]string{"passes", "hangs", "slow", "garbage", "endless", "stops", "breaks", "swallow", "refuses"}[f]
}

// faulty stands between the UI and a real server, and does to answers what it is
// told.
type faulty struct {
	inner http.Handler
	does  atomic.Int32

	mu     sync.Mutex
	healed chan struct{} // closed when it passes again
	conns  map[*faultyConn]struct{}
	sent   atomic.Int64 // bytes of answers without end
}

// turn has it do something else from now on.
func (f *faulty) turn(to fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.does.Store(int32(to)); to == passes {
		close(f.healed)
		f.healed = make(chan struct{})
	}
	for c := range f.conns {
		switch to {
		case swallow:
			c.dead.Store(true)
		case refuses:
			_ = c.Conn.Close()
		}
	}
}

func (f *faulty) until() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.healed
}

// ServeHTTP implements http.Handler.
func (f *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // only then is it noticed that a client hangs up
	r.Body = io.NopCloser(bytes.NewReader(body))
	switch fault(f.does.Load()) {
	case hangs:
		select {
		case <-f.until():
		case <-r.Context().Done():
			return
		}
	case slow:
		select {
		case <-time.After(2 * time.Second):
		case <-r.Context().Done():
			return
		}
	case garbage:
		_, _ = io.WriteString(w, "<html>\x1b[2J it works! </html>")
		return
	case endless:
		for chunk := bytes.Repeat([]byte("x"), 64<<10); ; {
			n, err := w.Write(chunk)
			if f.sent.Add(int64(n)); err != nil {
				return
			}
		}
	case stops, breaks:
		answer := &held{ResponseWriter: w}
		f.inner.ServeHTTP(answer, r)
		half := answer.body.Bytes()[:answer.body.Len()/2]
		w.Header().Set("Content-Length", fmt.Sprint(max(answer.body.Len(), 1)))
		_, _ = w.Write(half)
		_ = http.NewResponseController(w).Flush()
		if fault(f.does.Load()) == breaks {
			panic(http.ErrAbortHandler)
		}
		select {
		case <-f.until():
			panic(http.ErrAbortHandler)
		case <-r.Context().Done():
		}
		return
	}
	f.inner.ServeHTTP(w, r)
}

// held keeps an answer back.
type held struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (h *held) Write(p []byte) (int, error) { return h.body.Write(p) }
func (h *held) WriteHeader(int)             {}

// Flush implements http.Flusher, as a subscription's answer wants it.
func (h *held) Flush() {}

// faultyConn is the UI's end of a connection.
type faultyConn struct {
	net.Conn
	of   *faulty
	dead atomic.Bool
	gone chan struct{}
	once sync.Once
}

// Read implements net.Conn.
func (c *faultyConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.dead.Load() {
		<-c.gone
		return 0, net.ErrClosed
	}
	return n, err
}

// Close implements net.Conn.
func (c *faultyConn) Close() error {
	c.once.Do(func() {
		close(c.gone)
		c.of.mu.Lock()
		delete(c.of.conns, c)
		c.of.mu.Unlock()
	})
	return c.Conn.Close()
}

func (f *faulty) dialer(dial func(context.Context) (net.Conn, error)) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		does := fault(f.does.Load())
		if does == refuses {
			return nil, errors.New("connection refused")
		}
		conn, err := dial(ctx)
		if err != nil {
			return nil, err
		}
		c := &faultyConn{Conn: conn, of: f, gone: make(chan struct{})}
		c.dead.Store(does == swallow)
		f.mu.Lock()
		f.conns[c] = struct{}{}
		f.mu.Unlock()
		return c, nil
	}
}

func (f *faulty) open() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.conns)
}

// running is the UI as it runs: its commands and its clock go on by themselves, in
// the time of a synctest bubble, and a real server is behind something faulty.
type running struct {
	*testing.T
	app  *app
	link *faulty
	msgs chan tea.Msg
	do   chan func()
	cmds sync.WaitGroup
}

func run(t *testing.T, first page.Name) *running {
	r := &running{T: t, msgs: make(chan tea.Msg), do: make(chan func())}
	r.link = &faulty{healed: make(chan struct{}), conns: map[*faultyConn]struct{}{}}
	srv := servertest.New(t, server.Config{Version: "0.0.1", Log: server.NewLogRing(100, nil, nil)},
		servertest.Behind(func(inner http.Handler) http.Handler { r.link.inner = inner; return r.link }))
	ctx, cancel := context.WithCancel(t.Context())
	if err := srv.Store.(store.Importer).Import(ctx, store.DefaultNamespace, pagetest.Shop()); err != nil {
		t.Fatal(err)
	}
	c, err := client.New("http://127.0.0.1:8080", client.WithToken(srv.Token), client.WithActor("ui"), client.WithRetries(client.Once()),
		client.WithDialer(r.link.dialer(srv.Dial)))
	if err != nil {
		t.Fatal(err)
	}
	r.app = newApp(ctx, Config{Connection: Connection{Client: c, Admin: true, ProfileDir: t.TempDir()}, Page: first})
	looped := make(chan struct{})
	go func() { defer close(looped); r.loop(ctx) }()
	for _, msg := range []tea.Msg{tea.ColorProfileMsg{Profile: colorprofile.TrueColor}, tea.WindowSizeMsg{Width: 120, Height: 40}} {
		r.msgs <- msg
	}
	r.now(func() { r.start(ctx, r.app.Init()) })
	t.Cleanup(func() {
		r.link.turn(passes)
		cancel()
		<-looped
		r.cmds.Wait()
		c.Close()
	})
	return r
}

// loop is the event loop.
func (r *running) loop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case f := <-r.do:
			f()
		case msg := <-r.msgs:
			_, cmd := r.app.Update(msg)
			r.app.View()
			r.start(ctx, cmd)
		}
	}
}

// start runs a command, and has the loop take what it brings.
func (r *running) start(ctx context.Context, cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	r.cmds.Go(func() {
		switch msg := cmd().(type) {
		case nil:
		case tea.BatchMsg:
			for _, cmd := range msg {
				r.start(ctx, cmd)
			}
		default:
			select {
			case r.msgs <- msg:
			case <-ctx.Done():
			}
		}
	})
}

// now runs f between two messages.
func (r *running) now(f func()) {
	done := make(chan struct{})
	r.do <- func() { defer close(done); f() }
	<-done
}

func (r *running) press(keys string) {
	for _, k := range keys {
		r.msgs <- tea.KeyPressMsg{Code: k, Text: string(k)}
	}
}

// screen is what is shown.
func (r *running) screen() (text string) {
	r.now(func() { text = ansi.Strip(r.app.View().Content) })
	return text
}

// pass lets time go by, and what it wakes come to rest.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// says waits at most so long until the screen shows one of the words; it returns
// after how long it did.
func (r *running) says(within time.Duration, words ...string) (time.Duration, bool) {
	const step = 100 * time.Millisecond
	for waited := time.Duration(0); ; waited += step {
		places := said(r.screen())
		for _, w := range words {
			if strings.Contains(places, w) {
				return waited, true
			}
		}
		if waited >= within {
			return waited, false
		}
		pass(step)
	}
}

// lostWords are what the screen says of each fault.
func lostWords() map[fault]string {
	return map[fault]string{
		hangs: "not answering", slow: "answers take 2 s", garbage: "answers not understood", endless: "answers not understood",
		stops: "not answering", breaks: "reconnecting", swallow: "not answering", refuses: "reconnecting",
	}
}

// TestEveryFaultIsSaid puts every page before a server that hangs, is slow, answers
// garbage or without end, stops or breaks off in the middle, or behind a proxy that
// swallows answers: the screen says so within three seconds, in header and frame
// with the same word, keeps what it knew, and is back within a second of the
// server.
func TestEveryFaultIsSaid(t *testing.T) {
	for does, word := range lostWords() {
		for i, name := range pages() {
			t.Run(fmt.Sprintf("%v/%s", does, name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := run(t, page.Overview)
					r.press(fmt.Sprint(i + 1))
					pass(5300 * time.Millisecond)
					before := r.screen()
					r.link.turn(does)
					if waited, said := r.says(3*time.Second, word); !said {
						t.Fatalf("%v after the fault the screen does not say %q:\n%s", waited, word, r.screen())
					}
					pass(2 * time.Second)
					if places := said(r.screen()); strings.Count(places, word) != 2 {
						t.Errorf("header and frame say different things:\n%s", places)
					}
					keeps(t, name, before, r.screen())
					r.link.turn(passes)
					within := 1500 * time.Millisecond // the next look, and a frame of a screen at rest
					if does == slow {
						within = 4 * time.Second // two answers are on their way
					}
					for waited := time.Duration(0); strings.Contains(said(r.screen()), word); waited += 100 * time.Millisecond {
						if waited > within {
							t.Fatalf("%v after the server is back the screen does not say so:\n%s", waited, r.screen())
						}
						pass(100 * time.Millisecond)
					}
				})
			})
		}
	}
}

// said is where the screen says how the server does: header and frame.
func said(screen string) string {
	lines := strings.Split(screen, "\n")
	return lines[0] + "\n" + lines[bodyRow]
}

// keeps fails unless a page still shows what it knew.
func keeps(t *testing.T, name page.Name, before, after string) {
	t.Helper()
	known := map[page.Name][]string{
		page.Overview: {"120 messages", "busiest categories", "account"}, page.Streams: {"account", "order", "all streams"},
		page.Tail: {"matched 120", "order-7"}, page.Groups: {"account", "order"}, page.Engine: {}, page.Profile: {"nothing captured yet"}, page.Log: {},
	}
	for _, words := range known[name] {
		if !strings.Contains(before, words) {
			t.Fatalf("%s does not show %q while all is well:\n%s", name, words, before)
		}
		if !strings.Contains(after, words) {
			t.Errorf("%s has lost %q:\n%s", name, words, after)
		}
	}
}

// TestNothingIsSaidToBeEmpty goes to every page for the first time when the server
// is lost already: what is not known is not said to be empty, nor none, nor 0.
func TestNothingIsSaidToBeEmpty(t *testing.T) {
	for _, does := range []fault{hangs, garbage, refuses} {
		for i, name := range pages() {
			t.Run(fmt.Sprintf("%v/%s", does, name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					first := page.Log // where no other page has asked for anything yet
					if name == first {
						first = page.Profile
					}
					r := run(t, first)
					pass(2300 * time.Millisecond)
					r.link.turn(does)
					pass(5 * time.Second)
					r.press(fmt.Sprint(i + 1))
					pass(time.Second)
					for range 5 { // through its tabs
						screen := r.screen()
						body := strings.Join(strings.Split(screen, "\n")[bodyRow+1:], "\n")
						for _, claim := range []string{
							"no categories", "no messages", "no streams", "no events", "no subscriptions", "no consumers", "no rows", "no open namespaces",
							"every namespace is open", "is empty", "none yet", "no stream moves", "no log lines", "nothing here", "nothing matches", "matched 0",
							"reading…", "asking…", "counting…", "no flush", "0 B on disk",
						} {
							if name == page.Profile && claim == "no rows" {
								continue // of a capture that was not taken
							}
							if strings.Contains(body, claim) {
								t.Errorf("%s says %q of what it does not know:\n%s", name, claim, screen)
							}
						}
						r.press("]")
						pass(300 * time.Millisecond)
					}
				})
			})
		}
	}
}

// TestFaultsLeakNothing has each fault go on for an hour, with pages turned
// meanwhile: goroutines, connections and what is read stay bounded.
func TestFaultsLeakNothing(t *testing.T) {
	for does := range lostWords() {
		t.Run(does.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := run(t, page.Overview)
				pass(3300 * time.Millisecond)
				r.link.turn(does)
				watch := func(d time.Duration) (goroutines, conns int) {
					for range int(d / time.Minute) {
						for i := range pages() {
							r.press(fmt.Sprint(i + 1))
							pass(time.Minute / 7)
						}
						goroutines, conns = max(goroutines, runtime.NumGoroutine()), max(conns, r.link.open())
					}
					return goroutines, conns
				}
				minutes := 30 * time.Minute
				if does == endless {
					minutes = 3 * time.Minute // what is read is real
				}
				early, earlyConns := watch(3 * time.Minute)
				r.link.sent.Store(0)
				late, lateConns := watch(minutes)
				if late > early+8 {
					t.Errorf("%d goroutines after three minutes, %d after %v more", early, late, minutes)
				}
				if lateConns > earlyConns+2 || lateConns > 12 {
					t.Errorf("%d connections after three minutes, %d after %v more", earlyConns, lateConns, minutes)
				}
				if each := r.link.sent.Load() / int64(minutes/time.Second); each > 8<<20 {
					t.Errorf("%d bytes a second of answers without end", each)
				}
				r.link.turn(passes)
				pass(4 * time.Second)
				if screen := r.screen(); strings.Contains(said(screen), lostWords()[does]) {
					t.Errorf("the screen does not come back:\n%s", screen)
				}
			})
		})
	}
}
