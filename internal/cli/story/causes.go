package story

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/settings"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/config"
	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/internal/story/causes/search"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// hopsLimit is how many messages are read for hops unless a flag says otherwise.
const hopsLimit = 100_000

// LinksOf are the names of metadata that link messages, as the configuration says.
func LinksOf(c config.Causes) (causes.Links, error) {
	return causes.New(causes.Names{ID: c.ID, Global: c.Global, Place: c.Place, Correlation: c.Correlation, Only: c.Only})
}

// causesFlags are what evtui causes is asked for.
type causesFlags struct {
	down   bool
	hops   []string // categories
	hopsOf string   // a stream
	limit  int
	format *output.Format

	ref   causes.Ref // the message that is asked about; zero for hops
	links causes.Links
}

// CausesCommand returns evtui causes.
func CausesCommand() *cobra.Command {
	var (
		t target.Target
		f causesFlags
	)
	cmd := &cobra.Command{
		Use:   "causes [ID|STREAM#POSITION]",
		Short: "Show what led to a message and all that it caused",
		Long: "Show what led to a message, back to what began it, and all that it caused, with the time of each hop. The slowest " +
			"path is marked. Causes are looked up by the metadata that names them; effects are looked for in all messages after " +
			"it, which --down=false leaves out.\n\n" +
			"With --hops CATEGORY, or --hops-of STREAM, show how long each hop took instead: percentiles by the types of cause and " +
			"effect, over the newest messages.",
		Example: "  evtui causes account-123#0 --data /tmp/evdb\n" +
			"  evtui causes account-123#0 --down=false -o json\n" +
			"  evtui causes --hops account --limit 10000 -o csv",
	}
	t.Flags(cmd)
	cmd.Flags().BoolVar(&f.down, "down", true, "look for effects, in all messages after it")
	cmd.Flags().StringSliceVar(&f.hops, "hops", nil, "percentiles of the hops to the messages of these categories")
	cmd.Flags().StringVar(&f.hopsOf, "hops-of", "", "percentiles of the hops to the messages of this stream")
	cmd.Flags().IntVarP(&f.limit, "limit", "n", 0, "maximum number of messages: of the tree (default 20000), or to read for hops (default 100000)")
	f.format = output.Flag(cmd, output.Table, output.JSON, output.NDJSON, output.CSV)
	cmd.RunE = t.Runs(target.ToRead, f.check, func(cmd *cobra.Command, s *target.Session) error {
		if f.ref.Way == causes.None {
			return f.percentiles(cmd, s.Client)
		}
		return f.tree(cmd, s.Client)
	})
	return cmd
}

func (f *causesFlags) check(cmd *cobra.Command, args []string) error {
	over := len(f.hops) > 0 || f.hopsOf != ""
	err := cmp.Or(
		command.Check(cmd,
			command.When(f.limit < 0, "--limit must not be negative"),
			command.When(len(f.hops) > 0 && f.hopsOf != "", "--hops and --hops-of: give one of them"),
			command.When(over && len(args) > 0, "a message, or --hops over many: give one of them"),
			command.When(!over && len(args) == 0, "the causes of what? Give an id or STREAM#POSITION, or --hops CATEGORY")),
		target.CheckCategories(cmd, "for one stream there is --hops-of", f.hops...))
	if err != nil {
		return err
	}
	if !over {
		if f.ref, err = causes.Parse(args[0]); err != nil {
			return command.Usage(cmd, "%q: %v", args[0], err)
		}
	}
	if f.links, err = LinksOf(settings.Of(cmd.Context()).File.Causes); err != nil {
		return fmt.Errorf("read [causes] of the configuration: %w", err)
	}
	return nil
}

// tree prints the tree of a message.
func (f *causesFlags) tree(cmd *cobra.Command, c *client.Client) error {
	ctx := cmd.Context()
	m, err := search.Find(ctx, c, f.ref)
	if errors.Is(err, store.ErrMessageNotFound) {
		return fmt.Errorf("namespace %s has no message %s", c.Namespace(), f.ref)
	}
	if err != nil {
		return err
	}
	s := search.New(search.Query{Links: f.links, Message: m, Limit: f.limit})
	if err := s.Up(ctx, c); err != nil {
		return err
	}
	if f.down {
		err = lookDown(cmd, c, s)
	}
	v := s.Sight()
	if err == nil {
		err = output.List(cmd.OutOrStdout(), *f.format, nodeFields(), nil, nodeRows(&v, output.InASCII(cmd.OutOrStdout())))
	}
	if err == nil {
		fmt.Fprintln(cmd.ErrOrStderr(), lookedThrough(&v, f.down))
	}
	return err
}

// lookDown looks for effects to the end of the log, and shows how far it is.
func lookDown(cmd *cobra.Command, c *client.Client, s *search.Search) error {
	progress := output.NewProgress(cmd, false)
	defer progress.Done()
	if v := s.Sight(); v.Ahead > 0 {
		progress.Line("looks through %s after this one; ctrl-c stops", output.Counted(v.Ahead, "message"))
	}
	for {
		if err := s.Down(cmd.Context(), c); err != nil {
			return err
		}
		v := s.Sight()
		if v.End || v.Full {
			return nil
		}
		total := ""
		if v.Ahead >= 0 {
			total = " of " + text.Count(v.Looked.Messages+v.Ahead)
		}
		progress.Line("looked through %s%s messages, %s found", text.Count(v.Looked.Messages), total, output.Counted(int64(len(v.Nodes)-v.Origin-1), "effect"))
	}
}

// lookedThrough says what the tree rests on.
func lookedThrough(v *search.Sight, down bool) string {
	said := output.Counted(int64(v.Origin), "cause")
	switch {
	case !down:
		return said + "; effects were not looked for"
	case v.Full:
		return said + fmt.Sprintf("; stopped at %s: there are more effects, --limit allows more", output.Counted(int64(v.Limit), "message"))
	}
	said += ", " + output.Counted(int64(len(v.Nodes)-v.Origin-1), "effect") + " in " + output.Counted(v.Looked.Messages, "message") + " after it"
	if v.Looked.Here {
		said += ", all read: the server does not scan"
	}
	return said + " (" + text.Bytes(float64(v.Looked.Bytes)) + " in " + text.Duration(v.Looked.Time) + ")"
}

// nodeRow is a message of the tree as the command prints it.
type nodeRow struct {
	Depth          int       `json:"depth"`
	Type           string    `json:"type"`
	Stream         string    `json:"stream"`
	Position       int64     `json:"position"`
	GlobalPosition int64     `json:"globalPosition"`
	ID             string    `json:"id"`
	Time           time.Time `json:"time"`
	Hop            *int64    `json:"hop,omitempty"` // nanoseconds since its cause
	Cause          string    `json:"cause,omitempty"`
	Asked          bool      `json:"asked,omitempty"`      // it is the message that was asked about
	Slowest        bool      `json:"slowest,omitempty"`    // it is on the slowest path
	SlowestHop     bool      `json:"slowestHop,omitempty"` // none of that path took longer
	Notes          []string  `json:"notes,omitempty"`

	rails string
}

func nodeRows(v *search.Sight, ascii bool) []nodeRow {
	rows := make([]nodeRow, len(v.Rows))
	for i, row := range v.Rows {
		n := &v.Nodes[row.Node]
		r := nodeRow{
			Depth: row.Depth, Type: n.Type, Stream: n.Stream, Position: n.Position, GlobalPosition: n.Global, ID: n.ID.String(), Time: n.Time.UTC(),
			Asked: row.Node == v.Origin, Slowest: v.Slow[row.Node], SlowestHop: row.Node == v.SlowHop, Notes: n.Words(), rails: row.Rails(24, ascii),
		}
		if d, ok := v.Hops[row.Node]; ok {
			took := int64(d)
			r.Hop = &took
		}
		if n.Cause >= 0 {
			c := &v.Nodes[n.Cause]
			r.Cause = causes.Place(c.Stream, c.Position).String()
		}
		rows[i] = r
	}
	return rows
}

func nodeFields() []output.Field[nodeRow] {
	hop := output.Known("hop", "", func(r nodeRow) *int64 { return r.Hop }, signed)
	took := hop.Show
	hop.Show = func(r nodeRow) string {
		if r.Slowest {
			return strings.TrimSpace("* " + took(r))
		}
		return took(r)
	}
	return []output.Field[nodeRow]{
		output.Time("time", time.DateTime+".000", func(r nodeRow) time.Time { return r.Time }),
		hop,
		output.Raw("depth", func(r nodeRow) any { return r.Depth }),
		{Name: "type", Show: func(r nodeRow) string { return r.rails + r.Type }, Raw: func(r nodeRow) string { return r.Type }},
		output.Text("stream#position", func(r nodeRow) string { return causes.Place(r.Stream, r.Position).String() }),
		output.Raw("cause", func(r nodeRow) any { return r.Cause }),
		output.Raw("id", func(r nodeRow) any { return r.ID }),
		output.Raw("slowest", func(r nodeRow) any { return r.Slowest }),
		output.Text("notes", func(r nodeRow) string {
			notes := r.Notes
			if r.SlowestHop {
				notes = append([]string{"slowest hop"}, notes...)
			}
			if r.Asked {
				notes = append([]string{"this one"}, notes...)
			}
			return strings.Join(notes, "; ")
		}),
	}
}

// signed writes a time in nanoseconds, which is below zero where clocks differ.
func signed(nanos int64) string {
	if nanos < 0 {
		return "-" + text.Duration(time.Duration(-nanos))
	}
	return text.Duration(time.Duration(nanos))
}

// hopRow is a pair of types as the command prints it; times in nanoseconds.
type hopRow struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Count   int64  `json:"count"`
	P50     int64  `json:"p50"`
	P99     int64  `json:"p99"`
	Max     int64  `json:"max"`
	Slowest string `json:"slowest"`
}

// percentiles prints how long the hops took.
func (f *causesFlags) percentiles(cmd *cobra.Command, c *client.Client) error {
	many := search.NewMany(f.links, search.Span{Stream: f.hopsOf, Categories: f.hops})
	limit := int64(f.limit)
	if limit == 0 {
		limit = hopsLimit
	}
	if err := readHops(cmd, c, many, limit); err != nil {
		return err
	}
	hops, left := many.Hops()
	row := func(h causes.Hop) any {
		return hopRow{h.From, h.To, h.Count, int64(h.P50), int64(h.P99), int64(h.Max), h.Slowest.String()}
	}
	if err := output.List(cmd.OutOrStdout(), *f.format, hopFields(), row, hops); err != nil {
		return err
	}
	w := cmd.ErrOrStderr()
	fmt.Fprintf(w, "%s counted, in %s read\n", output.Counted(many.Counted, "hop"), output.Counted(many.Read.Messages, "message"))
	if many.Missing > 0 {
		fmt.Fprintf(w, "%s not found\n", output.Counted(many.Missing, "cause"))
	}
	if left > 0 {
		fmt.Fprintf(w, "%s left out: too many\n", output.Counted(left, "hop"))
	}
	if !many.Done {
		fmt.Fprintf(w, "stopped at --limit %d: there are more messages\n", limit)
	}
	if many.Read.Messages == 0 {
		return f.nothing(c)
	}
	return nil
}

func readHops(cmd *cobra.Command, c *client.Client, many *search.Many, limit int64) error {
	progress := output.NewProgress(cmd, false)
	defer progress.Done()
	for !many.Done && many.Read.Messages < limit {
		if err := many.Step(cmd.Context(), c, limit-many.Read.Messages); err != nil {
			return err
		}
		progress.Line("read %s, %s counted", output.Counted(many.Read.Messages, "message"), output.Counted(many.Counted, "hop"))
	}
	return many.Finish(cmd.Context(), c)
}

// nothing says why nothing was read.
func (f *causesFlags) nothing(c *client.Client) error {
	if f.hopsOf != "" {
		return fmt.Errorf("namespace %s has no stream %q", c.Namespace(), f.hopsOf)
	}
	return fmt.Errorf("namespace %s has no messages of category %q", c.Namespace(), strings.Join(f.hops, ", "))
}

func hopFields() []output.Field[causes.Hop] {
	took := func(name string, of func(causes.Hop) time.Duration) output.Field[causes.Hop] {
		nanos := func(h causes.Hop) int64 { return int64(of(h)) }
		return output.Shown(name, nanos, func(h causes.Hop) string { return signed(nanos(h)) })
	}
	return []output.Field[causes.Hop]{
		output.Text("from", func(h causes.Hop) string { return h.From }),
		output.Text("to", func(h causes.Hop) string { return h.To }),
		output.Count("count", func(h causes.Hop) int64 { return h.Count }),
		took("p50", func(h causes.Hop) time.Duration { return h.P50 }),
		took("p99", func(h causes.Hop) time.Duration { return h.P99 }),
		took("max", func(h causes.Hop) time.Duration { return h.Max }),
		output.Text("slowest", func(h causes.Hop) string { return h.Slowest.String() }),
	}
}
