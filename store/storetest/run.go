package storetest

import (
	"testing"

	"github.com/evtui/evtui/store"
)

// Harness is one fresh, empty place where an engine keeps its data.
type Harness struct {
	// Open opens the place. The suite closes what it opened before it calls
	// Open again.
	Open func() (store.Store, error)
	// Persistent says that Open finds again what an earlier Open of the same
	// Harness stored. The suite then also checks what survives Close.
	Persistent bool
}

// testCase is one promise of the contract.
type testCase struct {
	name string
	run  func(e *env)
}

// Run puts an engine through the contract. It calls fresh once for every
// case; the cases run in parallel.
func Run(t *testing.T, fresh func(t testing.TB) Harness) {
	for _, group := range []struct {
		name  string
		cases []testCase
	}{
		{"Namespaces", namespaceCases()},
		{"Append", appendCases()},
		{"Retry", retryCases()},
		{"ReadStream", readStreamCases()},
		{"ReadCategory", readCategoryCases()},
		{"Lookup", lookupCases()},
		{"Borrowed", borrowedCases()},
		{"List", listCases()},
		{"Import", importCases()},
		{"Subscribe", subscribeCases()},
		{"SubscribeLoad", subscribeLoadCases()},
		{"Concurrent", concurrentCases()},
		{"Lifecycle", lifecycleCases()},
		{"Random", randomCases()},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.cases {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.run(newEnv(t, fresh(t)))
				})
			}
		})
	}
}
