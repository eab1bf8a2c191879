package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

func tailCommand() *cobra.Command {
	var (
		t  target.Target
		tl tail
	)
	cmd := &cobra.Command{
		Use:   "tail [CATEGORY...]",
		Short: "Follow messages as they are written",
		Long: "Print the newest messages of categories, a stream, or the whole namespace, and keep printing new ones. " +
			"No message is skipped: a slow reader falls behind and catches up from the store, and when the connection is " +
			"lost, tail reconnects and continues with the next message, until ctrl-c.",
		Example: "  evtui tail --data /tmp/evdb\n" +
			"  evtui tail account order --last 100 -o ndjson --url http://127.0.0.1:8080\n" +
			"  evtui tail account --filter 'type~Dep* data.amount>100' --columns time,stream,data.amount\n" +
			"  evtui tail --stream account-123 --from 0 --no-follow\n" +
			"  evtui tail account --member 0/4",
	}
	t.Flags(cmd)
	tl.flags(cmd)
	cmd.RunE = t.Follows(tl.check, tl.show)
	return cmd
}

// tail prints a run of messages. It reads them from its cursor; a
// subscription only says when there is more, so nothing can be missed.
type tail struct {
	from        int64
	last, limit int
	noFollow    bool
	format      *output.Format
	choice      messageChoice
	reader      messageReader

	out      *output.Sheet[*store.Message]
	words    io.Writer
	progress *output.Progress
	begun    bool   // the cursor stands where it was to begin
	reached  bool   // the message before the cursor was read
	cursor   cursor // the next message to read
	printed  int
}

func (tl *tail) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&tl.reader.stream, "stream", "", "a single stream, instead of categories")
	f.Int64Var(&tl.from, "from", 0, "position to start at: in the stream for --stream, else global")
	f.IntVarP(&tl.last, "last", "n", 10, "number of older messages to start with")
	f.IntVar(&tl.limit, "limit", 0, "stop after N messages (default: never)")
	f.BoolVar(&tl.noFollow, "no-follow", false, "stop at the last message instead of waiting for more")
	tl.choice.flags(cmd)
	f.StringVar(&tl.choice.share, "group", "", "")
	_ = f.MarkHidden("group") // what --member was called
	tl.format = output.Flag(cmd, output.Table, output.NDJSON, output.CSV, output.JSON)
}

func (tl *tail) check(cmd *cobra.Command, categories []string) error {
	slices.Sort(categories)
	tl.reader.categories = slices.Compact(categories)
	asked := settings.Of(cmd.Context()).Asked
	err := cmp.Or(
		command.Check(cmd,
			command.When(tl.reader.stream != "" && len(categories) > 0, "a category and --stream name different things: give one of them"),
			command.When(asked("from") && asked("last"), "--from and --last both say where to start: give one of them"),
			command.When(tl.last < 0 || tl.limit < 0, "--last and --limit must not be negative"),
			command.When(*tl.format == output.JSON && !tl.noFollow && tl.limit == 0,
				"a tail never ends, and a single JSON value must: use -o ndjson, --no-follow or --limit")),
		target.CheckCategories(cmd, "give a stream with --stream", categories...),
		tl.choice.check(cmd, tl.reader.stream))
	tl.reader.member = tl.choice.member
	return err
}

func (tl *tail) show(cmd *cobra.Command, s *target.Session) error {
	c, err := s.Reader(maxPage)
	if err != nil {
		return err
	}
	defer c.Close()
	tl.reader.client = c
	tl.out = output.NewSheet(cmd.OutOrStdout(), *tl.format, tl.choice.fields("15:04:05.000"), tl.choice.value)
	tl.words = cmd.ErrOrStderr()
	tl.progress = output.NewProgress(cmd, false)
	if err := tl.run(cmd.Context(), cmd.Flags().Changed("from")); err != nil {
		return err
	}
	return tl.out.End()
}

func (tl *tail) run(ctx context.Context, hasFrom bool) error {
	tl.cursor, tl.begun = tl.reader.at(tl.from), hasFrom
	if tl.noFollow {
		return tl.read(ctx)
	}
	// Opened before the first read: what is written between the two is
	// announced, and then found read already.
	news, err := tl.reader.client.Subscribe(ctx, tl.announcements())
	if err != nil {
		return err
	}
	for {
		err := tl.follow(ctx, news)
		_ = news.Close() // only read from
		if !connectionLost(err) {
			return err
		}
		if news, err = tl.reconnect(ctx, err); err != nil {
			return err
		}
	}
}

// follow prints what there is, and what is announced, until there is enough.
func (tl *tail) follow(ctx context.Context, news *client.Subscription) error {
	for {
		if err := tl.read(ctx); err != nil || tl.full() {
			return err
		}
		if err := tl.await(ctx, news); err != nil {
			return err
		}
	}
}

// read prints what there is behind the cursor, at first the newest.
func (tl *tail) read(ctx context.Context) error {
	if !tl.begun {
		if err := tl.findLast(ctx); err != nil {
			return err
		}
		tl.begun = true
	}
	return tl.catchUp(ctx)
}

// announcements is what is subscribed to: of several categories the whole
// namespace, of which await passes over the others.
func (tl *tail) announcements() client.SubscribeQuery {
	q := client.SubscribeQuery{Stream: tl.reader.stream, FromNow: true}
	if len(tl.reader.categories) < 2 {
		q.Group = tl.reader.member
	}
	if len(tl.reader.categories) == 1 {
		q.Category = tl.reader.categories[0]
	}
	return q
}

func (tl *tail) full() bool { return tl.limit > 0 && tl.printed >= tl.limit }

// How far a tail looks back for messages that its filter keeps.
const (
	maxLookback      = 200_000 // messages, where the server does
	maxLookbackHere  = 20_000  // where they must be read for it
	maxLookbackBytes = 256 << 20
)

// findLast sets the cursor on the first of the newest messages to print, or
// behind the last of all. They are read again from there: kept meanwhile, large
// ones would take more memory than a page.
func (tl *tail) findLast(ctx context.Context) error {
	if tl.choice.sifts() {
		return tl.scanBack(ctx)
	}
	at := cursor{position: -1}
	for found, seen := 0, 0; !at.done; {
		// Even for none, one is read: it tells where the log ends.
		page, more, err := tl.reader.page(ctx, at, max(min(tl.last-found, readPage), 1), true)
		if client.NotOffered(err) {
			return fmt.Errorf("%w; give the position to start at with --from", err)
		}
		if err != nil {
			return err
		}
		if seen == 0 && len(page) > 0 {
			tl.cursor, tl.reached = tl.reader.after(&page[0], false), true
		}
		seen += len(page)
		if n := min(len(page), tl.last-found); n > 0 {
			tl.cursor = tl.reader.at(tl.reader.place(&page[n-1]))
			found += n
		}
		if !more || found >= tl.last {
			return nil
		}
		at = tl.reader.after(&page[len(page)-1], true)
	}
	return nil
}

// scanBack is findLast where the server looks for what the filter keeps.
func (tl *tail) scanBack(ctx context.Context) error {
	end, err := tl.end(ctx)
	if err != nil {
		return err
	}
	tl.cursor, tl.reached = tl.reader.at(end), end > 1 || end == 1 && tl.reader.stream != ""
	defer tl.progress.Done()
	q := tl.reader.scan(cursor{position: -1}, true, tl.choice.filter.Absolute())
	q.Before = max(end, 0)
	var read client.ScanCost
	for found := 0; found < tl.last; {
		q.Limit = min(tl.last-found, readPage)
		p, err := tl.reader.client.ScanPage(ctx, q)
		if client.NotOffered(err) {
			return fmt.Errorf("%w; give the position to start at with --from", err)
		}
		if err != nil {
			return err
		}
		read = read.Add(p.Read)
		found += len(p.Messages)
		if n := len(p.Messages); n > 0 {
			tl.cursor = tl.reader.at(tl.reader.place(&p.Messages[n-1]))
		}
		if p.Complete {
			return nil
		}
		if found < tl.last && (read.Messages >= maxLookback || read.Here && read.Messages >= maxLookbackHere || read.Bytes >= maxLookbackBytes) {
			tl.progress.Done()
			fmt.Fprintf(tl.words, "looked back over %s messages (%s); start earlier with --from\n", text.Count(read.Messages), cost(read))
			return nil
		}
		tl.progress.Line("looking back: %s", matched(int64(found), read))
		q = q.After(p)
	}
	return nil
}

// scanUp is catchUp where the server filters.
func (tl *tail) scanUp(ctx context.Context) error {
	defer tl.progress.Done()
	q := tl.reader.scan(tl.cursor, false, tl.choice.filter.Absolute())
	var read client.ScanCost
	for kept := int64(0); !tl.full(); {
		if q.Limit = readPage; tl.limit > 0 {
			q.Limit = min(readPage, tl.limit-tl.printed)
		}
		p, err := tl.reader.client.ScanPage(ctx, q)
		if err != nil {
			return err
		}
		read = read.Add(p.Read)
		kept += int64(len(p.Messages))
		tl.cursor, tl.reached = tl.reader.beyond(&p, false), tl.reached || p.Read.Messages > 0
		tl.progress.Done()
		if err := tl.print(p.Messages); err != nil {
			return err
		}
		if p.Complete {
			return nil
		}
		tl.progress.Line("%s", matched(kept, read))
		q = q.After(p)
	}
	return nil
}

func (tl *tail) catchUp(ctx context.Context) error {
	if tl.choice.sifts() {
		return tl.scanUp(ctx)
	}
	for !tl.full() {
		page, more, err := tl.reader.page(ctx, tl.cursor, readPage, false)
		if err != nil {
			return err
		}
		if len(page) > 0 {
			tl.cursor, tl.reached = tl.reader.after(&page[len(page)-1], false), true
		}
		if err := tl.print(page); err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
	return nil
}

// await returns once a message is announced that was not read yet.
func (tl *tail) await(ctx context.Context, news *client.Subscription) error {
	announced := make([]store.Announcement, 256)
	for {
		n, err := news.Next(ctx, announced)
		if err != nil {
			if errors.Is(err, io.EOF) {
				return errEnded
			}
			return err
		}
		for _, a := range announced[:n] {
			if tl.wants(a) {
				return nil
			}
		}
	}
}

// wants reports whether what is announced is still to be read.
func (tl *tail) wants(a store.Announcement) bool {
	if tl.reader.stream != "" {
		return a.Position >= tl.cursor.position
	}
	if len(tl.reader.categories) > 1 && !slices.Contains(tl.reader.categories, store.Category(a.Stream)) {
		return false
	}
	return a.GlobalPosition >= tl.cursor.global
}

func (tl *tail) print(page []store.Message) error {
	if tl.limit > 0 {
		page = page[:min(len(page), tl.limit-tl.printed)]
	}
	tl.printed += len(page)
	if len(page) == 0 {
		return nil
	}
	return tl.out.Add(pointers(page)...)
}
