package streams

import (
	"context"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// open begins a stream's list, now that its version is known. Without a filter
// every row's place follows from its position.
func (l *list) open(version int64) {
	l.read, l.news.base, l.news.rows = true, version, 0
	rows := int(version + 1)
	switch {
	case !l.of.filter.IsZero():
		start := l.of.start()
		if !l.of.oldest && l.of.from == 0 {
			start.pos = version
		}
		l.pager = newPager(start, pageRows)
		if rows == 0 {
			l.pager.done = true
		}
	case l.of.oldest:
		l.pager = newRandomPager(rows, func(page int) cursor { return cursor{pos: int64(page * pageRows)} })
	default:
		l.pager = newRandomPager(rows, func(page int) cursor { return cursor{pos: version - int64(page*pageRows)} })
	}
	l.sync()
	if l.seek != nil && l.pager.random != nil {
		l.grid.SetCursor(l.rowOf(*l.seek))
		l.seek = nil
	}
}

// rowOf is the row of a position in a stream that is shown whole.
func (l *list) rowOf(position int64) int {
	if l.of.oldest {
		return int(position)
	}
	return int(l.news.base - position)
}

// took keeps a page.
func (l *list) took(t *page.Turn, r pageReply) {
	if l.table.lacks(r.rows) {
		return // other columns were chosen meanwhile: it is asked for again
	}
	l.read = true
	l.sifting.cost = l.sifting.cost.Add(r.cost)
	if r.page == 0 {
		l.news.head = max(l.news.head, r.first)
	}
	l.pager.take(r)
	first, last := l.grid.Visible()
	switch {
	case l.hunt != nil:
		first, last = l.hunt.at, l.hunt.at+1
	case l.toEnd:
		first, last = l.pager.rows-1, l.pager.rows
	}
	l.pager.trim(first, last)
	l.sync()
	l.look(t)
	if l.toEnd {
		l.grid.End()
		if l.pager.done {
			l.toEnd = false
		}
	}
	l.place(r)
}

// place puts the cursor where the list was opened to put it, when the page
// that was read holds it.
func (l *list) place(r pageReply) {
	if l.seek == nil && l.key == "" {
		return
	}
	for i, row := range r.rows {
		m, isMessage := row.(*kit.Brief)
		hit := l.key != "" && rowKey(row) == l.key
		if l.seek != nil && isMessage {
			at := l.of.placeOf(m.Position, m.GlobalPosition)
			hit = l.of.oldest && at >= *l.seek || !l.of.oldest && at <= *l.seek
		}
		if hit {
			l.grid.Follow(r.page*l.pager.size + i)
			l.seek, l.key = nil, ""
			return
		}
	}
	next := (r.page + 1) * l.pager.size
	if s, ok := last(r.rows).(*store.Stream); ok && !r.last && s.Name < l.key && r.page < keyPages {
		l.grid.SetCursor(min(next, l.pager.rows)) // further down; it is read when it is in sight
		return
	}
	l.key = ""
}

// keyPages is how many pages of streams are read to find the row that the
// cursor was on.
const keyPages = 20

// last is the last of some rows, nil when there are none.
func last(rows []any) any {
	if len(rows) == 0 {
		return nil
	}
	return rows[len(rows)-1]
}

// sync tells the grid how many rows there are.
func (l *list) sync() {
	l.grid.SetLen(l.pager.rows, !l.pager.done)
	l.grid.Changed()
}

// pullStreams reads the streams on the screen again, and at the end of the list
// the whole last page, which may have grown.
func (l *list) pullStreams(t *page.Turn) {
	of := l.of
	first, last := l.grid.Visible()
	if page := first / l.pager.size; l.pager.done && last >= l.pager.rows && page < len(l.pager.cursors) {
		at := l.pager.cursors[page]
		l.ask(t, func(ctx context.Context, c *client.Client) (any, error) {
			r, err := of.page(ctx, c, page, at)
			if r.last {
				return r, err
			}
			return rowsReply{r.rows}, err
		})
		return
	}
	q := client.StreamsQuery{Prefix: of.prefix, Category: of.category, Limit: max(last-first, 1)}
	if before, ok := l.row(first - 1).(*store.Stream); ok {
		q.Cursor = before.Name
	}
	l.ask(t, func(ctx context.Context, c *client.Client) (any, error) {
		var r rowsReply
		list, err := c.In(of.namespace).Streams(ctx, q)
		for i := range list {
			r.rows = append(r.rows, &list[i])
		}
		return r, err
	})
}

// replace puts rows as they are now in the places of those with their key. When
// others stand there now, the page is read again.
func (l *list) replace(t *page.Turn, rows []any) {
	fresh := make(map[string]any, len(rows))
	for _, r := range rows {
		fresh[rowKey(r)] = r
	}
	for _, page := range l.pager.pages {
		for i, r := range page {
			if now, ok := fresh[rowKey(r)]; ok {
				page[i] = now
			}
		}
	}
	l.grid.Changed()
	first, end := l.grid.Visible()
	for i := first; i < end && l.pager.random == nil; i++ {
		if l.row(i) == nil || i-first < len(rows) && rowKey(rows[i-first]) == rowKey(l.row(i)) {
			continue
		}
		l.reread(t, i/l.pager.size)
		return
	}
}

// reread reads a page again, into which rows came or which some have left. The
// cursor stays on its row.
func (l *list) reread(t *page.Turn, number int) {
	if number >= len(l.pager.cursors) || l.asking {
		return
	}
	of, at := l.of, l.pager.cursors[number]
	l.key = rowKey(l.current())
	l.ask(t, func(ctx context.Context, c *client.Client) (any, error) { return of.page(ctx, c, number, at) })
}

// noticed takes that there are newer messages where the cursor is not at the
// new end: the line that is being read does not move, and a chip says that
// there is more. A list with the oldest first grows at its end.
func (l *list) noticed(newer int64) {
	l.news.rows = max(newer, 0)
	if l.news.rows == 0 || !l.of.oldest || !l.pager.done {
		return
	}
	atEnd := l.grid.Cursor() == l.pager.rows-1
	last := max(0, l.pager.rows-1) / l.pager.size
	l.news.base += newer // of a category it means nothing
	if l.pager.random != nil {
		l.pager.rows = int(l.news.base + 1)
		delete(l.pager.pages, last) // it may have been short
		l.sync()
		if atEnd {
			l.grid.End()
		}
	} else {
		l.pager.reopen()
		l.toEnd = atEnd
		l.sync()
	}
	l.news.rows = 0
}
