package groups

import (
	"cmp"
	"context"
	"slices"
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
	rows  []parkedRow // those that the filter keeps, as they are shown
	more  int64       // messages that are parked, too
	known bool
	on    parkedID // which the cursor is on
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
	k.gen = p.ask(t, func(ctx context.Context, c *client.Client) (any, error) { return readParked(ctx, c, lots) })
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

// showParked makes the rows. The cursor stays on the message that it was on.
func (p *groups) showParked() {
	k := &p.parked
	k.rows = k.rows[:0]
	there := make(map[parkedID]bool, len(k.all))
	for i := range k.all {
		row := &k.all[i]
		there[row.id()] = true
		if p.keeps(row.category, row.consumer, row.Stream, row.Error) {
			k.rows = append(k.rows, *row)
		}
	}
	for id := range k.marks {
		if !there[id] {
			delete(k.marks, id)
		}
	}
	kit.Sorted(p.byParked, k.rows, compareParked)
	p.parkedGrid.SetLen(len(k.rows), false)
	if at := slices.IndexFunc(k.rows, func(r parkedRow) bool { return r.id() == k.on }); at >= 0 {
		p.parkedGrid.Follow(at)
	}
	p.parkedGrid.Changed()
	p.pointParked()
}

// pointParked notes which message the cursor is on.
func (p *groups) pointParked() {
	if row := p.parkedRow(); row != nil {
		p.parked.on = row.id()
	}
}

// parkedRow is the row under the cursor; nil for none.
func (p *groups) parkedRow() *parkedRow {
	if row := p.parkedGrid.Cursor(); row >= 0 && row < len(p.parked.rows) {
		return &p.parked.rows[row]
	}
	return nil
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
	p.parkedGrid.ChangedRow(p.parkedGrid.Cursor())
	p.parkedGrid.Move(1)
	p.pointParked()
}

func (p *groups) newParkedGrid() *grid.Grid {
	return grid.New(grid.Options{
		Row: p.drawing().parkedCells,
		Marked: func(row int) bool {
			return row < len(p.parked.rows) && p.parked.marks[p.parked.rows[row].id()]
		},
		Columns: []grid.Column{
			{Title: "category", Min: 10, Flex: 1, Max: 30, Name: true, Priority: 3},
			{Title: "consumer", Min: 10, Flex: 1, Max: 30, Name: true},
			{Title: "stream", Min: 12, Flex: 2, Max: 40, Name: true},
			{Title: "at", Min: 7, Right: true},
			{Title: "behind it", Min: 9, Right: true, Priority: 1},
			{Title: "since", Min: 10, Right: true},
			{Title: "error", Min: 16, Flex: 4},
			{Title: "type", Min: 12, Flex: 1, Max: 24, Priority: 5},
			{Title: "given up", Min: 8, Right: true, Priority: 4},
			{Title: "global", Min: 9, Right: true, Priority: 2},
		},
	})
}

// compareParked orders rows by a column.
func compareParked(a, b parkedRow, column int) int {
	switch column {
	case 1:
		return cmp.Compare(a.consumer, b.consumer)
	case 2:
		return cmp.Compare(a.Stream, b.Stream)
	case 3:
		return cmp.Compare(a.Position, b.Position)
	case 4:
		return cmp.Compare(a.Queued, b.Queued)
	case 5:
		return b.Since.Compare(a.Since)
	case 6:
		return cmp.Compare(a.Error, b.Error)
	case 7:
		return cmp.Compare(a.Type, b.Type)
	case 8:
		return cmp.Compare(a.GivenUp, b.GivenUp)
	case 9:
		return cmp.Compare(a.GlobalPosition, b.GlobalPosition)
	}
	return cmp.Compare(a.category, b.category)
}

// parkedCells is a line of what is parked.
func (p drawing) parkedCells(row int, cells []grid.Cell) {
	t, r := p.theme, &p.parked.rows[row]
	cells[0].Text = r.category
	cells[1].Text = r.consumer
	cells[2].Text = r.Stream
	cells[3].Text = text.Count(r.Position)
	cells[5] = grid.Cell{Text: kit.Since(r.Since, p.now, p.absolute), Pen: t.Muted}
	cells[6] = grid.Cell{Text: r.Error, Pen: t.Warn}
	cells[7] = grid.Cell{Text: r.Type, Pen: t.Muted}
	cells[8] = grid.Cell{Text: strconv.Itoa(r.GivenUp), Pen: t.Muted}
	cells[9] = grid.Cell{Text: text.Count(r.GlobalPosition), Pen: t.Muted}
	switch {
	case r.Head != r.GlobalPosition:
		cells[4] = grid.Cell{Text: t.Sym.Dash, Pen: t.Muted}
		cells[6] = grid.Cell{Text: "behind #" + text.Count(r.Head), Pen: t.Muted}
	case r.Queued > 0:
		cells[4].Text = text.Count(int64(r.Queued))
	}
	if !r.Asked.IsZero() {
		cells[6] = grid.Cell{Text: "retry asked " + text.Ago(r.Asked, p.now), Pen: t.Accent}
	}
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
