package cli

import "github.com/spf13/cobra"

// Examples returns what the commands show as examples in their help, by the
// path of the command, for those who try them.
func Examples() map[string]string {
	all := map[string]string{}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Example != "" && !cmd.Hidden {
			all[cmd.CommandPath()] = cmd.Example
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(newRoot())
	return all
}
