package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/race"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// events is an open event stream.
type events struct {
	h      *host
	answer *http.Response
	lines  *bufio.Scanner
	cancel context.CancelFunc
}

// subscribe opens a subscription with the admin token and waits until it is
// ready.
func (h *host) subscribe(query string) *events {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	req, err := http.NewRequestWithContext(ctx, "GET", h.url+"/subscribe?"+query, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	if !strings.Contains(query, "token=") {
		req.Header.Set("Authorization", "Bearer "+h.admin)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	e := &events{h: h, answer: answer, lines: bufio.NewScanner(answer.Body), cancel: cancel}
	h.t.Cleanup(e.close)
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/event-stream" || answer.Header.Get("Cache-Control") != "no-cache" {
		h.t.Fatalf("%s: %s %v", query, answer.Status, answer.Header)
	}
	if line := e.line(); line != ": ready" {
		h.t.Fatalf("the first line is %q", line)
	}
	if line := e.line(); line != "" {
		h.t.Fatalf("a line follows the comment: %q", line)
	}
	return e
}

func (e *events) close() {
	e.cancel()
	_ = e.answer.Body.Close()
}

// line returns the next line, "EOF" after the last.
func (e *events) line() string {
	if !e.lines.Scan() {
		if err := e.lines.Err(); err != nil {
			return err.Error()
		}
		return "EOF"
	}
	return e.lines.Text()
}

// poke reads one event, which must be a poke to the letter.
func (e *events) poke() (a store.Announcement) {
	e.h.t.Helper()
	name, data, blank := e.line(), e.line(), e.line()
	if name != "event: poke" || !strings.HasPrefix(data, "data: {") || blank != "" {
		e.h.t.Fatalf("not a poke: %q %q %q", name, data, blank)
	}
	var decoded struct {
		Stream                   string
		Position, GlobalPosition int64
	}
	mustDecode(e.h.t, strings.TrimPrefix(data, "data: "), &decoded)
	return store.Announcement(decoded)
}

// pokes reads n events in short: "stream@position/global …".
func (e *events) pokes(n int) string {
	e.h.t.Helper()
	var all []string
	for range n {
		a := e.poke()
		all = append(all, fmt.Sprintf("%s@%d/%d", a.Stream, a.Position, a.GlobalPosition))
	}
	return strings.Join(all, " ")
}

func TestSubscribe(t *testing.T) {
	h := newHost(t)
	for _, stream := range []string{"a-1", "b-1", "a-1", "a-2"} {
		h.write(stream, 1)
	}
	cases := []struct {
		query    string
		old, new string
	}{
		{"stream=a-1&position=0", "a-1@0/1 a-1@1/3", "a-1@2/5"},
		{"stream=a-1&position=1", "a-1@1/3", "a-1@2/5"},
		{"stream=a-1&position=-1", "a-1@0/1 a-1@1/3", "a-1@2/5"},
		{"stream=a-1", "a-1@0/1 a-1@1/3", "a-1@2/5"},
		{"stream=a-1&position=", "a-1@0/1 a-1@1/3", "a-1@2/5"},
		{"stream=a-1&position=now", "", "a-1@2/5"},
		{"stream=new-1&position=0", "", "new-1@0/7"},
		{"category=a&position=0", "a-1@0/1 a-1@1/3 a-2@0/4", "a-1@2/5 a-2@1/6"},
		{"category=a&position=3", "a-1@1/3 a-2@0/4", "a-1@2/5 a-2@1/6"},
		{"category=a", "a-1@0/1 a-1@1/3 a-2@0/4", "a-1@2/5 a-2@1/6"},
		{"category=a&position=now", "", "a-1@2/5 a-2@1/6"},
		{"category=&position=2", "b-1@0/2 a-1@1/3 a-2@0/4", "a-1@2/5 a-2@1/6 new-1@0/7"},
		{"category=&stream=", "a-1@0/1 b-1@0/2 a-1@1/3 a-2@0/4", "a-1@2/5 a-2@1/6 new-1@0/7"},
		{"category=&all=false&position=now", "", "a-1@2/5 a-2@1/6 new-1@0/7"},
		{"all=true&position=0", "", "a-1@2/5 a-2@1/6 new-1@0/7"},
		{"all=true&position=2", "", "a-1@2/5 a-2@1/6 new-1@0/7"},
		{"all=true&position=5", "", "a-1@2/5 a-2@1/6 new-1@0/7"},
		{"all=true&position=6", "", "a-2@1/6 new-1@0/7"},
		{"all=true&position=now", "", "a-1@2/5 a-2@1/6 new-1@0/7"},
		{"category=&category=a", "a-1@0/1 a-1@1/3 a-2@0/4", "a-1@2/5 a-2@1/6"},
		{"all=true", "", "a-1@2/5 a-2@1/6 new-1@0/7"},
		{"all=true&stream=&category=", "", "a-1@2/5 a-2@1/6 new-1@0/7"},
		{"all=1&token=" + h.admin, "", "a-1@2/5 a-2@1/6 new-1@0/7"},
	}
	var open []*events
	for _, c := range cases {
		e := h.subscribe(c.query)
		open = append(open, e)
		if c.old != "" {
			if got := e.pokes(strings.Count(c.old, "@")); got != c.old {
				t.Errorf("%s: got %s, want %s", c.query, got, c.old)
			}
		}
	}
	for _, stream := range []string{"a-1", "a-2", "new-1"} {
		h.write(stream, 1)
	}
	for i, c := range cases {
		if got := open[i].pokes(strings.Count(c.new, "@")); got != c.new {
			t.Errorf("%s: then got %s, want %s", c.query, got, c.new)
		}
	}
}

func TestSubscribeWithGroup(t *testing.T) {
	h := newHost(t)
	const streams, size = 20, 3
	for i := range streams {
		h.write(fmt.Sprintf("job-%d", i), 1)
	}
	for member := range size {
		group := store.Group{Member: member, Size: size}
		e := h.subscribe(fmt.Sprintf("category=job&position=0&consumer=%d&size=%d", member, size))
		for i := range streams {
			if name := fmt.Sprintf("job-%d", i); group.Owns(name) {
				if got := e.poke(); got.Stream != name {
					t.Errorf("member %d: got %s, want %s", member, got.Stream, name)
				}
			}
		}
	}
}

func TestSubscribeRefusals(t *testing.T) {
	h := newHost(t)
	tenant := h.namespace("tenant")
	for query, want := range map[string]string{
		"": "400 INVALID_REQUEST", "stream=a-1&category=a": "400 INVALID_REQUEST", "stream=a-1&all=true": "400 INVALID_REQUEST", "all=false": "400 INVALID_REQUEST", "all=yes": "400 INVALID_REQUEST",
		"category=a-1": "400 INVALID_REQUEST", "stream=-1": "400 INVALID_REQUEST", "stream=a%00": "400 INVALID_REQUEST", "stream=a%ff": "400 INVALID_REQUEST",
		"stream=a&stream=b": "400 INVALID_REQUEST", "category=a&category=b": "400 INVALID_REQUEST",
		"stream=a&position=%zz": "400 INVALID_REQUEST", "stream=a&position=1;x=1": "400 INVALID_REQUEST",
		"stream=": "400 INVALID_REQUEST", "stream=a&position=Now": "400 INVALID_REQUEST", "stream=a&position=x": "400 INVALID_REQUEST", "stream=a&position=1.5": "400 INVALID_REQUEST", "all=true&position=9223372036854775808": "400 INVALID_REQUEST",
		"category=a&consumer=1": "400 INVALID_REQUEST", "category=a&size=1": "400 INVALID_REQUEST", "category=a&consumer=1&size=1": "400 INVALID_REQUEST",
		"category=a&consumer=-1&size=1": "400 INVALID_REQUEST", "category=a&consumer=x&size=1": "400 INVALID_REQUEST", "category=a&consumer=0&size=x": "400 INVALID_REQUEST",
		"category=a&token=x": "401 AUTH_INVALID_TOKEN", "category=a&token=" + tokenOf("tenant"): "403 AUTH_UNAUTHORIZED", "category=a&token=": "401 AUTH_REQUIRED",
	} {
		token := h.admin
		if strings.Contains(query, "token=") {
			token = ""
		}
		answer, text := h.request("GET", "/subscribe?"+query, token, "")
		var status int
		var code string
		if _, err := fmt.Sscan(want, &status, &code); err != nil {
			t.Fatal(err)
		}
		h.fault(query, answer, text, status, code)
	}
	answer, text := h.request("GET", "/subscribe?all=true", tenant, "", wire.NamespaceHeader, "default")
	h.fault("another namespace", answer, text, 403, "AUTH_UNAUTHORIZED")
	// A query's token is for subscriptions only.
	answer, text = h.request("POST", "/rpc?token="+h.admin, "", `["ns.head"]`)
	h.fault("token in the query of a call", answer, text, 401, "AUTH_REQUIRED")
}

func TestSubscriptionEndsWithItsNamespace(t *testing.T) {
	h := newHost(t)
	token := h.namespace("tenant")
	e := h.subscribe("all=true&token=" + token)
	h.callAs(token, `["stream.write","a-1",{"type":"T","data":{}}]`)
	e.poke()
	h.call(`["ns.delete","tenant"]`)
	if got := e.line(); !strings.HasPrefix(got, `: end {"error":{"code":"NAMESPACE_NOT_FOUND"`) {
		t.Errorf("got %q", got)
	}
	if blank, end := e.line(), e.line(); blank != "" || end != "EOF" {
		t.Errorf("the stream does not end cleanly: %q %q", blank, end)
	}
}

func TestSubscriptionEndsWithItsClient(t *testing.T) {
	h := newHost(t)
	subscribers := func() int {
		var sample wire.Sample
		mustDecode(t, h.call(`["engine.sample"]`), &sample)
		return sample.Subscribers
	}
	first, second := h.subscribe("all=true"), h.subscribe("category=a")
	h.eventually("two are counted", func() bool { return subscribers() == 2 })
	first.close()
	second.close()
	h.eventually("none is counted", func() bool { return subscribers() == 0 })
}

// eventually waits for a condition that the server makes true by itself.
func (h *host) eventually(what string, holds func() bool) {
	h.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Now().After(deadline) {
			h.t.Fatalf("it never came that %s", what)
		}
		<-tick.C
	}
}

func TestShutdownEndsSubscriptions(t *testing.T) {
	h := newHost(t)
	s := h.start(server.Config{Store: h.store})
	e := h.subscribe("all=true")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for range 2 {
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
	}
	if end := e.line(); end != "EOF" {
		t.Errorf("the stream does not end cleanly: %q", end)
	}
}

// writeMany has several writers write n messages in all, a hundred at a time.
func (h *host) writeMany(wg *sync.WaitGroup, n int) {
	const writers, batch = 4, 100
	body := strings.TrimSuffix(strings.Repeat(`{"type":"T","data":{}},`, batch), ",")
	for w := range writers {
		wg.Go(func() {
			for range n / writers / batch {
				answer, text := h.request("POST", "/rpc", h.admin, fmt.Sprintf(`["stream.append","a-%d",[%s]]`, w, body))
				if answer.StatusCode != 200 {
					h.t.Error(text)
				}
			}
		})
	}
}

// inOrder reads n pokes, which must be all messages from the first on.
func (e *events) inOrder(n int64) {
	e.h.t.Helper()
	next := map[string]int64{}
	for g := int64(1); g <= n; g++ {
		a := e.poke()
		if a.GlobalPosition != g || a.Position != next[a.Stream] {
			e.h.t.Fatalf("poke %d is %+v, want position %d", g, a, next[a.Stream])
		}
		next[a.Stream]++
	}
}

// fewer returns n, and a fifth of it under the race detector, which makes
// everything many times slower.
func fewer(n int) int {
	if race.Enabled {
		return n / 5
	}
	return n
}

// TestSlowReaderLosesNothing: nobody reads until all is written, then every
// message is announced once, in order.
func TestSlowReaderLosesNothing(t *testing.T) {
	h := newHost(t)
	e := h.subscribe("category=&position=0")
	var wg sync.WaitGroup
	h.writeMany(&wg, fewer(100_000))
	wg.Wait()
	e.inOrder(int64(fewer(100_000)))
}

// TestOldAndNewMeet: a subscription that begins in the past while writers
// write sees each message once.
func TestOldAndNewMeet(t *testing.T) {
	h := newHost(t)
	var wg sync.WaitGroup
	h.writeMany(&wg, fewer(50_000))
	wg.Wait()
	h.writeMany(&wg, fewer(20_000))
	h.subscribe("category=&position=0").inOrder(int64(fewer(70_000)))
	wg.Wait()
}

// ending is a store whose subscriptions end as the test says.
type ending struct {
	store.Store
	err error
}

func (s *ending) Subscribe(context.Context, string, store.SubscribeQuery) (store.Subscription, error) {
	return s, nil
}

func (s *ending) Next(context.Context, []store.Announcement) (int, error) { return 0, s.err }

func (s *ending) Close() error { return nil }

// TestWhySubscriptionsEnd is said in the stream's last comment.
func TestWhySubscriptionsEnd(t *testing.T) {
	s := &ending{}
	h := newHost(t, func(c *server.Config) { s.Store = c.Store; c.Store = s })
	for _, c := range []struct {
		err  error
		code string
	}{
		{store.ErrReplaced, "NAMESPACE_REPLACED"},
		{store.ErrNamespaceNotFound, "NAMESPACE_NOT_FOUND"},
		{&store.DamagedError{Namespace: "default", Reason: "its log is gone"}, "NAMESPACE_DAMAGED"},
		{&store.UnavailableError{Reason: "it is busy"}, "UNAVAILABLE"},
		{store.ErrClosed, "SHUTTING_DOWN"},
		{errors.New("open /work/data: input/output error"), "BACKEND_ERROR"},
	} {
		s.err = c.err
		answer, text := h.request("GET", "/subscribe?all=true", h.admin, "")
		if want := ": ready\n\n: end {\"error\":{\"code\":\"" + c.code + `","message":"`; answer.StatusCode != 200 || !strings.HasPrefix(text, want) || !strings.HasSuffix(text, "}}\n\n") || strings.Contains(text, "/work") {
			t.Errorf("%v: got %q", c.err, text)
		}
	}
}
