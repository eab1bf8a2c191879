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
func (l *list) newestFirst() bool {
	return l.of.kind == listMessages && !l.of.oldest && l.of.from == 0
}

// atNewEnd reports whether the newest messages are in sight: then what comes is
// shown, unless a row is open and being read.
func (l *list) atNewEnd() bool {
	first, _ := l.grid.Visible()
	return !l.held && l.newestFirst() && first == 0 && l.pager.has(0)
}

// pullFresh reads the first page again when there is something newer. What is
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
		if of.sifts() {
			after := newest
			if of.stream != "" {
				after = base
			}
			if came, err := of.came(ctx, c, after); err != nil || came.same {
				return came, err
			}
		}
		r.page, err = of.page(ctx, c, 0, at)
		if of.stream == "" && len(r.page.rows) > 0 && !of.sifts() {
			r.same = r.page.rows[0].(*kit.Brief).GlobalPosition == newest
		}
		return r, err
	})
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

// passed takes in that what came does not belong to a filtered list.
func (l *list) passed(r freshReply) {
	if r.cost.Messages == 0 {
		return
	}
	l.sifting.cost = l.sifting.cost.Add(r.cost)
	if l.of.stream != "" {
		l.base = max(l.base, r.head)
	} else {
		l.head = max(l.head, r.head)
	}
}

// refreshed takes the first page as it is now. The cursor stays on its message;
// the row being read leaves the screen only when the user asked for what is new.
func (l *list) refreshed(t *page.Turn, r freshReply) {
	mode := l.mode
	l.mode = freshBeside
	if r.same {
		l.passed(r)
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
		l.newer = max(l.newer, l.newerIn(r))
		l.newerAtLeast = l.of.stream == "" && len(r.page.rows) == int(l.newer)
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
		return cursor + int(r.version-l.base), true
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
		return r.version - l.base
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
	l.head = max(l.head, r.page.first)
	l.newer, l.newerAtLeast = 0, false
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
	if l.newestFirst() {
		l.mode = freshAbove
		return
	}
	l.newer = 0
	if l.of.kind == listStreams {
		l.key = rowKey(l.current())
	}
	first, last := l.grid.Visible()
	for number := first / l.pager.size; number <= max(last-1, first)/l.pager.size; number++ {
		delete(l.pager.pages, number)
		delete(l.pager.partial, number)
	}
}

// newerChip says that there is more than is shown, and the key that shows it.
func (l *list) newerChip() string {
	switch {
	case l.newer <= 0:
		return ""
	case l.newerAtLeast:
		return "at least " + text.Count(l.newer) + " new, r"
	case l.of.stream == "" && l.newer == 1:
		return "new messages, r"
	}
	return text.Count(l.newer) + " new, r"
}
