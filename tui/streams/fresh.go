package streams

import (
	"context"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// freshMode is what becomes of messages that came since a list was read.
type freshMode int

// The modes.
const (
	freshBeside freshMode = iota // shown above the cursor's row while that stays in sight, else counted
	freshAbove                   // shown above the cursor's row, which stays the cursor's
	freshFirst                   // shown, and the cursor goes to the newest
)

// news is what came since a list was read.
type news struct {
	base    int64 // a stream's version when the list was opened
	head    int64 // a filtered list's: the highest global position that was looked at
	rows    int64 // that came since; a stream's are exact, of others at least
	atLeast bool
	mode    freshMode // what becomes of them
}

// freshReply is the first page as it is now, with the stream's version.
type freshReply struct {
	version int64
	page    pageReply
	same    bool            // nothing came since that belongs to the list
	head    int64           // last position of what came and does not belong to it
	cost    client.ScanCost // of looking at that
}

// newestFirst reports whether a list begins with the newest message that there
// is.
func (s source) newestFirst() bool { return s.kind == listMessages && !s.oldest && s.from == 0 }

// atNewEnd reports whether the newest messages are in sight: then what comes is
// shown, unless a row is open and being read.
func (l *list) atNewEnd() bool {
	first, _ := l.grid.Visible()
	return !l.held && l.of.newestFirst() && first == 0 && l.pager.has(0)
}

// fresh reads the first page again when there is something newer than a stream's
// version or a global position. What is on the screen stays until it is there.
func (s source) fresh(base, newest int64) page.Call {
	return func(ctx context.Context, c *client.Client) (any, error) {
		var r freshReply
		var err error
		if s.stream == "" && s.sifts() {
			// Looking costs more than asking whether there is anything to look at.
			newer, err := newerInCategory(s, newest)(ctx, c)
			if n, _ := newer.(newerReply); err != nil || n.newer == 0 {
				return freshReply{same: true}, err
			}
		}
		at := s.start()
		if s.stream != "" {
			if r.version, err = c.In(s.namespace).Version(ctx, s.stream); err != nil {
				return nil, err
			}
			if r.same = r.version == base; r.same {
				return r, nil
			}
			at.pos = r.version
		}
		if s.sifts() {
			after := newest
			if s.stream != "" {
				after = base
			}
			if came, err := s.came(ctx, c, after); err != nil || came.same {
				return came, err
			}
		}
		r.page, err = s.page(ctx, c, 0, at)
		if s.stream == "" && len(r.page.rows) > 0 && !s.sifts() {
			r.same = r.page.rows[0].(*kit.Brief).GlobalPosition == newest
		}
		return r, err
	}
}

// came looks whether what came after a position belongs to the list: then its
// first page must be read again, and else not, however long that took.
func (s source) came(ctx context.Context, c *client.Client, after int64) (freshReply, error) {
	s.oldest = true
	q := s.query(after + 1)
	q.Limit, q.MaxTime = 1, siftTime
	p, err := c.In(s.namespace).ScanPage(ctx, q)
	return freshReply{same: p.Complete && len(p.Messages) == 0, head: p.Next - 1, cost: p.Read}, err
}

// passed takes in up to where nothing that came belongs to a filtered list.
func (n *news) passed(head int64, ofStream bool) {
	if ofStream {
		n.base = max(n.base, head)
	} else {
		n.head = max(n.head, head)
	}
}

// refreshed takes the first page as it is now. The cursor stays on its message;
// the row being read leaves the screen only when the user asked for what is new.
func (l *list) refreshed(t *page.Turn, r freshReply) {
	mode := l.news.mode
	l.news.mode = freshBeside
	if r.same && r.cost.Messages > 0 {
		l.sifting.cost = l.sifting.cost.Add(r.cost)
		l.news.passed(r.head, l.of.stream != "")
	}
	if !r.same && l.table.lacks(r.page.rows) {
		l.next = time.Time{} // other columns were chosen meanwhile
		return
	}
	if r.same || l.held {
		if mode == freshFirst {
			l.grid.Home()
		}
		return
	}
	at, known := l.placeIn(r)
	switch {
	case mode == freshFirst:
		at = 0
	case mode == freshBeside && (!known || at >= l.grid.Room()):
		l.news.rows = max(l.news.rows, l.newerIn(r))
		l.news.atLeast = l.of.stream == "" && len(r.page.rows) == int(l.news.rows)
		return
	case !known:
		at = 0
		t.Toast(page.LevelInfo, "more than %s new messages: the cursor is on the newest", text.Count(int64(len(r.page.rows))))
	}
	l.renew(r)
	l.grid.Follow(at)
	if at < l.grid.Room() {
		l.grid.Scroll(-at) // what is new is seen as well
	}
}

// placeIn is the row that the cursor's message has among what was read. known is
// false when it is further down.
func (l *list) placeIn(r freshReply) (row int, known bool) {
	cursor := max(l.grid.Cursor(), 0)
	if l.of.stream != "" && l.of.filter.IsZero() {
		return cursor + int(r.version-l.news.base), true
	}
	key := rowKey(l.current())
	for i, row := range r.page.rows {
		if rowKey(row) == key {
			return i, true
		}
	}
	return 0, key == ""
}

// newerIn counts what came since the list was read, as far as one page tells.
func (l *list) newerIn(r freshReply) int64 {
	if l.of.stream != "" {
		return r.version - l.news.base
	}
	newest, n := l.newest(), int64(0)
	for _, row := range r.page.rows {
		if m, ok := row.(*kit.Brief); ok && m.GlobalPosition > newest {
			n++
		}
	}
	return n
}

// renew begins the list again with its first page as it is now.
func (l *list) renew(r freshReply) {
	l.news.head = max(l.news.head, r.page.first)
	l.news.rows, l.news.atLeast = 0, false
	if l.of.stream != "" {
		l.open(r.version)
	} else {
		l.pager = newPager(l.of.start(), l.of.pageRows())
	}
	l.pager.take(r.page)
	if l.of.sifts() {
		l.sifting.cost = r.page.cost // what was looked at before is forgotten with its rows
	}
	l.sync()
}

// again reads what is on the screen again, and shows what is new.
func (l *list) again() {
	l.fault, l.toEnd, l.hunt, l.sifting.halted = "", false, nil, false
	l.next = l.table.now
	if l.of.newestFirst() {
		l.news.mode = freshAbove
		return
	}
	l.news.rows = 0
	if l.of.kind == listStreams {
		l.key = rowKey(l.current())
	}
	first, last := l.grid.Visible()
	for number := first / l.pager.size; number <= max(last-1, first)/l.pager.size; number++ {
		delete(l.pager.pages, number)
		delete(l.pager.partial, number)
	}
}

// chip says that there is more than is shown, and the key that shows it; "" where
// there is not.
func (n *news) chip(ofStream bool) string {
	switch {
	case n.rows <= 0:
		return ""
	case n.atLeast:
		return "at least " + text.Count(n.rows) + " new, r"
	case !ofStream && n.rows == 1:
		return "new messages, r"
	}
	return text.Count(n.rows) + " new, r"
}
