package cli

import (
	"cmp"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/server/wire"
)

func logCommand() *cobra.Command {
	var l logList
	cmd := &cobra.Command{
		Use:   "log",
		Short: "Show the server's log",
		Long: "Show the log lines that the server remembers, oldest first. Needs the admin token. On a directory that no server " +
			"has open, the command starts the engine itself and has few lines to show: ask a running server.",
		Example: "  evtui log --url http://127.0.0.1:8080 --filter 'level>=warn'\n" +
			"  evtui log --filter 'text~compact and attrs.namespace=shop' --watch -o ndjson",
	}
	l.Flags(cmd)
	cmd.Flags().StringVar(&l.line, "filter", "", "show lines matching, such as 'level>=warn and text~sync'")
	l.flags(cmd, "lines")
	cmd.RunE = l.Follows(l.check, l.run)
	return cmd
}

// logList is what the command of the log was asked for.
type logList struct {
	remembered
	line   string
	filter filter.Filter
}

func (l *logList) check(cmd *cobra.Command, _ []string) (err error) {
	if l.filter, err = filter.ParseLines(l.line, time.Now()); err != nil {
		return command.Usage(cmd, "%v", err)
	}
	return cmp.Or(l.remembered.check(cmd), l.DB.Elsewhere("show its log", "read that on its machine, or ask a running evtui serve with --url"))
}

func (l *logList) run(cmd *cobra.Command, s *target.Session) error {
	at := func(l *wire.LogLine) (uint64, time.Time) { return l.Seq, l.Time }
	return follow(cmd, &l.remembered, logFields(), s.Log, at, l.keeps)
}

func (l *logList) keeps(line *wire.LogLine) bool {
	return l.filter.KeepsLine(&filter.Line{Level: line.Level, Text: line.Text, Time: line.Time, Attrs: line.Attrs})
}

func logFields() []output.Field[wire.LogLine] {
	return []output.Field[wire.LogLine]{
		output.Time("time", time.DateTime+".000", func(l wire.LogLine) time.Time { return l.Time }),
		output.Text("level", func(l wire.LogLine) string { return l.Level }).AtLeast(5),
		output.Text("text", func(l wire.LogLine) string { return l.Text }),
		output.Text("attrs", func(l wire.LogLine) string { return string(l.Attrs) }),
	}
}
