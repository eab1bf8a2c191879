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
	"github.com/evtui/evtui/server/client/lag"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// groupsFlags are those of evtui groups.
type groupsFlags struct {
	target        target.Target
	category      string
	size, to, top int
	trend         time.Duration
	format        *output.Format
}

func groupsCommand() *cobra.Command {
	var g groupsFlags
	cmd := &cobra.Command{
		Use:   "groups [CATEGORY]",
		Short: "Show consumers and their lag, or how streams are distributed over members",
		Long: "Show all consumers, the worst first: those that the server saw reading, and the positions that consumers record in " +
			"CATEGORY:position-NAME, as Eventide does. The lag counts the messages of the category that are before each, of its own " +
			"share where it is a member of a group. What is not known is shown as ?, never as 0.\n\n" +
			"With --size, show how the category's streams are distributed over a group of N members; with --to as well, the " +
			"streams that would move.",
		Example: "  evtui groups --url http://127.0.0.1:8080\n" +
			"  evtui groups account --trend 10s --data /tmp/evdb\n" +
			"  evtui groups account --size 4 --data /tmp/evdb\n" +
			"  evtui groups account --size 4 --to 5 -o csv",
	}
	g.target.Flags(cmd)
	cmd.Flags().IntVar(&g.size, "size", 0, "show the distribution over N members")
	cmd.Flags().IntVar(&g.to, "to", 0, "show the streams that move when the group is resized to N members")
	cmd.Flags().IntVar(&g.top, "top", 1, "number of hottest streams to show per member")
	cmd.Flags().DurationVar(&g.trend, "trend", 0, "watch for so long, at least 4s, and show how each lag changes")
	g.format = output.Flag(cmd, output.Table, output.JSON, output.NDJSON, output.CSV)
	cmd.RunE = g.target.Runs(target.ToRead, g.check, g.run)
	cmd.AddCommand(groupsParked(), groupsRetry())
	return cmd
}

// trendLeast is how long lags are watched until their trend is known.
const trendLeast = 4 * time.Second

func (g *groupsFlags) check(cmd *cobra.Command, args []string) error {
	g.category = strings.Join(args, "")
	changed := cmd.Flags().Changed
	return cmp.Or(
		command.Check(cmd,
			command.When((changed("size") || changed("to")) && g.category == "", "--size distributes a category's streams: name the category"),
			command.When(changed("size") && g.size < 1 || changed("to") && g.to < 1, "a group has at least 1 member"),
			command.When(changed("to") && !changed("size"), "--to needs the --size that the group has now"),
			command.When(g.top < 0, "--top must not be negative"),
			command.When(changed("trend") && g.trend < trendLeast, "--trend must be at least %s", trendLeast)),
		target.CheckCategories(cmd, "a stream belongs to one member", g.category))
}

func (g *groupsFlags) run(cmd *cobra.Command, s *target.Session) error {
	switch {
	case g.to > 0:
		return g.printMoves(cmd, s.Client)
	case g.size > 0:
		return g.printDistribution(cmd, s.Client)
	}
	return g.printConsumers(cmd, s.Client)
}

// printConsumers prints all consumers as the Groups page lists them.
func (g *groupsFlags) printConsumers(cmd *cobra.Command, c *client.Client) error {
	look, err := lookAtConsumers(cmd.Context(), c, g.category, g.trend)
	if err == nil && len(look.Consumers) == 0 && g.category != "" {
		err = target.MissingCategory(cmd.Context(), c, g.category)
	}
	if err != nil {
		return err
	}
	if err := output.List(cmd.OutOrStdout(), *g.format, consumerFields(), consumerJSON, look.Consumers); err != nil {
		return err
	}
	w := cmd.ErrOrStderr()
	if look.Why != "" {
		fmt.Fprintf(w, "recorded positions only: %s\n", look.Why)
	}
	if look.Read > 0 {
		fmt.Fprintf(w, "read %s to count\n", output.Counted(int64(look.Read), "message"))
	}
	if slices.ContainsFunc(look.Consumers, func(c lag.Consumer) bool { return !c.Recorded() }) && sharesItsLog(cmd.Context(), c) {
		fmt.Fprintln(w, "who reads is of this evtui; recorded positions are of all that share the log")
	}
	switch {
	case look.More:
		fmt.Fprintln(w, "there are more consumers: name a category")
	case len(look.Consumers) == 0 && look.Why == "":
		fmt.Fprintln(w, "no consumers seen since the server started, and no recorded positions")
	case len(look.Consumers) == 0:
		fmt.Fprintln(w, "no recorded positions")
	}
	return nil
}

// sharesItsLog reports whether other evtui serve the same namespaces, whose readers nobody here
// sees. A server that does not tell has a log of its own.
func sharesItsLog(ctx context.Context, c *client.Client) bool {
	info, err := c.In("").Info(ctx)
	return err == nil && info.Shared && !info.Witness
}

// lookAtConsumers takes a look, or, to know trends, one at the beginning and one at the
// end of the time.
func lookAtConsumers(ctx context.Context, c *client.Client, category string, trend time.Duration) (lag.Look, error) {
	var w lag.Watch
	look, err := w.Look(ctx, c, category, time.Now())
	if err != nil || trend == 0 {
		return look, err
	}
	timer := time.NewTimer(trend)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return look, ctx.Err()
	}
	return w.Look(ctx, c, category, time.Now())
}

// consumerJSON is a consumer as JSON shows it: what the server tells, and what the page
// makes of it.
func consumerJSON(c lag.Consumer) any {
	v := struct {
		wire.GroupMember
		Name    string   `json:"name,omitempty"`
		State   string   `json:"state"`
		Trend   *float64 `json:"trend,omitempty"`   // messages a second
		CatchUp *int64   `json:"catchUp,omitempty"` // nanoseconds
	}{GroupMember: c.GroupMember, Name: c.Name, State: c.State().String()}
	if c.Trended {
		v.Trend = &c.Trend
	}
	if d, known := c.CatchUp(); known {
		n := int64(d)
		v.CatchUp = &n
	}
	return v
}

func consumerFields() []output.Field[lag.Consumer] {
	messages := output.Known("lag", "?", func(c lag.Consumer) *int64 { return c.Messages }, text.Count)
	exact := messages.Show
	messages.Show = func(c lag.Consumer) string {
		switch {
		case c.Once:
			return "–"
		case c.AtLeast:
			return "≥" + exact(c)
		}
		return exact(c)
	}
	return []output.Field[lag.Consumer]{
		{Name: "category", Show: func(c lag.Consumer) string { return cmp.Or(c.Category, "(all)") }, Raw: func(c lag.Consumer) string { return c.Category }},
		{Name: "group", Show: groupName, Raw: func(c lag.Consumer) string { return c.Name }},
		output.Text("member", memberName),
		messages,
		output.Raw("at-least", func(c lag.Consumer) any { return c.AtLeast }),
		{Name: "trend", Right: true, Show: trendName, Raw: func(c lag.Consumer) string {
			if !c.Trended {
				return ""
			}
			return fmt.Sprintf("%.3f", c.Trend)
		}},
		{Name: "caught up in", Right: true, Show: catchUpName, Raw: func(c lag.Consumer) string { return c.State().String() }},
		{Name: "last seen", Show: lastSeen, Raw: func(c lag.Consumer) string {
			if c.LastHeard == nil {
				return ""
			}
			return c.LastHeard.UTC().Format(time.RFC3339Nano)
		}},
		{Name: "by", Show: func(c lag.Consumer) string { return cmp.Or(c.Via, "–") }, Raw: func(c lag.Consumer) string { return c.Via }},
		output.Known("position", "?", func(c lag.Consumer) *int64 { return c.Position }, text.Count),
		output.Text("from", func(c lag.Consumer) string { return c.From }),
	}
}

func groupName(c lag.Consumer) string {
	switch {
	case !c.Recorded():
		return "–"
	case c.Name == "":
		return "no identifier"
	}
	return c.Name
}

func memberName(c lag.Consumer) string {
	if c.Size == 0 {
		return "–"
	}
	return fmt.Sprintf("%d/%d", c.Member, c.Size)
}

func trendName(c lag.Consumer) string {
	switch {
	case !c.Trended || c.Once:
		return "–"
	case c.Trend > 0:
		return "▲ " + text.Rate(c.Trend)
	case c.Trend < 0:
		return "▼ " + text.Rate(-c.Trend)
	}
	return "steady"
}

// catchUpName says how long it takes until nothing is before it, or why that is not said.
func catchUpName(c lag.Consumer) string {
	if d, known := c.CatchUp(); known {
		return text.Duration(d)
	}
	switch c.State() {
	case lag.Falling:
		return "falls behind"
	case lag.Steady:
		return "never"
	case lag.Silent:
		return "silent"
	case lag.KeepsUp:
		return "keeps up"
	case lag.CaughtUp:
		return "caught up"
	case lag.Unknown:
		return "?"
	}
	return "–"
}

func lastSeen(c lag.Consumer) string {
	if c.Connected > 0 {
		return "connected"
	}
	if c.SilentFor == nil {
		return "! never seen"
	}
	ago := text.Duration(time.Duration(*c.SilentFor))
	switch {
	case c.State() == lag.Silent && c.Recorded():
		return "! recorded " + ago + " ago"
	case c.State() == lag.Silent:
		return "! silent " + ago
	case c.Once:
		return "once, " + ago + " ago"
	case c.Recorded():
		return "recorded " + ago + " ago"
	}
	return "read " + ago + " ago"
}

func (g *groupsFlags) printDistribution(cmd *cobra.Command, c *client.Client) error {
	progress := output.NewProgress(cmd, false)
	d, err := c.WholeDistribution(cmd.Context(), client.DistributionQuery{Category: g.category, Size: g.size, Top: g.top}, func(streams int64) {
		progress.Line("counted %s", output.Counted(streams, "stream"))
	})
	progress.Done()
	if err == nil && d.Scanned == 0 {
		err = target.MissingCategory(cmd.Context(), c, g.category)
	}
	if err != nil {
		return err
	}
	if *g.format == output.JSON {
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
	if err := output.List(cmd.OutOrStdout(), *g.format, memberFields(g.size, messages), nil, rows); err != nil {
		return err
	}
	least := ""
	if !d.Complete {
		least = "at least "
	}
	w := cmd.ErrOrStderr()
	fmt.Fprintf(w, "%s%s in %s", least, output.Counted(messages, "message"), output.Counted(streams, "stream"))
	if messages > 0 {
		fmt.Fprintf(w, "; skew %.2f, the largest member over the mean", float64(largest)*float64(g.size)/float64(messages))
	}
	fmt.Fprintln(w)
	return nil
}

func memberFields(size int, total int64) []output.Field[wire.Member] {
	return []output.Field[wire.Member]{
		output.Text("member", func(m wire.Member) string {
			if m.Member < 0 {
				return "no id" // a name without an id belongs to no member
			}
			return fmt.Sprintf("%d/%d", m.Member, size)
		}),
		output.Count("streams", func(m wire.Member) int64 { return m.Streams }),
		output.Count("messages", func(m wire.Member) int64 { return m.Messages }),
		{
			Name: "share", Right: true, Show: func(m wire.Member) string { return text.Percent(float64(m.Messages), float64(total)) },
			Raw: func(m wire.Member) string { return fmt.Sprintf("%.4f", float64(m.Messages)/float64(max(total, 1))) },
		},
		output.Text("hottest", func(m wire.Member) string {
			var names []string
			for _, h := range m.Hottest {
				names = append(names, h.Stream+" "+text.Count(h.Messages))
			}
			return strings.Join(names, ", ")
		}),
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
func (g *groupsFlags) printMoves(cmd *cobra.Command, c *client.Client) error {
	sheet := output.NewSheet(cmd.OutOrStdout(), *g.format, []output.Field[streamMove]{
		output.Text("stream", func(m streamMove) string { return m.Stream }).AtLeast(28),
		output.Count("messages", func(m streamMove) int64 { return m.Messages }),
		output.Text("from", func(m streamMove) string { return fmt.Sprintf("%d/%d", m.From, g.size) }),
		output.Text("to", func(m streamMove) string { return fmt.Sprintf("%d/%d", m.To, g.to) }),
	}, nil)
	moved, seen, err := g.moves(cmd.Context(), c, sheet)
	if err == nil {
		err = sheet.End()
	}
	if err == nil && seen == 0 {
		err = target.MissingCategory(cmd.Context(), c, g.category)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s of %s streams move\n", text.Count(moved), text.Count(seen))
	return nil
}

func (g *groupsFlags) moves(ctx context.Context, c *client.Client, out *output.Sheet[streamMove]) (moved, seen int64, err error) {
	q := client.StreamsQuery{Category: g.category, Limit: readPage}
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
			if a, b := store.MemberOf(hash, g.size), store.MemberOf(hash, g.to); a != b {
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
