package host

import (
	"io"
	"log/slog"

	"github.com/evtui/evtui/server"
)

// keptLines is how many lines of the log the terminal UI can show.
const keptLines = 2000

// NewLogger returns a logger that keeps its lines in the ring and, unless w is nil,
// writes them there: as JSON for the format "json", else as text. least is the name of
// the least level to log.
func NewLogger(least, format string, w io.Writer) (*slog.Logger, *server.LogRing) {
	var level slog.Level
	_ = level.UnmarshalText([]byte(least)) // info for none that is known
	var next slog.Handler
	options := &slog.HandlerOptions{Level: level}
	switch {
	case w == nil:
	case format == "json":
		next = slog.NewJSONHandler(w, options)
	default:
		next = slog.NewTextHandler(w, options)
	}
	ring := server.NewLogRing(keptLines, level, next)
	return slog.New(ring), ring
}
