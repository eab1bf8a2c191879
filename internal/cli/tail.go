package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/text"
)

// tailPage is how many messages are read at once.
const tailPage = 1000

func tailCommand() *cobra.Command {
	var (
		t  target
		tl tail
	)
	cmd := &cobra.Command{
		Use:   "tail [CATEGORY]",
		Short: "Print messages as they are written",
		Long: "Prints the newest messages of a category, of a stream, or of the whole namespace, and goes on as more are\n" +
			"written. Nothing is left out: a slow reader falls behind and catches up from the log.",
		Example: "  evtui tail --data /tmp/evdb\n" +
			"  evtui tail account --last 100 -o ndjson --url http://127.0.0.1:8080\n" +
			"  evtui tail --stream account-123 --from 0 --no-follow\n" +
			"  evtui tail account --group 0/4",
		Args: arguments(cobra.MaximumNArgs(1)),
	}
	t.flags(cmd)
	cmd.Flags().StringVar(&tl.stream, "stream", "", "one stream instead of a category")
	cmd.Flags().Int64Var(&tl.from, "from", 0, "position to begin with: in the stream for --stream, else global")
	cmd.Flags().IntVarP(&tl.last, "last", "n", 10, "how many older messages to begin with")
	cmd.Flags().IntVar(&tl.limit, "limit", 0, "end after that many messages (default: never)")
	cmd.Flags().BoolVar(&tl.noFollow, "no-follow", false, "end at the last message instead of waiting for more")
	cmd.Flags().StringVar(&tl.group, "group", "", "only a consumer group's member, as MEMBER/SIZE such as 0/4")
	tl.format = outputFlag(cmd, formatTable, formatNDJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			tl.category = args[0]
		}
		if err := tl.check(cmd); err != nil {
			return err
		}
		return t.with(cmd, false, func(s *session) error {
			tl.client, tl.out = s.Client, bufio.NewWriter(cmd.OutOrStdout())
			return tl.run(cmd.Context(), cmd.Flags().Changed("from"))
		})
	}
	return cmd
}

// tail prints a run of messages. It reads them from its cursor; a
// subscription only says when there is more, so nothing can be missed.
type tail struct {
	category, stream, group string
	from                    int64
	last, limit             int
	noFollow                bool
	format                  *format

	member  store.Group
	client  *client.Client
	out     *bufio.Writer
	cursor  int64 // the next position to read: in the stream, or global
	printed int
}

func (tl *tail) check(cmd *cobra.Command) error {
	if tl.stream != "" && tl.category != "" {
		return usage(cmd, "a category and --stream name different things: give one of them")
	}
	if tl.last < 0 || tl.limit < 0 {
		return usage(cmd, "--last and --limit must not be negative")
	}
	if tl.group == "" {
		return nil
	}
	if _, err := fmt.Sscanf(tl.group, "%d/%d", &tl.member.Member, &tl.member.Size); err != nil {
		return usage(cmd, "--group must be MEMBER/SIZE such as 0/4, not %q", tl.group)
	}
	if tl.member.Size == 0 || tl.member.Check() != nil {
		return usage(cmd, "--group %s: needs 0 <= MEMBER < SIZE", tl.group)
	}
	if tl.stream != "" {
		return usage(cmd, "--group divides a category, not a stream")
	}
	return nil
}

func (tl *tail) run(ctx context.Context, hasFrom bool) error {
	// Opened before the first read: what is written between the two is
	// announced, and then found read already.
	var news *client.Subscription
	if !tl.noFollow {
		var err error
		news, err = tl.client.Subscribe(ctx, store.SubscribeQuery{
			Stream: tl.stream, Category: tl.category, From: store.FromNow, Group: tl.member,
		})
		if err != nil {
			return err
		}
		defer func() { _ = news.Close() }() // only read from
	}
	tl.cursor = tl.from
	if !hasFrom {
		if err := tl.printLast(ctx); err != nil {
			return err
		}
	}
	for {
		if err := tl.catchUp(ctx); err != nil {
			return err
		}
		if tl.noFollow || tl.full() {
			return nil
		}
		if err := tl.await(ctx, news); err != nil {
			return err
		}
	}
}

func (tl *tail) full() bool { return tl.limit > 0 && tl.printed >= tl.limit }

// printLast prints the newest messages and sets the cursor behind them.
func (tl *tail) printLast(ctx context.Context) error {
	// Even for none, one is read: it tells where the log ends.
	page, err := tl.read(ctx, max(tl.last, 1), true)
	if client.NotOffered(err) {
		return fmt.Errorf("%w; say where to begin with --from", err)
	}
	if err != nil || len(page) == 0 {
		return err
	}
	slices.Reverse(page)
	tl.cursor = tl.place(page[len(page)-1]) + 1
	return tl.print(page[max(0, len(page)-tl.last):])
}

func (tl *tail) catchUp(ctx context.Context) error {
	for !tl.full() {
		page, err := tl.read(ctx, tailPage, false)
		if err != nil {
			return err
		}
		if len(page) > 0 {
			tl.cursor = tl.place(page[len(page)-1]) + 1
		}
		if err := tl.print(page); err != nil {
			return err
		}
		if len(page) < tailPage {
			return nil
		}
	}
	return nil
}

func (tl *tail) read(ctx context.Context, limit int, backward bool) ([]store.Message, error) {
	if tl.stream != "" {
		position := tl.cursor
		if backward {
			position = -1
		}
		return tl.client.ReadStream(ctx, store.StreamQuery{Stream: tl.stream, Position: position, Limit: limit, Backward: backward})
	}
	position := tl.cursor
	if backward {
		position = 0
	}
	return tl.client.ReadCategory(ctx, store.CategoryQuery{
		Category: tl.category, GlobalPosition: position, Limit: limit, Group: tl.member, Backward: backward,
	})
}

func (tl *tail) place(m store.Message) int64 {
	if tl.stream != "" {
		return m.Position
	}
	return m.GlobalPosition
}

// await returns once a message is announced that was not read yet.
func (tl *tail) await(ctx context.Context, news *client.Subscription) error {
	announced := make([]store.Announcement, 256)
	for {
		n, err := news.Next(ctx, announced)
		if err != nil {
			if errors.Is(err, io.EOF) {
				return fmt.Errorf("%w: the server ended the subscription", errBusy)
			}
			return err
		}
		for _, a := range announced[:n] {
			if tl.place(store.Message{Position: a.Position, GlobalPosition: a.GlobalPosition}) >= tl.cursor {
				return nil
			}
		}
	}
}

// line is a message in the import format (protocol section 8).
type line struct {
	ID       string          `json:"id"`
	Stream   string          `json:"stream"`
	Type     string          `json:"type"`
	Position int64           `json:"pos"`
	Global   int64           `json:"gpos"`
	Data     json.RawMessage `json:"data"`
	Metadata json.RawMessage `json:"meta"`
	Time     time.Time       `json:"time"`
}

func (tl *tail) print(page []store.Message) error {
	encoder := json.NewEncoder(tl.out)
	encoder.SetEscapeHTML(false)
	for _, m := range page {
		if tl.full() {
			break
		}
		tl.printed++
		if *tl.format == formatNDJSON {
			err := encoder.Encode(line{m.ID.String(), m.Stream, m.Type, m.Position, m.GlobalPosition, m.Data, m.Metadata, m.Time.UTC()})
			if err != nil {
				return fmt.Errorf("print message %d: %w", m.GlobalPosition, err)
			}
			continue
		}
		fmt.Fprintf(tl.out, "%s  %8d  %-28s  %6d  %-20s  %s\n", m.Time.Local().Format("15:04:05.000"), m.GlobalPosition,
			text.Sanitize(m.Stream), m.Position, text.Sanitize(m.Type), text.Truncate(text.SanitizeBytes(m.Data), 100))
	}
	return tl.out.Flush()
}
