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

// readWhole reads a row's message, and does then, if there is something to do,
// when it is at hand.
func (w *way) readWhole(t *page.Turn, b *kit.Brief, then func(t *page.Turn)) {
	namespace := w.top().of.namespace
	w.whole.of, w.whole.gen, w.whole.then = b, w.next(), then
	t.Ask(w.gen, func(ctx context.Context, c *client.Client) (any, error) { return b.Read(ctx, c.In(namespace)) })
}

// needs reads the message under the cursor where it is not at hand, and does
// then unless the cursor has gone on by then. It reports whether that is so.
func (w *way) needs(t *page.Turn, then func(t *page.Turn)) bool {
	b := w.brief()
	if b == nil || w.whole.message(b) != nil {
		return false
	}
	w.readWhole(t, b, func(t *page.Turn) {
		if rowKey(w.top().current()) == rowKey(b) {
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
func (w *way) readAhead(t *page.Turn) {
	if b := w.brief(); b != nil && w.whole.of == nil && w.whole.message(b) == nil && w.whole.vain != rowKey(b) {
		w.readWhole(t, b, nil)
	}
}

// replied takes a message that was read, and reports whether the reply was one.
func (w *whole) replied(t *page.Turn, msg page.Reply) bool {
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
func (w *way) wholes() (at []*store.Message, all bool) {
	rows := w.top().recent()
	for _, b := range rows {
		if m := w.whole.message(b); m != nil {
			at = append(at, m)
		}
	}
	return at, len(at) == len(rows)
}
