package streams

import (
	"context"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
)

// open begins a stream's list, now that its version is known. Without a filter
// every row's place follows from its position.
func (l *list) open(version int64) {
	l.read, l.base, l.newer = true, version, 0
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
	return int(l.base - position)
}

// took keeps a page.
func (l *list) took(r pageReply) {
	l.read = true
	l.scanned += r.scanned
	if r.page == 0 && r.first > l.head {
		l.head = r.first
	}
	l.pager.take(r)
	first, last := l.grid.Visible()
	if l.toEnd {
		first, last = l.pager.rows-1, l.pager.rows
	}
	l.pager.trim(first, last)
	l.sync()
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
		m, isMessage := row.(*store.Message)
		hit := l.key != "" && rowKey(row) == l.key
		if l.seek != nil && isMessage {
			at := l.of.place(m)
			hit = l.of.oldest && at >= *l.seek || !l.of.oldest && at <= *l.seek
		}
		if hit {
			l.grid.SetCursor(r.page*l.pager.size + i)
			l.seek, l.key = nil, ""
			return
		}
	}
	l.key = "" // not on the first page: where it stands is not worth a search
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

// replace puts rows as they are now in the places of those with their key.
func (l *list) replace(rows []any) {
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
}

// noticed takes that there are newer messages where the cursor is not at the
// new end: the line that is being read does not move, and a chip says that
// there is more. A list with the oldest first grows at its end.
func (l *list) noticed(newer int64) {
	l.newer = max(newer, 0)
	if l.newer == 0 || !l.of.oldest || !l.pager.done {
		return
	}
	atEnd := l.grid.Cursor() == l.pager.rows-1
	last := max(0, l.pager.rows-1) / l.pager.size
	l.base += newer // of a category it means nothing
	if l.pager.random != nil {
		l.pager.rows = int(l.base + 1)
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
	l.newer = 0
}

// freshReply is the first page as it is now, with the stream's version.
type freshReply struct {
	version int64
	page    pageReply
	same    bool // nothing came since
}

// atNewEnd reports whether the list shows the newest first and the cursor is
// on the first row: then the list goes along with what comes, unless the row is
// open and being read.
func (l *list) atNewEnd() bool {
	return !l.held && l.of.kind == listMessages && !l.of.oldest && l.of.from == 0 && l.grid.Cursor() <= 0 && len(l.pager.pages) > 0
}

// pullFresh reads the first page anew when there is something newer. What is
// on the screen stays until it is there.
func (l *list) pullFresh(t *page.Turn) {
	of, base, newest := l.of, l.base, l.newest()
	l.ask(t, func(ctx context.Context, c *client.Client) (any, error) {
		var r freshReply
		var err error
		if of.stream == "" && of.sifts() {
			// Looking costs more than asking whether there is anything to look at.
			newer, err := newerInCategory(of, newest)(ctx, c)
			if n, _ := newer.(newerReply); err != nil || n.newer == 0 {
				return freshReply{same: true}, err
			}
		}
		at := of.start()
		if of.stream != "" {
			if r.version, err = c.In(of.namespace).Version(ctx, of.stream); err != nil {
				return nil, err
			}
			if r.same = r.version == base; r.same {
				return r, nil
			}
			at.pos = r.version
		}
		r.page, err = of.page(ctx, c, 0, at)
		if of.stream == "" && len(r.page.rows) > 0 && !of.sifts() {
			r.same = r.page.rows[0].(*store.Message).GlobalPosition == newest
		}
		return r, err
	})
}

func (l *list) refreshed(r freshReply) {
	if r.same || l.held {
		return
	}
	scanned := l.scanned
	l.head = max(l.head, r.page.first)
	if l.of.stream != "" {
		l.open(r.version)
	} else {
		l.pager, l.newer = newPager(l.of.start(), l.of.pageRows()), 0
	}
	l.pager.take(r.page)
	l.scanned = scanned
	if l.of.sifts() {
		l.scanned = r.page.scanned // what was looked at before is forgotten with its rows
	}
	l.sync()
}

// again reads anew what is on the screen.
func (l *list) again() {
	l.newer, l.fault, l.toEnd = 0, "", false
	l.next = l.now
	first, last := l.grid.Visible()
	for page := first / l.pager.size; page <= max(last-1, first)/l.pager.size; page++ {
		delete(l.pager.pages, page)
		delete(l.pager.partial, page)
	}
}
