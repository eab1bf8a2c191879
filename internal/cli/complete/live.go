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

// ask reaches what the command line names so far, only to read, and has f offer the names
// that there are. It returns those that begin so.
func ask(cmd *cobra.Command, begun string, f func(ctx context.Context, s *target.Session, offer func(name string)) error) ([]cobra.Completion, cobra.ShellCompDirective) {
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
	var names []string
	_ = target.OfFlags(cmd).With(cmd, target.ToRead, func(s *target.Session) error {
		return f(ctx, s, func(name string) {
			if inert(name, begun) && len(names) < mostNames {
				names = append(names, name)
			}
		})
	}) // what cannot be found out is not completed
	return names, cobra.ShellCompDirectiveNoFileComp
}

// inert keeps names that are typed as they are: what a terminal would obey, or
// a list of completions would take apart, is left out.
func inert(name, begun string) bool {
	return strings.HasPrefix(name, begun) && text.Sanitize(name) == name && !strings.ContainsAny(name, "\t\n")
}

func namespaces(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return ask(cmd, begun, func(ctx context.Context, s *target.Session, offer func(string)) error {
		all, err := s.Namespaces(ctx)
		for i := range all {
			offer(all[i].ID)
		}
		return err
	})
}

func categories(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return ask(cmd, begun, func(ctx context.Context, s *target.Session, offer func(string)) error {
		all, err := s.Categories(ctx)
		for i := range all {
			offer(all[i].Category)
		}
		return err
	})
}

func streams(cmd *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return ask(cmd, begun, func(ctx context.Context, s *target.Session, offer func(string)) error {
		all, err := s.Streams(ctx, client.StreamsQuery{Prefix: begun, Limit: mostNames})
		for i := range all {
			offer(all[i].Name)
		}
		return err
	})
}
