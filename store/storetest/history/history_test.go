package history

import (
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest/internal/model"
)

// TestFaultsAreFound: a check that lets a broken store pass is worth
// nothing.
func TestFaultsAreFound(t *testing.T) {
	for _, fault := range []string{"none", "expected version ignored", "check and append apart", "retry stored again", "all but the last event", "data cut short"} {
		t.Run(strings.ReplaceAll(fault, " ", "-"), func(t *testing.T) {
			// Whether callers get into each other's way is up to the scheduler.
			for seed := range uint64(50) {
				found := historyOf(t, fault, seed)
				if fault == "none" && len(found) > 0 {
					t.Fatalf("found %v", found)
				}
				if len(found) > 0 || fault == "none" && seed == 3 {
					return
				}
			}
			t.Error("the fault was not found")
		})
	}
}

// historyOf returns what a history finds wrong with a store.
func historyOf(t *testing.T, fault string, seed uint64) []error {
	st := model.Faulty(fault)
	if _, err := st.CreateNamespace(t.Context(), store.NamespaceSpec{ID: "n"}); err != nil {
		t.Fatal(err)
	}
	h := New(seed)
	var all errgroup.Group
	for n := range 6 {
		all.Go(func() error { return h.Caller(n).Run(t.Context(), Of(st, "n"), 100) })
	}
	if err := all.Wait(); err != nil {
		return []error{err}
	}
	return h.faults()
}

// TestStreamModel: what one stream may answer, and what not.
func TestStreamModel(t *testing.T) {
	const state = "\x00\x00\x00\x01\x00\x00\x00\x02" // events 1 and 2
	add := func(expected int64, first, n int32) streamOp {
		return streamOp{kind: opAppend, expected: expected, first: first, n: n}
	}
	at := func(first, last int64) streamSaid { return streamSaid{first: first, last: last} }
	for name, c := range map[string]struct {
		op   streamOp
		said streamSaid
		ok   bool
		size int
	}{
		"appended":                          {add(1, 3, 2), at(2, 3), true, 4},
		"appended to any version":           {add(store.AnyVersion, 3, 1), at(2, 2), true, 3},
		"appended with a gap":               {add(store.AnyVersion, 3, 1), at(3, 3), false, 2},
		"appended to the wrong version":     {add(0, 3, 1), at(2, 2), false, 2},
		"refused without need":              {add(1, 3, 1), streamSaid{conflict: true, last: 1}, false, 2},
		"refused":                           {add(0, 3, 1), streamSaid{conflict: true, last: 1}, true, 2},
		"refused with the wrong version":    {add(0, 3, 1), streamSaid{conflict: true, last: 0}, false, 2},
		"again":                             {add(-1, 1, 2), at(0, 1), true, 2},
		"again, elsewhere":                  {add(-1, 1, 2), at(2, 3), false, 4},
		"again, refused":                    {add(-1, 1, 2), streamSaid{conflict: true, last: 1}, false, 2},
		"no answer":                         {add(1, 3, 1), streamSaid{unknown: true}, true, 3},
		"no answer, to the wrong version":   {add(0, 3, 1), streamSaid{unknown: true}, true, 2},
		"no answer, again":                  {add(0, 1, 1), streamSaid{unknown: true}, true, 2},
		"read":                              {streamOp{kind: opRead}, streamSaid{events: []byte(state)}, true, 2},
		"read too little":                   {streamOp{kind: opRead}, streamSaid{events: []byte(state[:4])}, false, 2},
		"version":                           {streamOp{kind: opVersion}, streamSaid{last: 1}, true, 2},
		"version of what is not there yet":  {streamOp{kind: opVersion}, streamSaid{last: 2}, false, 2},
		"version of what is there no more ": {streamOp{kind: opVersion}, streamSaid{last: 0}, false, 2},
	} {
		ok, after := stepStream(state, c.op, c.said)
		if ok != c.ok || ok && len(after) != 4*c.size {
			t.Errorf("%s: %v, and the stream holds %d events", name, ok, len(after)/4)
		}
	}
}
