package groups

import (
	"context"
	"maps"
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/client/consumer"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// How often is looked at what is parked: while it is seen, and else for its count.
const (
	parkedEvery = 2 * time.Second
	parkedIdle  = 15 * time.Second
)

// parked is what consumers have parked: what is asked and known of it, its list, and the retry
// of what is marked there.
type parked struct {
	list     *kit.List[*parkedRow]
	now      time.Time // of the frame that is drawn
	absolute bool      // times in the list are

	lots  *consumer.Lots // of the question under way, alone
	all   []parkedRow
	more  int64 // messages that are parked, too
	known bool
	marks map[parkedID]bool

	plan  *retryPlan // waits for a yes; nil: none
	fault string
	gen   uint64 // of the question under way; 0: none
	tried uint64 // of the retry under way; 0: none
	asked time.Time
}

func newParked(search *kit.Finder) *parked {
	k := new(parked)
	k.list = kit.NewList(kit.ListOptions[*parkedRow]{
		Columns: k.columns(), Finder: search, Keep: true,
		Same:   func(a, b *parkedRow) bool { return a.id() == b.id() },
		Marked: func(r *parkedRow) bool { return k.marks[r.id()] },
	})
	return k
}

// restart begins again, with what was read if that is to be kept.
func (k *parked) restart(keep bool) {
	before := *k
	*k = parked{list: k.list, now: k.now, absolute: k.absolute}
	if keep {
		k.all, k.more, k.known = before.all, before.more, before.known
	}
}

// parkedID names a parked message.
type parkedID struct {
	category, consumer string
	global             int64
}

// parkedRow is a parked message and whose it is.
type parkedRow struct {
	category, consumer string
	consumer.Waiting
}

func (r *parkedRow) id() parkedID { return parkedID{r.category, r.consumer, r.GlobalPosition} }

// head names the message that it is parked behind; itself when there is none.
func (r *parkedRow) head() parkedID { return parkedID{r.category, r.consumer, r.Head} }

// parkedReply is what is parked at a moment.
type parkedReply struct {
	rows []parkedRow
	more int64
}

// ask reads what is parked, once in a while, and more often while it is seen.
func (k *parked) ask(t *page.Turn, q *questions, seen bool) {
	every := parkedIdle
	if seen {
		every = parkedEvery
	}
	if k.gen != 0 || t.Now.Sub(k.asked) < every {
		return
	}
	if k.lots == nil {
		k.lots = new(consumer.Lots)
	}
	lots := k.lots
	k.asked = t.Now
	k.gen = q.ask(t, func(ctx context.Context, c *client.Client) (any, error) { return readParked(ctx, c, lots) })
}

// readParked copies what the lots hold: they change with the next question.
func readParked(ctx context.Context, c *client.Client, lots *consumer.Lots) (any, error) {
	list, err := lots.Read(ctx, c, "")
	var r parkedReply
	for _, lot := range list {
		r.more += lot.More
		for _, w := range lot.Waiting {
			r.rows = append(r.rows, parkedRow{lot.Category, lot.Consumer, w})
		}
	}
	return r, err
}

func (k *parked) took(msg page.Reply, find string) {
	k.gen, k.fault = 0, ""
	switch r, ok := msg.Value.(parkedReply); {
	case client.Unreachable(msg.Err):
	case msg.Err != nil:
		k.fault = msg.Err.Error()
		k.lots = nil // they may have stopped half way
	case ok:
		k.all, k.more, k.known = r.rows, r.more, true
		k.show(find)
	}
}

// show makes the rows, of those that hold a text.
func (k *parked) show(find string) {
	var rows []*parkedRow
	there := make(map[parkedID]bool, len(k.all))
	for i := range k.all {
		row := &k.all[i]
		there[row.id()] = true
		if keeps(find, row.category, row.consumer, row.Stream, row.Error) {
			rows = append(rows, row)
		}
	}
	maps.DeleteFunc(k.marks, func(id parkedID, _ bool) bool { return !there[id] })
	k.list.SetRows(rows)
}

// row is the one under the cursor; nil for none.
func (k *parked) row() *parkedRow {
	row, _ := k.list.Chosen()
	return row
}

// mark marks or unmarks the message under the cursor, and goes on to the next.
func (k *parked) mark() {
	row := k.row()
	if row == nil {
		return
	}
	if id := row.id(); k.marks[id] {
		delete(k.marks, id)
	} else {
		if k.marks == nil {
			k.marks = map[parkedID]bool{}
		}
		k.marks[id] = true
	}
	k.list.ChangedRow(k.list.Cursor())
	k.list.Move(1)
}

func (k *parked) columns() []kit.Column[*parkedRow] {
	return []kit.Column[*parkedRow]{
		{Title: "category", Min: 10, Flex: 1, Max: 30, Name: true, Priority: 3, Text: func(r *parkedRow) string { return r.category }},
		{Title: "consumer", Min: 10, Flex: 1, Max: 30, Name: true, Text: func(r *parkedRow) string { return r.consumer }},
		{Title: "stream", Min: 12, Flex: 2, Max: 40, Name: true, Text: func(r *parkedRow) string { return r.Stream }},
		{Title: "at", Min: 7, Right: true, Count: func(r *parkedRow) int64 { return r.Position }},
		{Title: "behind it", Min: 9, Right: true, Priority: 1, Cell: queuedCell, Order: kit.By(func(r *parkedRow) int { return r.Queued })},
		{
			Title: "since", Min: 10, Right: true, Text: func(r *parkedRow) string { return kit.Since(r.Since, k.now, k.absolute) }, Muted: true,
			Order: func(a, b *parkedRow) int { return b.Since.Compare(a.Since) },
		},
		{Title: "error", Min: 16, Flex: 4, Cell: k.errorCell, Order: kit.By(func(r *parkedRow) string { return r.Error })},
		{Title: "type", Min: 12, Flex: 1, Max: 24, Priority: 5, Text: func(r *parkedRow) string { return r.Type }, Muted: true},
		{
			Title: "given up", Min: 8, Right: true, Priority: 4, Text: func(r *parkedRow) string { return strconv.Itoa(r.GivenUp) }, Muted: true,
			Order: kit.By(func(r *parkedRow) int { return r.GivenUp }),
		},
		{Title: "global", Min: 9, Right: true, Priority: 2, Muted: true, Count: func(r *parkedRow) int64 { return r.GlobalPosition }},
	}
}

// restyle has the times in the list told as the frame tells them.
func (k *parked) restyle(env *page.Env) {
	if k.absolute != env.Absolute {
		k.list.Changed()
	}
	k.now, k.absolute = env.Now, env.Absolute
}

func queuedCell(t *page.Theme, r *parkedRow) grid.Cell {
	switch {
	case r.Head != r.GlobalPosition:
		return grid.Cell{Text: t.Sym.Dash, Pen: t.Muted}
	case r.Queued > 0:
		return grid.Cell{Text: text.Count(int64(r.Queued))}
	}
	return grid.Cell{}
}

func (k *parked) errorCell(t *page.Theme, r *parkedRow) grid.Cell {
	switch {
	case !r.Asked.IsZero():
		return grid.Cell{Text: "retry asked " + text.Ago(r.Asked, k.now), Pen: t.Accent}
	case r.Head != r.GlobalPosition:
		return grid.Cell{Text: "behind #" + text.Count(r.Head), Pen: t.Muted}
	}
	return grid.Cell{Text: r.Error, Pen: t.Warn}
}

// summary says in a line what is parked.
func (k *parked) summary(t *page.Theme) string {
	if !k.known || len(k.all) == 0 {
		return ""
	}
	heads, consumers := 0, map[[2]string]bool{}
	for i := range k.all {
		if k.all[i].Head == k.all[i].GlobalPosition {
			heads++
		}
		consumers[[2]string{k.all[i].category, k.all[i].consumer}] = true
	}
	line := " " + t.Warn.Paint(text.Count(int64(heads))+" "+text.Plural(int64(heads), "message")+" parked")
	if behind := len(k.all) - heads; behind > 0 {
		line += t.Muted.Paint(", " + text.Count(int64(behind)) + " behind them")
	}
	line += t.Muted.Paint(" by " + text.Count(int64(len(consumers))) + " " + text.Plural(int64(len(consumers)), "consumer"))
	if k.more > 0 {
		line += t.Warn.Paint("; " + text.Count(k.more) + " more are not listed")
	}
	if n := len(k.marks); n > 0 {
		line += t.Accent.Paint("   " + text.Count(int64(n)) + " marked")
	}
	return line
}

// missing says why nothing is listed; known is false where there may be some.
func (k *parked) missing(env *page.Env) (note string, known bool) {
	switch {
	case k.fault != "":
		return k.fault, false
	case !k.known:
		return env.Pending("reading"), false
	case len(k.all) > 0:
		return "nothing matches; esc shows all", true
	}
	return "no messages parked", true
}
