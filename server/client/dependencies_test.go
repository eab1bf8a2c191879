package client_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestDependencies: whoever imports the client gets the standard library and
// this module, nothing else.
func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "github.com/evtui/evtui/server/client/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(out))
	if len(packages) < 2 {
		t.Fatalf("go list names only %v", packages)
	}
	for _, p := range packages {
		if !strings.HasPrefix(p, "github.com/evtui/evtui/") {
			t.Errorf("the client needs %s", p)
		}
	}
}
