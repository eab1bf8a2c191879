package streams

import (
	"context"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// whole is the messages that rows stand for: rows keep large ones in part. The
// page holds the one that was read last, and reads one at a time.
type whole struct {
	m    *store.Message // nil: none was read
	of   *kit.Brief     // being read; nil: none
	gen  uint64         // its reply carries it
	then func(t *page.Turn)
	vain string // key of the row whose message could not be read; "": none
}

// message returns the whole message of a row; nil when it must be read.
func (w *whole) message(b *kit.Brief) *store.Message {
	switch {
	case b.Whole() != nil:
		return b.Whole()
	case w.m != nil && w.m.ID == b.ID:
		return w.m
	}
	return nil
}

// brief is the row under the cursor, nil when it is not a message's.
func (p *streams) brief() *kit.Brief {
	b, _ := p.top().current().(*kit.Brief)
	return b
}

// readWhole reads a row's message, and does then when it is at hand.
func (p *streams) readWhole(t *page.Turn, b *kit.Brief, then func(t *page.Turn)) {
	if p.whole.of == b && then == nil {
		return
	}
	p.gen++
	namespace := p.top().of.namespace
	p.whole.of, p.whole.gen, p.whole.then = b, p.gen, then
	t.Ask(p.gen, func(ctx context.Context, c *client.Client) (any, error) { return b.Read(ctx, c.In(namespace)) })
}

// needs reads the message under the cursor where it is not at hand, and does
// then unless the cursor has gone on by then. It reports whether that is so.
func (p *streams) needs(t *page.Turn, then func(t *page.Turn)) bool {
	b := p.brief()
	if b == nil || p.whole.message(b) != nil {
		return false
	}
	p.readWhole(t, b, func(t *page.Turn) {
		if rowKey(p.top().current()) == rowKey(b) {
			then(t)
		}
	})
	return true
}

// needsWhole reports whether an action on a row of messages is one on all of
// the message.
func needsWhole(a page.Action) bool {
	switch a {
	case page.ActEdit, page.ActAppendCopy, page.ActCompare, page.ActGoProcess, page.ActLanes, page.ActGoCauses, page.ActColumns,
		page.ActCopyValue, page.ActCopyCurl:
		return true
	}
	return false
}

// readAhead reads the message under the cursor for its preview.
func (p *streams) readAhead(t *page.Turn) {
	if b := p.brief(); b != nil && p.whole.of == nil && p.whole.message(b) == nil && p.whole.vain != rowKey(b) {
		p.readWhole(t, b, nil)
	}
}

// repliedWhole takes a message that was read, and reports whether the reply was one.
func (p *streams) repliedWhole(t *page.Turn, msg page.Reply) bool {
	w := &p.whole
	if w.of == nil || msg.Gen != w.gen {
		return false
	}
	of, then := w.of, w.then
	w.of, w.then = nil, nil
	if msg.Err != nil {
		w.vain = rowKey(of)
		if !client.Unreachable(msg.Err) {
			t.Toast(page.LevelError, "%v", msg.Err)
		}
		return true
	}
	w.m, w.vain = msg.Value.(*store.Message), ""
	if then != nil {
		then(t)
	}
	return true
}

// wholes is the messages of the rows that are at hand, all of them.
func (p *streams) wholes() (at []*store.Message, all bool) {
	rows := p.top().recent()
	for _, b := range rows {
		if m := p.whole.message(b); m != nil {
			at = append(at, m)
		}
	}
	return at, len(at) == len(rows)
}
