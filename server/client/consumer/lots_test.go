package consumer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/consumer"
)

// TestLotsFollowWhatIsParked: what a consumer parks is seen from outside, with what is
// behind it; a retry hands it to that consumer alone, and then it leaves the list. The
// source stream is never written to.
func TestLotsFollowWhatIsParked(t *testing.T) {
	p := newPlace(t)
	for _, stream := range []string{"order-1", "order-2", "order-1", "order-1", "order-3"} {
		p.write(stream)
	}
	var broken atomic.Bool
	broken.Store(true)
	other := atomic.Int64{} // handled by another consumer of the category
	start := func(name string, handle func(context.Context, client.Message) error) (stop func()) {
		c, err := consumer.New(consumer.Config{
			Client: p.connect(), Category: "order", Name: name, Handle: handle, Attempts: 2, Backoff: time.Millisecond,
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx) }()
		return func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}
	defer start("reports", func(_ context.Context, m client.Message) error {
		if broken.Load() && (m.Stream == "order-1" || m.Stream == "order-3") {
			return fmt.Errorf("cannot handle %s", m.Stream)
		}
		return nil
	})()
	defer start("other", func(context.Context, client.Message) error { other.Add(1); return nil })()

	var lots consumer.Lots
	look := func() string {
		t.Helper()
		list, err := lots.Read(t.Context(), p.direct, "")
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, lot := range list {
			for _, w := range lot.Waiting {
				asked := ""
				if !w.Asked.IsZero() {
					asked = " asked"
				}
				all = append(all, fmt.Sprintf("%s/%s %s#%d head %d queued %d given up %d%s: %s", lot.Category, lot.Consumer, w.Stream, w.Position, w.Head, w.Queued, w.GivenUp, asked, w.Error))
			}
		}
		return strings.Join(all, "\n")
	}
	eventually := func(what, want string) {
		t.Helper()
		deadline := time.After(30 * time.Second)
		for look() != want {
			select {
			case <-deadline:
				t.Fatalf("%s: got\n%s\nwant\n%s", what, look(), want)
			default:
			}
		}
	}
	eventually("parked", `order/reports order-1#0 head 1 queued 2 given up 1: cannot handle order-1
order/reports order-1#1 head 1 queued 0 given up 0: behind message 1, which is parked
order/reports order-1#2 head 1 queued 0 given up 0: behind message 1, which is parked
order/reports order-3#0 head 5 queued 0 given up 1: cannot handle order-3`)
	list, err := lots.Read(t.Context(), p.direct, "order")
	if err != nil || len(list) != 1 || len(list[0].Heads()) != 2 {
		t.Fatalf("%d lots (%v)", len(list), err)
	}
	if n, err := list[0].Retry(t.Context(), p.direct, 1); n != 1 || err != nil {
		t.Fatalf("asked for %d: %v", n, err)
	}
	eventually("retried in vain", `order/reports order-1#0 head 1 queued 2 given up 2: cannot handle order-1
order/reports order-1#1 head 1 queued 0 given up 0: behind message 1, which is parked
order/reports order-1#2 head 1 queued 0 given up 0: behind message 1, which is parked
order/reports order-3#0 head 5 queued 0 given up 1: cannot handle order-3`)
	broken.Store(false)
	if n, err := list[0].Retry(t.Context(), p.direct, 1, 5); n != 2 || err != nil {
		t.Fatalf("asked for %d: %v", n, err)
	}
	eventually("retried", "")
	until(t, func() bool { return other.Load() >= 5 }) // nothing else keeps the two consumers in step
	if n := other.Load(); n != 5 {
		t.Errorf("another consumer handled %d messages of 5", n)
	}
	for stream, last := range map[string]int64{"order-1": 2, "order-2": 0, "order-3": 0} {
		if got, err := p.direct.Version(t.Context(), stream); err != nil || got != last {
			t.Errorf("%s ends at %d (%v): something was written to it", stream, got, err)
		}
	}
}

// TestARetryIsCapped, shown as asked until it is answered, and refused by a client that
// only reads.
func TestARetryIsCapped(t *testing.T) {
	p := newPlace(t)
	p.write("order-1")
	parked := client.Event{Type: "Parked", Data: []byte(`{"stream":"order-1","type":"T","position":0,"globalPosition":1,"error":"boom","retry":-1}`)}
	for _, e := range []client.Event{parked, {Type: "SomebodyElses", Data: []byte(`{"globalPosition":"x"}`)}} {
		if _, err := p.direct.Write(t.Context(), "order:parked-reports", e, client.AnyVersion()); err != nil {
			t.Fatal(err)
		}
	}
	var lots consumer.Lots
	list, err := lots.Read(t.Context(), p.direct, "")
	if err != nil || len(list) != 1 || len(list[0].Waiting) != 1 || !list[0].Waiting[0].Asked.IsZero() {
		t.Fatalf("%+v (%v)", list, err)
	}
	if n, err := list[0].Retry(t.Context(), p.direct, make([]int64, consumer.MaxRetry+1)...); n != 0 || !errors.Is(err, consumer.ErrTooMany) {
		t.Errorf("asked for %d: %v", n, err)
	}
	if n, err := list[0].Retry(t.Context(), p.connect(client.WithReadOnly()), 1); n != 0 || !errors.Is(err, client.ErrReadOnly) {
		t.Errorf("a client that only reads asked for %d: %v", n, err)
	}
	if _, err := list[0].Retry(t.Context(), p.direct, 1); err != nil {
		t.Fatal(err)
	}
	if list, err = lots.Read(t.Context(), p.direct, "nothing"); err != nil || len(list) != 0 {
		t.Errorf("of a category that parks nothing: %+v (%v)", list, err)
	}
	if list, err = lots.Read(t.Context(), p.direct, "order"); err != nil || len(list) != 1 || list[0].Waiting[0].Asked.IsZero() {
		t.Errorf("a retry that was asked for: %+v (%v)", list, err)
	}
}

// TestEarlierMessagesAreNotParkedBehind: after a crash, messages come again that were
// handled before a later one of their stream was parked. They are not behind that one.
func TestEarlierMessagesAreNotParkedBehind(t *testing.T) {
	p := newPlace(t)
	for range 5 {
		p.write("order-1")
	}
	parked := client.Event{Type: "Parked", Data: []byte(`{"stream":"order-1","type":"T","position":3,"globalPosition":4,"error":"boom","retry":-1}`)}
	if _, err := p.direct.Write(t.Context(), "order:parked-reports", parked, client.AnyVersion()); err != nil {
		t.Fatal(err)
	}
	c, err := consumer.New(consumer.Config{
		Client: p.connect(), Category: "order", Name: "reports",
		Handle: func(_ context.Context, m client.Message) error {
			t.Errorf("message %d was handled again", m.Position)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	until(t, func() bool {
		at, err := p.direct.LastMessage(t.Context(), "order:position-reports", "Recorded")
		return err == nil && string(at.Data) == `{"position":5}`
	})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := p.parked(c); len(got) != 2 || got[4].Position != 3 || got[5].Position != 4 || !got[5].Behind {
		t.Errorf("parked is %+v, want the one that was, and the one behind it", got)
	}
}
