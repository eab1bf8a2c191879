package state

import (
	"context"
	"strconv"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// How the messages are read for the list.
const (
	pageRows  = 64
	pagesMost = 12 // that are kept
)

// rows is the list of the stream's messages: a row a position, read around what is
// on the screen.
type rows struct {
	grid   *grid.Grid
	pages  map[int64]*rowPage
	asking uint64
	fault  string

	now      time.Time // of what is drawn
	absolute bool
	digits   int // that the widest position takes
}

// rowPage is what was read from its first position on.
type rowPage struct {
	list []*kit.Brief
	full bool // all of its positions were there to be read
}

type rowsReply struct {
	page int64
	list []*kit.Brief
}

func (r *rows) forget() { r.pages, r.asking, r.fault = map[int64]*rowPage{}, 0, "" }

// pull asks for a page of what is on the screen that is missing.
func (r *rows) pull(t *page.Turn, p *tab) {
	if r.asking != 0 || r.fault != "" {
		return
	}
	first, last := r.grid.Visible()
	for n := int64(first) / pageRows; n <= int64(max(last-1, first))/pageRows; n++ {
		have := r.pages[n]
		if want := min(pageRows, p.version+1-n*pageRows); have != nil && (have.full || int64(len(have.list)) >= want) {
			continue
		}
		r.drop(n)
		r.asking = p.next()
		stream := p.of.Stream
		t.Ask(r.asking, func(ctx context.Context, c *client.Client) (any, error) {
			out := rowsReply{page: n}
			for m, err := range c.Stream(ctx, client.StreamQuery{Stream: stream, Position: n * pageRows, Limit: pageRows}) {
				if err != nil {
					return nil, err
				}
				if m.Position >= (n+1)*pageRows {
					break
				}
				out.list = append(out.list, kit.NewBrief(&m, nil))
			}
			return out, nil
		})
		return
	}
}

// drop makes room for a page by letting the farthest go.
func (r *rows) drop(around int64) {
	for len(r.pages) >= pagesMost {
		far := around
		for n := range r.pages {
			if max(n-around, around-n) > max(far-around, around-far) {
				far = n
			}
		}
		delete(r.pages, far)
	}
}

func (r *rows) took(msg page.Reply, version int64) {
	r.asking = 0
	if v, ok := msg.Value.(rowsReply); ok {
		r.pages[v.page] = &rowPage{list: v.list, full: (v.page+1)*pageRows <= version+1}
		r.grid.Changed()
	} else if msg.Err != nil && !client.Unreachable(msg.Err) {
		r.fault = msg.Err.Error()
	}
}

// at is the message at a position; nil where it is not read, or not there.
func (r *rows) at(position int64) *kit.Brief {
	p := r.pages[position/pageRows]
	if p == nil {
		return nil
	}
	for _, b := range p.list {
		if b.Position == position {
			return b
		}
	}
	return nil
}

// fit lays the columns out as times and positions need it.
func (r *rows) fit(absolute bool, version int64) {
	digits := len(strconv.FormatInt(version, 10))
	if r.absolute != absolute || r.digits != digits {
		r.absolute, r.digits = absolute, digits
		r.grid.SetColumns(columns(absolute, digits))
	}
}

func columns(absolute bool, digits int) []grid.Column {
	return []grid.Column{
		{Title: "#", Min: max(digits, 4), Right: true}, {Title: "type", Min: 8, Flex: 2, Name: true},
		{Title: "time", Min: kit.MomentWidth(absolute), Priority: 1}, {Title: "data", Min: 12, Flex: 5, Priority: 2, Wide: kit.DataBytes},
	}
}

func (p *tab) cells(i int, cells []grid.Cell) {
	t := p.theme
	cells[0] = grid.Cell{Text: strconv.Itoa(i), Pen: t.Muted}
	b := p.rows.at(int64(i))
	if b == nil {
		missing := t.Sym.Ellipsis
		if r := p.rows.pages[int64(i)/pageRows]; r != nil {
			missing = "no message" // it was deleted there
		}
		cells[1] = grid.Cell{Text: missing, Pen: t.Faint}
		return
	}
	cells[1] = grid.Cell{Text: b.Type, Pen: t.Accent}
	if f := p.result.moment.Fault; f != nil && int64(i) >= f.Position {
		cells[1].Pen = t.Faint // it has no state
		if int64(i) == f.Position {
			cells[1].Pen = t.Bad
		}
	}
	cells[2] = grid.Cell{Text: kit.Moment(b.Time, p.rows.now, p.rows.absolute), Pen: t.Muted}
	cells[3] = grid.Cell{Text: string(b.Data[:min(len(b.Data), kit.DataBytes)])}
}
