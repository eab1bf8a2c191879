package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/evtui/evtui/examples/internal/serving"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

const (
	streams  = 12
	messages = 50 // of each stream
)

// witness checks what the members are given.
type witness struct {
	t    *testing.T
	done chan struct{} // closed once all messages were handled

	mu       sync.Mutex
	next     map[string]int64 // by stream: the position that must come now
	member   map[string]int   // by stream: who handles it
	left     int
	repeated int
	fail     int // how many more are handled before one fails, once
}

func newWitness(t *testing.T, left, fail int) *witness {
	return &witness{t: t, done: make(chan struct{}), next: map[string]int64{}, member: map[string]int{}, left: left, fail: fail}
}

func (w *witness) handle(member int, m store.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail--; w.fail == 0 {
		return errors.New("this one must be tried again")
	}
	if one, known := w.member[m.Stream]; known && one != member {
		w.t.Errorf("%s is handled by member %d and by member %d", m.Stream, one, member)
	}
	w.member[m.Stream] = member
	switch next := w.next[m.Stream]; {
	case m.Position < next:
		w.repeated++
	case m.Position > next:
		w.t.Errorf("%s: message %d comes, %d was due", m.Stream, m.Position, next)
	default:
		w.next[m.Stream]++
		if w.left--; w.left == 0 {
			close(w.done)
		}
	}
	return nil
}

func write(ctx context.Context, c *client.Client, round int) error {
	for i := range messages {
		for s := range streams {
			data := fmt.Appendf(nil, `{"round":%d,"n":%d}`, round, i)
			if _, err := c.Write(ctx, fmt.Sprintf("order-%d", s), client.Event{Type: "Placed", Data: data}, client.AnyVersion()); err != nil {
				return err
			}
		}
	}
	return nil
}

// follow runs the group until the witness has seen all.
func follow(t *testing.T, c *client.Client, w *witness) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		runGroup(ctx, c, "order", w.handle)
	}()
	select {
	case <-w.done:
	case <-ctx.Done():
		t.Errorf("%d messages were not handled in time", w.left)
	}
	// What is handled is recorded, but perhaps not yet; the next round says.
	cancel()
	<-ended
}

func TestGroupSharesKeepsOrderAndGoesOn(t *testing.T) {
	url, token := serving.Start(t)
	c, err := client.New(url, client.WithToken(token))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	// The first round is there already when the group starts, and one message
	// fails in its midst.
	if err := write(t.Context(), c, 0); err != nil {
		t.Fatal(err)
	}
	w := newWitness(t, streams*messages, streams*messages/2)
	follow(t, c, w)
	members := map[int]bool{}
	for _, member := range w.member {
		members[member] = true
	}
	if len(members) != groupSize {
		t.Errorf("%d streams fell to %d members, want %d", streams, len(members), groupSize)
	}

	// The second comes while it runs; it begins where the first ended.
	again := newWitness(t, streams*messages, 0)
	for stream := range w.next {
		again.next[stream] = w.next[stream]
	}
	written := make(chan error, 1)
	go func() { written <- write(t.Context(), c, 1) }()
	follow(t, c, again)
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	// At most a page for each member was handled but not recorded at the stop.
	if again.repeated > groupSize*pageSize {
		t.Errorf("%d messages came again after the restart", again.repeated)
	}
}

func TestPositionIsKept(t *testing.T) {
	url, token := serving.Start(t)
	c, err := client.New(url, client.WithToken(token))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for category, want := range map[string]string{
		"order":         "order:position-reports-1-of-3",
		"order:command": "order:command+position-reports-1-of-3",
	} {
		one := &consumer{client: c, category: category, name: "reports", group: store.Group{Member: 1, Size: 3}}
		if got := one.positionStream(); got != want {
			t.Errorf("the position stream is %s, want %s", got, want)
		}
		if next, err := one.start(t.Context()); next != 1 || err != nil {
			t.Errorf("it starts at %d, %v", next, err)
		}
		if err := one.record(t.Context(), 41); err != nil {
			t.Fatal(err)
		}
		if next, err := one.start(t.Context()); next != 42 || err != nil {
			t.Errorf("it goes on at %d, %v", next, err)
		}
	}
	// evtui sees them as members too.
	seen, err := c.Groups(t.Context(), "default", "order")
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range seen {
		if member.Consumer == "reports-1-of-3" && member.Position != nil && *member.Position == 42 {
			return
		}
	}
	t.Errorf("the server does not see the consumer: %+v", seen)
}
