package sqlitestore

import (
	"errors"
	"fmt"
	"math"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/internal/engine"
)

// ReadStream visits the stream's messages by position up to the global position
// bound.
func (d *database) ReadStream(w *engine.Watch, q store.StreamQuery, bound int64, v engine.Visit) (int64, error) {
	p := pager{d: d, watch: w, stream: q.Stream, limit: q.Limit, backward: q.Backward, end: engine.MaxPosition}
	p.key = func(m *store.Message) int64 { return m.Position }
	from := max(q.Position, 0)
	if q.Backward {
		p.end, p.from = 0, `m.position <= ? AND m.position >= ? ORDER BY m.position DESC`
		if from = q.Position; from < 0 {
			from = engine.MaxPosition
		}
		if q.GlobalPosition >= 1 {
			bound = min(bound, q.GlobalPosition)
		}
		q.GlobalPosition = 0
	} else {
		p.from = `m.position >= ? AND m.position <= ? ORDER BY m.position`
	}
	found, err := p.find(`SELECT number FROM streams WHERE name = ?`, q.Stream)
	if err != nil || !found {
		return 0, err
	}
	p.text = columns(d.bare) + `NULL FROM messages m WHERE m.stream = ? AND m.gpos >= ? AND m.gpos <= ? AND `
	p.args = append(p.args, q.GlobalPosition, bound)
	return p.each(from, v)
}

// ReadCategory visits the category's messages by global position up to bound.
func (d *database) ReadCategory(w *engine.Watch, q store.CategoryQuery, bound int64, v engine.Visit) (int64, error) {
	p := pager{d: d, watch: w, category: q.Category, limit: q.Limit, backward: q.Backward, end: bound}
	p.key = func(m *store.Message) int64 { return m.GlobalPosition }
	from := max(q.GlobalPosition, 1)
	p.from = `m.gpos >= ? AND m.gpos <= ? ORDER BY m.gpos`
	if q.Backward {
		p.end, p.from = 1, `m.gpos <= ? AND m.gpos >= ? ORDER BY m.gpos DESC`
		if from = bound; q.GlobalPosition >= 1 {
			from = min(bound, q.GlobalPosition)
		}
	}
	where := ``
	if q.Category != "" {
		where = `m.category = ? AND `
		found, err := p.find(`SELECT number FROM categories WHERE name = ?`, q.Category)
		if err != nil || !found {
			return 0, err
		}
	}
	p.ahead, p.aheadArgs = `SELECT m.gpos FROM messages m WHERE `+where+p.from+` LIMIT 1 OFFSET ?`, p.args[:len(p.args):len(p.args)]
	if !q.Group.IsZero() {
		// What store.MemberOf decides: a remainder has the sign of the hash, so
		// that its absolute value is that of the hash's. NULL owns nothing.
		where += `abs(s.hash % ?) = ? AND `
		p.args, p.filtered = append(p.args, q.Group.Size, q.Group.Member), true
	}
	if q.Correlation != "" {
		where += `m.correlation = ? AND `
		p.args, p.filtered = append(p.args, q.Correlation), true
	}
	// CROSS JOIN keeps the planner from starting at the streams.
	p.text = columns(d.bare) + `s.name FROM messages m CROSS JOIN streams s ON s.number = m.stream WHERE ` + where
	return p.each(from, v)
}

// pager runs a query page by page, each a statement by itself that seeks to
// where the last one ended: no snapshot stays open between two.
type pager struct {
	d        *database
	watch    *engine.Watch
	text     string // what is asked for, with args
	args     []any
	from     string                     // a page's bounds, both inclusive, and its order
	end      int64                      // the farthest bound
	key      func(*store.Message) int64 // what the query orders by
	stream   string                     // of all messages; "" when the rows tell
	category string                     // of all streams; "" when there are several
	limit    int
	backward bool

	// A filtered page may look at many more rows than it yields. So it goes no
	// farther than to where sparsePage rows end.
	filtered  bool
	ahead     string
	aheadArgs []any
}

// find looks up the number that stands for a name in messages.
func (p *pager) find(text, name string) (bool, error) {
	var number int64
	found, err := p.d.reader.one(text, []any{name}, &number)
	if err != nil {
		return false, fmt.Errorf("look up %q: %w", name, err)
	}
	p.args = append(p.args, number)
	return found, nil
}

// past is the key after one.
func (p *pager) past(key int64) int64 {
	if p.backward {
		return key - 1
	}
	return key + 1
}

// each visits all pages' messages, until the watch says that its turn is over:
// then it returns engine.ErrTurn and where to go on.
func (p *pager) each(from int64, v engine.Visit) (int64, error) {
	page := pages.Get().(*page)
	defer page.free()
	left, ask, turn := p.limit, firstPage, error(nil)
	if left == store.NoLimit {
		left = math.MaxInt
	}
	for ; left > 0 && (p.backward && from >= p.end || !p.backward && from <= p.end); ask = laterPage {
		if turn != nil {
			return from, turn
		}
		ask = min(ask, left)
		to, looked, err := p.reach(from)
		if err != nil {
			return 0, err
		}
		// What was read before a damaged message is still told.
		damaged := p.read(page, from, to, ask)
		for i := range page.messages {
			m := &page.messages[i]
			if err := p.step(1, &turn); err != nil {
				return 0, err
			}
			from = p.past(p.key(m))
			if !v(*m) {
				return 0, nil
			}
		}
		if damaged != nil {
			return 0, damaged
		}
		left -= len(page.messages)
		if len(page.messages) < ask && !page.cut {
			from = p.past(to)
			if err := p.step(looked-len(page.messages), &turn); err != nil {
				return 0, err
			}
		}
	}
	return 0, nil
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
	found, err := p.d.reader.one(p.ahead, append(p.aheadArgs, from, p.end, sparsePage-1), &to)
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
	page.messages = page.messages[:0]
	rows, err := p.d.reader.query(p.text+p.from+` LIMIT ?`, append(p.args[:len(p.args):len(p.args)], from, to, limit)...)
	if err == nil {
		err = page.fill(rows, p.stream, p.category)
	}
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}
