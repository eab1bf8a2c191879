package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

func tailCommand() *cobra.Command {
	var (
		t  target
		tl tail
	)
	cmd := &cobra.Command{
		Use:   "tail [CATEGORY...]",
		Short: "Follow messages as they are written",
		Long: "Print the newest messages of categories, a stream, or the whole namespace, and keep printing new ones.\n" +
			"No message is skipped: a slow reader falls behind and catches up from the store, and when the connection is\n" +
			"lost, tail reconnects and continues with the next message, until ctrl-c.",
		Example: "  evtui tail --data /tmp/evdb\n" +
			"  evtui tail account order --last 100 -o ndjson --url http://127.0.0.1:8080\n" +
			"  evtui tail account --filter 'type~Dep* data.amount>100' --columns time,stream,data.amount\n" +
			"  evtui tail --stream account-123 --from 0 --no-follow\n" +
			"  evtui tail account --member 0/4",
		Args: arguments(cobra.ArbitraryArgs),
	}
	t.flags(cmd)
	tl.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := tl.check(cmd, args); err != nil {
			return err
		}
		return whileRead(cmd, func() error { return t.with(cmd, toRead, func(s *session) error { return tl.show(cmd, s) }) })
	}
	return cmd
}

// tail prints a run of messages. It reads them from its cursor; a
// subscription only says when there is more, so nothing can be missed.
type tail struct {
	from        int64
	last, limit int
	noFollow    bool
	format      *format
	choice      messageChoice
	reader      messageReader

	out     *sheet[*store.Message]
	words   io.Writer
	begun   bool   // the cursor stands where it was to begin
	reached bool   // the message before the cursor was read
	cursor  cursor // the next message to read
	printed int
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
	tl.format = outputFlag(cmd, formatTable, formatNDJSON, formatCSV, formatJSON)
}

func (tl *tail) check(cmd *cobra.Command, categories []string) error {
	slices.Sort(categories)
	tl.reader.categories = slices.Compact(categories)
	switch {
	case tl.reader.stream != "" && len(categories) > 0:
		return usage(cmd, "a category and --stream name different things: give one of them")
	case settingsOf(cmd.Context()).asked("from") && settingsOf(cmd.Context()).asked("last"):
		return usage(cmd, "--from and --last both say where to start: give one of them")
	case tl.last < 0 || tl.limit < 0:
		return usage(cmd, "--last and --limit must not be negative")
	case *tl.format == formatJSON && !tl.noFollow && tl.limit == 0:
		return usage(cmd, "a tail never ends, and a single JSON value must: use -o ndjson, --no-follow or --limit")
	}
	if err := checkCategories(cmd, "give a stream with --stream", categories...); err != nil {
		return err
	}
	err := tl.choice.check(cmd, tl.reader.stream)
	tl.reader.member = tl.choice.member
	return err
}

func (tl *tail) show(cmd *cobra.Command, s *session) error {
	tl.reader.client = s.Client
	tl.out = newSheet(cmd.OutOrStdout(), *tl.format, tl.choice.fields("15:04:05.000"), tl.choice.value)
	tl.words = cmd.ErrOrStderr()
	if err := tl.run(cmd.Context(), cmd.Flags().Changed("from")); err != nil {
		return err
	}
	return tl.out.end()
}

func (tl *tail) run(ctx context.Context, hasFrom bool) error {
	tl.cursor = cursor{global: tl.from}
	if tl.reader.stream != "" {
		tl.cursor = cursor{position: tl.from}
	}
	tl.begun = hasFrom
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
		if err := tl.printLast(ctx); err != nil {
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

// maxLookback is how far a tail looks back for messages that its filter keeps.
const maxLookback = 20 * readPage

// printLast prints the newest messages and sets the cursor behind them.
func (tl *tail) printLast(ctx context.Context) error {
	var (
		older []store.Message // newest first
		at    = cursor{position: -1}
		seen  int
	)
	for seen < maxLookback && !at.done {
		// Even for none, one is read: it tells where the log ends.
		size := readPage
		if tl.choice.filter.IsZero() {
			size = max(min(tl.last-len(older), readPage), 1)
		}
		page, err := tl.reader.page(ctx, at, size, true)
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
		for i := 0; i < len(page) && len(older) < tl.last; i++ {
			if tl.choice.filter.Keeps(&page[i]) {
				older = append(older, page[i])
			}
		}
		if len(page) < size || len(older) >= tl.last {
			break
		}
		at = tl.reader.after(&page[len(page)-1], true)
	}
	if seen >= maxLookback && len(older) < tl.last {
		fmt.Fprintf(tl.words, "looked back over %s messages; start earlier with --from\n", text.Count(int64(seen)))
	}
	slices.Reverse(older)
	return tl.print(older)
}

func (tl *tail) catchUp(ctx context.Context) error {
	for !tl.full() {
		page, err := tl.reader.page(ctx, tl.cursor, readPage, false)
		if err != nil {
			return err
		}
		if len(page) > 0 {
			tl.cursor, tl.reached = tl.reader.after(&page[len(page)-1], false), true
		}
		if err := tl.print(page); err != nil {
			return err
		}
		if len(page) < readPage {
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
	var kept []*store.Message
	for i := range page {
		if tl.full() {
			break
		}
		if tl.choice.filter.Keeps(&page[i]) {
			tl.printed++
			kept = append(kept, &page[i])
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return tl.out.add(kept...)
}
