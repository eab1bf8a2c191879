package client_test

import (
	"flag"
	"math/rand/v2"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store/storetest"
)

var historySeed = flag.Uint64("history.seed", 0, "seed of TestLinearizable; 0 for a random one")

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
		history := storetest.NewHistory(seed)
		var all errgroup.Group
		for n := range callers {
			c := connect(admin)
			all.Go(func() error { return history.Caller(n).Run(t.Context(), c, calls) })
		}
		if err := all.Wait(); err != nil {
			t.Fatal(err)
		}
		history.Check(t)
	})
}
