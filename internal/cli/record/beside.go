package record

import (
	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/spf13/cobra"
)

// BesideEngines has the comparison of the engines compare two recordings when
// it is given two files.
func BesideEngines(cmd *cobra.Command) *cobra.Command {
	format := output.Flag(cmd, output.Table, output.JSON)
	cmd.Flags().Lookup("output").Usage += " (of two recordings)"
	cmd.Use += " [BEFORE AFTER]"
	cmd.Long += "\n\nWith two recordings (see evtui record), compare those instead: their metrics side by side, what changed,\n" +
		"whether that is better or worse, and the most important ones over time on the same scales."
	cmd.Example += "\n  evtui compare before.evt after.evt"
	cmd.ValidArgsFunction = cobra.FixedCompletions([]cobra.Completion{"evt"}, cobra.ShellCompDirectiveFilterFileExt)
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			return command.Usage(cmd, "compare with what? Name two recordings, or none to compare the engines")
		}
		return command.ByUse(cmd, args)
	}
	engines := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0 && cmd.Flags().Changed("output"):
			return command.Usage(cmd, "--output is for two recordings; the comparison of the engines writes COMPARISON.md")
		case len(args) == 0:
			return engines(cmd, args)
		}
		return compareRecordings(cmd, args[0], args[1], *format)
	}
	return cmd
}
