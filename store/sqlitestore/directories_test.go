package sqlitestore_test

import (
	"flag"
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/sqlitestore"
	"github.com/evtui/evtui/store/storetest"
	"github.com/evtui/evtui/store/storetest/damage"
)

var (
	dirsSeed = flag.Uint64("dirs.seed", 0, "seed of TestDamagedDirectories; 0: a new one")
	dirsRuns = flag.Int("dirs.runs", 110, "how many directories TestDamagedDirectories damages")
)

// opening returns what opens a directory.
func opening(o sqlitestore.Options) func(dir string) (store.Store, error) {
	return func(dir string) (store.Store, error) {
		st, err := sqlitestore.Open(dir, o)
		if err != nil {
			return nil, err
		}
		return st, nil
	}
}

// TestDamagedDirectories damages data directories at random: nothing may be lost
// without a word, deleted or made again, and nothing may hang.
func TestDamagedDirectories(t *testing.T) {
	damage.Run(t, damage.Engine{
		Open: opening(sqlitestore.Options{}), ReadOnly: opening(sqlitestore.Options{ReadOnly: true}), Seed: *dirsSeed, Runs: *dirsRuns,
	})
}

// TestContractReading runs the reading half on stores that are filled through
// Import, behind the back of a view that refuses every write.
func TestContractReading(t *testing.T) {
	storetest.RunReading(t, func(t testing.TB) storetest.Harness {
		dir := t.TempDir()
		return storetest.Seeded(storetest.Harness{Persistent: true, Open: func() (store.Store, error) { return opening(sqlitestore.Options{})(dir) }})
	})
}

// TestContractReadOnly opens stores on disk to read only, and opens checkpoints.
func TestContractReadOnly(t *testing.T) {
	storetest.RunGroups(t, func(t testing.TB) storetest.Harness {
		dir := t.TempDir()
		return storetest.Harness{
			Persistent: true,
			Open:       func() (store.Store, error) { return opening(sqlitestore.Options{})(dir) },
			ReadOnly:   func() (store.Store, error) { return opening(sqlitestore.Options{ReadOnly: true})(dir) },
			OpenAt:     opening(sqlitestore.Options{}),
		}
	}, "ReadOnly", "Checkpoint")
}
