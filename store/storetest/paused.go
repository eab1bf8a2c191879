package storetest

import (
	"context"
	"fmt"
	"iter"

	"github.com/evtui/evtui/store"
)

// pausedReads stops readers of every kind in the middle while much is written
// and, where the engine can be asked for it, flushed and compacted. Each gets just
// what was there when it began.
func pausedReads(e *env) {
	const first, later, batch = 2600, 5000, 250
	e.namespace("n")
	for i := range first / batch {
		e.append("n", "a-1", events(batch/2, fmt.Sprintf("first %d", i))...)
		e.append("n", fmt.Sprintf("a-%d", i%7), events(batch/2, fmt.Sprintf("also %d", i))...)
	}
	type reader struct {
		kind string
		next func() (store.Message, error, bool)
		want []string
		got  []string
	}
	var paused []*reader
	step := func(r *reader) bool {
		m, err, ok := r.next()
		if err != nil {
			e.t.Fatalf("read %s: %v after %d messages", r.kind, err, len(r.got))
		}
		if ok {
			r.got = append(r.got, showMessages([]store.Message{m})...)
		}
		return ok
	}
	for kind, read := range e.readers() {
		r := &reader{kind: kind, want: showMessages(e.mustCollect(read()))}
		next, stop := iter.Pull2(read())
		defer stop()
		r.next = next
		for range len(r.want) / 3 {
			step(r)
		}
		paused = append(paused, r)
	}
	for i := range later / batch {
		e.append("n", fmt.Sprintf("a-%d", i%7), events(batch, fmt.Sprintf("later %d", i))...)
		if i == later/batch/2 {
			e.settle()
		}
	}
	e.settle()
	for _, r := range paused {
		for step(r) {
		}
		e.same(r.got, r.want, "a %s read that paused", r.kind)
	}
}

// settle has the engine write out and rearrange what it holds, if it can be asked to.
func (e *env) settle() {
	e.t.Helper()
	engine, ok := e.store.(store.Engine)
	if !ok {
		return
	}
	for what, call := range map[string]func(context.Context, string) error{"flush": engine.Flush, "compact": engine.Compact} {
		if err := call(e.ctx, "n"); err != nil && showError(err) != showError(store.ErrNotOffered) {
			e.t.Errorf("%s: %v", what, err)
		}
	}
}
