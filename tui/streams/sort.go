package streams

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// What is read of a list at most to sort it by a column that the store does not
// order it by.
const (
	gatherStreams  = 50_000
	gatherMessages = 10_000
	gatherBytes    = 64 << 20
)

// gatherEvery is how often such a list is read again by itself; r does at once.
const gatherEvery = 15 * time.Second

// tooLongError says that a list is too long to be sorted.
type tooLongError struct {
	rows  int
	bytes int64
}

func (e *tooLongError) Error() string {
	return fmt.Sprintf("sorting reads the whole list, and this one has more than %s rows (%s): narrow it first with \\",
		text.Count(int64(e.rows)), text.Bytes(float64(e.bytes)))
}

// gathered reads a whole list that is read page by page otherwise.
func (s source) gathered(ctx context.Context, c *client.Client) ([]any, error) {
	s.gather = false
	most := gatherStreams
	if s.kind == listMessages {
		s.oldest, most = true, gatherMessages
	}
	var rows []any
	var size int64
	for at := s.start(); ; {
		r, err := s.part(ctx, c, at)
		if err != nil {
			return nil, err
		}
		for _, row := range r.rows {
			if m, ok := row.(*kit.Brief); ok {
				size += int64(m.Bytes)
			}
		}
		rows = append(rows, r.rows...)
		if len(rows) > most || size > gatherBytes {
			return nil, &tooLongError{len(rows), size}
		}
		if r.last {
			return rows, nil
		}
		at = r.next
	}
}

// part reads the next rows of a list, whatever their places.
func (s source) part(ctx context.Context, c *client.Client, at cursor) (pageReply, error) {
	if s.kind == listStreams {
		return s.streamsPage(ctx, c.In(s.namespace), at)
	}
	return s.scan(ctx, c.In(s.namespace), at)
}

// plain is the list in the store's own order.
func (s source) plain() source {
	s.gather = false
	return s
}

func (w *way) sortBy(t *page.Turn, column int) {
	top := w.top()
	if w.turnBy(t, column) {
		return
	}
	top.sort.Click(top.grid, column)
	w.resort(t)
}

// turnBy turns the order of messages where the column is the one that they are
// in: no list is too long for that.
func (w *way) turnBy(t *page.Turn, column int) bool {
	top := w.top()
	title := top.table.columns[column].Title
	if top.of.kind != listMessages || column >= top.table.fixed() || title != "global" && title != "pos" && title != "time" {
		return false
	}
	if title == "pos" && top.of.stream == "" {
		return false
	}
	w.turn(t)
	return true
}

// resort shows the innermost list in the order that was asked for.
func (w *way) resort(t *page.Turn) {
	top := w.top()
	gather := top.sort.On && (top.of.kind == listStreams || top.of.kind == listMessages)
	key, sort := rowKey(top.current()), top.sort
	first := top.grid.Cursor() <= 0 // nothing was chosen: the first row is what is wanted
	if first {
		key = ""
	}
	if gather == top.of.gather {
		if top.sift(); first {
			top.grid.Home()
		}
		return
	}
	of := top.of
	of.gather = gather
	l := w.newList(of, top.total)
	l.sort, l.key, l.before, l.came, l.brought = sort, key, top, top.came, top.brought
	l.sort.Show(l.grid)
	w.stack[len(w.stack)-1] = l
	w.moved()
	l.pull(t)
}

// unsorted puts the list back that was too long to be sorted, and reports
// whether that was the matter.
func (w *way) unsorted(t *page.Turn, msg page.Reply) bool {
	var long *tooLongError
	if !errors.As(msg.Err, &long) {
		return false
	}
	for i, l := range w.stack {
		if l.gen != msg.Gen {
			continue
		}
		if l.before == nil || l.read {
			l.asking = false // it has grown: what was read stays
			l.next = t.Now.Add(time.Minute)
			return true
		}
		t.Toast(page.LevelWarn, "%v", long)
		l.before.sort = kit.Sorting{}
		l.before.sort.Show(l.before.grid)
		w.stack[i] = l.before
		return true
	}
	return true
}

// sorted orders the rows as asked for. The row that stands for all categories
// stays the first.
func (t *table) sorted(rows []any, by kit.Sorting) {
	if len(rows) > 0 && isEverything(rows[0]) {
		rows = rows[1:]
	}
	kit.Sorted(by, rows, t.compare)
}

// compare orders two rows by a column.
func (t *table) compare(a, b any, column int) int {
	switch x := a.(type) {
	case *namespaceRow:
		return x.compare(b.(*namespaceRow), column)
	case *store.CategoryCount:
		y := b.(*store.CategoryCount)
		return [...]int{strings.Compare(x.Category, y.Category), cmp.Compare(x.StreamCount, y.StreamCount), cmp.Compare(x.MessageCount, y.MessageCount)}[column]
	case *store.Stream:
		y := b.(*store.Stream)
		return [...]int{strings.Compare(x.Name, y.Name), cmp.Compare(x.Version, y.Version), x.LastActivity.Compare(y.LastActivity)}[column]
	case *kit.Brief:
		return t.compareMessages(x, b.(*kit.Brief), column)
	}
	return 0
}

func (r *namespaceRow) compare(o *namespaceRow, column int) int {
	switch column {
	case 1:
		return cmp.Compare(r.MessageCount, o.MessageCount)
	case 2:
		return cmp.Compare(r.StreamCount, o.StreamCount)
	case 3:
		return cmp.Compare(r.categories, o.categories)
	case 4:
		return cmp.Compare(r.diskBytes, o.diskBytes)
	case 5:
		return cmp.Compare(r.rate, o.rate)
	case 6:
		return cmp.Or(compareBool(r.Damaged, o.Damaged), compareBool(r.Open, o.Open))
	case 7:
		return r.LastActivity.Compare(o.LastActivity)
	case 8:
		return strings.Compare(r.Description, o.Description)
	}
	return strings.Compare(r.ID, o.ID)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// compareMessages orders by what the rows keep: data that is the same for as far
// as can be seen counts as the same.
func (t *table) compareMessages(a, b *kit.Brief, column int) int {
	if i := column - t.fixed(); i >= 0 && i < len(t.chosen) {
		return a.Compare(b, t.chosen[i])
	}
	switch t.columns[column].Title {
	case "stream":
		return strings.Compare(a.Stream, b.Stream)
	case "type":
		return strings.Compare(a.Type, b.Type)
	case "pos":
		return cmp.Compare(a.Position, b.Position)
	case "data":
		return bytes.Compare(a.Data, b.Data)
	}
	return cmp.Compare(a.GlobalPosition, b.GlobalPosition)
}
