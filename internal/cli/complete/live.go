package complete

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/config"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
)

// patience is how long who types may be kept waiting.
const patience = 2 * time.Second

// mostNames is how many names are offered at most.
const mostNames = 200

// ask reaches what the command line names so far, only to read, and has f ask.
func ask(cmd *cobra.Command, f func(context.Context, *target.Session) ([]string, error)) ([]cobra.Completion, cobra.ShellCompDirective) {
	ctx := cmd.Context()
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd.SetContext(ctx)
	cmd.SetErr(io.Discard) // nobody reads it in the middle of a line
	if settings.Prepare(cmd, config.Checks{}) != nil || target.FromTokenFile(cmd) != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	t := target.OfFlags(cmd)
	s, err := t.Open(cmd.Context(), cmd, target.ToRead)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer func() { _ = s.Close() }() // nothing was changed
	names, err := f(ctx, s)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return names[:min(len(names), mostNames)], cobra.ShellCompDirectiveNoFileComp
}

// inert keeps names that are typed as they are: what a terminal would obey, or
// a list of completions would take apart, is left out.
func inert(names []string, begun string) []string {
	var fit []string
	for _, name := range names {
		if strings.HasPrefix(name, begun) && text.Sanitize(name) == name && !strings.ContainsAny(name, "\t\n") {
			fit = append(fit, name)
		}
	}
	return fit
}

func namespaces(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return ask(cmd, func(ctx context.Context, s *target.Session) ([]string, error) {
		all, err := s.Namespaces(ctx)
		names := make([]string, len(all))
		for i, n := range all {
			names[i] = n.ID
		}
		return inert(names, begun), err
	})
}

func categories(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return ask(cmd, func(ctx context.Context, s *target.Session) ([]string, error) {
		all, err := s.Categories(ctx)
		names := make([]string, len(all))
		for i, c := range all {
			names[i] = c.Category
		}
		return inert(names, begun), err
	})
}

func streams(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return ask(cmd, func(ctx context.Context, s *target.Session) ([]string, error) {
		page, err := s.Streams(ctx, client.StreamsQuery{Prefix: begun, Limit: mostNames})
		names := make([]string, len(page))
		for i, one := range page {
			names[i] = one.Name
		}
		return inert(names, begun), err
	})
}
