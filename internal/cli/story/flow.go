package story

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/story/flow"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
)

// dot is the language of Graphviz, as an output.
const dot output.Format = "dot"

// maxPage is what a page may come to in bytes. One of a single message may come to more than
// a page's share.
const maxPage = client.PageBytes + 5<<20

// flowLimit is how many rows are listed unless a flag says otherwise.
const flowLimit = 100

// FlowCommand is `evtui flow`.
func FlowCommand() *cobra.Command {
	var (
		t target.Target
		f flowCommand
	)
	cmd := &cobra.Command{
		Use:   "flow CATEGORY",
		Short: "Show how events follow each other in the streams of a category",
		Long: "Show which type directly follows which in the streams of a category: how often, its share of all that follows, and " +
			"p50, p99 and maximum of the time between. (start) is before a stream's first event, (end) after its last one as of now.\n\n" +
			"--variants lists whole orders of types instead, those of most streams first; --first and --then the streams that " +
			"took one transition.\n\nThe whole category is read, or the window of --since and --until. JSON and CSV have times in nanoseconds, and no type for start and end.",
		Example: "  evtui flow account --data /tmp/evdb\n" +
			"  evtui flow account --since -1h -o json --url http://127.0.0.1:8080\n" +
			"  evtui flow account --variants --limit 10 --data /tmp/evdb\n" +
			"  evtui flow account -o dot --data /tmp/evdb > account.dot",
	}
	t.Flags(cmd)
	f.flags(cmd)
	cmd.RunE = t.Reads(maxPage, f.check, f.run)
	return cmd
}

// flowCommand is what the command was asked for.
type flowCommand struct {
	category string
	command.Window
	from, to string // of the transition whose streams are listed; "": all transitions are
	limit    int
	variants bool
	format   *output.Format

	begin, end time.Time
	about      bool // where they are, is about right
}

func (f *flowCommand) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.Since, "since", "", "read from this time on: -10m, -2d, 14:02:07, 2026-01-15 or RFC 3339")
	cmd.Flags().StringVar(&f.Until, "until", "", "read up to before this time, written as for --since")
	cmd.Flags().IntVarP(&f.limit, "limit", "n", flowLimit, "maximum number to list; 0 for all")
	cmd.Flags().BoolVar(&f.variants, "variants", false, "list whole orders of types instead of transitions")
	cmd.Flags().StringVar(&f.from, "first", "", "with --then: list the streams in which --then directly followed this type; (start) before a stream's first event")
	cmd.Flags().StringVar(&f.to, "then", "", "see --first; (end) for streams that end there")
	f.format = output.Flag(cmd, output.Table, output.JSON, output.NDJSON, output.CSV, dot)
}

func (f *flowCommand) check(cmd *cobra.Command, args []string) (err error) {
	f.category = args[0]
	if err := cmp.Or(
		command.Check(cmd,
			command.When(f.category == "", "which category? Give CATEGORY"),
			command.When(f.limit < 0, "--limit must not be negative; 0 lists all"),
			command.When((f.from == "") != (f.to == ""), "--first and --then name a transition together: give both"),
			command.When(f.from != "" && (f.variants || *f.format == dot), "--first and --then list streams: leave out --variants and -o dot"),
			command.When(f.variants && *f.format == dot, "-o dot draws transitions: leave out --variants")),
		target.CheckCategories(cmd, "the events of one stream: evtui messages STREAM", f.category)); err != nil {
		return err
	}
	f.begin, f.end, err = f.Read(cmd, time.Now(), "reading ends")
	return err
}

func (f *flowCommand) run(cmd *cobra.Command, c *client.Client) error {
	ctx, began := cmd.Context(), time.Now()
	progress := output.NewProgress(cmd, false)
	g := flow.New(flow.Limits{})
	err := f.read(ctx, c, g, progress)
	progress.Done()
	if err != nil {
		return fmt.Errorf("read the flow of category %q: %w", f.category, err)
	}
	sum := g.Sum()
	if sum.Messages == 0 && f.begin.IsZero() && f.end.IsZero() {
		return fmt.Errorf("namespace %s has no category %q", c.Namespace(), f.category)
	}
	var notes []flow.Note
	switch {
	case f.variants:
		notes, err = f.printVariants(cmd, g)
	case f.from != "":
		notes, err = f.printPassages(cmd, g)
	default:
		notes, err = f.printTransitions(cmd, g)
	}
	if err != nil {
		return err
	}
	w := cmd.ErrOrStderr()
	fmt.Fprintf(w, "%s of %s read in %s\n", output.Counted(sum.Messages, "message"), output.Counted(sum.Streams+sum.Beyond.Streams, "stream"), text.Duration(time.Since(began)))
	if f.about {
		fmt.Fprintf(w, "the window is ≈ here: times are the writers' clocks, and may run backwards by as long as a transaction lasts\n")
	}
	for _, n := range notes {
		fmt.Fprintf(w, "%s %s %s\n", text.Count(n.Count), text.Plural(n.Count, n.Noun), n.Why)
	}
	return nil
}

// read takes the window's messages into the graph.
func (f *flowCommand) read(ctx context.Context, c *client.Client, g *flow.Graph, progress *output.Progress) error {
	from, err := f.seek(ctx, c, f.begin)
	if err != nil {
		return err
	}
	end, err := f.seek(ctx, c, f.end)
	if err != nil {
		return err
	}
	for m, err := range c.Category(ctx, client.CategoryQuery{Category: f.category, GlobalPosition: max(from, 0)}) {
		switch {
		case err != nil:
			return err
		case end > 0 && m.GlobalPosition >= end, end < 0 && !m.Time.Before(f.end):
			return nil
		case from < 0 && m.Time.Before(f.begin):
			continue
		}
		g.Take(flow.EventOf(&m))
		if n := g.Sum().Messages; n%10_000 == 0 {
			progress.Line("%s messages read", text.Count(n))
		}
	}
	return nil
}

// seek returns the global position of a time: 0 for none, below zero where the server
// cannot look times up, so that messages must be looked at.
func (f *flowCommand) seek(ctx context.Context, c *client.Client, at time.Time) (int64, error) {
	if at.IsZero() {
		return 0, nil
	}
	sought, err := c.Seek(ctx, at)
	if client.NotOffered(err) {
		return -1, nil
	}
	f.about = f.about || sought.Approximate
	return sought.GlobalPosition, err
}

// flowRow is a transition as the command prints it.
type flowRow struct {
	From      *string   `json:"from"` // null: a stream starts
	To        *string   `json:"to"`   // null: a stream ends
	Count     int64     `json:"count"`
	Share     float64   `json:"share"`         // of all that follows from
	P50       *int64    `json:"p50,omitempty"` // nanoseconds; none for start and end
	P99       *int64    `json:"p99,omitempty"`
	Max       *int64    `json:"max,omitempty"`       // exactly
	Error     float64   `json:"error,omitempty"`     // how far p50 and p99 may be off, as a share of themselves
	Backwards int64     `json:"backwards,omitempty"` // times below zero, counted as 0
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Example   string    `json:"example"`
}

func flowRowOf(t *flow.Transition) flowRow {
	r := flowRow{
		Count: t.Count, Share: t.Share, Error: t.Gaps.Error, Backwards: t.Gaps.Backwards,
		First: t.First.Time.UTC(), Last: t.Last.Time.UTC(), Example: t.Example,
	}
	if !t.From.Bound {
		r.From = &t.From.Type
	}
	if !t.To.Bound {
		r.To = &t.To.Type
	}
	if t.Gaps.Count > 0 {
		p50, p99, longest := int64(t.Gaps.P50), int64(t.Gaps.P99), int64(t.Gaps.Max)
		r.P50, r.P99, r.Max = &p50, &p99, &longest
	}
	return r
}

func flowFields() []output.Field[flowRow] {
	kind := func(name *string, bound string) string {
		if name == nil {
			return bound
		}
		return *name
	}
	gap := func(name string, of func(flowRow) *int64) output.Field[flowRow] {
		f := output.Known(name, "–", of, func(n int64) string { return text.Duration(time.Duration(n)) })
		if exact := f.Show; name != "max" {
			f.Show = func(r flowRow) string {
				if of(r) != nil && r.Error > 0 {
					return "≈" + exact(r)
				}
				return exact(r)
			}
		}
		return f
	}
	return []output.Field[flowRow]{
		{Name: "from", Show: func(r flowRow) string { return kind(r.From, startOfStream) }, Raw: func(r flowRow) string { return kind(r.From, "") }},
		{Name: "to", Show: func(r flowRow) string { return kind(r.To, endOfStream) }, Raw: func(r flowRow) string { return kind(r.To, "") }},
		output.Count("count", func(r flowRow) int64 { return r.Count }),
		output.Share("share", func(r flowRow) float64 { return r.Share }),
		gap("p50", func(r flowRow) *int64 { return r.P50 }),
		gap("p99", func(r flowRow) *int64 { return r.P99 }),
		gap("max", func(r flowRow) *int64 { return r.Max }),
		output.Time("first", time.DateTime, func(r flowRow) time.Time { return r.First }),
		output.Time("last", time.DateTime, func(r flowRow) time.Time { return r.Last }),
		output.Text("example", func(r flowRow) string { return r.Example }),
	}
}

// printTransitions lists the transitions, the most frequent first.
func (f *flowCommand) printTransitions(cmd *cobra.Command, g *flow.Graph) ([]flow.Note, error) {
	sum := g.Sum()
	notes := sum.Notes()
	list := g.Transitions()
	slices.SortStableFunc(list, func(a, b flow.Transition) int { return cmp.Compare(b.Count, a.Count) })
	if f.limit > 0 && len(list) > f.limit {
		var left int64
		for _, t := range list[f.limit:] {
			left += t.Count
		}
		notes = append(notes, flow.Note{Count: int64(len(list) - f.limit), Noun: "transition", Why: "beyond --limit, taken " + output.Counted(left, "time")})
		list = list[:f.limit]
	}
	if *f.format == dot {
		return notes, writeDot(output.Verbatim(cmd.OutOrStdout()), f.category, list)
	}
	rows := make([]flowRow, len(list))
	for i := range list {
		rows[i] = flowRowOf(&list[i])
	}
	return notes, output.List(cmd.OutOrStdout(), *f.format, flowFields(), nil, rows)
}

// variantRow is a whole order of types as the command prints it.
type variantRow struct {
	Streams int64    `json:"streams"`
	Share   float64  `json:"share"` // of the streams whose order is known
	Events  int      `json:"events"`
	Types   []string `json:"types"`
	Example string   `json:"example"`
}

// jsonOf is an order as a JSON array, for CSV: a type may hold whatever would join them.
func jsonOf(types []string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(types) // strings alone
	return strings.TrimSpace(b.String())
}

func variantFields() []output.Field[flow.Variant] {
	return []output.Field[flow.Variant]{
		output.Count("streams", func(v flow.Variant) int64 { return v.Streams }),
		output.Share("share", func(v flow.Variant) float64 { return v.Share }),
		output.Count("events", func(v flow.Variant) int64 { return int64(len(v.Types)) }),
		output.Text("example", func(v flow.Variant) string { return v.Example }),
		{Name: "order", Show: func(v flow.Variant) string { return v.Spell(" → ", "×") }, Raw: func(v flow.Variant) string { return jsonOf(v.Types) }},
	}
}

// printVariants lists the variants, those of most streams first.
func (f *flowCommand) printVariants(cmd *cobra.Command, g *flow.Graph) ([]flow.Note, error) {
	most := f.limit
	if most == 0 {
		most = int(g.Sum().Streams)
	}
	v := g.Variants(most)
	row := func(v flow.Variant) any { return variantRow{v.Streams, v.Share, len(v.Types), v.Types, v.Example} }
	return v.Notes(), output.List(cmd.OutOrStdout(), *f.format, variantFields(), row, v.List)
}

// Names of where streams start and end, as the table of transitions has them.
const (
	startOfStream = "(start)"
	endOfStream   = "(end)"
)

// passageRow is a stream that took a transition, as the command prints it.
type passageRow struct {
	Stream         string    `json:"stream"`
	Position       int64     `json:"position"` // of the message that completed it, the last time
	GlobalPosition int64     `json:"globalPosition"`
	Time           time.Time `json:"time"`
}

func passageFields() []output.Field[flow.Passage] {
	return []output.Field[flow.Passage]{
		output.Text("stream", func(p flow.Passage) string { return p.Stream }).AtLeast(28),
		output.Count("position", func(p flow.Passage) int64 { return p.Position }),
		output.Count("global", func(p flow.Passage) int64 { return p.At.Global }),
		output.Time("time", time.DateTime, func(p flow.Passage) time.Time { return p.At.Time }),
	}
}

// printPassages lists the streams that took one transition, those that took it last
// first.
func (f *flowCommand) printPassages(cmd *cobra.Command, g *flow.Graph) ([]flow.Note, error) {
	node := func(name, bound string) flow.Node {
		if name == bound {
			return flow.Node{Bound: true}
		}
		return flow.Node{Type: name}
	}
	pair := flow.Pair{From: node(f.from, startOfStream), To: node(f.to, endOfStream)}
	var count int64
	for _, t := range g.Transitions() {
		if t.Pair == pair {
			count = t.Count
		}
	}
	if count == 0 {
		return nil, fmt.Errorf("in the streams of %s %s never directly follows %s", f.category, f.to, f.from)
	}
	list := g.Passages(pair)
	if f.limit > 0 && len(list) > f.limit {
		list = list[:f.limit]
	}
	sum := g.Sum()
	notes := sum.Notes()
	if int64(len(list)) < count {
		why := fmt.Sprintf("of this transition; listed: %s, those that took it last", output.Counted(int64(len(list)), "stream"))
		notes = append(notes, flow.Note{Count: count, Noun: "passage", Why: why})
	}
	row := func(p flow.Passage) any { return passageRow{p.Stream, p.Position, p.At.Global, p.At.Time.UTC()} }
	return notes, output.List(cmd.OutOrStdout(), *f.format, passageFields(), row, list)
}
