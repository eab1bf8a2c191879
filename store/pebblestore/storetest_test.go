package pebblestore_test

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
	"github.com/evtui/evtui/store/storetest"
)

// TestContractInMemory runs the contract on a filesystem in memory that
// outlives Close, with small memtables, so that reads meet tables as well.
func TestContractInMemory(t *testing.T) {
	storetest.Run(t, func(testing.TB) storetest.Harness {
		fs := vfs.NewMem()
		return storetest.Harness{Persistent: true, Open: func() (store.Store, error) {
			return open("data", pebblestore.Options{FS: fs, MemtableBytes: 256 << 10})
		}}
	})
}

// TestContractFewOpen keeps almost no namespace open, so that every case
// closes and opens them all the time.
func TestContractFewOpen(t *testing.T) {
	storetest.Run(t, func(testing.TB) storetest.Harness {
		fs := vfs.NewMem()
		return storetest.Harness{Persistent: true, Open: func() (store.Store, error) {
			return open("data", pebblestore.Options{FS: fs, MaxOpen: 1})
		}}
	})
}

// TestContractOnDisk runs the contract as it is used: on disk, with syncs.
func TestContractOnDisk(t *testing.T) {
	storetest.Run(t, func(t testing.TB) storetest.Harness {
		dir := t.TempDir()
		return storetest.Harness{Persistent: true, Open: func() (store.Store, error) {
			return open(dir, pebblestore.Options{})
		}}
	})
}

// TestContractTestMode runs the contract on what --test-mode uses.
func TestContractTestMode(t *testing.T) {
	storetest.Run(t, func(testing.TB) storetest.Harness {
		return storetest.Harness{Open: func() (store.Store, error) {
			st, err := pebblestore.OpenMemory(pebblestore.Options{})
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
			return open(dir, pebblestore.Options{})
		}}
	})
}

// open returns a nil interface, rather than a nil *Store, beside an error.
func open(dir string, o pebblestore.Options) (store.Store, error) {
	st, err := pebblestore.Open(dir, o)
	if err != nil {
		return nil, err
	}
	return st, nil
}
