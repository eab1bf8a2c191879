package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/evtui/evtui/store"
)

// moody answers each request with the next of its answers, and the last one
// for good. An answer is status, Retry-After and body, divided by spaces.
type moody struct {
	mu     sync.Mutex
	bodies []string
	next   []string
}

func (m *moody) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bodies = append(m.bodies, string(body))
	answer := m.next[0]
	if len(m.next) > 1 {
		m.next = m.next[1:]
	}
	status, rest, _ := strings.Cut(answer, " ")
	after, text, _ := strings.Cut(rest, " ")
	if after != "-" {
		w.Header().Set("Retry-After", after)
	}
	if code, isCode := strings.CutPrefix(text, "!"); isCode {
		text = `{"error":{"code":"` + code + `","message":"so it is"}}`
	}
	w.WriteHeader(map[string]int{"200": 200, "400": 400, "409": 409, "429": 429, "500": 500, "503": 503, "504": 504}[status])
	io.WriteString(w, text)
}

const (
	unavailable = "503 1 !UNAVAILABLE"
	unknown     = "504 1 !OUTCOME_UNKNOWN"
	stored      = `200 - {"position":0,"globalPosition":1}`
)

func TestRetries(t *testing.T) {
	withID := anEvent
	withID.ID = mustID(t, idA)
	write := func(ctx context.Context, c *Client) error {
		_, err := c.Write(ctx, "a", anEvent, AnyVersion())
		return err
	}
	writeID := func(ctx context.Context, c *Client) error {
		_, err := c.Write(ctx, "a", withID, AnyVersion())
		return err
	}
	read := func(ctx context.Context, c *Client) error { _, err := c.Version(ctx, "a"); return err }
	appendSome := func(ctx context.Context, c *Client) error {
		_, err := c.Append(ctx, Write{Stream: "a", Events: []Event{withID, anEvent}})
		return err
	}
	for name, tt := range map[string]struct {
		do      func(context.Context, *Client) error
		answers []string
		retries Retries
		tries   int
		fails   func(error) bool // nil: it succeeds
		least   time.Duration    // that it takes
		most    time.Duration
	}{
		"a read comes again":               {read, []string{unavailable, unavailable, "200 - 7"}, Retries{}, 3, nil, 2 * time.Second, 3 * time.Second},
		"so does a write":                  {write, []string{unavailable, stored}, Retries{}, 2, nil, time.Second, 2 * time.Second},
		"and while the server stops":       {write, []string{"503 1 !SHUTTING_DOWN", stored}, Retries{}, 2, nil, time.Second, 2 * time.Second},
		"sooner when it is not told when":  {read, []string{"503 - !UNAVAILABLE", "503 - !UNAVAILABLE", "200 - 7"}, Retries{}, 3, nil, 300 * time.Millisecond, 500 * time.Millisecond},
		"four times by itself":             {read, []string{unavailable}, Retries{}, 4, Unavailable, 3 * time.Second, 4 * time.Second},
		"not at all when told so":          {read, []string{unavailable}, Once(), 1, Unavailable, 0, 0},
		"not beyond its time":              {read, []string{"503 8 !UNAVAILABLE"}, Retries{}, 2, Unavailable, 8 * time.Second, 10 * time.Second},
		"nor for an hour":                  {read, []string{"503 3600 !UNAVAILABLE"}, Retries{}, 1, Unavailable, 0, 0},
		"an unknown outcome without ids":   {write, []string{unknown}, Retries{}, 1, OutcomeUnknown, 0, 0},
		"with only some ids":               {appendSome, []string{unknown}, Retries{}, 1, OutcomeUnknown, 0, 0},
		"with ids it is asked again":       {writeID, []string{unknown, stored}, Retries{}, 2, nil, time.Second, 2 * time.Second},
		"with ids of the client's too":     {write, []string{unknown, stored}, Retries{MakeIDs: true}, 2, nil, time.Second, 2 * time.Second},
		"and all of them":                  {appendSome, []string{unknown, `200 - {"positions":[0,1],"globalPositions":[1,2]}`}, Retries{MakeIDs: true}, 2, nil, time.Second, 2 * time.Second},
		"it stays unknown":                 {writeID, []string{unknown, unavailable}, Retries{Tries: 2}, 2, func(err error) bool { return OutcomeUnknown(err) && !Unavailable(err) }, time.Second, 2 * time.Second},
		"whatever fails next":              {writeID, []string{unknown, "500 - !BACKEND_ERROR"}, Retries{}, 2, OutcomeUnknown, time.Second, 2 * time.Second},
		"until it is decided":              {writeID, []string{unknown, "409 - !STREAM_VERSION_CONFLICT"}, Retries{}, 2, func(err error) bool { return !OutcomeUnknown(err) }, time.Second, 2 * time.Second},
		"damage is for good":               {read, []string{"503 1 !NAMESPACE_DAMAGED"}, Retries{}, 1, func(err error) bool { return Damaged(err) && !Unreachable(err) && !Unavailable(err) }, 0, 0},
		"a busy server is told to callers": {read, []string{"429 1 !TOO_MANY_REQUESTS"}, Retries{}, 1, Busy, 0, 0},
		"a proxy is no server":             {write, []string{"503 1 <html>"}, Retries{}, 1, Unreachable, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &moody{next: tt.answers}
				c := onPipes(t, m.ServeHTTP, WithRetries(tt.retries))
				began := time.Now()
				err := tt.do(t.Context(), c)
				if (tt.fails == nil) != (err == nil) || tt.fails != nil && !tt.fails(err) {
					t.Errorf("%v", err)
				}
				if took := time.Since(began); took < tt.least || took > tt.most {
					t.Errorf("it took %s, want %s to %s", took, tt.least, tt.most)
				}
				if len(m.bodies) != tt.tries {
					t.Errorf("%d tries, want %d", len(m.bodies), tt.tries)
				}
				for _, body := range m.bodies {
					if body != m.bodies[0] {
						t.Errorf("sent %s, then %s", m.bodies[0], body)
					}
				}
				c.Close()
			})
		})
	}
}

// TestRetriesEndWithTheContext, and where its time will be up before the server
// can be asked again, the server's answer comes at once.
func TestRetriesEndWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &moody{next: []string{"503 5 !UNAVAILABLE"}}
		c := onPipes(t, m.ServeHTTP)
		began := time.Now()
		short, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if _, err := c.Version(short, "a"); !Unavailable(err) || time.Since(began) != 0 {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, stop)
		if _, err := c.Version(ctx, "a"); !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		c.Close()
	})
}

// TestPingIsAskedOnce: who asks how a server is wants to know how it is now.
func TestPingIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &moody{next: []string{unavailable}}
		c := onPipes(t, m.ServeHTTP)
		if err := c.Ping(t.Context()); !Unavailable(err) || len(m.bodies) != 1 {
			t.Errorf("%v after %d tries", err, len(m.bodies))
		}
		if _, err := c.Metrics(t.Context()); !Unavailable(err) || len(m.bodies) != 5 {
			t.Errorf("%v after %d tries", err, len(m.bodies))
		}
		if _, err := c.Subscribe(t.Context(), SubscribeQuery{Category: "a"}); !Unavailable(err) || len(m.bodies) != 9 {
			t.Errorf("%v after %d tries", err, len(m.bodies))
		}
		c.Close()
	})
}

// TestMadeIDs: they are of version 7, each event's own, and the caller's events
// stay as they are; without MakeIDs none is sent.
func TestMadeIDs(t *testing.T) {
	f := newFake(t, func(_ string, args []json.RawMessage) (int, string) {
		return 200, `{"positions":[0,1],"globalPositions":[1,2]}`
	})
	events := []Event{anEvent, anEvent}
	w := Write{Stream: "a", Events: events}
	if _, err := mustNew(t, f.URL).Append(t.Context(), w); err != nil || strings.Contains(f.last(), `"id"`) {
		t.Errorf("%v, sent %s", err, f.last())
	}
	if _, err := mustNew(t, f.URL, WithRetries(Retries{MakeIDs: true})).Append(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	var call []json.RawMessage
	var sent []struct{ ID string }
	if json.Unmarshal([]byte(f.last()), &call) != nil || json.Unmarshal(call[2], &sent) != nil || len(sent) != 2 {
		t.Fatalf("sent %s", f.last())
	}
	for _, e := range sent {
		id, err := store.ParseID(e.ID)
		if _, isV7 := id.Time(); err != nil || !isV7 {
			t.Errorf("id %s: %v", e.ID, err)
		}
	}
	if sent[0].ID == sent[1].ID || !events[0].ID.IsZero() {
		t.Errorf("sent %v", sent)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 29, 1, 2, 3, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, "-1": 0, "x": 0, "1.5": 0, "9223372036854775807": maxRetryAfter, "99999999999999999999": 0,
		"Sun, 29 Nov 2026 01:02:13 GMT": 10 * time.Second, "Sun, 29 Nov 2025 01:02:13 GMT": 0, "Sun, 29 Nov 2099 01:02:13 GMT": maxRetryAfter,
	} {
		if got := retryAfter(text, now); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
