package streams

import (
	"cmp"
	"context"
	"slices"

	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// readProcess reads what may belong to a process: the messages of its stream,
// and those of all categories that correlate to the stream's category. Forward,
// nothing before the stream's own first message is looked at: what follows from
// it cannot be older.
func (s source) readProcess(ctx context.Context, c *client.Client, pos int64, limit int) ([]store.Message, error) {
	own, err := c.ReadStream(ctx, client.StreamQuery{
		Stream: s.process, GlobalPosition: pos, Limit: limit, Backward: !s.oldest, MaxBytes: client.PageBytes,
	})
	if err != nil {
		return nil, err
	}
	if s.oldest && pos <= 1 && len(own) > 0 {
		pos = own[0].GlobalPosition
	}
	others, err := c.ReadCategory(ctx, client.CategoryQuery{
		GlobalPosition: pos, Limit: limit, Correlation: store.Category(s.process), Backward: !s.oldest, MaxBytes: client.PageBytes,
	})
	if err != nil {
		return nil, err
	}
	all := append(others, own...)
	slices.SortFunc(all, func(a, b store.Message) int {
		if !s.oldest {
			a, b = b, a
		}
		return cmp.Compare(a.GlobalPosition, b.GlobalPosition)
	})
	all = slices.CompactFunc(all, func(a, b store.Message) bool { return a.GlobalPosition == b.GlobalPosition })
	// The next ones of both are among the next ones of each.
	return all[:min(len(all), limit)], nil
}

// followProcess opens the process of a message, at that message.
func (w *way) followProcess(t *page.Turn, m *store.Message) {
	name := causes.ProcessOf(m)
	l := w.newList(source{kind: listMessages, namespace: t.Namespace, process: name, oldest: true}, -1)
	global := m.GlobalPosition
	l.seek = &global
	w.stack = append(w.stack, l)
	w.moved()
	l.pull(t)
}
