package client_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/peer"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/servertest"
)

// olderEvtui is an evtui from before position=now and category=: it refused
// both, and replayed with all=true.
func olderEvtui(inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.URL.Path == "/subscribe" && (q.Get("position") == "now" || q.Has("category") && q.Get("category") == "") {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":{"code":"INVALID_REQUEST","message":"position must be an integer"}}`)
			return
		}
		if q.Get("all") == "true" && q.Has("position") {
			q.Del("all")
			q.Set("category", "")
			r.URL.RawQuery = q.Encode()
		}
		inner.ServeHTTP(w, r)
	})
}

// eventoDB has none of evtui's additions.
func eventoDB(inner http.Handler) http.Handler {
	plain := peer.Handler(inner, peer.Options{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.URL.Path == "/subscribe" && (q.Get("position") == "now" || q.Get("category")+q.Get("stream")+q.Get("all") == "") {
			panic("sent what it would misunderstand: " + r.URL.RawQuery)
		}
		plain.ServeHTTP(w, r)
	})
}

// TestSubscribeAtEveryServer: what a query means does not depend on the server
// that is asked.
func TestSubscribeAtEveryServer(t *testing.T) {
	for name, before := range map[string]func(http.Handler) http.Handler{
		"evtui":    func(h http.Handler) http.Handler { return h },
		"older":    olderEvtui,
		"EventoDB": eventoDB,
	} {
		t.Run(name, func(t *testing.T) { subscribeAt(t, before) })
	}
}

func subscribeAt(t *testing.T, before func(http.Handler) http.Handler) {
	s := servertest.New(t, server.Config{}, servertest.Behind(before))
	c := mustClient(t, s.Listen(), client.WithToken(s.Token))
	write := func(streams ...string) {
		for _, stream := range streams {
			if _, err := c.Write(t.Context(), stream, client.Event{Type: "T"}, client.AnyVersion()); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Enough that a replay takes several pages.
	for range 300 {
		write("a-1", "b-1")
	}
	group := client.Group{Member: 0, Size: 1}
	cases := []struct {
		q    client.SubscribeQuery
		old  int64 // announced of what is stored
		want string
	}{
		{client.SubscribeQuery{}, 600, "a-1/601 b-1/602 a-2/603"},
		{client.SubscribeQuery{From: 599, Group: group}, 2, "a-1/601 b-1/602 a-2/603"},
		{client.SubscribeQuery{From: 602}, 0, "b-1/602 a-2/603"},
		{client.SubscribeQuery{FromNow: true}, 0, "a-1/601 b-1/602 a-2/603"},
		{client.SubscribeQuery{Category: "a"}, 300, "a-1/601 a-2/603"},
		{client.SubscribeQuery{Category: "a", FromNow: true}, 0, "a-1/601 a-2/603"},
		{client.SubscribeQuery{Category: "a", From: 602}, 0, "a-2/603"},
		{client.SubscribeQuery{Stream: "b-1", From: 298}, 2, "b-1/602"},
		{client.SubscribeQuery{Stream: "b-1", FromNow: true}, 0, "b-1/602"},
		{client.SubscribeQuery{Stream: "a-2", FromNow: true}, 0, "a-2/603"},
	}
	open := make([]*client.Subscription, len(cases))
	for i, tt := range cases {
		var err error
		if open[i], err = c.Subscribe(t.Context(), tt.q); err != nil {
			t.Fatalf("%+v: %v", tt.q, err)
		}
		t.Cleanup(func() { open[i].Close() })
	}
	write("a-1", "b-1", "a-2")
	for i, tt := range cases {
		var got []string
		var old, last int64
		for a, err := range open[i].All(t.Context()) {
			if err != nil {
				t.Fatalf("%+v after %d: %v", tt.q, last, err)
			}
			if a.GlobalPosition <= last {
				t.Errorf("%+v: %d after %d", tt.q, a.GlobalPosition, last)
			}
			if last = a.GlobalPosition; last <= 600 {
				old++
				continue
			}
			if got = append(got, fmt.Sprintf("%s/%d", a.Stream, a.GlobalPosition)); len(got) == strings.Count(tt.want, "/") {
				break
			}
		}
		if old != tt.old || strings.Join(got, " ") != tt.want {
			t.Errorf("%+v: %d old, then %v; want %d, then %s", tt.q, old, got, tt.old, tt.want)
		}
	}
}
