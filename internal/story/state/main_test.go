package state_test

import (
	"os"
	"testing"

	"github.com/evtui/evtui/internal/story/state"
	"github.com/evtui/evtui/internal/story/state/reduce"
)

// TestMain makes the test binary its own child, as evtui is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == state.Argument {
		os.Exit(reduce.Main(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}
