package sqlitestore

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/evtui/evtui/store"
)

// visit is told of each message of a scan, borrowed, and says whether to go on.
type visit func(store.Message) bool

// scan opens the namespace for one read and turns the read's visits into an iterator.
func (s *Store) scan(ctx context.Context, id string, check error, read func(*namespace, *watch, visit) error) iter.Seq2[store.Message, error] {
	return func(yield func(store.Message, error) bool) {
		if check != nil {
			yield(store.Message{}, check)
			return
		}
		ns, err := s.acquire(id)
		if err != nil {
			yield(store.Message{}, err)
			return
		}
		defer ns.h.release()
		stopped := false
		err = read(ns, &watch{ctx: ctx, gone: ns.h.gone}, func(m store.Message) bool {
			stopped = !yield(m, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(store.Message{}, err)
		}
	}
}

// watch ends long scans when their caller or their namespace goes away.
type watch struct {
	ctx  context.Context
	gone <-chan struct{}
}

func (w *watch) check() error {
	select {
	case <-w.gone:
		return store.ErrNamespaceNotFound
	default:
		return w.ctx.Err()
	}
}

// ReadStream yields a stream's messages by position, borrowed.
func (s *Store) ReadStream(ctx context.Context, id string, q store.StreamQuery) iter.Seq2[store.Message, error] {
	return s.scan(ctx, id, q.Check(), func(ns *namespace, w *watch, v visit) error {
		return ns.readStream(w, q, "", ns.durable.Load(), v)
	})
}

// readStream visits the stream's messages up to the global position bound, of
// one type unless that is "".
func (ns *namespace) readStream(w *watch, q store.StreamQuery, messageType string, bound int64, v visit) error {
	if q.Limit == 0 {
		return nil
	}
	number, version, err := ns.streamEnd(q.Stream, bound)
	if err != nil || version == store.NoStream {
		return err
	}
	if q.Backward && q.GlobalPosition >= 1 {
		bound = min(bound, q.GlobalPosition)
	}
	var text strings.Builder
	text.WriteString(`SELECT gpos, position, time, id, type, metadata, data, NULL FROM messages WHERE stream = ? AND gpos <= ? `)
	args := []any{number, bound}
	if messageType != "" {
		text.WriteString(`AND type = ? `)
		args = append(args, messageType)
	}
	from := max(q.Position, 0)
	if q.Backward {
		text.WriteString(`AND position <= ? ORDER BY position DESC LIMIT ?`)
		if from = q.Position; from < 0 {
			from = maxPosition
		}
	} else {
		text.WriteString(`AND gpos >= ? AND position >= ? ORDER BY position LIMIT ?`)
		args = append(args, q.GlobalPosition)
	}
	p := pager{ns: ns, watch: w, text: text.String(), args: args, stream: q.Stream, limit: q.Limit, backward: q.Backward}
	p.filtered = messageType != "" || q.GlobalPosition > 1
	return p.each(from, func(m *store.Message) int64 { return m.Position }, v)
}

// ReadCategory yields messages by global position, borrowed.
func (s *Store) ReadCategory(ctx context.Context, id string, q store.CategoryQuery) iter.Seq2[store.Message, error] {
	return s.scan(ctx, id, q.Check(), func(ns *namespace, w *watch, v visit) error {
		return ns.readCategory(w, q, ns.durable.Load(), v)
	})
}

// readCategory visits the category's messages up to the global position bound.
func (ns *namespace) readCategory(w *watch, q store.CategoryQuery, bound int64, v visit) error {
	from, to := max(q.GlobalPosition, 1), bound
	if q.Backward {
		from = 1
		if q.GlobalPosition >= 1 {
			to = min(to, q.GlobalPosition)
		}
	}
	if q.Limit == 0 || from > to {
		return nil
	}
	var text strings.Builder
	var args []any
	// CROSS JOIN keeps the planner from starting at the streams.
	text.WriteString(`SELECT m.gpos, m.position, m.time, m.id, m.type, m.metadata, m.data, s.name ` +
		`FROM messages m CROSS JOIN streams s ON s.number = m.stream WHERE `)
	if q.Category != "" {
		cat := ns.cats.find(q.Category)
		if cat == nil {
			return nil
		}
		text.WriteString(`m.category = ? AND `)
		args = append(args, cat.number)
	}
	if !q.Group.IsZero() {
		// What store.MemberOf decides: a remainder has the sign of the hash, so
		// that its absolute value is that of the hash's. NULL owns nothing.
		text.WriteString(`abs(s.hash % ?) = ? AND `)
		args = append(args, q.Group.Size, q.Group.Member)
	}
	if q.Correlation != "" {
		text.WriteString(`m.correlation = ? AND `)
		args = append(args, q.Correlation)
	}
	start := from
	if q.Backward {
		text.WriteString(`m.gpos >= ? AND m.gpos <= ? ORDER BY m.gpos DESC LIMIT ?`)
		args, start = append(args, from), to
	} else {
		text.WriteString(`m.gpos <= ? AND m.gpos >= ? ORDER BY m.gpos LIMIT ?`)
		args = append(args, to)
	}
	p := pager{ns: ns, watch: w, text: text.String(), args: args, limit: q.Limit, backward: q.Backward}
	p.filtered = !q.Group.IsZero() || q.Correlation != ""
	return p.each(start, func(m *store.Message) int64 { return m.GlobalPosition }, v)
}

// pager runs a query page by page. Its text ends with the bound that a page
// goes on from, inclusive, and the limit.
type pager struct {
	ns       *namespace
	watch    *watch
	text     string
	args     []any
	stream   string // of all messages; "" when the rows tell
	limit    int
	backward bool
	filtered bool // a page may look at much more than it yields
}

// Pages begin small, for those who look at a few messages and stop, and end
// early at large messages, so that a read never holds much.
const (
	firstPage = 32
	laterPage = 256
	pageSize  = 512 << 10 // bytes
)

// each visits all pages' messages; key is what the query orders them by.
func (p *pager) each(from int64, key func(*store.Message) int64, v visit) error {
	page := newPage()
	defer page.free()
	ctx := context.Background()
	if p.filtered {
		ctx = p.watch.ctx
	}
	left, size := p.limit, firstPage
	for {
		if err := p.watch.check(); err != nil {
			return err
		}
		ask := size
		if left != store.NoLimit {
			ask = min(ask, left)
		}
		rows, err := p.ns.db.query(ctx, p.text, append(p.args, from, ask)...)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if err := page.fill(rows, p.stream); err != nil {
			return fmt.Errorf("read: %w", err)
		}
		for i := range page.messages {
			m := &page.messages[i]
			if from = key(m) + 1; p.backward {
				from = key(m) - 1
			}
			if !v(*m) {
				return nil
			}
		}
		if left != store.NoLimit {
			if left -= len(page.messages); left == 0 {
				return nil
			}
		}
		if len(page.messages) < ask && !page.cut {
			return nil
		}
		size = laterPage
	}
}
