package cli

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/server"
)

// keptLines is how many lines of the log the terminal UI can show.
const keptLines = 2000

// logFlags say what is logged, and how.
type logFlags struct {
	level  string
	format string
}

func (l *logFlags) flags(cmd *cobra.Command) {
	l.level = "info"
	cmd.Flags().Var(&oneOf{value: &l.level, names: []string{"debug", "info", "warn", "error"}}, "log-level", "minimum level to log: debug, info, warn, error")
	l.format = "text"
	cmd.Flags().Var(&oneOf{value: &l.format, names: []string{"text", "json"}}, "log-format", "format of log lines: text, json")
}

// open returns a logger that keeps its lines in the ring and, unless w is nil,
// writes them there.
func (l *logFlags) open(w io.Writer) (*slog.Logger, *server.LogRing) {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.level)) // the flag takes only levels
	var next slog.Handler
	options := &slog.HandlerOptions{Level: level}
	switch {
	case w == nil:
	case l.format == "json":
		next = slog.NewJSONHandler(w, options)
	default:
		next = slog.NewTextHandler(w, options)
	}
	ring := server.NewLogRing(keptLines, level, next)
	return slog.New(ring), ring
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
