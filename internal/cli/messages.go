package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// listLimit is how much a list shows unless a flag says otherwise.
const listLimit = 100

func messagesCommand() *cobra.Command {
	var (
		t target.Target
		l messageList
	)
	cmd := &cobra.Command{
		Use:   "messages [STREAM]",
		Short: "List messages of a stream, a category or the whole namespace",
		Long: "List messages in order, oldest first, or newest first with --backward. --filter selects messages, such as " +
			"'type~Dep* data.amount>100'. Columns are fields of the message or paths into its JSON.\n\n" +
			"evtui import reads -o ndjson. CSV holds text verbatim: a spreadsheet may interpret some of it as formulas.",
		Example: "  evtui messages account-123 --data /tmp/evdb\n" +
			"  evtui messages --category account --backward --limit 20 --columns time,stream,data.amount\n" +
			"  evtui messages --all --at -5m --filter 'type=Deposited data.amount>100' -o ndjson\n" +
			"  evtui messages --id 6b3c1b3e-4c1f-4a53-9d1a-0d0f7f1a2b3c -o json",
	}
	t.Flags(cmd)
	l.flags(cmd)
	cmd.RunE = t.Reads(maxPage, l.check, l.run)
	return cmd
}

// messageList is what the command of messages was asked for.
type messageList struct {
	stream, category, id string
	all, backward, fresh bool
	from                 int64
	hasFrom              bool
	at                   string
	limit                int
	format               *output.Format
	choice               messageChoice

	wanted store.ID  // of --id
	begin  time.Time // of --at
	about  bool      // where that is, is about right
	kept   int
	cost   client.ScanCost

	progress *output.Progress
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
	target.FreshFlag(cmd, &l.fresh)
	l.choice.flags(cmd)
	l.format = output.Flag(cmd, output.Table, output.JSON, output.NDJSON, output.CSV)
}

func (l *messageList) check(cmd *cobra.Command, args []string) error {
	l.stream, l.hasFrom = strings.Join(args, ""), cmd.Flags().Changed("from")
	named := 0
	for _, given := range []bool{l.stream != "", l.category != "", l.all, l.id != ""} {
		if given {
			named++
		}
	}
	err := command.Check(cmd,
		command.When(named != 1, "which messages? Give STREAM, --category, --all or --id"),
		command.When(l.limit < 0, "--limit must not be negative; 0 lists all"),
		command.When(l.hasFrom && l.at != "", "--from and --at both say where to start: give one of them"),
		command.When(l.from < 0, "--from must not be negative"))
	if err != nil {
		return err
	}
	if l.id != "" {
		if l.wanted, err = store.ParseID(l.id); err != nil {
			return command.Usage(cmd, "--%v", err)
		}
	}
	if err := target.CheckCategories(cmd, "give a stream without --category", l.category); err != nil {
		return err
	}
	if l.begin, err = command.Time(cmd, "at", l.at, time.Now()); err != nil {
		return err
	}
	return l.choice.check(cmd, l.stream)
}

func (l *messageList) run(cmd *cobra.Command, c *client.Client) error {
	ctx := cmd.Context()
	if l.fresh {
		if err := target.Freshen(ctx, c); err != nil {
			return err
		}
	}
	out := output.NewSheet(cmd.OutOrStdout(), *l.format, l.choice.fields(time.DateTime+".000"), l.choice.value)
	if l.id != "" {
		return l.one(ctx, c, out)
	}
	l.progress = output.NewProgress(cmd, false)
	more, err := l.list(ctx, c, out)
	l.progress.Done()
	if err == nil {
		err = out.End()
	}
	if err == nil {
		l.hint(cmd, more)
		err = l.missing(ctx, c)
	}
	return err
}

func (l *messageList) one(ctx context.Context, c *client.Client, out *output.Sheet[*store.Message]) error {
	m, err := c.MessageByID(ctx, l.wanted)
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
	if l.choice.sifts() {
		return l.scan(ctx, &r, at, out)
	}
	for {
		page, there, err := r.page(ctx, at, l.pageSize(), l.backward)
		if err != nil {
			return -1, err
		}
		shown := page
		if l.limit > 0 {
			shown = page[:min(len(page), l.limit-l.kept)]
		}
		l.kept += len(shown)
		if err := out.Add(pointers(shown)...); err != nil {
			return -1, err
		}
		if len(shown) < len(page) {
			return r.place(&page[len(shown)]), nil
		}
		if !there {
			return -1, nil
		}
		if at = r.after(&page[len(page)-1], l.backward); at.done {
			return -1, nil
		}
	}
}

// scan prints what the filter keeps, and shows meanwhile what that costs.
func (l *messageList) scan(ctx context.Context, r *messageReader, at cursor, out *output.Sheet[*store.Message]) (more int64, err error) {
	q := r.scan(at, l.backward, l.choice.filter.Absolute())
	for {
		if q.Limit = readPage; l.limit > 0 {
			q.Limit = min(readPage, l.limit-l.kept)
		}
		p, err := r.client.ScanPage(ctx, q)
		if err != nil {
			return -1, err
		}
		l.cost = l.cost.Add(p.Read)
		l.kept += len(p.Messages)
		l.progress.Done() // on a terminal the list goes there too
		if err := out.Add(pointers(p.Messages)...); err != nil {
			return -1, err
		}
		if q = q.After(p); p.Complete {
			return -1, nil
		}
		if l.limit > 0 && l.kept == l.limit {
			return l.rest(ctx, r, q, &p)
		}
		l.progress.Line("%s", matched(int64(l.kept), l.cost))
	}
}

// rest is where to go on behind a page that was the last; -1 where there is
// nothing.
func (l *messageList) rest(ctx context.Context, r *messageReader, q client.ScanQuery, p *client.ScanPage) (int64, error) {
	q.Filter, q.Group, q.MaxMessages = "", store.Group{}, 1
	one, err := r.client.ScanPage(ctx, q)
	if err != nil || one.Complete && len(one.Messages) == 0 {
		return -1, err
	}
	at := r.beyond(p, l.backward)
	return max(at.position, at.global), nil
}

// seen is how many messages were looked at.
func (l *messageList) seen() int64 {
	if l.choice.sifts() {
		return l.cost.Messages
	}
	return int64(l.kept)
}

// pointers returns each of the messages.
func pointers(list []store.Message) []*store.Message {
	out := make([]*store.Message, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// pageSize is one more than is shown, so that it is known whether there is more.
func (l *messageList) pageSize() int {
	if l.limit == 0 {
		return readPage
	}
	return min(readPage, l.limit+1)
}

// start returns where the list begins.
func (l *messageList) start(ctx context.Context, r *messageReader) (cursor, error) {
	switch {
	case l.at != "":
		at, err := r.client.Seek(ctx, l.begin)
		if err != nil {
			return cursor{}, err
		}
		global := at.GlobalPosition
		l.about = at.Approximate
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

// hint says what the numbers on the screen leave open.
func (l *messageList) hint(cmd *cobra.Command, more int64) {
	w := cmd.ErrOrStderr()
	if l.about {
		fmt.Fprintf(w, "--at is ≈ here: times are the writers' clocks, and may run backwards by as long as a transaction lasts\n")
	}
	if l.choice.sifts() {
		fmt.Fprintln(w, matched(int64(l.kept), l.cost))
	}
	if more >= 0 {
		fmt.Fprintf(w, "stopped at --limit %d: there are more, continue with --from %d\n", l.limit, more)
	}
}

// missing says why nothing was listed, when what was asked for is not there. A
// list that is empty for another reason, such as its filter, is none.
func (l *messageList) missing(ctx context.Context, c *client.Client) error {
	switch {
	case l.seen() > 0 || l.at != "":
		return nil
	case l.stream != "":
		version, err := c.Version(ctx, l.stream)
		switch {
		case err == nil && version < 0:
			err = fmt.Errorf("namespace %s has no stream %q", c.Namespace(), l.stream)
		case err == nil && l.hasFrom && !l.backward && l.from > version+1: // right behind the end is where a script that polls goes on
			err = fmt.Errorf("--from %d: stream %q ends at position %s", l.from, l.stream, text.Count(version))
		}
		return err
	case l.category != "":
		if err := target.MissingCategory(ctx, c, l.category); err != nil {
			return err
		}
	}
	if !l.hasFrom || l.backward {
		return nil
	}
	head, err := c.Head(ctx)
	if client.NotOffered(err) {
		return nil
	}
	if err == nil && l.from > head+1 {
		err = fmt.Errorf("--from %d: namespace %s ends at global position %s", l.from, c.Namespace(), text.Count(head))
	}
	return err
}
