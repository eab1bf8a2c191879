package output

import (
	"testing"

	"github.com/spf13/cobra"
)

func TestLongIsWrappedBetweenWords(t *testing.T) {
	root, sub := &cobra.Command{Use: "evtui"}, &cobra.Command{Use: "verify", Long: "It gives up messages only with --accept-loss.\n\n--digest adds a checksum."}
	root.AddCommand(sub)
	wrapLong(root, 34)
	if want := "It gives up messages only with\n--accept-loss.\n\n--digest adds a checksum."; sub.Long != want {
		t.Errorf("%q, want %q", sub.Long, want)
	}
	if root.Long != "" {
		t.Errorf("the root got a description: %q", root.Long)
	}
}

func TestOnlyHelpIsWrapped(t *testing.T) {
	cmd := &cobra.Command{Use: "evtui", Long: "one\ntwo"}
	WrapHelp(cmd, []string{"man", "verify"})
	if cmd.Long != "one\ntwo" {
		t.Errorf("without help: %q", cmd.Long)
	}
	WrapHelp(cmd, []string{"verify", "--help"})
	if cmd.Long != "one two" {
		t.Errorf("with help: %q", cmd.Long)
	}
}
