package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/text"
)

func exportCommand() *cobra.Command {
	var (
		t        target.Target
		from     int64
		category string
		verbose  bool
	)
	cmd := &cobra.Command{
		Use:   "export [FILE]",
		Short: "Export a namespace's messages as NDJSON",
		Long: "Write messages as lines of {\"id\",\"stream\",\"type\",\"pos\",\"gpos\",\"data\",\"meta\",\"time\"}, which evtui import\n" +
			"restores with their positions, ids and times. Without FILE, write to standard output.",
		Example: "  evtui export backup.ndjson --data /tmp/evdb\n" +
			"  evtui export --category account --from 88120 --url http://127.0.0.1:8080 | gzip > account.ndjson.gz",
		Args: command.Arguments(cobra.MaximumNArgs(1)),
	}
	t.Flags(cmd)
	cmd.Flags().Int64Var(&from, "from", 1, "global position to start at")
	cmd.Flags().StringVar(&category, "category", "", "only this category")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "report progress even without a terminal")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := target.CheckCategories(cmd, "to export one stream: evtui messages STREAM --limit 0 -o ndjson", category); err != nil {
			return err
		}
		return t.With(cmd, target.ToRead, func(s *target.Session) error {
			write := func(w io.Writer) error { return export(cmd, s, w, from, category, output.NewProgress(cmd, verbose)) }
			if len(args) == 0 || args[0] == "-" {
				return write(output.Verbatim(cmd.OutOrStdout()))
			}
			return replaceFile(args[0], write)
		})
	}
	return cmd
}

func export(cmd *cobra.Command, s *target.Session, w io.Writer, from int64, category string, p *output.Progress) error {
	if output.IsTerminal(w) {
		p.Terminal = false // the lines would be torn apart
	}
	n, err := s.Export(cmd.Context(), w, from, category, func(n int64) { p.Line("%s messages", text.Count(n)) })
	p.Done()
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "exported %s of namespace %s\n", output.Counted(n, "message"), text.Sanitize(s.Namespace()))
	return nil
}
