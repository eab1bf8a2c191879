package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/evtui/evtui/store"
)

func announcement(n int64) store.Announcement {
	return store.Announcement{Stream: fmt.Sprintf("a-%d", n/2), Position: n, GlobalPosition: n + 1}
}

func poke(w io.Writer, n int64) {
	a := announcement(n)
	fmt.Fprintf(w, "event: poke\ndata: {\"stream\":%q,\"position\":%d,\"globalPosition\":%d}\n\n", a.Stream, a.Position, a.GlobalPosition)
}

func flush(w http.ResponseWriter) { w.(http.Flusher).Flush() }

func mustSubscribe(t *testing.T, c *Client, q SubscribeQuery) *Subscription {
	t.Helper()
	sub, err := c.Subscribe(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sub.Close() })
	return sub
}

func TestSubscriptionQuery(t *testing.T) {
	for _, tt := range []struct {
		q    SubscribeQuery
		want string
	}{
		{SubscribeQuery{Stream: "a-1"}, "position=0&stream=a-1"},
		{SubscribeQuery{Stream: "a-1", FromNow: true}, "position=now&stream=a-1"},
		{SubscribeQuery{FromNow: true}, "all=true"},
		{SubscribeQuery{Category: "a&b", From: 7}, "category=a%26b&position=7"},
		{SubscribeQuery{Group: store.Group{Member: 0, Size: 3}}, "category=&consumer=0&position=0&size=3"},
	} {
		if query, _ := tt.q.parameters(); query.Encode() != tt.want {
			t.Errorf("%+v: %s, want %s", tt.q, query.Encode(), tt.want)
		}
	}
}

func TestNextFillsBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const total = 3000 // more than is read ahead
		c := onPipes(t, func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, ": ready\n\n")
			for n := range int64(total) {
				poke(w, n)
			}
			flush(w)
			<-r.Context().Done()
		})
		sub := mustSubscribe(t, c, SubscribeQuery{Category: "a"})
		if n, err := sub.Next(t.Context(), nil); n != 0 || err != nil {
			t.Errorf("into nothing: %d, %v", n, err)
		}
		buf := make([]store.Announcement, 256)
		for next := int64(0); next < total; {
			synctest.Wait() // all that fits is there
			n, err := sub.Next(t.Context(), buf)
			if err != nil || int64(n) < min(int64(len(buf)), total-next) {
				t.Fatalf("at %d: %d, %v", next, n, err)
			}
			for _, got := range buf[:n] {
				if got != announcement(next) {
					t.Fatalf("got %+v, want %+v", got, announcement(next))
				}
				next++
			}
		}
		// A context that ends leaves the subscription usable.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if n, err := sub.Next(ctx, buf); n != 0 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%d, %v", n, err)
		}
		sub.Close()
		if err := sub.Close(); err != nil {
			t.Errorf("a second Close: %v", err)
		}
		if n, err := sub.Next(t.Context(), buf); n != 0 || !errors.Is(err, store.ErrClosed) {
			t.Errorf("after Close: %d, %v", n, err)
		}
	})
}

func TestCloseWithFullBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := onPipes(t, func(w http.ResponseWriter, r *http.Request) {
			for n := int64(0); r.Context().Err() == nil; n++ {
				poke(w, n)
			}
		})
		sub := mustSubscribe(t, c, SubscribeQuery{Category: "a"})
		synctest.Wait() // it reads ahead until it must wait for Next
		sub.Close()
	})
}

// TestHeartbeats: as long as they come a silent subscription lives; when they
// stop it ends, and says that the server is gone.
func TestHeartbeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const beats = 100
		c := onPipes(t, func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, ": ready\n\n")
			flush(w)
			for range beats {
				<-time.After(15 * time.Second)
				io.WriteString(w, ": still here\n\n")
				flush(w)
			}
			<-r.Context().Done()
		})
		sub := mustSubscribe(t, c, SubscribeQuery{Category: "a"})
		started := time.Now()
		n, err := sub.Next(t.Context(), make([]store.Announcement, 1))
		if n != 0 || !Unreachable(err) {
			t.Errorf("%d, %v", n, err)
		}
		if lived := time.Since(started); lived != beats*15*time.Second+silence {
			t.Errorf("it lived for %s", lived)
		}
	})
}

func TestEndsOfASubscription(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  http.HandlerFunc
		is   func(error) bool
	}{
		{"clean", func(http.ResponseWriter, *http.Request) {}, func(err error) bool { return err == io.EOF }},
		{"broken", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, Unreachable},
		{"deleted", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `: end {"error":{"code":"NAMESPACE_NOT_FOUND","message":"gone"}}`+"\n\n")
		}, func(err error) bool { return errors.Is(err, store.ErrNamespaceNotFound) }},
		{"error event", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "event: error\ndata: {\"error\":\"SHUTTING_DOWN\",\"message\":\"bye\"}\n\n")
		}, Unreachable},
		{"nonsense", func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "event: poke\ndata: {\"stream\":\"a\"}\n\n")
		}, func(err error) bool { return errors.Is(err, errAnswer) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, "event: other\ndata: {\"x\":1}\n\n")
				poke(w, 0)
				flush(w)
				tt.end(w, r)
			}))
			defer s.Close()
			sub := mustSubscribe(t, mustNew(t, s.URL), SubscribeQuery{Category: "a"})
			buf := make([]store.Announcement, 4)
			if n, err := sub.Next(t.Context(), buf); n != 1 || err != nil || buf[0] != announcement(0) {
				t.Fatalf("%d, %v, %+v", n, err, buf[0])
			}
			for range 2 { // the end stays the end
				if n, err := sub.Next(t.Context(), buf); n != 0 || !tt.is(err) {
					t.Errorf("%d, %v", n, err)
				}
			}
		})
	}
}

// TestSubscribeOutlivesItsContext: the context is for the opening.
func TestSubscribeOutlivesItsContext(t *testing.T) {
	more := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		flush(w)
		<-more
		poke(w, 5)
	}))
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	sub, err := mustNew(t, s.URL, WithTimeout(time.Hour)).Subscribe(ctx, SubscribeQuery{Category: "a"})
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	cancel()
	close(more)
	buf := make([]store.Announcement, 1)
	if _, err := sub.Next(t.Context(), buf); err != nil || buf[0] != announcement(5) {
		t.Errorf("%+v, %v", buf[0], err)
	}
}

// TestSubscribeTokenInQuery: servers that look for it only there get it there,
// and only they.
func TestSubscribeTokenInQuery(t *testing.T) {
	for _, byHeader := range []bool{true, false} {
		var queries []string
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			queries = append(queries, r.URL.Query().Get("token"))
			if r.URL.Query().Has("token") || byHeader && r.Header.Get("Authorization") == "Bearer ns_x" {
				poke(w, 1)
				return
			}
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"error":{"code":"AUTH_REQUIRED","message":"no token"}}`)
		}))
		sub := mustSubscribe(t, mustNew(t, s.URL, WithToken("ns_x")), SubscribeQuery{Category: "a"})
		if n, err := sub.Next(t.Context(), make([]store.Announcement, 1)); n != 1 {
			t.Errorf("by header %v: %v", byHeader, err)
		}
		s.Close()
		if sent := queries[len(queries)-1]; byHeader == (sent != "") {
			t.Errorf("by header %v: tokens in queries %q", byHeader, queries)
		}
	}
}

func TestSubscribeRefused(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `{"error":{"code":"NAMESPACE_NOT_FOUND","message":"none"}}`)
	}))
	defer s.Close()
	_, err := mustNew(t, s.URL).Subscribe(t.Context(), SubscribeQuery{Category: "a"})
	if !errors.Is(err, store.ErrNamespaceNotFound) {
		t.Errorf("%v", err)
	}
}
