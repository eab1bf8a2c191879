package cli

import "github.com/spf13/cobra"

// recordCompareCommand lays two recordings over each other.
func recordCompareCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compare BEFORE AFTER",
		Short: "Lay two recordings over each other",
		Long: "Prints the figures of two recordings side by side, what changed and whether that is better or worse, and the\n" +
			"most telling of them over time on the same scales. A change of up to 5 % counts as the same.",
		Example: "  evtui record compare before.evt after.evt\n  evtui record compare before.evt after.evt -o json",
		Args:    arguments(cobra.ExactArgs(2)),
	}
	format := outputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return compareRecordings(cmd, args[0], args[1], *format)
	}
	return cmd
}
