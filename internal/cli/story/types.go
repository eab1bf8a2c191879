package story

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/story/fields"
	"github.com/evtui/evtui/internal/story/fields/look"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
)

// typesRead is how many messages are read for fields unless --read says otherwise.
const typesRead = 10_000

// typesCommand is what the command was asked for.
type typesCommand struct {
	target   target.Target
	category string
	name     string // the type whose fields are shown; "" lists types
	until    string
	read     int64
	format   *output.Format

	end   time.Time // what until says
	given bool      // --read is
}

// TypesCommand is `evtui types`.
func TypesCommand() *cobra.Command {
	var f typesCommand
	cmd := &cobra.Command{
		Use:   "types [CATEGORY] [TYPE]",
		Short: "Count events by type, or show the fields of a type",
		Long: "Count the messages of a namespace, or of one category, by type. Where the server keeps no such counts, and with " +
			"--until, all messages are read for them, or the newest --read.\n\n" +
			"With TYPE, show the fields of its messages: the JSON paths, kinds, how many messages have them, distinct values " +
			"(≈ beyond 256), least and greatest, and an example. For that the newest --read messages of the type are read.\n\n" +
			"What changed within them (fields that came or went, values that became another kind) is printed below, to " +
			"standard error; JSON has it under changes.",
		Example: "  evtui types --data /tmp/evdb\n" +
			"  evtui types account -o csv --url http://127.0.0.1:8080\n" +
			"  evtui types account Deposited --data /tmp/evdb\n" +
			"  evtui types account Deposited --read 0 -o json",
	}
	f.target.Flags(cmd)
	cmd.Flags().Int64Var(&f.read, "read", typesRead, "maximum number of messages to read, the newest first; 0 for all (default for counts: all)")
	cmd.Flags().StringVar(&f.until, "until", "", "leave out messages after this time: -10m, 14:02:07, 2026-01-15 or RFC 3339")
	f.format = output.Flag(cmd, output.Table, output.JSON, output.NDJSON, output.CSV)
	cmd.RunE = f.target.Reads(maxPage, f.check, func(cmd *cobra.Command, c *client.Client) error {
		if f.name != "" {
			return f.showFields(cmd, c)
		}
		return f.listTypes(cmd, c)
	})
	return cmd
}

func (f *typesCommand) check(cmd *cobra.Command, args []string) (err error) {
	f.given = cmd.Flags().Changed("read")
	named := append(slices.Clone(args), "", "")
	f.category, f.name = named[0], named[1]
	err = cmp.Or(
		target.CheckCategories(cmd, "the types of one stream: evtui messages STREAM --columns type", f.category),
		command.Check(cmd,
			command.When(len(args) == 2 && (f.name == "" || f.category == ""), "give CATEGORY and TYPE"),
			command.When(f.read < 0, "--read must not be negative; 0 reads all")))
	if err == nil {
		f.end, err = command.Time(cmd, "until", f.until, time.Now())
	}
	return err
}

// run has a look read as much as it may, with progress.
func (f *typesCommand) run(cmd *cobra.Command, c *client.Client, l *look.Look) (look.Progress, error) {
	allowed := look.All()
	if f.read > 0 && (f.given || f.name != "") {
		allowed.Messages = f.read
	}
	progress := output.NewProgress(cmd, false)
	defer progress.Done()
	for {
		if err := l.Turn(cmd.Context(), c, allowed); err != nil {
			if client.NotOffered(err) && !f.end.IsZero() {
				return look.Progress{}, fmt.Errorf("--until %s: this server cannot look up times: %w", f.until, err)
			}
			return look.Progress{}, err
		}
		at := l.Progress()
		if at.Whole || allowed.Spent(at) {
			return at, nil
		}
		progress.Line("%s, %s looked at", output.Counted(at.Read, "message"), text.Count(at.Cost.Messages))
	}
}

// said tells on standard error what was read, and what it cost.
func (f *typesCommand) said(w io.Writer, p look.Progress, why string) {
	order := ", newest first"
	if p.Forward {
		order = ", oldest first"
	}
	how := "all " + output.Counted(p.Read, "message") + " read"
	if !p.Whole {
		of := ""
		if p.Total >= 0 {
			of = " of " + text.About(max(p.Total, p.Read), p.About)
		}
		how = text.Count(p.Read) + of + " messages read" + order + "; --read 0 reads all"
	}
	if p.Cost.Messages > p.Read {
		how += " (" + text.Count(p.Cost.Messages) + " looked at)"
	}
	fmt.Fprintf(w, "%s%s: %s in %s\n", why, how, text.Bytes(float64(p.Cost.Bytes)), text.Duration(p.Cost.Time))
}

// typeRow is a type as the command prints it.
type typeRow struct {
	Type     string     `json:"type"`
	Category string     `json:"category"`
	Count    int64      `json:"count"`
	AtLeast  bool       `json:"atLeast,omitempty"` // not all messages were counted
	First    store.Seen `json:"first"`             // of those counted
	Last     store.Seen `json:"last"`
	counted  int64
}

// listTypes prints the counts, the greatest first.
func (f *typesCommand) listTypes(cmd *cobra.Command, c *client.Client) error {
	counts, progress, why, err := f.counts(cmd, c)
	if err != nil {
		return err
	}
	if len(counts.Types) == 0 && f.category != "" && f.end.IsZero() {
		if err := target.MissingCategory(cmd.Context(), c, f.category); err != nil {
			return err
		}
	}
	partly := counts.Counted < counts.Messages || progress != nil && !progress.Whole
	rows := make([]typeRow, len(counts.Types))
	for i, n := range counts.Types {
		rows[i] = typeRow{n.Type, n.Category, n.Count, partly, utc(n.First), utc(n.Last), counts.Counted}
	}
	slices.SortStableFunc(rows, func(a, b typeRow) int { return -cmp.Compare(a.Count, b.Count) })
	if err := output.List(cmd.OutOrStdout(), *f.format, typeFields(), nil, rows); err != nil {
		return err
	}
	w := cmd.ErrOrStderr()
	if progress != nil {
		f.said(w, *progress, why)
	} else if partly {
		fmt.Fprintf(w, "the server is still counting: %s of %s so far\n", text.Count(counts.Counted), output.Counted(counts.Messages, "message"))
	}
	if counts.Fault != "" {
		fmt.Fprintf(w, "the server cannot count on, and tries again: %s\n", text.Sanitize(counts.Fault))
	}
	if counts.Overflow > 0 {
		fmt.Fprintf(w, "%s of further types, beyond the %s that are told apart\n", output.Counted(counts.Overflow, "message"), text.Count(int64(len(counts.Types))))
	}
	return nil
}

// counts asks the server, or reads and counts. progress is nil when the server
// counted; why says why it did not.
func (f *typesCommand) counts(cmd *cobra.Command, c *client.Client) (counts store.TypeCounts, progress *look.Progress, why string, err error) {
	if f.end.IsZero() && !f.given {
		counts, err = c.Types(cmd.Context(), f.category)
		if !client.NotOffered(err) {
			return counts, nil, "", err
		}
		why = "the server keeps no counts by type; "
	}
	l := look.Types(c.Namespace(), f.category, f.end)
	p, err := f.run(cmd, c, l)
	return l.Tally().Counts(), &p, why, err
}

func utc(s store.Seen) store.Seen { return store.Seen{Position: s.Position, Time: s.Time.UTC()} }

func typeFields() []output.Field[typeRow] {
	return []output.Field[typeRow]{
		output.Text("type", func(r typeRow) string { return r.Type }),
		output.Text("category", func(r typeRow) string { return r.Category }),
		output.Shown("count", func(r typeRow) int64 { return r.Count }, func(r typeRow) string {
			if r.AtLeast {
				return "≥" + text.Count(r.Count)
			}
			return text.Count(r.Count)
		}),
		{
			Name: "share", Right: true, Show: func(r typeRow) string { return text.Share(float64(r.Count) / float64(max(r.counted, 1))) },
			Raw: func(r typeRow) string { return strconv.FormatFloat(float64(r.Count)/float64(r.counted), 'f', 6, 64) },
		},
		output.Time("first", time.DateTime, func(r typeRow) time.Time { return r.First.Time }),
		output.Time("last", time.DateTime, func(r typeRow) time.Time { return r.Last.Time }),
	}
}

// showFields prints the fields of a type.
func (f *typesCommand) showFields(cmd *cobra.Command, c *client.Client) error {
	count, err := f.countOf(cmd.Context(), c)
	if err != nil {
		return err
	}
	l := look.Fields(c.Namespace(), f.category, f.name, f.end, count)
	p, err := f.run(cmd, c, l)
	if err != nil {
		return fmt.Errorf("read fields of type %q: %w", f.name, err)
	}
	set := l.Set()
	if p.Read == 0 && p.Whole && f.end.IsZero() {
		return f.missingType(cmd.Context(), c, nil)
	}
	changes, more := set.Changes()
	rows := set.Fields()
	if err := f.printFields(cmd.OutOrStdout(), rows, changes, set, p); err != nil {
		return err
	}
	w := cmd.ErrOrStderr()
	f.said(w, p, "")
	if p.Read == 0 && p.Whole {
		fmt.Fprintf(w, "no message of type %q up to %s\n", f.name, f.end.Local().Format(time.DateTime))
	}
	clock := func(at time.Time) string { return at.Local().Format(time.DateTime) }
	if *f.format != output.JSON {
		for i := range changes {
			fmt.Fprintln(w, text.Sanitize(changes[i].Words(text.Count, clock)))
		}
	}
	if more > 0 {
		fmt.Fprintf(w, "and %s more, which are not listed\n", output.Counted(int64(more), "change"))
	}
	if set.Merged() {
		fmt.Fprintln(w, "more fields than can be told apart: those beyond are counted together, under *")
	}
	if n := set.Invalid(); n > 0 {
		fmt.Fprintf(w, "%s not JSON, and left out\n", output.Counted(n, "document"))
	}
	return nil
}

// countOf is what the server knows of the type; its zero value where it knows nothing.
// A type that the server knows not to be there is an error: nothing needs to be read.
func (f *typesCommand) countOf(ctx context.Context, c *client.Client) (store.TypeCount, error) {
	counts, err := c.Types(ctx, f.category)
	switch {
	case client.NotOffered(err):
		return store.TypeCount{}, nil
	case err != nil:
		return store.TypeCount{}, err
	case counts.Counted < counts.Messages:
		return store.TypeCount{}, nil
	}
	for _, n := range counts.Types {
		if n.Type == f.name {
			return n, nil
		}
	}
	if counts.Overflow > 0 {
		return store.TypeCount{}, nil // it may be one of those
	}
	return store.TypeCount{}, f.missingType(ctx, c, counts.Types)
}

// namedTypes is how many types are named where another was asked for.
const namedTypes = 8

// missingType says that there is no message of the type, and which types there are.
func (f *typesCommand) missingType(ctx context.Context, c *client.Client, there []store.TypeCount) error {
	if err := target.MissingCategory(ctx, c, f.category); err != nil {
		return err
	}
	var names []string
	for _, n := range there[:min(len(there), namedTypes)] {
		names = append(names, n.Type)
	}
	has := ""
	if len(names) > 0 {
		has = "; it has " + strings.Join(names, ", ")
	}
	if more := len(there) - len(names); more > 0 {
		has += fmt.Sprintf(" and %d more: evtui types %s", more, f.category)
	}
	return fmt.Errorf("category %q has no messages of type %q%s", f.category, f.name, has)
}

// fieldsDocument is what JSON shows of a type's fields.
type fieldsDocument struct {
	Category string       `json:"category"`
	Type     string       `json:"type"`
	Read     int64        `json:"read"` // messages
	Whole    bool         `json:"whole"`
	Oldest   fields.Place `json:"oldest"` // of the messages read
	Newest   fields.Place `json:"newest"`
	Fields   []any        `json:"fields"`
	Changes  []any        `json:"changes"`
}

func (f *typesCommand) printFields(w io.Writer, rows []fields.Field, changes []fields.Change, set *fields.Set, p look.Progress) error {
	if *f.format != output.JSON {
		return output.List(w, *f.format, fieldColumns(), fieldJSON, rows)
	}
	d := fieldsDocument{Category: f.category, Type: f.name, Read: p.Read, Whole: p.Whole, Fields: []any{}, Changes: []any{}}
	d.Oldest, d.Newest = set.Span()
	for _, row := range rows {
		d.Fields = append(d.Fields, fieldJSON(row))
	}
	for i := range changes {
		d.Changes = append(d.Changes, changeJSON(&changes[i]))
	}
	return output.WriteJSON(w, d)
}

// fieldJSON is a field as JSON shows it.
func fieldJSON(f fields.Field) any {
	kinds := map[string]fields.KindCount{}
	for _, k := range f.Kinds {
		kinds[k.Kind.String()] = k
	}
	return struct {
		Path      string                      `json:"path"`
		Kinds     map[string]fields.KindCount `json:"kinds"`
		Present   int64                       `json:"present"`
		Of        int64                       `json:"of"`
		Values    int64                       `json:"values"`
		Repeated  int64                       `json:"repeated,omitempty"` // under a name that stood before in the same object
		Distinct  int64                       `json:"distinct"`
		Estimated bool                        `json:"estimated,omitempty"` // distinct is
		Least     string                      `json:"least,omitempty"`
		Greatest  string                      `json:"greatest,omitempty"`
		Examples  []fields.Example            `json:"examples,omitempty"`
		First     fields.Place                `json:"first"`
		Last      fields.Place                `json:"last"`
		Filter    string                      `json:"filter,omitempty"` // asks for messages that have it
	}{f.Name(), kinds, f.Present, f.Of, f.Values, f.Repeated, f.Distinct, f.About, f.Least, f.Greatest, f.Examples, f.First, f.Last, f.Filter}
}

// changeJSON is a change as JSON shows it.
func changeJSON(c *fields.Change) any {
	v := struct {
		Change string       `json:"change"`
		Path   string       `json:"path"`
		Kind   string       `json:"kind,omitempty"`
		Was    string       `json:"was,omitempty"`
		Count  int64        `json:"count"`
		Of     int64        `json:"of"`
		At     fields.Place `json:"at"`
	}{Change: c.What.String(), Path: c.Name(), Count: c.Count, Of: c.Of, At: c.At}
	if c.What == fields.Became || c.What == fields.Mixed {
		v.Kind, v.Was = c.Kind.String(), c.Was.String()
	}
	return v
}

func fieldColumns() []output.Field[fields.Field] {
	return []output.Field[fields.Field]{
		output.Text("path", func(f fields.Field) string { return f.Name() }),
		output.Text("kinds", func(f fields.Field) string {
			parts := make([]string, len(f.Kinds))
			for i, k := range f.Kinds {
				if parts[i] = k.Kind.String(); len(f.Kinds) > 1 {
					parts[i] += " " + text.Count(k.Count)
				}
			}
			return strings.Join(parts, ", ")
		}),
		output.Shown("present", func(f fields.Field) int64 { return f.Present }, func(f fields.Field) string {
			return text.Count(f.Present) + " (" + text.Share(float64(f.Present)/float64(max(f.Of, 1))) + ")"
		}),
		output.Shown("distinct", func(f fields.Field) int64 { return f.Distinct }, func(f fields.Field) string {
			if f.Distinct == 0 {
				return "–"
			}
			return text.About(f.Distinct, f.About)
		}),
		output.Raw("estimated", func(f fields.Field) any { return f.About }), // distinct is
		output.Text("least", func(f fields.Field) string { return f.Least }),
		output.Text("greatest", func(f fields.Field) string { return f.Greatest }),
		output.Text("example", func(f fields.Field) string {
			if len(f.Examples) == 0 {
				return ""
			}
			return f.Examples[0].Value
		}),
	}
}
