package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/store"
)

// TestFaultsAreListed: what is wrong with a namespace has a column, which the
// lists of the well do without.
func TestFaultsAreListed(t *testing.T) {
	list := func(out output.Format, all ...store.Namespace) string {
		t.Helper()
		var printed bytes.Buffer
		cmd := &cobra.Command{}
		cmd.SetOut(&printed)
		if err := printNamespaces(cmd, out, all); err != nil {
			t.Fatal(err)
		}
		return printed.String()
	}
	well, ill := store.Namespace{ID: "well"}, store.Namespace{ID: "ill", Fault: "poisoned: sync failed"}
	if got := list(output.Table, well); strings.Contains(got, "FAULT") {
		t.Errorf("the well: %q", got)
	}
	if got := list(output.Table, well, ill); !strings.Contains(got, "FAULT") || strings.Count(got, "poisoned: sync failed") != 1 {
		t.Errorf("one of two: %q", got)
	}
	if got := list(output.NDJSON, well, ill); strings.Count(got, `"fault":"poisoned: sync failed"`) != 1 {
		t.Errorf("as JSON: %q", got)
	}
}
