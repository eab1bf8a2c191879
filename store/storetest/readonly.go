package storetest

import (
	"errors"
	"slices"
	"time"

	"github.com/evtui/evtui/store"
)

func readOnlyCases() []testCase {
	return []testCase{
		{"RefusesWrites", readOnlyRefuses},
		{"OpenedToRead", readOnlyOpened},
	}
}

// writes are all calls that would change namespace n, or the store.
func (e *env) writes() map[string]func() error {
	calls := map[string]func() error{
		"CreateNamespace": func() error { _, err := e.store.CreateNamespace(e.ctx, specOf("new")); return err },
		"DeleteNamespace": func() error { _, err := e.store.DeleteNamespace(e.ctx, "n"); return err },
		"Append": func() error {
			_, err := e.store.Append(e.ctx, "n", store.Write{Stream: "a-1", Events: events(1, "x"), ExpectedVersion: store.AnyVersion})
			return err
		},
	}
	if im, ok := e.store.(store.Importer); ok {
		calls["Import"] = func() error {
			return im.Import(e.ctx, "n", []store.ImportMessage{imported("z-1", 0, 5000, time.Now())})
		}
		calls["Truncate"] = func() error { return im.Truncate(e.ctx, "n") }
		calls["Replace"] = func() error { _, err := im.Replace(e.ctx, "n"); return err }
	}
	if k, ok := e.store.(store.TokenKeeper); ok {
		calls["ChangeTokens"] = func() error {
			return k.ChangeTokens(e.ctx, "n", func(now []store.Token) ([]store.Token, error) { return now, nil })
		}
	}
	if r, ok := e.store.(store.Repairer); ok {
		calls["Repair"] = func() error { _, err := r.Repair(e.ctx, "n", store.RepairOptions{}); return err }
		calls["Accept"] = func() error { return r.Accept(e.ctx, "n") }
	}
	if c, ok := e.store.(store.Checkpointer); ok {
		calls["Checkpoint"] = func() error { _, err := c.Checkpoint(e.ctx, "c1"); return err }
	}
	return calls
}

// refusesWrites checks that nothing can be changed, by who says so.
func (e *env) refusesWrites() {
	e.t.Helper()
	e.unchanged("n", func() {
		for what, call := range e.writes() {
			if err := call(); !errors.Is(err, store.ErrReadOnly) && !errors.Is(err, store.ErrNotOffered) {
				e.t.Errorf("%s of a store that only reads: got error %v, want %v", what, err, store.ErrReadOnly)
			}
		}
	})
	list, err := e.store.Namespaces(e.ctx)
	list = slices.DeleteFunc(list, func(n store.Namespace) bool { return n.ID == store.DefaultNamespace })
	if err != nil || len(list) != 1 {
		e.t.Errorf("Namespaces of a store that only reads: got %v, %v", list, err)
	}
}

// readOnlyRefuses is about stores that say of themselves that they only read.
func readOnlyRefuses(e *env) {
	if !e.store.Describe().ReadOnly {
		e.t.Skip("this store can be written")
	}
	e.namespace("n")
	e.fill("n", "a-1", "b-1")
	e.refusesWrites()
}

// readOnlyOpened opens to read what was written before.
func readOnlyOpened(e *env) {
	if e.harness.ReadOnly == nil {
		e.t.Skip("there is no way to open this store to read only")
	}
	e.namespace("n")
	e.append("n", "a-1", withIDs(events(50, "x"))...)
	e.importAll("n", []store.ImportMessage{imported("z-1", 0, 100, time.Now()), imported("z-1", 1, 200, time.Now())})
	e.append("n", "b-1", correlated("c-1"))
	before := e.state("n")
	e.close()
	for range 2 {
		st, err := e.harness.ReadOnly()
		if err != nil {
			e.t.Fatalf("open to read: %v", err)
		}
		e.store = st
		if !st.Describe().ReadOnly {
			e.t.Error("a store that was opened to read does not say that it only reads")
		}
		e.same(e.state("n"), before, "what a store that only reads shows")
		e.refusesWrites()
		sub := e.subscribe("n", store.SubscribeQuery{Category: "z"})
		e.same(announced(e.next(sub, 2)), []string{"#100 z-1@0", "#200 z-1@1"}, "a subscription to a store that only reads")
		e.verifyAll()
		e.close()
	}
	e.open()
	e.same(e.state("n"), before, "after the store was opened to read")
	e.append("n", "a-1", event("more"))
}
