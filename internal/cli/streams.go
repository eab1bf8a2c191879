package cli

import (
	"cmp"
	"context"
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

func streamsCommand() *cobra.Command {
	var (
		t     target.Target
		q     client.StreamsQuery
		limit int
	)
	cmd := &cobra.Command{
		Use:   "streams",
		Short: "List streams by name",
		Long:  "List streams in the order of their names. --prefix and --category skip other streams without reading them.",
		Example: "  evtui streams --data /tmp/evdb --category account\n" +
			"  evtui streams --prefix account-12 --limit 0 -o csv --url http://127.0.0.1:8080",
	}
	t.Flags(cmd)
	cmd.Flags().StringVar(&q.Prefix, "prefix", "", "only names with this prefix")
	cmd.Flags().StringVar(&q.Category, "category", "", "only this category")
	cmd.Flags().StringVar(&q.Cursor, "after", "", "start after this name")
	cmd.Flags().IntVarP(&limit, "limit", "n", listLimit, "maximum number to list; 0 for all")
	out := output.Flag(cmd, output.Table, output.JSON, output.NDJSON, output.CSV)
	check := func(cmd *cobra.Command, _ []string) error {
		return cmp.Or(
			command.Check(cmd, command.When(limit < 0, "--limit must not be negative; 0 lists all")),
			target.CheckCategories(cmd, "to list streams by prefix, use --prefix", q.Category))
	}
	cmd.RunE = t.Runs(target.ToRead, check, func(cmd *cobra.Command, s *target.Session) error {
		sheet := output.NewSheet(cmd.OutOrStdout(), *out, streamFields(), nil)
		last, more, err := listStreams(cmd.Context(), s.Client, q, limit, sheet)
		if err == nil {
			err = sheet.End()
		}
		if err == nil && more {
			fmt.Fprintf(cmd.ErrOrStderr(), "stopped at --limit %d: there are more, continue with --after %s\n", limit, text.Sanitize(last))
		}
		if err == nil && last == q.Cursor && q.Category != "" {
			err = target.MissingCategory(cmd.Context(), s.Client, q.Category)
		}
		return err
	})
	return cmd
}

// streamRow is a stream as the command prints it.
type streamRow struct {
	Stream       string    `json:"stream"`
	Category     string    `json:"category"`
	Version      int64     `json:"version"`
	Messages     int64     `json:"messages"`
	LastActivity time.Time `json:"lastActivity"`
}

func streamFields() []output.Field[streamRow] {
	return []output.Field[streamRow]{
		output.Text("stream", func(r streamRow) string { return r.Stream }).AtLeast(28),
		output.Raw("category", func(r streamRow) any { return r.Category }),
		output.Raw("version", func(r streamRow) any { return r.Version }),
		output.Count("messages", func(r streamRow) int64 { return r.Messages }),
		output.Time("last", time.DateTime, func(r streamRow) time.Time { return r.LastActivity }),
	}
}

// listStreams prints the streams of the query, limit at most unless it is 0.
// It returns the last name, and whether there are more.
func listStreams(ctx context.Context, c *client.Client, q client.StreamsQuery, limit int, out *output.Sheet[streamRow]) (last string, more bool, err error) {
	for printed := 0; ; {
		q.Limit = readPage
		if limit > 0 {
			q.Limit = min(readPage, limit-printed+1) // one more shows whether there are more
		}
		page, err := c.Streams(ctx, q)
		if err != nil {
			return "", false, err
		}
		full := len(page) == q.Limit
		if limit > 0 && printed+len(page) > limit {
			page, more = page[:limit-printed], true
		}
		rows := make([]streamRow, len(page))
		for i, s := range page {
			rows[i] = streamRow{s.Name, store.Category(s.Name), s.Version, s.Version + 1, s.LastActivity.UTC()}
			q.Cursor = s.Name
		}
		printed += len(page)
		if err := out.Add(rows...); err != nil || more || !full {
			return q.Cursor, more, err
		}
	}
}

func categoriesCommand() *cobra.Command {
	var (
		t      target.Target
		prefix string
	)
	cmd := &cobra.Command{
		Use:     "categories",
		Short:   "List categories with their streams and messages",
		Example: "  evtui categories --data /tmp/evdb\n  evtui categories --url http://127.0.0.1:8080 -o json",
	}
	t.Flags(cmd)
	cmd.Flags().StringVar(&prefix, "prefix", "", "only names with this prefix")
	out := output.Flag(cmd, output.Table, output.JSON, output.NDJSON, output.CSV)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return t.With(cmd, target.ToRead, func(s *target.Session) error {
			all, err := s.Categories(cmd.Context())
			if err != nil {
				return err
			}
			rows := make([]categoryRow, 0, len(all))
			for _, c := range all {
				if strings.HasPrefix(c.Category, prefix) {
					rows = append(rows, categoryRow(c))
				}
			}
			return output.List(cmd.OutOrStdout(), *out, categoryFields(), nil, rows)
		})
	}
	return cmd
}

// categoryRow is a category as the command prints it.
type categoryRow struct {
	Category     string `json:"category"`
	StreamCount  int64  `json:"streamCount"`
	MessageCount int64  `json:"messageCount"`
	LastPosition int64  `json:"lastPosition,omitempty"`
	Estimated    bool   `json:"estimated,omitempty"` // the counts are
}

func categoryFields() []output.Field[categoryRow] {
	about := func(name string, of func(categoryRow) int64) output.Field[categoryRow] {
		return output.Shown(name, of, func(r categoryRow) string { return text.About(of(r), r.Estimated) })
	}
	last := func(r categoryRow) int64 { return r.LastPosition }
	return []output.Field[categoryRow]{
		output.Text("category", func(r categoryRow) string { return r.Category }),
		about("streams", func(r categoryRow) int64 { return r.StreamCount }),
		about("messages", func(r categoryRow) int64 { return r.MessageCount }),
		output.Shown("last", last, func(r categoryRow) string {
			if r.LastPosition == 0 { // no message is there: the server does not say it
				return "–"
			}
			return text.Count(r.LastPosition)
		}),
	}
}
