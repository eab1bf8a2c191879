package cli

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/durable"
	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
)

func exportCommand() *cobra.Command {
	var x exportFlags
	cmd := &cobra.Command{
		Use:   "export [FILE]",
		Short: "Export a namespace's messages as NDJSON",
		Long: "Write messages as lines of {\"id\",\"stream\",\"type\",\"pos\",\"gpos\",\"data\",\"meta\",\"time\"}, which evtui import " +
			"restores with their positions, ids and times. Without FILE, write to standard output.",
		Example: "  evtui export backup.ndjson --data /tmp/evdb\n" +
			"  evtui export --category account --from 88120 --data /tmp/evdb | gzip > account.ndjson.gz\n" +
			"  evtui export large.ndjson --filter 'type=Deposited data.amount>1000' --data /tmp/evdb\n" +
			"  evtui export november.ndjson.gz --gzip --since 2026-11-01 --until 2026-12-01 --categories account,order --data /tmp/evdb",
	}
	x.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		q, err := x.query(cmd)
		if err != nil {
			return err
		}
		return x.With(cmd, target.ToRead, func(s *target.Session) error {
			write := func(w io.Writer) error { return x.export(cmd, s, w, q) }
			if len(args) == 0 || args[0] == "-" {
				return write(output.Verbatim(cmd.OutOrStdout()))
			}
			return durable.Replace(args[0], write)
		})
	}
	return cmd
}

// exportFlags say what is exported, and how.
type exportFlags struct {
	target.Target
	from       int64
	category   string
	categories []string
	command.Window
	line            string // of the filter
	packed, verbose bool
}

func (x *exportFlags) flags(cmd *cobra.Command) {
	x.Target.Flags(cmd)
	cmd.Flags().Int64Var(&x.from, "from", 1, "global position to start at")
	cmd.Flags().StringVar(&x.category, "category", "", "only this category")
	cmd.Flags().StringSliceVar(&x.categories, "categories", nil, "only these categories, separated by commas")
	cmd.Flags().StringVar(&x.Since, "since", "", "only messages from this time on: -3d, 2026-11-28 or 2026-11-28 10:30 (both UTC), or RFC 3339")
	cmd.Flags().StringVar(&x.Until, "until", "", "only messages before this time, written as for --since")
	cmd.Flags().StringVar(&x.line, "filter", "", "only messages matching, such as 'type~Dep* and data.amount>100'")
	cmd.Flags().BoolVar(&x.packed, "gzip", false, "compress with gzip")
	cmd.Flags().BoolVarP(&x.verbose, "verbose", "v", false, "report progress even without a terminal")
}

// query checks the flags.
func (x *exportFlags) query(cmd *cobra.Command) (q client.ExportQuery, err error) {
	q.From, q.Categories = x.from, x.categories
	if x.category != "" {
		q.Categories = append(q.Categories, x.category)
	}
	if err := target.CheckCategories(cmd, "to export one stream: evtui messages STREAM --limit 0 -o ndjson", q.Categories...); err != nil {
		return q, err
	}
	f, err := filter.Parse(x.line, time.Now())
	if err != nil {
		return q, command.Usage(cmd, "%v", err)
	}
	q.Filter = f.Absolute()
	now := time.Now().UTC() // a day begins at midnight UTC, whoever exports it
	q.Since, q.Until, err = x.Read(cmd, now, "the export ends")
	return q, err
}

func (x *exportFlags) export(cmd *cobra.Command, s *target.Session, w io.Writer, q client.ExportQuery) error {
	p := output.NewProgress(cmd, x.verbose)
	if output.IsTerminal(w) {
		if x.packed {
			return command.Usage(cmd, "compressed bytes are not for a terminal: name a FILE")
		}
		p.Terminal = false // the lines would be torn apart
	}
	var read client.ScanCost
	q.Cost = func(c client.ScanCost) { read = c }
	q.Progress = func(n int64) {
		if q.Filter != "" {
			p.Line("%s", matched(n, read))
			return
		}
		p.Line("%s messages", text.Count(n))
	}
	packed := gzip.NewWriter(w)
	if x.packed {
		w = packed
	}
	n, err := s.Export(cmd.Context(), w, q)
	if x.packed {
		// What was read is worth keeping, also when it is not all.
		err = errors.Join(err, packed.Close())
	}
	p.Done()
	if errors.Is(err, client.ErrTooLarge) {
		return fmt.Errorf("%w; a message of that size cannot be imported: with --from, export goes on behind it", err)
	}
	if err != nil {
		return err
	}
	if q.Filter != "" {
		fmt.Fprintln(cmd.ErrOrStderr(), matched(n, read))
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "exported %s of namespace %s\n", output.Counted(n, "message"), text.Sanitize(s.Namespace()))
	warnKeptBack(cmd, s)
	return nil
}

// warnKeptBack says what a database that others write to holds and does not show, such
// as what lies above its settled head. evtui's own engines show all that they hold; a
// server that does not tell of a namespace is no evtui, or does not with this token.
func warnKeptBack(cmd *cobra.Command, s *target.Session) {
	if info, err := s.Info(cmd.Context()); err == nil && !info.Witness && !info.Shared {
		return
	}
	about, err := s.NamespaceInfo(cmd.Context(), s.Namespace())
	if err != nil {
		return
	}
	for _, said := range []string{about.Fault, about.Notice} {
		if said != "" {
			fmt.Fprintf(cmd.ErrOrStderr(), "warning: namespace %s: %s\n", text.Sanitize(s.Namespace()), text.Sanitize(said))
		}
	}
}
