package pebblestore

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/evtui/evtui/store"
)

// mustAppendEach appends a message of a type with each of the data, so often, each by
// itself: of a write the shape is learned once it is there.
func mustAppendEach(t *testing.T, s *Store, times int, messageType string, data ...string) {
	t.Helper()
	for range times {
		for _, one := range data {
			mustAppendType(t, s, "c-1", messageType, one)
		}
	}
}

// newDrift returns the events of drift since the one before.
func newDrift(s *Store, told *int) []string {
	list := eventsOf(s, store.EventDrift)
	fresh := list[*told:]
	*told = len(list)
	return fresh
}

// TestBareKindsDrift writes numbers, booleans and nulls where others were: shapes do
// not tell them apart, messages do. Nothing is said before enough was seen.
func TestBareKindsDrift(t *testing.T) {
	files := vfs.NewMem()
	s := mustOpenFS(t, files, Options{})
	mustCreate(t, s, "a")
	told := 0
	expect := func(what string, want ...string) {
		t.Helper()
		if got := newDrift(s, &told); !slices.Equal(got, want) {
			t.Errorf("%s: drift\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	const shaped = learnAfter - 1 // the first are stored whole
	mustAppendEach(t, s, shaped+observedLeast, "Paid", `{"amount":1.5,"lines":[{"n":1},{"n":-2}],"note":"x"}`)
	expect("the same")
	mustAppendEach(t, s, 1, "Paid", `{"amount":null,"lines":[{"n":1},{"n":true}],"note":"x"}`)
	expect("other kinds", fmt.Sprintf(
		`type "Paid" in category "c": data.amount became null (was number), data.lines[].n became boolean (was number) after %d messages looked at`, observedLeast))
	mustAppendEach(t, s, 5, "Paid", `{"amount":null,"lines":[{"n":false},{"n":1e5}],"note":"null"}`)
	expect("the same kinds, also in another place of an array")
	mustAppendEach(t, s, 1, "Paid", `{"amount":true,"lines":[{"n":1},{"n":2}],"note":"true"}`)
	expect("a third kind", fmt.Sprintf(`type "Paid" in category "c": data.amount became boolean (was number or null) after %d messages looked at`, observedLeast+6))

	// What is mixed from the start is no drift, and too few say nothing.
	mustAppendEach(t, s, observedLeast, "Mixed", `{"v":1}`, `{"v":null}`, `{"v":false}`)
	mustAppendEach(t, s, shaped+observedLeast-1, "Few", `{"v":1}`)
	mustAppendEach(t, s, 1, "Few", `{"v":null}`)
	expect("mixed, and few")

	// Another shape of the type knows what the first one had.
	mustAppendEach(t, s, shaped+observedLeast, "Two", `{"v":1}`)
	mustAppendEach(t, s, shaped+1, "Two", `{"v":null,"w":"new"}`)
	expect("two shapes",
		`type "Two" in category "c": data.w came (string)`,
		fmt.Sprintf(`type "Two" in category "c": data.v became null (was number) after %d messages looked at`, observedLeast))

	// Later one of many is looked at, and each kind is said once.
	mustAppendEach(t, s, shaped+observedClosely+10*observedOneIn, "Many", `{"v":1}`)
	mustAppendEach(t, s, 3*observedOneIn, "Many", `{"v":null}`)
	expect("one of many", fmt.Sprintf(`type "Many" in category "c": data.v became null (was number) after %d messages looked at`, observedClosely+10))

	// What was seen is forgotten, so that the first say nothing.
	mustClosed(t, s)
	s = mustOpenFS(t, files, Options{})
	defer mustClosed(t, s)
	told = len(eventsOf(s, store.EventDrift))
	mustAppendEach(t, s, observedLeast-1, "Paid", `{"amount":1.5,"lines":[{"n":1},{"n":-2}],"note":"x"}`)
	mustAppendEach(t, s, 1, "Paid", `{"amount":null,"lines":[{"n":1},{"n":-2}],"note":"x"}`)
	expect("opened again")
	mustAppendEach(t, s, 1, "Paid", `{"amount":2,"lines":[{"n":null},{"n":-2}],"note":"x"}`)
	expect("enough again", fmt.Sprintf(`type "Paid" in category "c": data.lines[].n became null (was number) after %d messages looked at`, observedLeast))
	mustBeSound(t, s, "a", content(t, s, "a"))
}

// TestBareKindsOfManyShapes has a type of more shapes than drift is told of.
func TestBareKindsOfManyShapes(t *testing.T) {
	s := mustOpenFS(t, vfs.NewMem(), Options{})
	defer mustClosed(t, s)
	mustCreate(t, s, "a")
	for i := range maxVariants + 2 {
		mustAppendEach(t, s, learnAfter+3, "Wild", fmt.Sprintf(`{"v":1,"k%d":2}`, i))
	}
	told := len(eventsOf(s, store.EventDrift))
	mustAppendEach(t, s, 2, "Wild", `{"v":null,"k0":true}`)
	if got := newDrift(s, &told); len(got) > 0 {
		t.Errorf("drift of a type whose fields differ from message to message: %q", got)
	}
}
