package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/profiler/source"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui"
)

func attachCommand() *cobra.Command {
	var (
		t  target.Target
		sf screenFlags
	)
	cmd := &cobra.Command{
		Use:   "attach [URL]",
		Short: "Open the terminal UI on a running server",
		Long: "Open the terminal UI on a running evtui, or on another server that speaks the EventoDB protocol. Pages that " +
			"need evtui's extensions say so there. --context attaches to a server that the configuration file names.\n\n" +
			"On any other Go program that serves /debug/pprof the Profile page opens: capture, flame graph, differences, and " +
			"triggers on goroutines and heap. No token is sent to it.",
		Example: "  evtui attach http://127.0.0.1:8080\n" +
			"  EVTUI_TOKEN=ns_… evtui attach http://db.example:8080 --read-only\n" +
			"  evtui attach --context prod\n" +
			"  evtui attach http://127.0.0.1:6060",
	}
	t.ContextFlag(cmd)
	t.TokenFlags(cmd)
	sf.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			t.URL = args[0]
			if settings.Of(cmd.Context()).Origins["context"] != "flag" {
				t.Context = ""
			}
		}
		if err := t.CheckOne(cmd); err != nil {
			return err
		}
		if t.URL == "" && t.Context == "" {
			return command.Usage(cmd, "which server? Give its URL, or a context of the configuration file with --context")
		}
		if err := needTerminal(cmd); err != nil {
			return err
		}
		s, err := lookInto(cmd, &t, sf.options()...)
		if err != nil {
			return err
		}
		defer quiet()()
		return sf.show(cmd.Context(), s, t.Namespace, "")
	}
	return cmd
}

// lookInto attaches to the context or URL that is named, to look into it: an event
// store, or a Go program that serves its profiles.
func lookInto(cmd *cobra.Command, t *target.Target, options ...client.Option) (*target.Session, error) {
	t.Programs = true
	if t.Context != "" {
		return t.UseContext(cmd.Context(), cmd, options...)
	}
	return t.AttachAny(cmd.Context(), t.URL, t.Token, options...)
}

// toProgram has a connection be to a Go program, with triggers that can be held against
// one; asked says that they were asked for.
func (sf *screenFlags) toProgram(to tui.Connection, s *target.Session, asked bool) (tui.Connection, error) {
	rules, err := programRules(to.Triggers, asked)
	if err != nil {
		return to, err
	}
	heap := slices.ContainsFunc(rules, func(r profiler.Rule) bool { return r.Metric == profiler.MetricHeap })
	to.Triggers, to.ReadOnly = rules, sf.readOnly
	to.Program, err = source.NewProgram(s.Program.Web, s.URL(), heap)
	return to, err
}

// programRules are those that can be held against a program, which reports its
// goroutines and its heap alone. Others are refused when they were asked for,
// and left out when they are the default.
func programRules(rules []profiler.Rule, asked bool) ([]profiler.Rule, error) {
	var kept []profiler.Rule
	var others []string
	for _, r := range rules {
		if r.Metric == profiler.MetricGoroutines || r.Metric == profiler.MetricHeap {
			kept = append(kept, r)
		} else {
			others = append(others, r.String())
		}
	}
	if asked && len(others) > 0 {
		return nil, &command.UsageError{Command: "evtui attach", Reason: fmt.Sprintf("--trigger %s: a Go program that is no event store reports goroutines and heap alone, such as 'goroutines > 1000'", strings.Join(others, ", "))}
	}
	return kept, nil
}
