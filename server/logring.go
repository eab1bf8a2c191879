package server

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"sync"

	"github.com/evtui/evtui/server/wire"
)

// LogRing is a slog.Handler that keeps the newest lines for engine.log and
// passes every record on to another handler.
type LogRing struct {
	lines *logLines    // shared with what WithAttrs and WithGroup derive
	next  slog.Handler // nil: pass on to nobody
	attrs slog.Handler // encodes a record's attributes into lines.scratch
}

type logLines struct {
	level slog.Leveler

	mu      sync.Mutex
	ring    []wire.LogLine // the line with sequence number s is ring[(s-1)%len]
	last    uint64         // sequence number of the newest line, 0 for none
	scratch bytes.Buffer
}

// NewLogRing keeps the newest size lines (1000 if size is not positive) of at
// least the given level (nil: Info), and passes records on to next unless
// that is nil.
func NewLogRing(size int, level slog.Leveler, next slog.Handler) *LogRing {
	if size < 1 {
		size = 1000
	}
	if level == nil {
		level = slog.LevelInfo
	}
	lines := &logLines{level: level, ring: make([]wire.LogLine, size)}
	// The attributes are put into a group so that none of them can collide
	// with the level and the message that JSONHandler writes beside them.
	attrs := slog.NewJSONHandler(&lines.scratch, &slog.HandlerOptions{Level: slog.Level(-1 << 20)}).WithGroup("attrs")
	return &LogRing{lines: lines, next: next, attrs: attrs}
}

// Enabled reports whether the ring or the next handler wants the level.
func (r *LogRing) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= r.lines.level.Level() || r.next != nil && r.next.Enabled(ctx, level)
}

// Handle keeps the record and passes it on. It returns the next handler's
// error.
func (r *LogRing) Handle(ctx context.Context, record slog.Record) error {
	if record.Level >= r.lines.level.Level() {
		r.keep(ctx, record)
	}
	if r.next != nil && r.next.Enabled(ctx, record.Level) {
		return r.next.Handle(ctx, record)
	}
	return nil
}

// WithAttrs returns a handler on the same ring that adds attrs to every record.
func (r *LogRing) WithAttrs(attrs []slog.Attr) slog.Handler {
	derived := *r
	derived.attrs = r.attrs.WithAttrs(attrs)
	if r.next != nil {
		derived.next = r.next.WithAttrs(attrs)
	}
	return &derived
}

// WithGroup returns a handler on the same ring that puts every record's
// attributes into a group.
func (r *LogRing) WithGroup(name string) slog.Handler {
	if name == "" {
		return r
	}
	derived := *r
	derived.attrs = r.attrs.WithGroup(name)
	if r.next != nil {
		derived.next = r.next.WithGroup(name)
	}
	return &derived
}

func (r *LogRing) keep(ctx context.Context, record slog.Record) {
	l := r.lines
	l.mu.Lock()
	defer l.mu.Unlock()
	l.scratch.Reset()
	var encoded struct{ Attrs json.RawMessage }
	if r.attrs.Handle(ctx, record) == nil {
		// Attributes that do not encode leave the line without any.
		_ = json.Unmarshal(l.scratch.Bytes(), &encoded)
	}
	l.last++
	l.ring[(l.last-1)%uint64(len(l.ring))] = wire.LogLine{
		Seq: l.last, Time: record.Time.UTC(), Level: record.Level.String(),
		Text: record.Message, Attrs: encoded.Attrs,
	}
}

// After returns up to limit lines that follow the one with the sequence number
// seq, oldest first; those that the ring no longer holds are left out, so a
// gap in the sequence numbers says how many. The caller owns the slice.
func (r *LogRing) After(seq uint64, limit int) []wire.LogLine {
	l := r.lines
	l.mu.Lock()
	defer l.mu.Unlock()
	size := uint64(len(l.ring))
	if l.last > size && seq < l.last-size {
		seq = l.last - size
	}
	lines := []wire.LogLine{}
	for ; seq < l.last && len(lines) < limit; seq++ {
		lines = append(lines, l.ring[seq%size])
	}
	return lines
}
