package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// ReadStream visits the stream's messages by position up to the global position
// bound.
func (d *database) ReadStream(w *engine.Watch, q store.StreamQuery, bound int64, v engine.Visit) (int64, error) {
	var number int64
	found, err := d.reader.one(`SELECT number FROM streams WHERE name = ?`, []any{q.Stream}, &number)
	if err != nil {
		return 0, fmt.Errorf("look up stream: %w", err)
	}
	if !found || q.Limit == 0 {
		return 0, nil
	}
	if q.Backward && q.GlobalPosition >= 1 {
		bound = min(bound, q.GlobalPosition)
	}
	p := pager{d: d, watch: w, stream: q.Stream, limit: q.Limit, backward: q.Backward, least: 0}
	p.key = func(m *store.Message) int64 { return m.Position }
	from := max(q.Position, 0)
	text := `SELECT ` + columns + sumColumn(d.bare) + `NULL FROM messages m WHERE m.stream = ? AND m.gpos <= ? `
	p.args = []any{number, bound}
	if q.Backward {
		text += `AND m.position <= ? ORDER BY m.position DESC LIMIT ?`
		if from = q.Position; from < 0 {
			from = engine.MaxPosition
		}
	} else {
		text += `AND m.gpos >= ? AND m.position >= ? ORDER BY m.position LIMIT ?`
		p.args = append(p.args, q.GlobalPosition)
	}
	p.text = text
	return p.each(from, v)
}

// ReadCategory visits the category's messages by global position up to bound.
func (d *database) ReadCategory(w *engine.Watch, q store.CategoryQuery, bound int64, v engine.Visit) (int64, error) {
	from, to := max(q.GlobalPosition, 1), bound
	if q.Backward {
		from = 1
		if q.GlobalPosition >= 1 {
			to = min(to, q.GlobalPosition)
		}
	}
	if q.Limit == 0 || from > to {
		return 0, nil
	}
	var number int64
	if q.Category != "" {
		found, err := d.reader.one(`SELECT number FROM categories WHERE name = ?`, []any{q.Category}, &number)
		if err != nil {
			return 0, fmt.Errorf("look up category: %w", err)
		}
		if !found {
			return 0, nil
		}
	}
	p := pager{d: d, watch: w, limit: q.Limit, backward: q.Backward, least: 1, category: q.Category}
	p.key = func(m *store.Message) int64 { return m.GlobalPosition }
	p.categoryText(q, number)
	start, end := from, to
	if q.Backward {
		start, end = to, from
	}
	p.end = end
	return p.each(start, v)
}

// categoryText writes the statement for a page, which goes from a global
// position to another, both inclusive, and the one that finds where as many
// rows end as a page may look at.
func (p *pager) categoryText(q store.CategoryQuery, number int64) {
	var text strings.Builder
	// CROSS JOIN keeps the planner from starting at the streams.
	text.WriteString(`SELECT ` + columns + sumColumn(p.d.bare) + `s.name FROM messages m CROSS JOIN streams s ON s.number = m.stream WHERE `)
	where := ``
	if q.Category != "" {
		where = `m.category = ? AND `
		p.args = append(p.args, number)
	}
	text.WriteString(where)
	p.ahead, p.aheadArgs = where, p.args
	if !q.Group.IsZero() {
		// What store.MemberOf decides: a remainder has the sign of the hash, so
		// that its absolute value is that of the hash's. NULL owns nothing.
		text.WriteString(`abs(s.hash % ?) = ? AND `)
		p.args = append(p.args[:len(p.args):len(p.args)], q.Group.Size, q.Group.Member)
		p.filtered = true
	}
	if q.Correlation != "" {
		text.WriteString(`m.correlation = ? AND `)
		p.args = append(p.args[:len(p.args):len(p.args)], q.Correlation)
		p.filtered = true
	}
	bounds, order := `m.gpos <= ? AND m.gpos >= ? `, `ORDER BY m.gpos `
	if q.Backward {
		bounds, order = `m.gpos >= ? AND m.gpos <= ? `, `ORDER BY m.gpos DESC `
	}
	text.WriteString(bounds + order + `LIMIT ?`)
	p.text = text.String()
	p.ahead = `SELECT m.gpos FROM messages m WHERE ` + p.ahead + bounds + order + `LIMIT 1 OFFSET ?`
}

// pager runs a query page by page, each a statement by itself that seeks to
// where the last one ended: no snapshot stays open between two. Its text ends
// with, for categories, the farthest global position, then the bound that a page
// goes on from, inclusive, and the limit.
type pager struct {
	d        *database
	watch    *engine.Watch
	text     string
	args     []any
	key      func(*store.Message) int64 // what the query orders by
	least    int64                      // key
	end      int64                      // the farthest global position; 0 for streams
	stream   string                     // of all messages; "" when the rows tell
	category string                     // of all streams; "" when there are several
	limit    int
	backward bool

	// A filtered page may look at many more rows than it yields. So it goes no
	// farther than to where this many rows end.
	filtered  bool
	ahead     string
	aheadArgs []any
}

// Pages begin small, for those who look at a few messages and stop, and end
// early at large messages, so that a read never holds much.
const (
	firstPage  = 32
	laterPage  = 256
	pageSize   = 512 << 10 // bytes
	sparsePage = 1024      // rows that a filtered page looks at
)

// each visits all pages' messages, until the watch says that its turn is over:
// then it returns engine.ErrTurn and where to go on.
func (p *pager) each(from int64, v engine.Visit) (int64, error) {
	page := newPage()
	defer page.free()
	left, size := p.limit, firstPage
	for {
		ask := size
		if left != store.NoLimit {
			ask = min(ask, left)
		}
		to, looked, err := p.reach(from)
		if err != nil {
			return 0, err
		}
		// What was read before a damaged message is still told.
		filled := p.read(page, from, to, ask)
		turn := error(nil)
		for i := range page.messages {
			m := &page.messages[i]
			if err := p.step(1, &turn); err != nil {
				return 0, err
			}
			if from = p.key(m) + 1; p.backward {
				from = p.key(m) - 1
			}
			if !v(*m) {
				return 0, nil
			}
		}
		if filled != nil {
			return 0, filled
		}
		if left != store.NoLimit {
			if left -= len(page.messages); left == 0 {
				return 0, nil
			}
		}
		if len(page.messages) < ask && !page.cut {
			if to == p.end {
				return 0, nil
			}
			if from = to + 1; p.backward {
				from = to - 1
			}
			if err := p.step(looked-len(page.messages), &turn); err != nil {
				return 0, err
			}
		}
		if p.backward && from < p.least {
			return 0, nil
		}
		if turn != nil {
			return from, turn
		}
		size = laterPage
	}
}

// step tells the watch of rows that were looked at. The end of a turn waits for
// the page's: it holds no snapshot any more.
func (p *pager) step(rows int, turn *error) error {
	for range rows {
		if err := p.watch.Step(); errors.Is(err, engine.ErrTurn) {
			*turn = err
		} else if err != nil {
			return err
		}
	}
	return nil
}

// reach is how far the next page may go, and how many rows that are at most.
func (p *pager) reach(from int64) (to int64, rows int, err error) {
	if !p.filtered {
		return p.end, 0, nil
	}
	args := append(p.aheadArgs[:len(p.aheadArgs):len(p.aheadArgs)], p.end, from, sparsePage-1)
	found, err := p.d.reader.one(p.ahead, args, &to)
	if err != nil {
		return 0, 0, fmt.Errorf("read: %w", err)
	}
	if !found {
		to = p.end
	}
	return to, sparsePage, nil
}

// read fills a page. The page keeps what comes before a damaged message.
func (p *pager) read(page *page, from, to int64, limit int) error {
	args := p.args[:len(p.args):len(p.args)]
	if p.end != 0 {
		args = append(args, to)
	}
	page.messages = page.messages[:0]
	rows, err := p.d.reader.query(context.Background(), p.text, append(args, from, limit)...)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if err := page.fill(rows, p.stream); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	for i := range page.messages {
		if m := &page.messages[i]; p.category != "" && store.Category(m.Stream) != p.category {
			page.messages = page.messages[:i]
			return fmt.Errorf("read: %w", damagedMessage(m.GlobalPosition))
		}
	}
	return nil
}
