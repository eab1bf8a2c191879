package target

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
)

// EngineWords is the log of an engine that a command runs by itself. There is
// no log to look into, so warnings are printed, and errors are kept for
// whoever says why the command failed.
type EngineWords struct {
	kept  *keptWords
	attrs []slog.Attr
}

type keptWords struct {
	w io.Writer

	mu   sync.Mutex // guards what follows
	last string     // what the last error was about
}

// NewEngineWords returns a log that prints warnings to w.
func NewEngineWords(w io.Writer) *EngineWords { return &EngineWords{kept: &keptWords{w: w}} }

// Enabled implements slog.Handler.
func (e *EngineWords) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}

// Handle implements slog.Handler.
func (e *EngineWords) Handle(_ context.Context, r slog.Record) error {
	line, reason := r.Message, ""
	each := func(a slog.Attr) bool {
		if text := a.Value.String(); text != "" && text != "<nil>" {
			line += fmt.Sprintf(" %s=%q", a.Key, text)
			if a.Key == "error" {
				reason = text
			}
		}
		return true
	}
	for _, a := range e.attrs {
		each(a)
	}
	r.Attrs(each)
	e.kept.mu.Lock()
	defer e.kept.mu.Unlock()
	if r.Level < slog.LevelError {
		_, err := fmt.Fprintln(e.kept.w, "evtui: warning:", output.InertLines(line))
		return err
	}
	if reason != "" {
		e.kept.last = reason
	}
	return nil
}

// WithAttrs implements slog.Handler.
func (e *EngineWords) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &EngineWords{kept: e.kept, attrs: append(e.attrs[:len(e.attrs):len(e.attrs)], attrs...)}
}

// WithGroup implements slog.Handler. Whose words they are is of no interest here.
func (e *EngineWords) WithGroup(string) slog.Handler { return e }

// seeLog is how a server that keeps its reasons to its log ends what it says.
const seeLog = "the store failed, its log says why"

// explain has an error that refers to the log say what would stand there.
func (e *EngineWords) explain(err error) error {
	answer, ok := errors.AsType[*client.Error](err)
	if !ok || answer.Code != wire.BackendError {
		return err
	}
	e.kept.mu.Lock()
	defer e.kept.mu.Unlock()
	if e.kept.last == "" || !strings.Contains(err.Error(), seeLog) {
		return err
	}
	return &explainedError{err: err, reason: e.kept.last}
}

// explainedError is an error with its reason in the place of where to find it.
type explainedError struct {
	err    error
	reason string
}

func (e *explainedError) Error() string { return strings.Replace(e.err.Error(), seeLog, e.reason, 1) }

// Unwrap returns the server's error.
func (e *explainedError) Unwrap() error { return e.err }
