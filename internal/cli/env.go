package cli

import (
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// variable is the name under which the environment holds a flag.
func variable(flag string) string {
	return "EVTUI_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fromEnvironment sets the flags that the command line leaves out. A flag that
// destroys must be typed, and where data is found is decided in one place: a
// --data on the command line sets aside EVTUI_URL, and the other way round.
func fromEnvironment(cmd *cobra.Command) error {
	typed := map[string]bool{"help": true, "version": true, "yes": true, "force": true}
	cmd.Flags().Visit(func(f *pflag.Flag) { typed[f.Name] = true })
	if typed["data"] || typed["url"] || typed["db-url"] {
		typed["data"], typed["url"], typed["db-url"] = true, true, true
	}
	var wrong error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		value := os.Getenv(variable(f.Name))
		if typed[f.Name] || value == "" || wrong != nil {
			return
		}
		if err := cmd.Flags().Set(f.Name, value); err != nil {
			wrong = usage(cmd, "%s in the environment: %v", variable(f.Name), err)
		}
	})
	return wrong
}
