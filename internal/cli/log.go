package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/server/wire"
)

func logCommand() *cobra.Command {
	var (
		t target.Target
		l logList
	)
	cmd := &cobra.Command{
		Use:   "log",
		Short: "Show the server's log",
		Long: "Show the log lines that the server remembers, oldest first. Needs the admin token. On a directory that nobody\n" +
			"serves, the command starts the engine itself and has few lines to show: ask a running server.",
		Example: "  evtui log --url http://127.0.0.1:8080 --filter 'level>=warn'\n" +
			"  evtui log --filter 'text~compact and attrs.namespace=shop' --watch -o ndjson",
		Args: command.Arguments(cobra.NoArgs),
	}
	t.Flags(cmd)
	cmd.Flags().StringVar(&l.line, "filter", "", "show lines matching, such as 'level>=warn and text~sync'")
	cmd.Flags().StringVar(&l.from, "since", "", "start at this time: -10m, -2d, 14:02:07, 2026-01-15 or RFC 3339")
	cmd.Flags().BoolVarP(&l.watch, "watch", "w", false, "keep printing new lines until ctrl-c")
	out := output.Flag(cmd, output.Table, output.JSON, output.NDJSON, output.CSV)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := l.check(cmd, *out); err != nil {
			return err
		}
		return command.WhileRead(cmd, func() error {
			return t.With(cmd, target.ToRead, func(s *target.Session) error {
				sheet := output.NewSheet(cmd.OutOrStdout(), *out, logFields(), nil)
				if err := l.run(cmd, s, sheet); err != nil {
					return err
				}
				return sheet.End()
			})
		})
	}
	return cmd
}

// logList is what the command of the log was asked for.
type logList struct {
	line, from string
	watch      bool

	filter filter.Filter
	since  time.Time
}

func (l *logList) check(cmd *cobra.Command, out output.Format) (err error) {
	if l.watch && out == output.JSON {
		return command.Usage(cmd, "--watch never ends, and a single JSON value must: use -o ndjson")
	}
	if l.filter, err = filter.ParseLines(l.line, time.Now()); err != nil {
		return command.Usage(cmd, "%v", err)
	}
	l.since, err = timeFlag(cmd, "since", l.from, time.Now())
	return err
}

func (l *logList) run(cmd *cobra.Command, s *target.Session, out *output.Sheet[wire.LogLine]) error {
	after := uint64(0)
	return poll(cmd.Context(), l.watch, func() (bool, error) {
		page, err := s.Log(cmd.Context(), after, readPage)
		if err != nil || len(page) == 0 {
			return false, err
		}
		if after > 0 && page[0].Seq > after+1 {
			fmt.Fprintf(cmd.ErrOrStderr(), "%d lines are no longer remembered\n", page[0].Seq-after-1)
		}
		after = page[len(page)-1].Seq
		var kept []wire.LogLine
		for _, line := range page {
			if !line.Time.Before(l.since) && l.filter.KeepsLine(&filter.Line{Level: line.Level, Text: line.Text, Time: line.Time, Attrs: line.Attrs}) {
				kept = append(kept, line)
			}
		}
		return true, out.Add(kept...)
	})
}

func logFields() []output.Field[wire.LogLine] {
	return []output.Field[wire.LogLine]{
		{
			Name: "time", Show: func(l wire.LogLine) string { return l.Time.Local().Format(time.DateTime + ".000") },
			Raw: func(l wire.LogLine) string { return l.Time.UTC().Format(time.RFC3339Nano) },
		},
		{Name: "level", Min: 5, Show: func(l wire.LogLine) string { return l.Level }},
		{Name: "text", Show: func(l wire.LogLine) string { return l.Text }},
		{Name: "attrs", Show: func(l wire.LogLine) string { return string(l.Attrs) }},
	}
}
