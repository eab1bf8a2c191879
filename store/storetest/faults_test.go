package storetest

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest/internal/model"
)

// faults names each fault and the group of cases that must find it.
func faults() map[string]string {
	return map[string]string{
		"none":                      "",
		"group filter after limit":  "ReadCategory",
		"signed remainder":          "ReadCategory",
		"correlation ignored":       "ReadCategory",
		"bound exclusive backward":  "ReadStream",
		"expected version ignored":  "Append",
		"check and append apart":    "Concurrent",
		"all but the last event":    "Append",
		"nil metadata is an object": "Append",
		"local times":               "Append",
		"retry stored again":        "Retry",
		"import stores a part":      "Import",
		"type ignored":              "Lookup",
		"cursor inclusive":          "List",
		"deletes count no messages": "Namespaces",
		"every 997th is not told":   "SubscribeLoad",
		"every 997th is told twice": "SubscribeLoad",
		"cancelled call moves on":   "Subscribe$/CancelledContext",
		"data cut short":            "Random",
		"works after close":         "Lifecycle",
		"verify finds something":    "Append",
		"wrong by one, rarely":      "Random",
		"given up and stored":       "GivenUp",
		"an id twice is stored":     "Retry",
		"reads what came later":     "Borrowed",
		"replaces what was written": "Replace",
		"replaced, and told nobody": "Replace",
		"pages lag behind the head": "Concurrent$/ShortPages",
		"writes though read-only":   "ReadOnly",
		"counts lag":                "Lifecycle$/Promises",
	}
}

// TestFaultsAreFound runs the suite on engines with a fault, each in a process
// of its own: a suite that cannot fail would be worth nothing.
func TestFaultsAreFound(t *testing.T) {
	for fault, group := range faults() {
		t.Run(strings.ReplaceAll(fault, " ", "-"), func(t *testing.T) {
			t.Parallel()
			if group == "" {
				group = "Append|Retry|Lookup"
			} else if !strings.Contains(group, "$") {
				group += "$"
			}
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFaultyEngine$/^("+strings.Replace(group, "$/", ")$/(", 1)+")")
			cmd.Env = append(os.Environ(), "STORETEST_FAULT="+fault, "STORETEST_PATIENCE=5")
			output, err := cmd.CombinedOutput()
			found := err != nil && strings.Contains(string(output), "--- FAIL: TestFaultyEngine/") && !strings.Contains(string(output), "panic:")
			if want := fault != "none"; found != want {
				t.Errorf("found: %t, want %t; %v\n%s", found, want, err, output)
			}
		})
	}
}

// TestFaultyEngine is what TestFaultsAreFound runs.
func TestFaultyEngine(t *testing.T) {
	fault, ok := os.LookupEnv("STORETEST_FAULT")
	if !ok {
		t.Skip("run by TestFaultsAreFound")
	}
	Run(t, func(testing.TB) Harness {
		return Harness{Open: func() (store.Store, error) { return model.Faulty(fault), nil }}
	})
}
