package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/evtui/evtui/store/logstore/jetlog/jettest"
)

// binary is the evtui under test; TestMain builds it once.
var binary string

func TestMain(m *testing.M) {
	jettest.Serve()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "evtui-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if binary, err = Build(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	// Tests are alone with what they are given.
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "EVTUI_") || strings.HasPrefix(name, "XDG_") {
			os.Unsetenv(name)
		}
	}
	return m.Run()
}
