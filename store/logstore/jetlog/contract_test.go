package jetlog_test

import (
	"context"
	"errors"
	"flag"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/race"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
	"github.com/evtui/evtui/store/logstore/jetlog"
	"github.com/evtui/evtui/store/logstore/jetlog/jettest"
	"github.com/evtui/evtui/store/pebblestore"
	"github.com/evtui/evtui/store/storetest"
)

// openStore opens a store over the account of o, with its copy in dir, or in memory for "".
func openStore(t testing.TB, o jetlog.Options, dir string) (*logstore.Store, error) {
	return openStoreWith(t, o, dir, pebblestore.Options{MemtableBytes: 256 << 10})
}

func openStoreWith(t testing.TB, o jetlog.Options, dir string, p pebblestore.Options) (*logstore.Store, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	connect := func(ctx context.Context) (logstore.Log, error) { return jetlog.Open(ctx, jettest.Shared(t).URL(), o) }
	return logstore.Connect(ctx, connect, dir, logstore.Options{Memory: dir == "", Projection: p})
}

// caughtUp waits until a store shows all that its log holds.
func caughtUp(st *logstore.Store, err error) (store.Store, error) {
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	list, err := st.Namespaces(ctx)
	for _, ns := range list {
		err = errors.Join(err, st.Fresh(ctx, ns.ID))
	}
	return st, err
}

var everything = flag.Bool("jetlog.all", false, "run the whole contract on the cluster, also what only the projection does")

// TestContract runs the contract on a cluster of three, also with two stores at once. What
// only the projection answers is left to logstore's own tests.
func TestContract(t *testing.T) {
	fresh := func(t testing.TB) storetest.Harness {
		var o jetlog.Options
		o.User, o.Password = jettest.Shared(t).Account(t)
		dir := t.TempDir()
		return storetest.Harness{
			Persistent: true, Open: func() (store.Store, error) { return caughtUp(openStore(t, o, dir)) },
			Second: func() (store.Store, error) { return caughtUp(openStore(t, o, "")) },
		}
	}
	switch {
	case *everything:
		storetest.Run(t, fresh)
	case race.Enabled: // the servers are this binary too, and slow
		storetest.RunGroups(t, fresh, "Second")
	default:
		storetest.RunGroups(t, fresh, "Namespaces", "Tokens", "Append", "GivenUp", "Retry", "Import", "Concurrent", "Lifecycle", "Second")
	}
}
