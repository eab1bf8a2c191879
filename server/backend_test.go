package server_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/pebblestore"
	"github.com/evtui/evtui/store/sqlitestore"
)

var backend = flag.String("backend", "pebble", "the engine that servers in tests have: pebble or sqlite")

// openMemory opens an empty store of the engine that -backend names.
func openMemory() (store.Store, error) {
	switch *backend {
	case "pebble":
		return opened(pebblestore.OpenMemory(pebblestore.Options{}))
	case "sqlite":
		return opened(sqlitestore.OpenMemory(sqlitestore.Options{}))
	}
	return nil, fmt.Errorf("-backend must be pebble or sqlite, not %q", *backend)
}

func opened[S store.Store](st S, err error) (store.Store, error) {
	if err != nil {
		return nil, err
	}
	return st, nil
}

// protocolTests are the tests of what a client sees of a store: namespaces,
// streams, categories, groups, subscriptions, imports, tokens and bad input.
const protocolTests = "^Test(Namespace|Streams|Seek|Write|JSON|Names|Expected|Given|Get|Default|Last|Append|Category|Consumer|Correlation|" +
	"Distribution|Subscri|Shutdown|SlowReader|OldAndNew|Import|Exported|BadInput|Duplicate|Sizes|Bodies|Paths|EngineInfo|EngineSubscriptions|" +
	"Groups|Unheard|OneRead|LagIs|Closed|Position|Tokens|WhoMayWhat|TestMode|EnsureDefault|Panics|OneRule|Filters|TimeNever|HealthCounts|Strange|OneConnection|Scan)"

// TestOnSQLite runs the tests of the protocol on the other engine: what goes
// over the wire does not depend on who keeps it. Tests take the engine from a
// flag, and so these run in a process of their own.
func TestOnSQLite(t *testing.T) {
	if *backend != "pebble" {
		t.Skip("this is that process")
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run", protocolTests, "-backend", "sqlite")
	out, err := child.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if passed := bytes.Count(out, []byte("\n--- PASS")); passed < 40 {
		t.Errorf("only %d tests passed:\n%s", passed, out)
	}
}
