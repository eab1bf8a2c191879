package pgstore

import (
	"context"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/evtui/evtui/store"
)

const (
	pageRows  = 1000
	pageBytes = 8 << 20 // of one page, about
)

// rowSizes is how large messages are, to ask for pages of a bounded size.
type rowSizes struct{ bytes atomic.Int64 } // of a message, about

func (z *rowSizes) limit(wanted int) int {
	rows := pageRows
	if n := z.bytes.Load(); n > 0 {
		rows = int(max(1, min(pageRows, pageBytes/n)))
	}
	if wanted == store.NoLimit {
		return rows
	}
	return min(rows, wanted)
}

func (z *rowSizes) met(p *page) {
	if len(p.messages) > 0 {
		z.bytes.Store(int64(p.bytes / len(p.messages)))
	}
}

// page is messages that were read at once, and that it owns.
type page struct {
	messages []store.Message
	bytes    int
	cut      bool // the answer went on
}

// yield yields the messages, and reports whether more are wanted.
func (p *page) yield(yield func(store.Message, error) bool) bool {
	for _, m := range p.messages {
		if !yield(m, nil) {
			return false
		}
	}
	return true
}

const messageColumns = `id, stream_name, type, position, global_position, data, metadata, time`

// add takes a row of messageColumns.
func (p *page) add(r row) (more bool) {
	m := store.Message{Stream: r.text(1), Type: r.text(2), Position: r.int(3), GlobalPosition: r.int(4), Data: jsonText(r[5]), Metadata: jsonText(r[6]), Time: r.time(7)}
	if len(r[0]) == len(m.ID) {
		copy(m.ID[:], r[0])
	}
	if m.Data == nil {
		m.Data = []byte("null")
	}
	p.messages = append(p.messages, m)
	p.bytes += len(m.Data) + len(m.Metadata) + len(m.Stream) + 64
	p.cut = p.bytes > 4*pageBytes
	return !p.cut
}

// jsonText is the text of a jsonb value, which begins with a version in binary.
func jsonText(b []byte) []byte {
	if b == nil {
		return nil
	}
	if b[0] == 1 {
		b = b[1:]
	}
	return append(make([]byte, 0, len(b)), b...)
}

// reading is a read page by page.
type reading struct {
	sp       *space
	where    string // conditions and arguments, but for the position
	args     []argument
	column   string // that pages go by
	least    int64  // both inclusive
	most     int64
	limit    int
	backward bool
}

// next reads a page and goes behind it. done says that there is no more.
func (r *reading) next(ctx context.Context) (p page, done bool, err error) {
	n := r.sp.rows.limit(r.limit)
	at := len(r.args)
	order := "ASC"
	if r.backward {
		order = "DESC"
	}
	sql := fmt.Sprintf(`SELECT %s FROM %s WHERE %s AND %s >= $%d AND %s <= $%d ORDER BY %s %s LIMIT $%d`,
		messageColumns, r.sp.table, r.where, r.column, at+1, r.column, at+2, r.column, order, at+3)
	args := append(append([]argument{}, r.args...), number(r.least), number(r.most), number(int64(n)))
	if err := r.sp.explain(r.sp.store.guest.askUntil(ctx, sql, args, p.add)); err != nil {
		return p, false, err
	}
	r.sp.rows.met(&p)
	if r.limit != store.NoLimit {
		r.limit -= len(p.messages)
	}
	if len(p.messages) > 0 {
		r.pass(&p.messages[len(p.messages)-1])
	}
	return p, r.limit == 0 || !p.cut && len(p.messages) < n || r.least > r.most, nil
}

func (r *reading) pass(m *store.Message) {
	at := m.GlobalPosition
	if r.column == "position" {
		at = m.Position
	}
	if r.backward {
		r.most = at - 1
	} else {
		r.least = at + 1
	}
}

// all yields every message up to the end that there was at the beginning: unless the
// first page is all, it asks end for that before anything is yielded. Without end, the
// bounds of the reading are the end.
func (r *reading) all(ctx context.Context, end func(context.Context) (int64, error), yield func(store.Message, error) bool) {
	p, done, err := r.next(ctx)
	if err == nil && !done && !r.backward && end != nil {
		var last int64
		if last, err = end(ctx); err == nil {
			r.most = min(r.most, last)
		}
	}
	for {
		if err != nil {
			yield(store.Message{}, err)
			return
		}
		if !p.yield(yield) || done || r.least > r.most {
			return
		}
		p, done, err = r.next(ctx)
	}
}

// ReadStream yields the messages of a stream.
func (s *Store) ReadStream(ctx context.Context, namespace string, q store.StreamQuery) iter.Seq2[store.Message, error] {
	return s.messages(ctx, namespace, q.Check(), q.Limit, func(sp *space, yield func(store.Message, error) bool) {
		r := reading{sp: sp, where: "stream_name = $1", args: []argument{words(q.Stream)}, column: "position", limit: q.Limit, backward: q.Backward, most: math.MaxInt64}
		if q.Backward {
			if q.Position >= 0 {
				r.most = q.Position
			}
			if q.GlobalPosition >= 1 {
				r.where, r.args = r.where+" AND global_position <= $2", append(r.args, number(q.GlobalPosition))
			}
		} else {
			r.least = max(q.Position, 0)
			if q.GlobalPosition > 1 {
				r.where, r.args = r.where+" AND global_position >= $2", append(r.args, number(q.GlobalPosition))
			}
		}
		r.all(ctx, func(ctx context.Context) (int64, error) { return s.Version(ctx, namespace, q.Stream) }, yield)
	})
}

// messages yields what read reads of a namespace, unless what is asked for is wrong, or
// nothing.
func (s *Store) messages(ctx context.Context, namespace string, wrong error, limit int, read func(*space, func(store.Message, error) bool)) iter.Seq2[store.Message, error] {
	return func(yield func(store.Message, error) bool) {
		sp, err := s.toRead(ctx, namespace, wrong)
		switch {
		case err != nil:
			yield(store.Message{}, err)
		case limit != 0 && sp.schema != "":
			read(sp, yield)
		}
	}
}

// toRead returns a namespace to be read, unless what is asked for is wrong.
func (s *Store) toRead(ctx context.Context, namespace string, wrong error) (*space, error) {
	if wrong != nil {
		return nil, wrong
	}
	return s.space(ctx, namespace)
}

// ReadCategory yields the messages of a category, or all, up to the settled head.
func (s *Store) ReadCategory(ctx context.Context, namespace string, q store.CategoryQuery) iter.Seq2[store.Message, error] {
	return s.messages(ctx, namespace, q.Check(), q.Limit, func(sp *space, yield func(store.Message, error) bool) {
		r := sp.categoryReading(q)
		p, done, err := sp.begin(ctx, &r)
		switch {
		case err != nil:
			yield(store.Message{}, err)
		case p.yield(yield) && !done && r.least <= r.most:
			r.all(ctx, nil, yield)
		}
	})
}

// begin keeps a read at or below the settled head of now. What is known to be settled
// need not be asked about, and most pages lie below: such a page is returned, with
// whether it is all.
func (sp *space) begin(ctx context.Context, r *reading) (p page, done bool, err error) {
	known := sp.settling.head()
	if r.backward || r.limit == store.NoLimit || r.least > known {
		return p, false, sp.bound(ctx, r)
	}
	r.most = known
	if p, done, err = r.next(ctx); err != nil || r.limit == 0 {
		return p, true, err
	}
	if done { // up to there
		r.least = known + 1
	}
	r.most = math.MaxInt64
	return p, false, sp.bound(ctx, r)
}

func (sp *space) categoryReading(q store.CategoryQuery) reading {
	// Positions begin at 1: see counted.unread.
	r := reading{sp: sp, column: "global_position", limit: q.Limit, backward: q.Backward, least: 1, most: math.MaxInt64}
	r.where, r.args = sp.conditions(q.Category, q.Correlation, q.Group)
	switch {
	case q.Backward && q.GlobalPosition >= 1:
		r.most = q.GlobalPosition
	case !q.Backward:
		r.least = max(q.GlobalPosition, 1)
	}
	return r
}

// conditions are those of a category, as SQL with its arguments.
func (sp *space) conditions(category, correlation string, group store.Group) (string, []argument) {
	var b strings.Builder
	var args []argument
	add := func(a argument) string {
		args = append(args, a)
		return "$" + strconv.Itoa(len(args))
	}
	b.WriteString("true")
	if category != "" {
		b.WriteString(" AND " + sp.category + " = " + add(words(category)))
	}
	if correlation != "" {
		b.WriteString(" AND " + sp.correlation + " = " + add(words(correlation)))
	}
	if !group.IsZero() {
		add(number(int64(group.Size)))
		add(number(int64(group.Member)))
		b.WriteString(member(len(args)-1, len(args)))
	}
	return b.String(), args
}

// bound keeps a read at or below the settled head. Looking is spared where it lies below
// what is known of it.
func (sp *space) bound(ctx context.Context, r *reading) error {
	if r.most <= sp.settling.head() {
		return nil
	}
	head, err := sp.settle(ctx)
	r.most = min(r.most, head)
	return err
}
