package settings

import (
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/evtui/evtui/internal/cli/command"
)

// variable is the name under which the environment holds a flag.
func variable(flag string) string {
	return "EVTUI_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// given returns the flags that the command line settles. A flag that destroys
// must be typed, and flags that answer the same question settle it together: a
// --data on the command line sets aside EVTUI_URL, and the other way round.
func given(cmd *cobra.Command) map[string]bool {
	settled := map[string]bool{"help": true, "version": true, "yes": true, "force": true}
	cmd.Flags().Visit(func(f *pflag.Flag) { settled[f.Name] = true })
	for _, same := range [][]string{{"data", "url", "db-url", "context"}, {"listen", "port"}, {"token", "token-file"}, {"trigger", "no-triggers"}, {"symbols", "ascii"}} {
		for _, name := range same {
			if settled[name] {
				for _, other := range same {
					settled[other] = true
				}
				break
			}
		}
	}
	return settled
}

// typedValue is a flag's value that may hold what must not be typed on a
// command line; Typed then says why.
type typedValue interface{ Typed() error }

// FromEnvironment sets the flags that the command line leaves out.
func FromEnvironment(cmd *cobra.Command) error {
	settled := given(cmd)
	var wrong error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if v, ok := f.Value.(typedValue); ok && v.Typed() != nil && wrong == nil {
			wrong = command.Usage(cmd, "%v", v.Typed())
		}
	})
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		value := os.Getenv(variable(f.Name))
		if settled[f.Name] || value == "" || wrong != nil {
			return
		}
		if err := cmd.Flags().Set(f.Name, value); err != nil {
			wrong = command.Usage(cmd, "%s in the environment: %s", variable(f.Name), command.ValueFault(err))
		}
	})
	return wrong
}
