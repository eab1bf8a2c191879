package sqlitestore_test

import (
	"testing"

	"github.com/evtui/evtui/internal/race"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/sqlitestore"
	"github.com/evtui/evtui/store/storetest"
)

// TestContractOnDisk runs the contract as it is used: on disk, with syncs.
func TestContractOnDisk(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Harness {
		dir := t.TempDir()
		return storetest.Harness{Persistent: true, Open: func() (store.Store, error) {
			return open(dir, sqlitestore.Options{})
		}}
	})
}

// TestContractFewOpen keeps almost no namespace open, so that every case
// closes and opens them all the time.
func TestContractFewOpen(t *testing.T) {
	if testing.Short() || race.Enabled {
		t.Skip("opens a database for every other call; what may race is in the others")
	}
	storetest.Run(t, func(t testing.TB) storetest.Harness {
		dir := t.TempDir()
		return storetest.Harness{Persistent: true, Open: func() (store.Store, error) {
			return open(dir, sqlitestore.Options{MaxOpen: 1})
		}}
	})
}

// TestContractInMemory runs the contract on what sqlite://memory opens.
func TestContractInMemory(t *testing.T) {
	storetest.Run(t, func(testing.TB) storetest.Harness {
		return storetest.Harness{Open: func() (store.Store, error) {
			st, err := sqlitestore.OpenMemory(sqlitestore.Options{MaxOpen: 2})
			if err != nil {
				return nil, err
			}
			return st, nil
		}}
	})
}

// BenchmarkContract measures on disk, with every append synced.
func BenchmarkContract(b *testing.B) {
	storetest.Benchmark(b, func(t testing.TB) storetest.Harness {
		dir := t.TempDir()
		return storetest.Harness{Persistent: true, Open: func() (store.Store, error) {
			return open(dir, sqlitestore.Options{})
		}}
	})
}

// open returns a nil interface, rather than a nil *Store, beside an error.
func open(dir string, o sqlitestore.Options) (store.Store, error) {
	st, err := sqlitestore.Open(dir, o)
	if err != nil {
		return nil, err
	}
	return st, nil
}
