package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
)

func importCommand() *cobra.Command {
	var (
		t            target
		force, again bool
		verbose      bool
	)
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Store exported messages with their positions, ids and times",
		Long: "Stores lines as evtui export writes them; FILE may be - for standard input. Positions that are taken are\n" +
			"refused; what came before, in batches of a thousand, is stored then. --resume goes on where an import was\n" +
			"cut off: what is stored already is compared and left out.",
		Example: "  evtui import backup.ndjson --data /tmp/other\n" +
			"  evtui import backup.ndjson --data /tmp/other --resume\n" +
			"  gunzip -c account.ndjson.gz | evtui import - --url http://127.0.0.1:8080 --ns copy",
		Args: arguments(cobra.ExactArgs(1)),
	}
	t.flags(cmd)
	cmd.Flags().BoolVar(&force, "force", false, "empty the namespace first")
	cmd.Flags().BoolVar(&again, "resume", false, "leave out what is stored already, which must be the same")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "tell the progress without a terminal too")
	out := outputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if force && again {
			return usage(cmd, "--force empties the namespace, and leaves nothing to resume: give one of them")
		}
		in, err := input(cmd, args[0])
		if err != nil {
			return err
		}
		defer in.Close()
		return t.with(cmd, true, func(s *session) error {
			return importFrom(cmd, s, in, force, again, newProgress(cmd, verbose), *out)
		})
	}
	return cmd
}

func importFrom(cmd *cobra.Command, s *session, in io.Reader, force, again bool, p *progress, out format) error {
	var from *resume
	if again {
		var err error
		if from, err = resumed(cmd.Context(), s.Client, in); err != nil {
			return err
		}
		in = from
	}
	result, err := s.Import(cmd.Context(), in, force, func(at client.ImportProgress) {
		p.line("%s messages, up to position %d", text.Count(at.Imported), at.GlobalPosition)
	})
	p.done()
	if err != nil {
		return err
	}
	if out == formatJSON {
		told := map[string]any{"imported": result.Imported, "seconds": result.Elapsed.Seconds()}
		if from != nil {
			told["skipped"] = from.skipped.Load()
		}
		return printJSON(cmd.OutOrStdout(), told)
	}
	skipped := ""
	if from != nil {
		skipped = fmt.Sprintf(", %s were there already", text.Count(from.skipped.Load()))
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "imported %s into namespace %s in %s%s\n",
		counted(result.Imported, "message"), text.Sanitize(s.Namespace()), text.Duration(result.Elapsed), skipped)
	return nil
}
