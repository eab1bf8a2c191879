package client_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest/history"
)

var historySeed = flag.Uint64("history.seed", 0, "seed of TestLinearizable; 0 for a random one")

// streams asks a client in the words of a history, which are the store's.
type streams struct{ *client.Client }

func (c streams) Append(ctx context.Context, w store.Write) (store.Appended, error) {
	sent := client.Write{Stream: w.Stream}
	for _, e := range w.Events {
		sent.Events = append(sent.Events, client.Event{ID: e.ID, Type: e.Type, Data: e.Data, Metadata: e.Metadata})
	}
	if w.ExpectedVersion != store.AnyVersion {
		sent.Expect = client.AtVersion(w.ExpectedVersion)
	}
	return c.Client.Append(ctx, sent)
}

func (c streams) ReadStream(ctx context.Context, q store.StreamQuery) ([]store.Message, error) {
	return c.Client.ReadStream(ctx, client.StreamQuery{Stream: q.Stream, Position: q.Position, Limit: q.Limit})
}

// TestLinearizable has clients append, append again, read and ask for versions
// on few streams, and checks that some order of the calls explains every
// answer.
func TestLinearizable(t *testing.T) {
	seed := *historySeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("replay with -history.seed=%d", seed)
	eachConnection(t, func(t *testing.T, connect func(token string) *client.Client, admin string) {
		const callers, calls = 8, 150
		heard := history.New(seed)
		var all errgroup.Group
		for n := range callers {
			c := connect(admin)
			all.Go(func() error { return heard.Caller(n).Run(t.Context(), streams{c}, calls) })
		}
		if err := all.Wait(); err != nil {
			t.Fatal(err)
		}
		heard.Check(t)
	})
}
