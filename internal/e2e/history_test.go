package e2e

import (
	"context"
	"flag"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest/history"
)

var (
	historySeed = flag.Uint64("history.seed", 0, "seed of TestLinearizableAcrossKills; 0 for a random one")
	kills       = flag.Int("history.kills", 3, "how often TestLinearizableAcrossKills kills the server")
)

// counting counts the calls of a client that were answered.
type counting struct {
	*client.Client
	answered *atomic.Int64
}

func (c counting) Append(ctx context.Context, w store.Write) (store.Appended, error) {
	sent := client.Write{Stream: w.Stream}
	for _, e := range w.Events {
		sent.Events = append(sent.Events, client.Event{ID: e.ID, Type: e.Type, Data: e.Data, Metadata: e.Metadata})
	}
	if w.ExpectedVersion != store.AnyVersion {
		sent.Expect = client.AtVersion(w.ExpectedVersion)
	}
	a, err := c.Client.Append(ctx, sent)
	if err == nil {
		c.answered.Add(1)
	}
	return a, err
}

func (c counting) ReadStream(ctx context.Context, q store.StreamQuery) ([]store.Message, error) {
	return c.Client.ReadStream(ctx, client.StreamQuery{Stream: q.Stream, Position: q.Position, Limit: q.Limit})
}

// TestLinearizableAcrossKills kills the server under callers, again and again,
// and restarts it on the same directory; callers send what they got no
// answer to again. One order of all calls must explain every answer.
func TestLinearizableAcrossKills(t *testing.T) {
	seed := *historySeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("replay with -history.seed=%d; when the kills come is up to the system", seed)
	const callers, enough = 8, 150
	dir := t.TempDir()
	heard := history.New(seed)
	all := make([]*history.Caller, callers)
	for n := range all {
		all[n] = heard.Caller(n)
	}
	for round := range *kills + 1 {
		last := round == *kills
		server, at := mustServe(t, dir)
		var (
			answered atomic.Int64
			under    sync.WaitGroup
		)
		for _, caller := range all {
			c, err := client.New(at.url, client.WithToken(at.token))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			under.Go(func() {
				calls := 1 << 30 // until the server is gone
				if last {
					calls = 60
				}
				err := caller.Run(t.Context(), counting{c, &answered}, calls)
				if last && err != nil || !last && !client.Unreachable(err) {
					t.Errorf("in round %d a call ended with: %v", round, err)
				}
			})
		}
		if !last {
			awaitCount(t, &answered, enough)
			server.Kill()
		}
		under.Wait()
		if last {
			if err := server.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			mustExit(t, server, 0)
		}
	}
	heard.Check(t)
	verify := mustLaunch(t, "verify", "--data", dir)
	mustExit(t, verify, 0)
}

// awaitCount waits until a count has come to enough.
func awaitCount(t *testing.T, n *atomic.Int64, enough int64) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for n.Load() < enough {
		select {
		case <-again.C:
		case <-deadline.C:
			t.Fatalf("%d calls were answered, %d were waited for", n.Load(), enough)
		}
	}
}
