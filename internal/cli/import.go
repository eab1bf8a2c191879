package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/text"
)

func importCommand() *cobra.Command {
	var (
		t              target
		force, verbose bool
	)
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Store exported messages with their positions, ids and times",
		Long: "Stores lines as evtui export writes them; FILE may be - for standard input. Positions that are taken are\n" +
			"refused; what came before, in batches of a thousand, is stored then.",
		Example: "  evtui import backup.ndjson --data /tmp/other\n" +
			"  gunzip -c account.ndjson.gz | evtui import - --url http://127.0.0.1:8080 --ns copy",
		Args: arguments(cobra.ExactArgs(1)),
	}
	t.flags(cmd)
	cmd.Flags().BoolVar(&force, "force", false, "empty the namespace first")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "tell the progress without a terminal too")
	out := outputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in, err := input(cmd, args[0])
		if err != nil {
			return err
		}
		defer in.Close()
		return t.with(cmd, true, func(s *session) error {
			p := newProgress(cmd, verbose)
			result, err := s.Import(cmd.Context(), in, force, func(at client.ImportProgress) {
				p.line("%s messages, up to position %d", text.Count(at.Imported), at.GlobalPosition)
			})
			p.done()
			if err != nil {
				return err
			}
			if *out == formatJSON {
				return printJSON(cmd.OutOrStdout(), map[string]any{"imported": result.Imported, "seconds": result.Elapsed.Seconds()})
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "imported %s messages into namespace %s in %s\n",
				text.Count(result.Imported), text.Sanitize(s.Namespace()), text.Duration(result.Elapsed))
			return nil
		})
	}
	return cmd
}
