package jetlog_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/race"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
	"github.com/evtui/evtui/store/logstore/jetlog"
	"github.com/evtui/evtui/store/logstore/jetlog/jettest"
	"github.com/evtui/evtui/store/storetest/history"
)

// freshly appends and reads what is fresh, each within a deadline, at the pace of a ticker.
type freshly struct {
	history.Streams
	st   *logstore.Store
	pace <-chan time.Time
}

func (f freshly) call(ctx context.Context) (context.Context, context.CancelFunc) {
	select {
	case <-f.pace:
	case <-ctx.Done():
	}
	return context.WithTimeout(ctx, 5*time.Second)
}

func (f freshly) Append(ctx context.Context, w store.Write) (store.Appended, error) {
	ctx, cancel := f.call(ctx)
	defer cancel()
	return f.Streams.Append(ctx, w)
}

func (f freshly) ReadStream(ctx context.Context, q store.StreamQuery) ([]store.Message, error) {
	ctx, cancel := f.call(ctx)
	defer cancel()
	if err := f.st.Fresh(ctx, "n"); err != nil {
		return nil, err
	}
	return f.Streams.ReadStream(ctx, q)
}

func (f freshly) Version(ctx context.Context, stream string) (int64, error) {
	ctx, cancel := f.call(ctx)
	defer cancel()
	if err := f.st.Fresh(ctx, "n"); err != nil {
		return 0, err
	}
	return f.Streams.Version(ctx, stream)
}

// TestHistoriesWhileNodesFail has three stores append and read while servers of their cluster are killed,
// stopped and cut off. One order explains all answers; nothing that was
// acknowledged is lost, no version is there twice, none is missing, and all three hold the same.
func TestHistoriesWhileNodesFail(t *testing.T) {
	if race.Enabled {
		t.Skip("the servers are this binary too, and too slow for their own elections")
	}
	const callers = 6
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	c := jettest.Start(t, jettest.Options{})
	var o jetlog.Options
	o.User, o.Password = c.Account(t)
	var stores [3]*logstore.Store
	for i := range stores {
		stores[i] = mustOpenStoreOn(t, c, o)
	}
	if _, err := stores[0].CreateNamespace(t.Context(), store.NamespaceSpec{ID: "n"}); err != nil {
		t.Fatal(err)
	}
	for _, st := range stores {
		if err := st.Fresh(within(t, time.Minute), "n"); err != nil {
			t.Fatal(err)
		}
	}
	heard := history.New(seed)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var calling sync.WaitGroup
	var refused, uncertain atomic.Int64
	for n := range callers {
		calling.Go(func() {
			pace := time.NewTicker(25 * time.Millisecond)
			defer pace.Stop()
			st, caller := stores[n%len(stores)], heard.Caller(n)
			// The last call ends with an answer: the context of calls outlives ctx.
			for ctx.Err() == nil || caller.Pending() {
				err := caller.Run(t.Context(), freshly{history.Of(st, "n"), st, pace.C}, 1)
				count(err, &refused, &uncertain)
			}
		})
	}
	watched := watchPlainReads(ctx, t, stores[:])
	disturb(t, c, o.User, rand.New(rand.NewPCG(seed, 7)))
	stop()
	calling.Wait()
	watched()
	heard.Check(t)
	t.Logf("%d calls were refused, of %d it was not known", refused.Load(), uncertain.Load())
	sameEverywhere(t, stores[:])
}

func mustOpenStoreOn(t *testing.T, c *jettest.Cluster, o jetlog.Options) *logstore.Store {
	t.Helper()
	st, err := logstore.Connect(within(t, time.Minute), func(context.Context) (logstore.Log, error) { return mustOpenOn(t, c, o), nil }, "", logstore.Options{Memory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

func count(err error, refused, uncertain *atomic.Int64) {
	var unknown *store.UncertainError
	switch {
	case errors.As(err, &unknown):
		uncertain.Add(1)
	case err != nil:
		refused.Add(1)
	}
}

// disturb has the leader, or another server, fail in each way there is, and heal.
func disturb(t *testing.T, c *jettest.Cluster, account string, random *rand.Rand) {
	t.Helper()
	const stream = "evtui-n"
	quiet := func(d time.Duration) {
		select {
		case <-time.After(d):
		case <-t.Context().Done():
		}
	}
	ways := []func(i int){
		func(i int) {
			c.Kill(i)
			quiet(4 * time.Second)
			c.Restart(t, i)
		},
		func(i int) {
			c.Stop(t, i)
			quiet(7 * time.Second)
			c.Continue(t, i)
		},
		func(i int) {
			c.CutOff(i)
			quiet(6 * time.Second)
			c.Heal(i)
		},
	}
	random.Shuffle(len(ways), func(i, j int) { ways[i], ways[j] = ways[j], ways[i] })
	quiet(time.Second)
	for _, fail := range ways {
		fail(c.Leader(t, account, stream))
		if err := c.Ready(within(t, time.Minute)); err != nil {
			t.Fatal(err)
		}
		quiet(2 * time.Second)
	}
}

// watchPlainReads reads versions on each store, which never run backwards there. What it returns
// waits for the end.
func watchPlainReads(ctx context.Context, t *testing.T, stores []*logstore.Store) func() {
	var reading sync.WaitGroup
	for i, st := range stores {
		reading.Go(func() {
			tick := time.NewTicker(5 * time.Millisecond)
			defer tick.Stop()
			last := map[string]int64{}
			for n := 0; ctx.Err() == nil; n++ {
				stream := fmt.Sprintf("history-%d", n%4)
				version, err := st.Version(t.Context(), "n", stream)
				if before, ok := last[stream]; err != nil || ok && version < before {
					t.Errorf("store %d: %s is at %d after %d, %v", i, stream, version, before, err)
					return
				}
				last[stream] = version
				<-tick.C
			}
		})
	}
	return reading.Wait
}

// sameEverywhere compares what the stores hold, and has each compare itself with the log.
func sameEverywhere(t *testing.T, stores []*logstore.Store) {
	t.Helper()
	var first []string
	for i, st := range stores {
		if err := st.Fresh(within(t, time.Minute), "n"); err != nil {
			t.Fatal(err)
		}
		var all []string
		for m, err := range st.ReadCategory(t.Context(), "n", store.CategoryQuery{GlobalPosition: 1, Limit: store.NoLimit}) {
			if err != nil {
				t.Fatal(err)
			}
			if m.GlobalPosition != int64(len(all))+1 {
				t.Fatalf("store %d: message %d is at global position %d", i, len(all)+1, m.GlobalPosition)
			}
			all = append(all, fmt.Sprintf("%d %s %s@%d %s %s %s", m.GlobalPosition, m.ID, m.Stream, m.Position, m.Type, m.Data, m.Time))
		}
		if i == 0 {
			first = all
		} else if !slices.Equal(first, all) {
			t.Errorf("store %d holds %d messages, the first %d, and they differ", i, len(all), len(first))
		}
		report, err := st.Verify(within(t, time.Minute), "n")
		if err != nil || len(report.Findings) > 0 || report.Messages != int64(len(all)) {
			t.Errorf("verify of store %d: %+v, %v", i, report, err)
		}
	}
	t.Logf("%d messages are stored", len(first))
}
