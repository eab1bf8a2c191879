package storetest

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
	"time"

	"github.com/evtui/evtui/store"
)

// Answers are compared as text, one line each: what is compared is then also
// what a failure prints.

// difference says where two answers differ first, "" when they do not.
func difference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("line %d of %d differs\n  got  %s\n  want %s", i+1, len(want), got[i], want[i])
		}
	}
	switch {
	case len(got) > len(want):
		return fmt.Sprintf("got %d lines, want %d; the first too many is\n  %s", len(got), len(want), got[len(want)])
	case len(got) < len(want):
		return fmt.Sprintf("got %d lines, want %d; the first that misses is\n  %s", len(got), len(want), want[len(got)])
	}
	return ""
}

// showMessages shows messages in full, with ids and times.
func showMessages(messages []store.Message) []string {
	lines := make([]string, len(messages))
	for i, m := range messages {
		metadata := "null"
		if m.Metadata != nil {
			metadata = showBytes(m.Metadata)
		}
		lines[i] = fmt.Sprintf("#%d %q@%d %q %s %s data %s metadata %s",
			m.GlobalPosition, m.Stream, m.Position, m.Type, m.ID, showTime(m.Time), showBytes(m.Data), metadata)
	}
	return lines
}

// places shows only where messages lie.
func places(messages []store.Message) []string {
	lines := make([]string, len(messages))
	for i, m := range messages {
		lines[i] = fmt.Sprintf("#%d %s@%d", m.GlobalPosition, m.Stream, m.Position)
	}
	return lines
}

// announced shows announcements as places does messages.
func announced(announcements []store.Announcement) []string {
	lines := make([]string, len(announcements))
	for i, a := range announcements {
		lines[i] = fmt.Sprintf("#%d %s@%d", a.GlobalPosition, a.Stream, a.Position)
	}
	return lines
}

// showBytes shows short values whole and of long ones enough to tell them apart.
func showBytes(b []byte) string {
	if len(b) <= 200 {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("%q… (%d bytes, CRC %08x)", b[:40], len(b), crc32.ChecksumIEEE(b))
}

// showTime keeps all digits and the zone.
func showTime(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Format("2006-01-02T15:04:05.000000000Z07:00")
}

func showStreams(streams []store.Stream) []string {
	lines := make([]string, len(streams))
	for i, s := range streams {
		lines[i] = fmt.Sprintf("stream %q version %d last activity %s", s.Name, s.Version, showTime(s.LastActivity))
	}
	return lines
}

func showCategories(categories []store.CategoryCount) []string {
	lines := make([]string, len(categories))
	for i, c := range categories {
		lines[i] = fmt.Sprintf("category %q streams %d messages %d last position %d",
			c.Category, c.StreamCount, c.MessageCount, c.LastPosition)
	}
	return lines
}

// showNamespace leaves out Open, which is the engine's own affair.
func showNamespace(ns store.Namespace) string {
	return fmt.Sprintf("namespace %q %q metadata %s created %s messages %d streams %d last activity %s",
		ns.ID, ns.Description, showBytes(ns.Metadata), showTime(ns.CreatedAt),
		ns.MessageCount, ns.StreamCount, showTime(ns.LastActivity))
}

func showAppended(a store.Appended) string {
	return fmt.Sprintf("positions %d–%d global %d–%d",
		a.FirstPosition, a.LastPosition, a.FirstGlobalPosition, a.LastGlobalPosition)
}

// showError tells what kind of error it is: wordings may differ between engines.
func showError(err error) string {
	var conflict *store.ConflictError
	var idConflict *store.IDConflictError
	var imported *store.ImportError
	var invalid *store.InvalidError
	switch {
	case err == nil:
		return "no error"
	case errors.As(err, &invalid):
		return "invalid argument"
	case errors.As(err, &conflict):
		return fmt.Sprintf("conflict on %q: expected %d, actual %d", conflict.Stream, conflict.Expected, conflict.Actual)
	case errors.As(err, &idConflict):
		return "id conflict"
	case errors.As(err, &imported) && errors.Is(err, store.ErrPositionExists):
		return fmt.Sprintf("position of message %d exists", imported.Index)
	}
	var unavailable *store.UnavailableError
	if errors.As(err, &unavailable) {
		return "unavailable"
	}
	for _, known := range []error{
		store.ErrNamespaceNotFound, store.ErrNamespaceExists, store.ErrMessageNotFound, store.ErrClosed,
		store.ErrReadOnly, store.ErrNotOffered, store.ErrChanged, store.ErrReplaced, store.ErrCheckpointExists,
		context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "unexpected error: " + err.Error()
}

// answer shows lines, or the error in their place.
func answer(err error, lines ...string) []string {
	if err != nil {
		return []string{showError(err)}
	}
	return lines
}

// readAnswer shows all that an iterator yields, an error last.
func readAnswer(seq iter.Seq2[store.Message, error]) []string {
	messages, err := collect(seq)
	lines := showMessages(messages)
	if err != nil {
		lines = append(lines, showError(err))
	}
	return lines
}

// stateOf is all that a namespace shows.
func stateOf(ctx context.Context, st store.Store, namespace string) []string {
	ns, err := st.Namespace(ctx, namespace)
	lines := answer(err, showNamespace(ns))
	head, err := st.Head(ctx, namespace)
	lines = append(lines, answer(err, fmt.Sprintf("head %d", head))...)
	categories, err := st.Categories(ctx, namespace)
	lines = append(lines, answer(err, showCategories(categories)...)...)
	streams, err := st.Streams(ctx, namespace, store.StreamsQuery{Limit: 1 << 20})
	lines = append(lines, answer(err, showStreams(streams)...)...)
	return append(lines, readAnswer(st.ReadCategory(ctx, namespace, store.CategoryQuery{Limit: store.NoLimit}))...)
}
