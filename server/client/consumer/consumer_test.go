package consumer_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/consumer"
	"github.com/evtui/evtui/server/servertest"
)

var faultSeed = flag.Uint64("consumer.seed", 0, "seed of TestUnderFaults; 0 for a random one")

// place is a server with its admin token.
type place struct {
	t          *testing.T
	url, token string
	direct     *client.Client
}

func newPlace(t *testing.T) *place {
	t.Helper()
	s := servertest.New(t, server.Config{})
	p := &place{t: t, url: s.Listen(), token: s.Token}
	p.direct = p.connect()
	return p
}

func (p *place) connect(options ...client.Option) *client.Client {
	p.t.Helper()
	c, err := client.New(p.url, append(options, client.WithToken(p.token), client.WithRetries(client.Once()))...)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(c.Close)
	return c
}

func (p *place) write(stream string) {
	p.t.Helper()
	if _, err := p.direct.Write(p.t.Context(), stream, client.Event{Type: "T"}, client.AnyVersion()); err != nil {
		p.t.Fatal(err)
	}
}

// parked returns what waits in the parked stream.
func (p *place) parked(c *consumer.Consumer) map[int64]consumer.Parked {
	p.t.Helper()
	all := map[int64]consumer.Parked{}
	for m, err := range p.direct.Stream(p.t.Context(), client.StreamQuery{Stream: c.ParkedStream()}) {
		if err != nil {
			p.t.Fatal(err)
		}
		var one consumer.Parked
		if err := json.Unmarshal(m.Data, &one); err != nil {
			p.t.Fatal(err)
		}
		if m.Type == "Parked" {
			all[one.GlobalPosition] = one
		} else {
			delete(all, one.GlobalPosition)
		}
	}
	return all
}

// flaky is a network that loses requests and answers, and is gone once it is
// killed, as after kill -9.
type flaky struct {
	inner  http.RoundTripper
	killed atomic.Bool
	mu     sync.Mutex
	random *rand.Rand
}

var errLost = errors.New("lost on the way")

func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	chance := f.random.IntN(40)
	f.mu.Unlock()
	if f.killed.Load() || chance == 0 {
		return nil, errLost
	}
	resp, err := f.inner.RoundTrip(r)
	if err == nil && (chance == 1 || f.killed.Load()) {
		resp.Body.Close()
		return nil, errLost
	}
	return resp, err
}

// witness checks what is handled.
type witness struct {
	mu     sync.Mutex
	t      *testing.T
	random *rand.Rand
	next   map[string]int64 // by stream: the first position that was not handled yet
	fails  map[int64]int    // by global position: how often it failed
	poison func(client.Message) bool
}

// handle fails now and then, never often enough for a message to be parked, and
// always for poison.
func (w *witness) handle(_ context.Context, m client.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.poison(m) {
		return errors.New("poison")
	}
	if w.fails[m.GlobalPosition] < 2 && w.random.IntN(10) == 0 {
		w.fails[m.GlobalPosition]++
		return errors.New("not now")
	}
	switch next := w.next[m.Stream]; {
	case m.Position > next:
		w.t.Errorf("%s: message %d came before %d", m.Stream, m.Position, next)
	case m.Position == next:
		w.next[m.Stream]++
	}
	return nil
}

// TestUnderFaults: a group whose members are killed, restarted and resized, on
// a network that loses calls, handles every message at least once, in order, and
// parks none but the poison and what is behind it.
func TestUnderFaults(t *testing.T) {
	seed := *faultSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("replay with -consumer.seed=%d", seed)
	const streams, rounds, each = 14, 8, 150
	random := rand.New(rand.NewPCG(seed, 1))
	p := newPlace(t)
	w := &witness{t: t, random: rand.New(rand.NewPCG(seed, 2)), next: map[string]int64{}, fails: map[int64]int{}}
	// In two streams the fourth message cannot be handled.
	w.poison = func(m client.Message) bool { return m.Position == 3 && (m.Stream == "job-0" || m.Stream == "job-1") }
	written := map[string]int64{}
	var last *consumer.Consumer
	for round := range rounds {
		size := 1 + random.IntN(4)
		ctx, stop := context.WithCancel(t.Context())
		var members sync.WaitGroup
		var networks []*flaky
		for member := range size {
			network := &flaky{random: rand.New(rand.NewPCG(seed, uint64(100*round+member+3)))}
			networks = append(networks, network)
			c, err := consumer.New(consumer.Config{
				Client: p.connect(client.WithTransport(func(inner *http.Transport) http.RoundTripper {
					network.inner = inner
					return network
				})),
				Category: "job", Name: "test", Group: client.Group{Member: member, Size: size},
				Handle: w.handle, Backoff: time.Millisecond, MaxBackoff: 4 * time.Millisecond, Page: 1 + random.IntN(20),
			})
			if err != nil {
				t.Fatal(err)
			}
			last = c
			members.Go(func() {
				if err := c.Run(ctx); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		for range each {
			stream := fmt.Sprintf("job-%d", random.IntN(streams))
			p.write(stream)
			written[stream]++
		}
		if round == rounds-1 {
			w.await(t, p, last, written)
		} else if random.IntN(2) == 0 {
			for _, network := range networks {
				network.killed.Store(true)
			}
		}
		stop()
		members.Wait()
	}
	for g, one := range p.parked(last) {
		poisoned := one.Position == 3 || one.Position > 3 && one.Behind
		if one.Stream != "job-0" && one.Stream != "job-1" || !poisoned {
			t.Errorf("message %d is parked wrongly: %+v", g, one)
		}
	}
}

// await waits until every message was handled, or is parked.
func (w *witness) await(t *testing.T, p *place, c *consumer.Consumer, written map[string]int64) {
	t.Helper()
	want := map[string]int64{}
	behind := 0
	for stream, n := range written {
		want[stream] = n
		if stream == "job-0" || stream == "job-1" {
			want[stream] = min(n, 3)
			behind += int(n - want[stream])
		}
	}
	until(t, func() bool {
		w.mu.Lock()
		for stream, n := range want {
			if w.next[stream] < n {
				w.mu.Unlock()
				return false
			}
		}
		w.mu.Unlock()
		return len(p.parked(c)) == behind
	})
}

// until waits for a condition that others make true.
func until(t *testing.T, holds func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it never came")
		}
	}
}

// TestParkedAndRetried: a stream waits behind its parked message, others do
// not; retried, all of it is handled in order, and the source stays as it was.
func TestParkedAndRetried(t *testing.T) {
	for _, only := range []bool{false, true} {
		t.Run(fmt.Sprintf("ParkMessageOnly=%v", only), func(t *testing.T) {
			p := newPlace(t)
			for range 3 {
				p.write("a-1")
				p.write("a-2")
			}
			var mu sync.Mutex
			var handled []string
			broken := true
			c, err := consumer.New(consumer.Config{
				Client: p.direct, Category: "a", Name: "test", Attempts: 2, Backoff: time.Millisecond, ParkMessageOnly: only,
				Handle: func(_ context.Context, m client.Message) error {
					mu.Lock()
					defer mu.Unlock()
					if broken && m.Stream == "a-1" && m.Position == 1 {
						return errors.New("no such customer")
					}
					handled = append(handled, fmt.Sprintf("%s/%d", m.Stream, m.Position))
					return nil
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			seen := func() string { mu.Lock(); defer mu.Unlock(); return fmt.Sprint(handled) }
			run := func(want string) {
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- c.Run(ctx) }()
				until(t, func() bool { return seen() == want })
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}
			want, waiting := "[a-1/0 a-2/0 a-2/1 a-2/2]", 2
			after := "[a-1/0 a-2/0 a-2/1 a-2/2 a-1/1 a-1/2]"
			if only {
				want, waiting = "[a-1/0 a-2/0 a-2/1 a-1/2 a-2/2]", 1
				after = "[a-1/0 a-2/0 a-2/1 a-1/2 a-2/2 a-1/1]"
			}
			run(want)
			parked := p.parked(c)
			if first := parked[3]; len(parked) != waiting || first.Stream != "a-1" || first.Position != 1 || first.Error != "no such customer" || first.Behind {
				t.Errorf("parked %+v", parked)
			}
			mu.Lock()
			broken = false
			mu.Unlock()
			if _, err := p.direct.Write(t.Context(), c.RetryStream(), consumer.RetryEvent(3), client.AnyVersion()); err != nil {
				t.Fatal(err)
			}
			run(after)
			if n := c.Counters(); len(p.parked(c)) != 0 || n.Handled != 6 || n.Parked != int64(waiting) || n.Failed != 2 {
				t.Errorf("still parked %+v, counters %+v", p.parked(c), n)
			}
			if version, err := p.direct.Version(t.Context(), "a-1"); version != 2 || err != nil {
				t.Errorf("the source stream is at %d, %v", version, err)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	p := newPlace(t)
	handle := func(context.Context, client.Message) error { return nil }
	for name, c := range map[string]consumer.Config{
		"nothing":  {},
		"category": {Client: p.direct, Name: "x", Handle: handle, Category: "a-1"},
		"member":   {Client: p.direct, Name: "x", Handle: handle, Category: "a", Group: client.Group{Member: 3, Size: 3}},
	} {
		if _, err := consumer.New(c); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	other, err := client.New(p.url, client.WithToken("ns_b3RoZXI_0000000000000000000000000000000000000000000000000000000000000000"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := consumer.New(consumer.Config{Client: other, Name: "x", Handle: handle, Category: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Run(t.Context()); !client.Unauthorized(err) {
		t.Errorf("a token that is not good: %v", err)
	}
}
