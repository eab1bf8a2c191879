package cli

import (
	"context"
	"os"
	"runtime/debug"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/backup"
	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/complete"
	"github.com/evtui/evtui/internal/cli/mcp"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/profile"
	"github.com/evtui/evtui/internal/cli/record"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/story"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/cli/verify"
	"github.com/evtui/evtui/internal/story/state"
	"github.com/evtui/evtui/internal/story/state/reduce"
	"github.com/evtui/evtui/internal/terminal"
)

// Main runs evtui with the arguments that follow the program's name and
// returns its exit code. Signals are handled until it returns.
func Main(args []string) int {
	if len(args) == 1 && args[0] == state.Argument {
		return reduce.Main(os.Stdin, os.Stdout) // a process of its own, which knows no command
	}
	ctx, release := command.WithSignals(context.Background())
	defer release()
	root := newRoot()
	root.SetArgs(args)
	output.KeepToLocale(root, args, terminal.Read(os.Getenv))
	output.WrapHelp(root, args)
	return command.ExitCode(fang.Execute(ctx, root,
		fang.WithVersion(command.BuildOf(debug.ReadBuildInfo()).String()), fang.WithErrorHandler(command.PrintError), fang.WithoutManpage()))
}

func newRoot() *cobra.Command {
	root := rootCommand()
	root.AddCommand(
		serveCommand(), attachCommand(), loadCommand(),
		namespaceCommand(), appendCommand(), tailCommand(),
		streamsCommand(), categoriesCommand(), messagesCommand(),
		story.TypesCommand(),
		story.FlowCommand(),
		story.StateCommand(),
		groupsCommand(), eventsCommand(), logCommand(), serversCommand(),
		exportCommand(), importCommand(), verify.Command(), backup.Command(), profile.Command(),
		statsCommand(), configCommand(), record.Command(), openCommand(),
		benchCommand(), record.BesideEngines(profile.CompareCommand()), emptyHandlerCommand(), subscribersCommand(),
		story.CausesCommand(), healthCommand(), sbomCommand(), manCommand(), shareCommand(), mcp.Command(newRoot),
	)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return command.Usage(cmd, "%s", command.ValueFault(err)) })
	command.AllByUse(root)
	settings.Flag(root)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := settings.Prepare(cmd, configChecks()); err != nil {
			return err
		}
		return target.FromTokenFile(cmd)
	}
	complete.All(root, map[string][]string{"kind": eventKinds()})
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	return root
}
