package cli

import (
	"fmt"
	"os"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/spf13/cobra"
)

// logFlags say what is logged, and how.
type logFlags struct {
	level  string
	format string
}

func (l *logFlags) flags(cmd *cobra.Command) {
	l.level = "info"
	cmd.Flags().Var(&output.OneOf{Value: &l.level, Names: []string{"debug", "info", "warn", "error"}}, "log-level", "minimum level to log: debug, info, warn, error")
	l.format = "text"
	cmd.Flags().Var(&logFormat{output.OneOf{Value: &l.format, Names: []string{"text", "json"}}}, "log-format", "format of log lines: text, json (console, as EventoDB names it, is text)")
}

// logFormat is a format of log lines, under EventoDB's names too.
type logFormat struct{ output.OneOf }

// Set implements pflag.Value.
func (l *logFormat) Set(given string) error {
	if given == "console" {
		given = "text"
	}
	return l.OneOf.Set(given)
}

// logFile opens the file that --log-file names; nil for none.
func logFile(name string) (*os.File, error) {
	if name == "" {
		return nil, nil
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log file: %w", err)
	}
	return file, nil
}
