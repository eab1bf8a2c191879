package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

func groupsCommand() *cobra.Command {
	var (
		t             target.Target
		size, to, top int
	)
	cmd := &cobra.Command{
		Use:   "groups [CATEGORY]",
		Short: "Show consumer lag, or how a category's partitions are distributed",
		Long: "Show the members of consumer groups that the server has seen: the position each last asked for and its lag behind\n" +
			"the category's end. Unknown positions are shown as unknown, never as 0.\n\n" +
			"With --size, show how the category's streams are distributed over a group of N members; with --to as well, the\n" +
			"streams that would move.",
		Example: "  evtui groups --url http://127.0.0.1:8080\n" +
			"  evtui groups account --size 4 --data /tmp/evdb\n" +
			"  evtui groups account --size 4 --to 5 -o csv",
		Args: command.Arguments(cobra.MaximumNArgs(1)),
	}
	t.Flags(cmd)
	cmd.Flags().IntVar(&size, "size", 0, "show the distribution over N members")
	cmd.Flags().IntVar(&to, "to", 0, "show the streams that move when the group is resized to N members")
	cmd.Flags().IntVar(&top, "top", 1, "number of hottest streams to show per member")
	out := output.Flag(cmd, output.Table, output.JSON, output.NDJSON, output.CSV)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		category := strings.Join(args, "")
		changed := cmd.Flags().Changed
		switch {
		case (changed("size") || changed("to")) && category == "":
			return command.Usage(cmd, "--size distributes a category's streams: name the category")
		case changed("size") && size < 1 || changed("to") && to < 1:
			return command.Usage(cmd, "a group has at least 1 member")
		case changed("to") && !changed("size"):
			return command.Usage(cmd, "--to needs the --size that the group has now")
		case top < 0:
			return command.Usage(cmd, "--top must not be negative")
		}
		if err := target.CheckCategories(cmd, "a stream belongs to one member", category); err != nil {
			return err
		}
		return t.With(cmd, target.ToRead, func(s *target.Session) error {
			switch {
			case to > 0:
				return printMoves(cmd, s.Client, category, size, to, *out)
			case size > 0:
				return printDistribution(cmd, s.Client, category, size, top, *out)
			default:
				return printObserved(cmd, s, category, *out)
			}
		})
	}
	return cmd
}

func printObserved(cmd *cobra.Command, s *target.Session, category string, out output.Format) error {
	members, err := s.Groups(cmd.Context(), s.Namespace(), category)
	if err != nil {
		return err
	}
	if err := output.List(cmd.OutOrStdout(), out, observedFields(), nil, members); err != nil {
		return err
	}
	if len(members) == 0 {
		fmt.Fprintln(cmd.ErrOrStderr(), "no consumers seen since the server started")
	}
	return nil
}

func observedFields() []output.Field[wire.GroupMember] {
	number := func(name string, of func(wire.GroupMember) *int64) output.Field[wire.GroupMember] {
		return output.Field[wire.GroupMember]{
			Name: name, Right: true,
			Show: func(m wire.GroupMember) string {
				if v := of(m); v != nil {
					return text.Count(*v)
				}
				return "unknown"
			},
			Raw: func(m wire.GroupMember) string {
				if v := of(m); v != nil {
					return fmt.Sprint(*v)
				}
				return ""
			},
		}
	}
	return []output.Field[wire.GroupMember]{
		{Name: "category", Show: func(m wire.GroupMember) string { return cmp.Or(m.Category, "(all)") }, Raw: func(m wire.GroupMember) string { return m.Category }},
		{Name: "member", Show: memberName},
		{Name: "via", Show: func(m wire.GroupMember) string { return cmp.Or(m.Via, "–") }, Raw: func(m wire.GroupMember) string { return m.Via }},
		number("position", func(m wire.GroupMember) *int64 { return m.Position }),
		number("head", func(m wire.GroupMember) *int64 { return m.Head }),
		number("lag", func(m wire.GroupMember) *int64 { return m.Lag }),
		countField("calls", func(m wire.GroupMember) int64 { return m.Calls }),
		{
			Name: "heard", Show: silence,
			Raw: func(m wire.GroupMember) string {
				if m.LastHeard == nil {
					return ""
				}
				return m.LastHeard.UTC().Format(time.RFC3339Nano)
			},
		},
		{Name: "from", Show: func(m wire.GroupMember) string { return m.From }},
	}
}

func memberName(m wire.GroupMember) string {
	if m.Size == 0 {
		return m.Consumer
	}
	return fmt.Sprintf("%d/%d", m.Member, m.Size)
}

func silence(m wire.GroupMember) string {
	switch {
	case m.Connected > 0:
		return "connected"
	case m.SilentFor == nil:
		return "unknown"
	default:
		return text.Duration(time.Duration(*m.SilentFor)) + " ago"
	}
}

func printDistribution(cmd *cobra.Command, c *client.Client, category string, size, top int, out output.Format) error {
	d, err := c.Distribution(cmd.Context(), category, size, top)
	if err != nil {
		return err
	}
	if out == output.JSON {
		return output.WriteJSON(cmd.OutOrStdout(), d)
	}
	rows := d.Members
	if d.Unassigned.Streams > 0 {
		d.Unassigned.Member = -1
		rows = append(rows, d.Unassigned)
	}
	var streams, messages, largest int64
	for _, m := range d.Members {
		streams, messages, largest = streams+m.Streams, messages+m.Messages, max(largest, m.Messages)
	}
	if err := output.List(cmd.OutOrStdout(), out, memberFields(size, messages), nil, rows); err != nil {
		return err
	}
	least := ""
	if !d.Complete {
		least = "at least "
	}
	w := cmd.ErrOrStderr()
	fmt.Fprintf(w, "%s%s in %s", least, output.Counted(messages, "message"), output.Counted(streams, "stream"))
	if messages > 0 {
		fmt.Fprintf(w, "; skew %.2f, the largest member over the mean", float64(largest)*float64(size)/float64(messages))
	}
	fmt.Fprintln(w)
	return nil
}

func memberFields(size int, total int64) []output.Field[wire.Member] {
	return []output.Field[wire.Member]{
		{
			Name: "member",
			Show: func(m wire.Member) string {
				if m.Member < 0 {
					return "no id" // a name without an id belongs to no member
				}
				return fmt.Sprintf("%d/%d", m.Member, size)
			},
		},
		countField("streams", func(m wire.Member) int64 { return m.Streams }),
		countField("messages", func(m wire.Member) int64 { return m.Messages }),
		{
			Name: "share", Right: true, Show: func(m wire.Member) string { return text.Percent(float64(m.Messages), float64(total)) },
			Raw: func(m wire.Member) string {
				return fmt.Sprintf("%.4f", float64(m.Messages)/float64(max(total, 1)))
			},
		},
		{
			Name: "hottest",
			Show: func(m wire.Member) string {
				var names []string
				for _, h := range m.Hottest {
					names = append(names, h.Stream+" "+text.Count(h.Messages))
				}
				return strings.Join(names, ", ")
			},
		},
	}
}

// streamMove is a stream that another member gets.
type streamMove struct {
	Stream   string `json:"stream"`
	Messages int64  `json:"messages"`
	From     int    `json:"from"`
	To       int    `json:"to"`
}

// printMoves prints the streams that move, by name, as they are found.
func printMoves(cmd *cobra.Command, c *client.Client, category string, size, to int, out output.Format) error {
	sheet := output.NewSheet(cmd.OutOrStdout(), out, []output.Field[streamMove]{
		{Name: "stream", Min: 28, Show: func(m streamMove) string { return m.Stream }},
		countField("messages", func(m streamMove) int64 { return m.Messages }),
		{Name: "from", Show: func(m streamMove) string { return fmt.Sprintf("%d/%d", m.From, size) }},
		{Name: "to", Show: func(m streamMove) string { return fmt.Sprintf("%d/%d", m.To, to) }},
	}, nil)
	moved, seen, err := moves(cmd.Context(), c, category, size, to, sheet)
	if err == nil {
		err = sheet.End()
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s of %s streams move\n", text.Count(moved), text.Count(seen))
	return nil
}

func moves(ctx context.Context, c *client.Client, category string, size, to int, out *output.Sheet[streamMove]) (moved, seen int64, err error) {
	q := client.StreamsQuery{Category: category, Limit: readPage}
	for {
		page, err := c.Streams(ctx, q)
		if err != nil {
			return moved, seen, err
		}
		var found []streamMove
		for _, s := range page {
			id := store.CardinalID(s.Name)
			if id == "" {
				continue
			}
			hash := store.Hash(id)
			if a, b := store.MemberOf(hash, size), store.MemberOf(hash, to); a != b {
				found = append(found, streamMove{s.Name, s.Version + 1, a, b})
			}
		}
		moved, seen = moved+int64(len(found)), seen+int64(len(page))
		if err := out.Add(slices.Clip(found)...); err != nil || len(page) < q.Limit {
			return moved, seen, err
		}
		q.Cursor = page[len(page)-1].Name
	}
}
