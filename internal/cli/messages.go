package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// listLimit is how much a list shows unless it is told otherwise.
const listLimit = 100

func messagesCommand() *cobra.Command {
	var (
		t target.Target
		l messageList
	)
	cmd := &cobra.Command{
		Use:   "messages [STREAM]",
		Short: "List messages of a stream, a category or the whole namespace",
		Long: "List messages in order, oldest first, or newest first with --backward. --filter selects messages, such as\n" +
			"'type~Dep* data.amount>100'. Columns are fields of the message or paths into its JSON.\n\n" +
			"evtui import reads -o ndjson. CSV holds text verbatim: a spreadsheet may take some of it for formulas.",
		Example: "  evtui messages account-123 --data /tmp/evdb\n" +
			"  evtui messages --category account --backward --limit 20 --columns time,stream,data.amount\n" +
			"  evtui messages --all --at -5m --filter 'type=Deposited data.amount>100' -o ndjson\n" +
			"  evtui messages --id 6b3c1b3e-4c1f-4a53-9d1a-0d0f7f1a2b3c -o json",
		Args: command.Arguments(cobra.MaximumNArgs(1)),
	}
	t.Flags(cmd)
	l.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			l.stream = args[0]
		}
		if err := l.check(cmd); err != nil {
			return err
		}
		return t.With(cmd, target.ToRead, func(s *target.Session) error {
			c, err := s.Reader(maxPage)
			if err != nil {
				return err
			}
			defer c.Close()
			return l.run(cmd, c)
		})
	}
	return cmd
}

// messageList is what the command of messages was asked for.
type messageList struct {
	stream, category, id string
	all, backward        bool
	from                 int64
	hasFrom              bool
	at                   string
	limit                int
	format               *output.Format
	choice               messageChoice

	begin time.Time // of --at
	seen  int64     // messages read
	kept  int
}

func (l *messageList) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&l.category, "category", "", "all messages of a category, instead of one stream")
	f.BoolVar(&l.all, "all", false, "all messages of the namespace")
	f.StringVar(&l.id, "id", "", "only the message with this id")
	f.Int64Var(&l.from, "from", 0, "position to start at: in the stream, or global for --category and --all")
	f.StringVar(&l.at, "at", "", "time to start at: -5m, -2d, 14:02:07, 2026-01-15 or RFC 3339")
	f.IntVarP(&l.limit, "limit", "n", listLimit, "maximum number to list; 0 for all")
	f.BoolVar(&l.backward, "backward", false, "newest first")
	l.choice.flags(cmd)
	l.format = output.Flag(cmd, output.Table, output.JSON, output.NDJSON, output.CSV)
}

func (l *messageList) check(cmd *cobra.Command) error {
	named := 0
	for _, given := range []bool{l.stream != "", l.category != "", l.all, l.id != ""} {
		if given {
			named++
		}
	}
	if named != 1 {
		return command.Usage(cmd, "which messages? Give STREAM, --category, --all or --id")
	}
	l.hasFrom = cmd.Flags().Changed("from")
	switch {
	case l.limit < 0:
		return command.Usage(cmd, "--limit must not be negative; 0 lists all")
	case l.hasFrom && l.at != "":
		return command.Usage(cmd, "--from and --at both say where to start: give one of them")
	case l.from < 0:
		return command.Usage(cmd, "--from must not be negative")
	}
	if l.id != "" {
		if _, err := store.ParseID(l.id); err != nil {
			return command.Usage(cmd, "--%v", err)
		}
	}
	if err := target.CheckCategories(cmd, "give a stream without --category", l.category); err != nil {
		return err
	}
	var err error
	if l.begin, err = timeFlag(cmd, "at", l.at, time.Now()); err != nil {
		return err
	}
	return l.choice.check(cmd, l.stream)
}

func (l *messageList) run(cmd *cobra.Command, c *client.Client) error {
	ctx := cmd.Context()
	out := output.NewSheet(cmd.OutOrStdout(), *l.format, l.choice.fields(time.DateTime+".000"), l.choice.value)
	if l.id != "" {
		return l.one(ctx, c, out)
	}
	more, err := l.list(ctx, c, out)
	if err == nil {
		err = out.End()
	}
	if err == nil {
		l.tell(cmd, more)
		err = l.missing(ctx, c)
	}
	return err
}

func (l *messageList) one(ctx context.Context, c *client.Client, out *output.Sheet[*store.Message]) error {
	id, err := store.ParseID(l.id)
	if err != nil {
		return fmt.Errorf("--id: %w", err)
	}
	m, err := c.MessageByID(ctx, id)
	if err != nil {
		return err
	}
	return errors.Join(out.Add(&m), out.End())
}

// list prints what is kept, and returns where to go on; -1 at the end.
func (l *messageList) list(ctx context.Context, c *client.Client, out *output.Sheet[*store.Message]) (more int64, err error) {
	r := messageReader{client: c, stream: l.stream, member: l.choice.member}
	if l.category != "" {
		r.categories = []string{l.category}
	}
	at, err := l.start(ctx, &r)
	if err != nil || at.done {
		return -1, err
	}
	for {
		page, there, err := r.page(ctx, at, l.pageSize(), l.backward)
		if err != nil {
			return -1, err
		}
		var kept []*store.Message
		for i := range page {
			if l.limit > 0 && l.kept == l.limit {
				return r.place(&page[i]), out.Add(kept...)
			}
			l.seen++
			if l.choice.filter.Keeps(&page[i]) {
				l.kept++
				kept = append(kept, &page[i])
			}
		}
		if err := out.Add(kept...); err != nil {
			return -1, err
		}
		if !there {
			return -1, nil
		}
		at = r.after(&page[len(page)-1], l.backward)
		if at.done {
			return -1, nil
		}
	}
}

// pageSize is one more than is shown, so that it is known whether there is more.
func (l *messageList) pageSize() int {
	if l.limit == 0 || !l.choice.filter.IsZero() {
		return readPage
	}
	return min(readPage, l.limit+1)
}

// start returns where the list begins.
func (l *messageList) start(ctx context.Context, r *messageReader) (cursor, error) {
	switch {
	case l.at != "":
		global, err := r.client.PositionAt(ctx, l.begin)
		if err != nil {
			return cursor{}, err
		}
		if l.backward { // what is older than the time
			global--
		}
		return cursor{global: global, position: unbounded(l.backward), done: global < 1}, nil
	case !l.hasFrom:
		return cursor{position: unbounded(l.backward)}, nil
	case l.stream != "":
		return cursor{position: l.from}, nil
	}
	return cursor{global: l.from, position: unbounded(l.backward), done: l.backward && l.from < 1}, nil
}

// tell says what the figures on the screen leave open.
func (l *messageList) tell(cmd *cobra.Command, more int64) {
	w := cmd.ErrOrStderr()
	if !l.choice.filter.IsZero() {
		fmt.Fprintf(w, "%s of %s messages read match\n", text.Count(int64(l.kept)), text.Count(l.seen))
	}
	if more >= 0 {
		fmt.Fprintf(w, "stopped at --limit %d: there are more, continue with --from %d\n", l.limit, more)
	}
}
