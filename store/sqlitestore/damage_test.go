package sqlitestore_test

import (
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/sqlitestore"
	"github.com/evtui/evtui/store/storetest"
	"testing"
)

// asStore returns a nil interface, rather than a nil *Store, beside an error.
func asStore(st *sqlitestore.Store, err error) (store.Store, error) {
	if err != nil {
		return nil, err
	}
	return st, nil
}

// TestContractReading runs the reading half on stores that are filled through
// Import, behind the back of a view that refuses every write.
func TestContractReading(t *testing.T) {
	storetest.RunReading(t, func(t testing.TB) storetest.Harness {
		dir := t.TempDir()
		return storetest.Seeded(storetest.Harness{Persistent: true, Open: func() (store.Store, error) {
			return asStore(sqlitestore.Open(dir, sqlitestore.Options{}))
		}})
	})
}

// TestContractReadOnly opens stores on disk only to read, and opens checkpoints.
func TestContractReadOnly(t *testing.T) {
	storetest.RunGroups(t, func(t testing.TB) storetest.Harness {
		dir := t.TempDir()
		open := func(dir string, o sqlitestore.Options) func() (store.Store, error) {
			return func() (store.Store, error) { return asStore(sqlitestore.Open(dir, o)) }
		}
		return storetest.Harness{
			Persistent: true,
			Open:       open(dir, sqlitestore.Options{}),
			ReadOnly:   open(dir, sqlitestore.Options{ReadOnly: true}),
			OpenAt:     func(dir string) (store.Store, error) { return open(dir, sqlitestore.Options{})() },
		}
	}, "ReadOnly", "Checkpoint")
}
