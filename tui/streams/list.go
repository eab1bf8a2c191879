package streams

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// list is one column of the page: what it shows, the window that was read, and
// where the user stands in it.
type list struct {
	of    source
	gen   uint64 // its replies carry it
	grid  *grid.Grid
	table table
	marks marks

	all   []any // a whole list's rows
	shown []any // those that the filter keeps
	find  string
	sort  kit.Sorting
	read  bool // something was read
	pager pager
	total int64 // rows in all, as the outer list counts them; -1: not known
	news  news

	held    bool  // a message is open: what is read must not move
	before  *list // the same in the store's order, until this one is read; nil: none
	until   *list // what is drawn until something is read: what was known before; nil: nothing was
	turned  bool  // its order was turned to come to the other end
	asking  bool
	down    bool      // the server could not be reached: nothing is asked until the list is opened anew
	next    time.Time // when to look for changes again
	asked   time.Time // when the question under way was put
	toEnd   bool      // reading on to the last row
	hunt    *hunt     // a search under way; nil: none
	sifting sifting
	fault   string
	came    *spot  // the tab that led here, which ActOut goes back to; nil: none did
	brought string // the filter that it had then
	seek    *int64 // position to put the cursor on, once it is read
	key     string // of the row to put the cursor on, once it is read
}

func newList(of source, gen uint64, total int64, paths []filter.Column) *list {
	of.columns = paths
	l := &list{of: of, gen: gen, total: total, table: newTable(of), pager: newPager(of.start(), of.pageRows()), marks: marks{}}
	l.grid = grid.New(grid.Options{
		Columns: l.table.columns,
		Row:     func(i int, cells []grid.Cell) { l.table.cells(l.row(i), cells) },
		Marked:  func(i int) bool { return len(l.marks) > 0 && l.marks.has(l.row(i)) },
	})
	return l
}

// askAgain has a list that was read whole read again, by a server that may be
// another process. What is known stays until then.
func (l *list) askAgain(gen uint64) {
	l.gen, l.asking, l.down, l.fault, l.next = gen, false, false, "", time.Time{}
}

// face is the list that is drawn: this one, or until it is read the one before.
func (l *list) face() *list {
	if l.read || l.until == nil {
		return l
	}
	return l.until
}

// show makes columns of paths, of messages. What is sorted by one that has gone is
// sorted no more.
func (l *list) show(paths []filter.Column) {
	was := l.table
	l.of.columns = paths
	l.table.choose(paths)
	l.forget()
	l.grid.SetColumns(l.table.columns)
	if l.sort.On {
		if l.sort.Column = l.table.placeOf(l.sort.Column, &was); l.sort.Column < 0 {
			l.sort = kit.Sorting{}
		}
		l.sort.Show(l.grid)
	}
}

// forget has the pages read again that lack what the columns show, or the whole
// list.
func (l *list) forget() {
	if l.table.lacks(l.all) {
		l.next = time.Time{}
	}
	for number, rows := range l.pager.pages {
		if l.table.lacks(rows) {
			delete(l.pager.pages, number)
			delete(l.pager.partial, number)
		}
	}
}

// row returns what stands in a row, nil when it is not read.
func (l *list) row(i int) any {
	if !l.of.whole() {
		return l.pager.row(i)
	}
	if i < 0 || i >= len(l.shown) {
		return nil
	}
	return l.shown[i]
}

// current returns the row under the cursor, nil when there is none.
func (l *list) current() any { return l.row(l.grid.Cursor()) }

// Answers to a list's questions.
type (
	wholeReply struct{ rows []any }
	openReply  struct{ version int64 }
	newerReply struct{ newer int64 }
	rowsReply  struct{ rows []any } // rows as they are now, to replace those of the same key
)

// pull asks one question, if there is one: what is shown and not read, then
// from time to time what has changed.
func (l *list) pull(t *page.Turn) {
	if l.asking || l.down || l.fault != "" {
		return
	}
	switch {
	case l.judge(t):
	case l.of.whole():
		if !l.read || t.Now.After(l.next) {
			l.ask(t, func(ctx context.Context, c *client.Client) (any, error) {
				rows, err := l.of.rows(ctx, c)
				return wholeReply{rows}, err
			})
		}
	case l.of.stream != "" && !l.read:
		of := l.of
		l.ask(t, func(ctx context.Context, c *client.Client) (any, error) {
			version, err := c.In(of.namespace).Version(ctx, of.stream)
			return openReply{version}, err
		})
	default:
		l.pullPage(t)
	}
}

func (l *list) pullPage(t *page.Turn) {
	if number, at, ok := l.pager.want(l.wanted()); ok && !l.sifting.halted {
		of := l.of
		read := func(ctx context.Context, c *client.Client) (any, error) { return of.page(ctx, c, number, at) }
		if of.sifts() {
			read = l.sifting.ask(read)
		}
		l.ask(t, read)
		return
	}
	l.toEnd = false
	if t.Now.After(l.next) {
		l.pullChanges(t)
	}
}

// halt ends looking for more, and reports whether it was under way.
func (l *list) halt() bool {
	if l.sifting.stop == nil {
		return false
	}
	l.sifting.stop()
	l.sifting.halted, l.toEnd, l.hunt = true, false, nil
	return true
}

// wanted is the rows that should be read: those on the screen, some more near
// the end of what is known, and the next ones on the way to the last.
func (l *list) wanted() (first, last int) {
	if l.hunt != nil {
		return l.hunt.at, l.hunt.at + 1
	}
	if l.toEnd {
		return l.pager.rows, l.pager.rows + 1
	}
	first, last = l.grid.Visible()
	if l.grid.NearEnd() {
		last += l.pager.size / 2
	}
	return first, max(last, first+1)
}

// pullChanges looks whether what is shown is still so.
func (l *list) pullChanges(t *page.Turn) {
	of, base := l.of, l.news.base
	switch {
	case of.kind == listStreams:
		l.pullStreams(t)
	case l.of.newestFirst() && l.news.mode != freshBeside, l.atNewEnd():
		l.ask(t, of.fresh(base, l.newest()))
	case of.stream != "":
		l.ask(t, func(ctx context.Context, c *client.Client) (any, error) {
			version, err := c.In(of.namespace).Version(ctx, of.stream)
			return newerReply{version - base}, err
		})
	case l.pager.reached:
		l.ask(t, newerInCategory(of, l.newest()))
	}
}

// newerInCategory looks for one message after a global position.
func newerInCategory(of source, newest int64) page.Call {
	return func(ctx context.Context, c *client.Client) (any, error) {
		list, err := c.In(of.namespace).ReadCategory(ctx, client.CategoryQuery{
			Category: of.category, GlobalPosition: newest + 1, Limit: 1,
		})
		return newerReply{int64(len(list))}, err
	}
}

// newest is the highest global position that the list has looked at, at its new
// end.
func (l *list) newest() int64 {
	switch {
	case l.of.oldest && l.of.stream == "" && l.pager.done:
		return l.pager.end.pos - 1
	case l.of.newestFirst() && l.of.stream == "":
		return l.news.head
	}
	if l.of.from > 0 && !l.of.oldest {
		return l.of.from
	}
	i := 0
	if l.of.oldest {
		i = l.pager.rows - 1
	}
	if m, ok := l.pager.row(i).(*kit.Brief); ok {
		return m.GlobalPosition
	}
	return 0
}

func (l *list) ask(t *page.Turn, call page.Call) {
	l.asking, l.asked = true, t.Now
	t.Ask(l.gen, call)
}

// replied takes an answer. It reports a fault to show, if there is one.
func (l *list) replied(t *page.Turn, msg page.Reply) {
	l.asking = false
	l.next = t.Now.Add(l.every())
	if took := t.Now.Sub(l.asked); l.of.whole() && wholeShare*took > l.every() {
		l.next = t.Now.Add(wholeShare * took)
	}
	l.sifting.answered()
	if msg.Err != nil {
		if !l.sifting.halted || !errors.Is(msg.Err, context.Canceled) {
			l.failed(msg.Err)
		}
		return
	}
	l.until = nil
	switch v := msg.Value.(type) {
	case wholeReply:
		l.all, l.read, l.before = v.rows, true, nil
		if l.table.lacks(l.all) {
			l.next = time.Time{} // other columns were chosen meanwhile
		}
		l.sift()
	case judgedReply:
		if l.hunt == v.of { // not another search by now
			l.hunt.hits = v.hits
			l.look(t)
		}
	case openReply:
		l.open(v.version)
	case pageReply:
		l.took(t, v)
	case rowsReply:
		l.replace(t, v.rows)
	case newerReply:
		if v.newer == l.news.rows {
			t.Same()
		}
		l.noticed(v.newer)
	case freshReply:
		if v.same {
			t.Same()
		}
		l.refreshed(t, v)
	}
	l.pullOn(t)
}

// pullOn asks at once for what is still missing on the screen, without waiting
// for the next frame.
func (l *list) pullOn(t *page.Turn) {
	if l.hunt != nil && !l.asking && !l.down && l.fault == "" && l.judge(t) {
		return
	}
	if l.of.whole() || l.of.stream != "" && !l.read {
		if !l.read {
			l.pull(t)
		}
		return
	}
	if _, _, missing := l.pager.want(l.wanted()); missing && !l.sifting.halted {
		l.pull(t)
	}
}

// wholeShare: at most one part in so many of the time is spent on reading a list
// that is read whole, however long it is.
const wholeShare = 20

// every is how often a list looks for changes.
func (l *list) every() time.Duration {
	switch {
	case l.of.gather:
		return gatherEvery
	case l.of.whole() && len(l.all) > 5000:
		return 5 * time.Second
	case l.of.kind == listMessages, l.of.kind == listCategories:
		return time.Second
	}
	return 2 * time.Second
}

func (l *list) failed(err error) {
	if client.Unreachable(err) {
		l.down = true // the shell shows it, and begins anew when the server is back
		return
	}
	if l.turned && client.NotOffered(err) {
		// The server reads forward only: the last message is read up to.
		l.of.oldest, l.turned, l.toEnd = true, false, true
		l.pager = newPager(l.of.start(), l.of.pageRows())
		return
	}
	l.toEnd, l.hunt = false, nil
	l.fault = err.Error()
	switch {
	case client.NotOffered(err):
		l.fault = "this server reads forward only: o shows the oldest first"
	case client.Unauthorized(err):
		l.fault = "this token does not allow it"
	}
}

// sift keeps the rows of a whole list that hold the filter's text, and the
// cursor on the row it is on.
func (l *list) sift() {
	key := l.key
	if key == "" {
		key = rowKey(l.current())
	}
	at, needle := -1, strings.ToLower(l.find)
	l.shown = l.shown[:0]
	rows := l.all
	if l.sort.On {
		rows = slices.Clone(l.all)
		l.table.sorted(rows, l.sort)
	}
	for _, r := range rows {
		name := rowKey(r)
		if needle != "" && !strings.Contains(strings.ToLower(name), needle) {
			continue
		}
		if name == key {
			at = len(l.shown)
		}
		l.shown = append(l.shown, r)
	}
	if at >= 0 {
		l.key = ""
	}
	l.grid.SetLen(len(l.shown), false)
	l.grid.Changed()
	if at >= 0 {
		l.grid.Follow(at)
	}
}

// chips say how the list differs from one with all that there is, and what it does.
func (l *list) chips() []string {
	var out []string
	add := func(on bool, chip string) {
		if on {
			out = append(out, chip)
		}
	}
	add(len(l.marks) > 0, text.Count(int64(len(l.marks)))+" marked")
	add(l.of.prefix != "", "prefix "+l.of.prefix)
	add(l.find != "", "filter "+l.find)
	add(!l.of.filter.IsZero(), "filter "+l.of.filter.String())
	sifting := l.sifting.chip(len(l.pager.partial))
	add(sifting != "", sifting)
	add(l.of.from > 0, "from "+text.Count(l.of.from))
	add(l.of.kind == listMessages && l.of.oldest, "oldest first")
	add(l.news.rows > 0, l.news.chip(l.of.stream != ""))
	add(l.toEnd, "reading to the end")
	if l.hunt != nil {
		add(true, l.hunt.chip())
	}
	add(l.fault != "", l.fault)
	return out
}

// count says which rows are seen and how many there are: exactly, or at least.
func (l *list) count(estimated bool) string {
	read := l.sifting.cost.Messages
	first, last := l.grid.Visible()
	if last <= first {
		if l.of.sifts() && l.read {
			return "none of " + text.Count(read) + " read"
		}
		return ""
	}
	s := text.Count(int64(first+1)) + "–" + text.Count(int64(last)) + " of " + l.rowCount(estimated)
	if l.of.sifts() && !l.of.gather {
		s += " · " + text.Count(read-int64(l.pager.rows)) + " of " + text.Count(read) + " read are hidden"
	}
	return s
}

// rowCount is how many rows a list has. Where not all is read, the number that
// the outer list counted holds, if nothing is filtered away; that may be estimated.
func (l *list) rowCount(estimated bool) string {
	rows, more := l.grid.Len()
	switch {
	case !more:
		return text.Count(int64(rows))
	case l.total >= int64(rows) && l.of.prefix == "" && !l.of.sifts() && l.of.from == 0:
		return text.About(l.total, l.of.stream == "" && estimated)
	}
	return "at least " + text.Count(int64(rows))
}
