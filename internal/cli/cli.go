package cli

import (
	"context"
	"os"
	"runtime/debug"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/terminal"
)

// Main runs evtui with the arguments that follow the program's name and
// returns its exit code. Signals are handled until it returns.
func Main(args []string) int {
	ctx, release := withSignals(context.Background())
	defer release()
	root := newRoot()
	root.SetArgs(args)
	keepToLocale(root, args, terminal.Read(os.Getenv))
	return exitCode(fang.Execute(ctx, root,
		fang.WithVersion(buildOf(debug.ReadBuildInfo()).String()), fang.WithErrorHandler(printError), fang.WithoutManpage()))
}

func newRoot() *cobra.Command {
	root := rootCommand()
	root.AddCommand(
		serveCommand(), attachCommand(), loadCommand(),
		namespaceCommand(), appendCommand(), tailCommand(),
		streamsCommand(), categoriesCommand(), messagesCommand(),
		groupsCommand(), eventsCommand(), logCommand(),
		exportCommand(), importCommand(), verifyCommand(), backupCommand(), profileCommand(),
		statsCommand(), configCommand(), recordCommand(), openCommand(),
		benchCommand(), alsoRecordings(compareCommand()), emptyHandlerCommand(), subscribersCommand(),
		healthCommand(), sbomCommand(), manCommand(), shareCommand(),
	)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd, "%s", valueFault(err)) })
	configFlag(root)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := prepare(cmd); err != nil {
			return err
		}
		return fromTokenFile(cmd)
	}
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	return root
}
