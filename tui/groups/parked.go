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

// parked is what consumers have parked.
type parked struct {
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

// askParked reads what is parked, once in a while.
func (p *groups) askParked(t *page.Turn) {
	k, every := &p.parked, parkedIdle
	if p.tab == tabParked {
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
	k.gen = p.questions.ask(t, func(ctx context.Context, c *client.Client) (any, error) { return readParked(ctx, c, lots) })
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

func (p *groups) tookParked(msg page.Reply) {
	k := &p.parked
	k.gen, k.fault = 0, ""
	switch r, ok := msg.Value.(parkedReply); {
	case client.Unreachable(msg.Err):
	case msg.Err != nil:
		k.fault = msg.Err.Error()
		k.lots = nil // they may have stopped half way
	case ok:
		k.all, k.more, k.known = r.rows, r.more, true
		p.showParked()
	}
}

// showParked makes the rows.
func (p *groups) showParked() {
	k := &p.parked
	var rows []*parkedRow
	there := make(map[parkedID]bool, len(k.all))
	for i := range k.all {
		row := &k.all[i]
		there[row.id()] = true
		if keeps(p.find, row.category, row.consumer, row.Stream, row.Error) {
			rows = append(rows, row)
		}
	}
	maps.DeleteFunc(k.marks, func(id parkedID, _ bool) bool { return !there[id] })
	p.parkedList.SetRows(rows)
}

// parkedRow is the row under the cursor; nil for none.
func (p *groups) parkedRow() *parkedRow {
	row, _ := p.parkedList.Chosen()
	return row
}

// mark marks or unmarks the message under the cursor, and goes on to the next.
func (p *groups) mark() {
	row := p.parkedRow()
	if row == nil {
		return
	}
	if id := row.id(); p.parked.marks[id] {
		delete(p.parked.marks, id)
	} else {
		if p.parked.marks == nil {
			p.parked.marks = map[parkedID]bool{}
		}
		p.parked.marks[id] = true
	}
	p.parkedList.ChangedRow(p.parkedList.Cursor())
	p.parkedList.Move(1)
}

func (p *groups) parkedColumns() []kit.Column[*parkedRow] {
	return []kit.Column[*parkedRow]{
		{Title: "category", Min: 10, Flex: 1, Max: 30, Name: true, Priority: 3, Text: func(r *parkedRow) string { return r.category }},
		{Title: "consumer", Min: 10, Flex: 1, Max: 30, Name: true, Text: func(r *parkedRow) string { return r.consumer }},
		{Title: "stream", Min: 12, Flex: 2, Max: 40, Name: true, Text: func(r *parkedRow) string { return r.Stream }},
		{Title: "at", Min: 7, Right: true, Count: func(r *parkedRow) int64 { return r.Position }},
		{Title: "behind it", Min: 9, Right: true, Priority: 1, Cell: queuedCell, Order: kit.By(func(r *parkedRow) int { return r.Queued })},
		{
			Title: "since", Min: 10, Right: true, Text: func(r *parkedRow) string { return kit.Since(r.Since, p.now, p.absolute) }, Muted: true,
			Order: func(a, b *parkedRow) int { return b.Since.Compare(a.Since) },
		},
		{Title: "error", Min: 16, Flex: 4, Cell: p.errorCell, Order: kit.By(func(r *parkedRow) string { return r.Error })},
		{Title: "type", Min: 12, Flex: 1, Max: 24, Priority: 5, Text: func(r *parkedRow) string { return r.Type }, Muted: true},
		{
			Title: "given up", Min: 8, Right: true, Priority: 4, Text: func(r *parkedRow) string { return strconv.Itoa(r.GivenUp) }, Muted: true,
			Order: kit.By(func(r *parkedRow) int { return r.GivenUp }),
		},
		{Title: "global", Min: 9, Right: true, Priority: 2, Muted: true, Count: func(r *parkedRow) int64 { return r.GlobalPosition }},
	}
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

func (p *groups) errorCell(t *page.Theme, r *parkedRow) grid.Cell {
	switch {
	case !r.Asked.IsZero():
		return grid.Cell{Text: "retry asked " + text.Ago(r.Asked, p.now), Pen: t.Accent}
	case r.Head != r.GlobalPosition:
		return grid.Cell{Text: "behind #" + text.Count(r.Head), Pen: t.Muted}
	}
	return grid.Cell{Text: r.Error, Pen: t.Warn}
}

// parkedSummary says in a line what is parked.
func (p drawing) parkedSummary() string {
	t, k := p.theme, &p.parked
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

// noParked says why nothing is listed; known is false where there may be some.
func (p drawing) noParked(env *page.Env) (note string, known bool) {
	switch k := &p.parked; {
	case k.fault != "":
		return k.fault, false
	case !k.known:
		return env.Pending("reading"), false
	case len(k.all) > 0:
		return "nothing matches; esc shows all", true
	}
	return "no messages parked", true
}
