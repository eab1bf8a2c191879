package e2e

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/consumer"
)

// TestParkedMessages: a consumer cannot handle a message and parks it; the page shows it
// with what is behind it; R and y hand it to that consumer alone, and it leaves the list.
func TestParkedMessages(t *testing.T) {
	dir := t.TempDir()
	server, at := mustServe(t, dir)
	defer server.Kill()
	c, err := client.New(at.url, client.WithToken(at.token))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range 12 {
		if _, err := c.Write(t.Context(), fmt.Sprintf("order-%d", i%4), client.Event{Type: "Placed"}, client.AnyVersion()); err != nil {
			t.Fatal(err)
		}
	}
	var broken atomic.Bool
	broken.Store(true)
	var handled, others atomic.Int64
	start := func(name string, handle func(client.Message) error) {
		one, err := consumer.New(consumer.Config{
			Client: c, Category: "order", Name: name, Attempts: 2, Backoff: time.Millisecond,
			Handle: func(_ context.Context, m client.Message) error { return handle(m) },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- one.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-ended })
	}
	start("reports", func(m client.Message) error {
		if m.Stream == "order-2" && broken.Load() {
			return errors.New("no such address")
		}
		handled.Add(1)
		return nil
	})
	start("mail", func(client.Message) error { others.Add(1); return nil })
	awaitCount(t, &handled, 9)
	awaitCount(t, &others, 12)
	term := mustOpen(t, 140, 40, "attach", at.url, "--token", at.token)
	mustSee(t, term, "1 Overview")
	mustPress(t, term, "4")
	mustMatch(t, term, `order +reports +– +0 .*caught up`)
	mustPress(t, term, "]")
	mustSee(t, term, "1 message parked, 2 behind them by 1 consumer", "no such address")
	mustMatch(t, term, `▌ order +reports +order-2 +0 +2 .*no such address +Placed +1 `)
	mustPress(t, term, "enter")
	mustSee(t, term, "order › order-2")
	mustPress(t, term, "4")
	broken.Store(false)
	mustPress(t, term, "R")
	mustSee(t, term, "retry 1 message, and 2 behind?", "reports ▸ order-2 #0 +2 behind: no such address")
	mustPress(t, term, "y")
	mustSee(t, term, "no messages parked")
	awaitCount(t, &handled, 12)
	if n := others.Load(); n != 12 {
		t.Errorf("the other consumer handled %d messages of 12", n)
	}
	if last, err := c.Version(t.Context(), "order-2"); err != nil || last != 2 {
		t.Errorf("order-2 ends at %d (%v): something was written to it", last, err)
	}
	mustPress(t, term, "q")
	mustEnd(t, term, 0)
	// Whoever only reads retries nothing.
	term = mustOpen(t, 140, 40, "attach", at.url, "--token", at.token, "--read-only")
	mustSee(t, term, "1 Overview")
	mustPress(t, term, "4", "]", "R")
	mustSee(t, term, "read-only: retry is disabled")
}
