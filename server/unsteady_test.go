package server_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
)

var (
	unsteadySeed     = flag.Uint64("unsteady.seed", 0, "seed of TestSubscriptionsUnderFaults; 0 for a random one")
	unsteadyMessages = flag.Int64("unsteady.messages", 1500, "how many messages TestSubscriptionsUnderFaults writes")
)

// site is a store with a server that is stopped and started anew, and with
// namespaces of which one is deleted now and then.
type site struct {
	t     *testing.T
	seed  uint64
	store store.Store
	admin string
	fixed []string // namespaces that stay

	address  atomic.Value // string: where the server is just now
	doomed   atomic.Int64 // number of the namespace that is deleted next
	appended atomic.Int64 // messages
	last     atomic.Bool  // no more faults

	mu    sync.Mutex
	acked map[string]map[int64]store.Announcement // by namespace and global position
}

func (s *site) random(n uint64) *rand.Rand { return rand.New(rand.NewPCG(s.seed, n)) }

// serve runs a server until the returned function is called.
func (s *site) serve() (stop func()) {
	srv := servertest.New(s.t, server.Config{Store: s.store, Limits: server.Limits{Heartbeat: 20 * time.Millisecond}}, servertest.Token(s.admin))
	s.address.Store(strings.TrimPrefix(srv.Listen(), "http://"))
	return srv.Stop
}

func (s *site) namespace(id string) {
	if _, err := s.store.CreateNamespace(context.Background(), store.NamespaceSpec{ID: id}); err != nil {
		s.t.Error(err)
	}
}

func doomedName(n int64) string { return fmt.Sprintf("doomed-%d", n) }

// write appends to all namespaces until there are enough messages.
func (s *site) write(random *rand.Rand) {
	for s.appended.Load() < *unsteadyMessages {
		ns := doomedName(s.doomed.Load())
		if i := random.IntN(len(s.fixed) + 1); i < len(s.fixed) {
			ns = s.fixed[i]
		}
		w := store.Write{Stream: fmt.Sprintf("c%d-%d", random.IntN(3), random.IntN(4)), ExpectedVersion: store.AnyVersion}
		for range random.IntN(3) + 1 {
			w.Events = append(w.Events, store.Event{Type: "T", Data: []byte(`{}`)})
		}
		a, err := s.store.Append(context.Background(), ns, w)
		if errors.Is(err, store.ErrNamespaceNotFound) {
			continue // it was deleted meanwhile
		}
		if err != nil {
			s.t.Errorf("append: %v", err)
			return
		}
		s.acknowledged(ns, w.Stream, a)
	}
}

func (s *site) acknowledged(ns, stream string, a store.Appended) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.acked[ns] == nil {
		s.acked[ns] = map[int64]store.Announcement{}
	}
	for i := range a.LastPosition - a.FirstPosition + 1 {
		at := store.Announcement{Stream: stream, Position: a.FirstPosition + i, GlobalPosition: a.FirstGlobalPosition + i}
		s.acked[ns][at.GlobalPosition] = at
	}
	s.appended.Add(a.LastPosition - a.FirstPosition + 1)
}

// disturb stops the server and deletes namespaces, each a few times over the
// whole run.
func (s *site) disturb(stop func(), random *rand.Rand) (last func()) {
	const times = 8
	for i := range int64(times) {
		due := *unsteadyMessages * (i + 1) / (times + 1)
		s.until(func() bool { return s.appended.Load() >= due })
		if random.IntN(2) == 0 {
			stop()
			stop = s.serve()
			continue
		}
		old := s.doomed.Load()
		s.namespace(doomedName(old + 1))
		s.doomed.Store(old + 1)
		if _, err := s.store.DeleteNamespace(context.Background(), doomedName(old)); err != nil {
			s.t.Errorf("delete: %v", err)
		}
	}
	return stop
}

// until waits for a condition that others make true.
func (s *site) until(holds func() bool) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !holds() && !s.t.Failed() {
		<-tick.C
	}
}

// TestSubscriptionsUnderFaults: each message is announced once, in order, over
// each connection, and none is missing from the last one seen on, whatever
// happens to connections, readers, namespaces, handles and the server.
func TestSubscriptionsUnderFaults(t *testing.T) {
	seed := *unsteadySeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("replay with -unsteady.seed=%d", seed)
	s := &site{t: t, seed: seed, fixed: []string{"default", "kept"}, acked: map[string]map[int64]store.Announcement{}}
	st, err := pebblestore.OpenMemory(pebblestore.Options{MaxOpen: 1 + int(seed%2)})
	if err != nil {
		t.Fatal(err)
	}
	s.store = st
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	if s.admin, err = server.EnsureDefault(t.Context(), st, "", ""); err != nil {
		t.Fatal(err)
	}
	s.namespace("kept")
	s.namespace(doomedName(0))
	stop := s.serve()
	var writers, readers sync.WaitGroup
	followers := s.followers()
	for _, f := range followers {
		readers.Go(f.follow)
	}
	for n := range uint64(3) {
		writers.Go(func() { s.write(s.random(n)) })
	}
	stop = s.disturb(stop, s.random(50))
	writers.Wait()
	s.last.Store(true)
	stop() // whoever waits for more comes back
	stop = s.serve()
	readers.Wait()
	stop()
	connections := 0
	for _, f := range followers {
		connections += f.conns
	}
	t.Logf("%d messages, %d namespaces deleted, %d connections, %d handles opened", s.appended.Load(), s.doomed.Load(), connections, st.EngineFigures().Opened)
}
