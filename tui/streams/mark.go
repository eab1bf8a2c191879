package streams

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// streamsOf hands out the messages of streams in their global order: of one by
// reading it, of several by going through their categories once.
func streamsOf(names []string) kit.MessagesOf {
	if len(names) == 1 {
		return source{kind: listMessages, stream: names[0], oldest: true}.each
	}
	return func(ctx context.Context, c *client.Client, looked *atomic.Int64, emit func(*store.Message) error) error {
		keep := make(map[string]bool, len(names))
		var categories []string
		for _, name := range names {
			keep[name] = true
			if category := store.Category(name); !slices.Contains(categories, category) {
				categories = append(categories, category)
			}
		}
		head, err := kit.HeadOf(ctx, c)
		if err != nil {
			return err
		}
		of := kit.Tailed{Categories: categories}.Between(1, head, "", func(m *store.Message) bool { return keep[m.Stream] })
		return of(ctx, c, looked, emit)
	}
}

// marks is the rows that are marked, by their keys: they hang on what a row shows,
// not on its place, since lists go along with what comes.
type marks map[string]any

func (m marks) has(row any) bool {
	_, on := m[rowKey(row)]
	return on
}

// mark marks the row under the cursor, or no longer, and goes on to the next.
func (l *list) mark() {
	row := l.current()
	if isEverything(row) || row == nil || l.of.kind == listNamespaces {
		return
	}
	if l.marks.has(row) {
		delete(l.marks, rowKey(row))
	} else {
		l.marks[rowKey(row)] = row
	}
	l.grid.ChangedRow(l.grid.Cursor())
	l.grid.Move(1)
}

// recent is the rows of messages that were read, from the cursor's page on.
func (l *list) recent() []*kit.Brief {
	var out []*kit.Brief
	for i := max(l.grid.Cursor(), 0) / pageRows * pageRows; len(out) < kit.PickerLooks; i++ {
		m, ok := l.row(i).(*kit.Brief)
		if !ok {
			break
		}
		out = append(out, m)
	}
	return out
}

// exportTo asks where to write what is open or marked, else the list as it is filtered.
func (p *streams) exportTo(t *page.Turn) {
	columns := p.way.paths
	if len(columns) > 0 {
		columns = append(kit.PlaceColumns(), columns...)
	}
	of, name := p.front.exported()
	p.export.Ask(t, of, columns, name)
}

// messages hands out what the marked rows of a namespace stand for.
func (m marks) messages(namespace string) kit.MessagesOf {
	var messages []*kit.Brief
	var streams, categories []string
	for _, row := range m {
		switch r := row.(type) {
		case *kit.Brief:
			messages = append(messages, r)
		case *store.Stream:
			streams = append(streams, r.Name)
		case *store.CategoryCount:
			categories = append(categories, r.Category)
		}
	}
	switch {
	case len(messages) > 0:
		slices.SortFunc(messages, func(a, b *kit.Brief) int { return cmp.Compare(a.GlobalPosition, b.GlobalPosition) })
		return kit.GivenBriefs(namespace, messages)
	case len(streams) > 0:
		return streamsOf(streams)
	}
	return func(ctx context.Context, c *client.Client, looked *atomic.Int64, emit func(*store.Message) error) error {
		head, err := kit.HeadOf(ctx, c)
		if err != nil {
			return err
		}
		return kit.Tailed{Categories: categories}.Between(1, head, "", nil)(ctx, c, looked, emit)
	}
}

// name is what a file of the list is called.
func (s source) name() string {
	switch {
	case s.process != "":
		return "correlation-" + s.process
	case s.stream != "":
		return s.stream
	case s.prefix != "":
		return s.prefix
	case s.category != "":
		return s.category
	}
	return "all"
}

// each hands out all messages that the list stands for, read or not, oldest
// first: those that were there when it began.
func (s source) each(ctx context.Context, c *client.Client, looked *atomic.Int64, emit func(*store.Message) error) error {
	c = c.In(s.namespace)
	head, err := kit.HeadOf(ctx, c)
	if err != nil {
		return err
	}
	start := s
	s.kind, s.oldest = listMessages, true
	pos := s.lowest()
	if start.oldest && start.from > 0 {
		pos = start.from
	}
	q := s.query(pos)
	q.Progress = func(cost client.ScanCost) { looked.Store(cost.Messages) }
	for m, err := range c.Scan(ctx, q) {
		if err != nil {
			return err
		}
		if m.GlobalPosition > head || !start.oldest && start.from > 0 && s.place(&m) > start.from {
			return nil
		}
		if !strings.HasPrefix(m.Stream, s.prefix) {
			continue
		}
		if err := emit(&m); err != nil {
			return err
		}
	}
	return nil
}
