package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/text"
)

func exportCommand() *cobra.Command {
	var (
		t        target
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
		Args: arguments(cobra.MaximumNArgs(1)),
	}
	t.flags(cmd)
	cmd.Flags().Int64Var(&from, "from", 1, "global position to start at")
	cmd.Flags().StringVar(&category, "category", "", "only this category")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "report progress even without a terminal")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkCategories(cmd, "to export one stream: evtui messages STREAM --limit 0 -o ndjson", category); err != nil {
			return err
		}
		return t.with(cmd, toRead, func(s *session) error {
			write := func(w io.Writer) error { return export(cmd, s, w, from, category, newProgress(cmd, verbose)) }
			if len(args) == 0 || args[0] == "-" {
				return write(verbatim(cmd.OutOrStdout()))
			}
			return replaceFile(args[0], write)
		})
	}
	return cmd
}

func export(cmd *cobra.Command, s *session, w io.Writer, from int64, category string, p *progress) error {
	if isTerminal(w) {
		p.terminal = false // the lines would be torn apart
	}
	n, err := s.Export(cmd.Context(), w, from, category, func(n int64) { p.line("%s messages", text.Count(n)) })
	p.done()
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "exported %s of namespace %s\n", counted(n, "message"), text.Sanitize(s.Namespace()))
	return nil
}
