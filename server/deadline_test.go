package server_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/store"
)

// stalled is a store whose appends take until their context ends, once it is
// told to stall.
type stalled struct {
	store.Store
	stalls atomic.Bool
	end    func(ctx context.Context) error
	given  chan context.Context
	free   chan struct{} // closed: they stall no more
}

func (s *stalled) Append(ctx context.Context, ns string, w store.Write) (store.Appended, error) {
	if !s.stalls.Load() {
		// A slow machine is no fault, a deadline that is over before its time is.
		err := ctx.Err()
		if at, _ := ctx.Deadline(); err != nil && time.Now().Before(at) {
			return store.Appended{}, err
		}
		return s.Store.Append(context.WithoutCancel(ctx), ns, w)
	}
	if s.given != nil {
		s.given <- ctx
	}
	select {
	case <-ctx.Done():
	case <-s.free:
	}
	return store.Appended{}, s.end(ctx)
}

func newStalled(t *testing.T, limit time.Duration) (*host, *stalled) {
	s := &stalled{}
	h := newHost(t, func(c *server.Config) {
		s.Store = c.Store
		c.Store = s
		c.Limits.WriteTime = limit
	})
	return h, s
}

// TestAWriteDoesNotWaitForEver for an engine that stands still: it hears
// whether the engine had taken it.
func TestAWriteDoesNotWaitForEver(t *testing.T) {
	h, s := newStalled(t, 20*time.Millisecond)
	for name, c := range map[string]struct {
		end    func(ctx context.Context) error
		status int
		code   string
	}{
		"not taken": {func(context.Context) error { return &store.UnavailableError{Reason: "it waited for its turn"} }, 503, "UNAVAILABLE"},
		"taken": {func(ctx context.Context) error {
			return &store.UncertainError{Reason: "it was given up", Err: context.Cause(ctx)}
		}, 504, "OUTCOME_UNKNOWN"},
		"nobody knows": {func(ctx context.Context) error { return ctx.Err() }, 504, "OUTCOME_UNKNOWN"},
	} {
		s.end = c.end
		s.stalls.Store(true)
		for _, body := range []string{aWrite, `["stream.append","a-1",[{"type":"T","data":{}}]]`} {
			h.refused(h.admin, body, c.status, c.code)
		}
		// A deadline that has passed is not the next write's.
		s.stalls.Store(false)
		for range 3 {
			if answer, text := h.request("POST", "/rpc", h.admin, aWrite); answer.StatusCode != http.StatusOK {
				t.Errorf("%s: the write after it: %s", name, text)
			}
		}
	}
}

// TestAWriteOutlivesItsClient: it is given up by its deadline alone.
func TestAWriteOutlivesItsClient(t *testing.T) {
	h, s := newStalled(t, time.Hour)
	s.stalls.Store(true)
	s.given, s.free = make(chan context.Context), make(chan struct{})
	defer close(s.free)
	// Nothing but the end of the test ends the write.
	over := make(chan struct{})
	s.end = func(context.Context) error { return store.ErrClosed }
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "POST", h.url+"/rpc", strings.NewReader(aWrite))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.admin)
	go func() {
		defer close(over)
		if answer, err := http.DefaultClient.Do(req); err == nil {
			_ = answer.Body.Close()
			t.Error("the write was answered")
		}
	}()
	given := <-s.given
	cancel()
	<-over
	if at, is := given.Deadline(); given.Err() != nil || !is || time.Until(at) < 50*time.Minute {
		t.Errorf("the write's context ended with its client: %v, at %v", given.Err(), at)
	}
}

// BenchmarkDeadline is what a write's deadline costs it.
func BenchmarkDeadline(b *testing.B) {
	b.ReportAllocs()
	next := server.Deadlines()
	for b.Loop() {
		next(30 * time.Second)
	}
}
