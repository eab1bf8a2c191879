package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/profile"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/profiler/source"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui"
	"github.com/evtui/evtui/tui/page"
)

func attachCommand() *cobra.Command {
	var (
		t  target.Target
		sf screenFlags
	)
	cmd := &cobra.Command{
		Use:   "attach [URL]",
		Short: "Open the terminal UI on a running server",
		Long: "Open the terminal UI on a running evtui, or on another server that speaks the EventoDB protocol. Pages that\n" +
			"need evtui's extensions say so there. --context attaches to a server that the configuration file names.\n\n" +
			"On any other Go program that serves /debug/pprof the Profile page opens: capture, flame graph, differences, and\n" +
			"triggers on goroutines and heap. It is sent no token.",
		Example: "  evtui attach http://127.0.0.1:8080\n" +
			"  EVTUI_TOKEN=ns_… evtui attach http://db.example:8080 --read-only\n" +
			"  evtui attach --context prod\n" +
			"  evtui attach http://127.0.0.1:6060",
		Args: command.Arguments(cobra.MaximumNArgs(1)),
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

// attachProgram has the UI look into a Go program, from its start.
func (sf *screenFlags) attachProgram(ctx context.Context, s *target.Session, c tui.Config) (tui.Config, error) {
	if settings.Of(ctx).Asked("ns") && settings.Of(ctx).Origins["ns"] == "flag" {
		return c, &command.UsageError{Command: "evtui attach", Reason: fmt.Sprintf("%s is a Go program and no event store: it has no namespaces; leave --ns out", s.URL())}
	}
	rules, err := programRules(c.Triggers, settings.Of(ctx).Origins["trigger"] == "flag")
	if err != nil {
		return c, err
	}
	c.Triggers = rules
	return programConfig(s, c, sf.readOnly)
}

// programConfig has the UI look into a Go program, with triggers that can be held
// against one.
func programConfig(s *target.Session, c tui.Config, readOnly bool) (tui.Config, error) {
	heap := false
	for _, r := range c.Triggers {
		heap = heap || r.Metric == profiler.MetricHeap
	}
	program, err := source.NewProgram(s.Program.Web, s.URL(), heap)
	if err != nil {
		return c, err
	}
	c.Program, c.Page = program, page.Profile
	c.Client, c.ReadOnly = s.Client, readOnly
	c.Address, c.Version = s.URL(), command.Version
	c.ProfileDir = profile.SessionDir(s, "")
	return c, nil
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
