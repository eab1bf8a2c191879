package logstore_test

import (
	"context"
	"errors"
	"testing"

	"github.com/evtui/evtui/internal/race"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
	"github.com/evtui/evtui/store/pebblestore"
	"github.com/evtui/evtui/store/storetest"
)

// open opens a store over the log, with its copy in dir, or in memory for "".
func open(l *memoryLog, dir string) (store.Store, error) {
	st, err := logstore.Connect(context.Background(), l.connect, dir, logstore.Options{Memory: dir == "", Projection: pebblestore.Options{MemtableBytes: 256 << 10}})
	if err != nil {
		return nil, err
	}
	return st, nil
}

// TestContract runs the contract over a log in memory.
func TestContract(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Harness {
		l, dir := newMemoryLog(), t.TempDir()
		return storetest.Harness{
			Persistent: true, Open: func() (store.Store, error) { return open(l, dir) },
			Second: func() (store.Store, error) { return open(l, "") },
		}
	})
}

// TestContractRebuilt throws the copy away whenever the store is closed.
func TestContractRebuilt(t *testing.T) {
	if race.Enabled {
		t.Skip("TestContract has the same goroutines")
	}
	storetest.Run(t, func(testing.TB) storetest.Harness {
		l := newMemoryLog()
		return storetest.Harness{Persistent: true, Open: func() (store.Store, error) { return caughtUp(open(l, "")) }}
	})
}

// caughtUp waits until the store shows all that the log holds.
func caughtUp(st store.Store, err error) (store.Store, error) {
	if err != nil {
		return nil, err
	}
	list, err := st.Namespaces(context.Background())
	for _, ns := range list {
		err = errors.Join(err, st.(store.Fresher).Fresh(context.Background(), ns.ID))
	}
	return st, err
}
