package settings

import (
	"os"
	"slices"
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
	places := []string{"data", "url", "db-url", "context"}
	if testing := cmd.Flags().Lookup("test-mode"); testing != nil && (!testing.Changed || testing.Value.String() == "true") {
		places = append(places, "test-mode") // its place is memory
	}
	for _, same := range [][]string{places, {"listen", "port"}, {"token", "token-file"}, {"trigger", "no-triggers"}, {"symbols", "ascii"}} {
		if slices.ContainsFunc(same, func(name string) bool { return settled[name] }) {
			for _, other := range same {
				settled[other] = true
			}
		}
	}
	return settled
}

// typedValue is a flag's value that may hold what must not be typed on a
// command line; Typed then says why.
type typedValue interface{ Typed() error }

// peerVariables are those of EventoDB's server, in the order in which they
// count.
func peerVariables() []struct{ flag, variable string } {
	return []struct{ flag, variable string }{
		{"test-mode", "EVENTODB_TEST_MODE"}, {"port", "EVENTODB_PORT"}, {"db-url", "EVENTODB_DB_URL"}, {"data", "EVENTODB_DATA_DIR"},
		{"token", "EVENTODB_TOKEN"}, {"log-level", "EVENTODB_LOG_LEVEL"}, {"log-format", "EVENTODB_LOG_FORMAT"},
	}
}

// FromEnvironment sets the flags that the command line leaves out, and returns
// the variable that each has from: EVTUI_…, and below it EventoDB's.
func FromEnvironment(cmd *cobra.Command) (map[string]string, error) {
	from := map[string]string{}
	settled := given(cmd)
	var wrong error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if v, ok := f.Value.(typedValue); ok && v.Typed() != nil && wrong == nil {
			wrong = command.Usage(cmd, "%v", v.Typed())
		}
	})
	set := func(f *pflag.Flag, name string) {
		value := os.Getenv(name)
		if f == nil || settled[f.Name] || value == "" || wrong != nil {
			return
		}
		if err := cmd.Flags().Set(f.Name, value); err != nil {
			wrong = command.Usage(cmd, "%s in the environment: %s", name, command.ValueFault(err))
		}
		from[f.Name] = name
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) { set(f, variable(f.Name)) })
	for _, v := range peerVariables() {
		settled = given(cmd) // what was set by now settles what answers the same
		set(cmd.Flags().Lookup(v.flag), v.variable)
	}
	return from, wrong
}
