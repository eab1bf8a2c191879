package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

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

	// Seed makes the namespace when there are no messages, and else stores them
	// there as they are, by other means than the open store, which shows them from
	// then on. With it the reading cases need neither Append nor CreateNamespace.
	// Nil: they fill the store by these.
	Seed func(ctx context.Context, namespace string, messages []store.ImportMessage) error
	// Resolution is what the times of seeded messages are cut to; 0: nanoseconds.
	Resolution time.Duration
	// EmptyIDs says that a stream whose cardinal id is empty ("a-") has a member in
	// a consumer group, as Message DB decides it.
	EmptyIDs bool
	// ReadOnly opens the place so that nothing can be changed. Nil: there is no such way.
	ReadOnly func() (store.Store, error)
	// Second opens the place another time while it is open, as another process on another
	// machine would. Nil: a place is opened by one at a time.
	Second func() (store.Store, error)
	// OpenAt opens what Checkpoint made, by its Dir. Nil: that is not tried.
	OpenAt func(dir string) (store.Store, error)
}

// testCase is one promise of the contract.
type testCase struct {
	name string
	run  func(e *env)
}

// caseGroup is one part of the contract.
type caseGroup struct {
	name    string
	cases   []testCase
	reading bool // it can do without writes
	dense   bool // it takes Description.Dense for granted
}

func caseGroups() []caseGroup {
	return []caseGroup{
		{name: "Namespaces", cases: namespaceCases()},
		{name: "Tokens", cases: tokenCases()},
		{name: "Append", cases: appendCases(), dense: true},
		{name: "GivenUp", cases: givenUpCases()},
		{name: "Retry", cases: retryCases(), dense: true},
		{name: "ReadStream", cases: readStreamCases(), reading: true},
		{name: "ReadCategory", cases: readCategoryCases(), reading: true},
		{name: "Lookup", cases: lookupCases(), reading: true},
		{name: "Borrowed", cases: borrowedCases(), reading: true},
		{name: "List", cases: listCases(), reading: true},
		{name: "TypeCount", cases: typeCountCases(), dense: true},
		{name: "Import", cases: importCases(), dense: true},
		{name: "Replace", cases: replaceCases(), dense: true},
		{name: "Subscribe", cases: subscribeCases(), reading: true},
		{name: "SubscribeLoad", cases: subscribeLoadCases(), dense: true},
		{name: "Concurrent", cases: concurrentCases(), dense: true},
		{name: "Lifecycle", cases: lifecycleCases(), dense: true},
		{name: "ReadOnly", cases: readOnlyCases(), reading: true},
		{name: "Checkpoint", cases: checkpointCases()},
		{name: "Second", cases: secondCases(), dense: true},
		{name: "Random", cases: randomCases(), dense: true},
	}
}

// Run puts an engine through the contract. It calls fresh once for every
// case; the cases run in parallel.
func Run(t *testing.T, fresh func(t testing.TB) Harness) {
	run(t, fresh, func(caseGroup) bool { return true })
}

// RunReading is the half of Run that reads. It needs no writes from a store
// whose Harness has Seed.
func RunReading(t *testing.T, fresh func(t testing.TB) Harness) {
	run(t, fresh, func(g caseGroup) bool { return g.reading })
}

// RunGroups is those parts of Run that are named.
func RunGroups(t *testing.T, fresh func(t testing.TB) Harness, names ...string) {
	run(t, fresh, func(g caseGroup) bool { return slices.Contains(names, g.name) })
}

func run(t *testing.T, fresh func(t testing.TB) Harness, want func(caseGroup) bool) {
	for _, group := range caseGroups() {
		if !want(group) {
			continue
		}
		t.Run(group.name, func(t *testing.T) {
			for _, c := range group.cases {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					e := newEnv(t, fresh(t))
					if group.dense && !e.store.Describe().Dense {
						t.Skip("this engine does not promise dense positions")
					}
					c.run(e)
				})
			}
		})
	}
}
