package state

import (
	"github.com/evtui/evtui/internal/story/state"
	"github.com/evtui/evtui/tui/jsonview"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// result is the state that is shown, and what the last message changed in it.
type result struct {
	moment state.Moment
	at     int64 // the position that was asked for and reached last; -1: none
	view   *jsonview.View
	change *kit.Comparison
}

func newResult() result {
	r := result{at: -1, view: jsonview.New(jsonview.Styles{})}
	r.show(compared(nothing(), 0))
	return r
}

func (r *result) show(m momentReply) {
	r.moment, r.change = m.moment, m.change
	r.view.SetData(m.moment.State)
}

// known reports whether something was read for it: null is a state too.
func (r *result) known() bool {
	return r.moment.Done || r.moment.Message != nil || r.moment.Fault != nil
}

// which names the message that the state is after.
func (r *result) which() string {
	if r.moment.Message == nil {
		return "the first message"
	}
	return kit.CrumbOf(r.moment.Message)
}

// name says of what the state is.
func (r *result) name() string {
	switch {
	case r.moment.Fault != nil:
		return "state before " + r.which()
	case r.moment.Message == nil:
		return "state"
	}
	return "state after " + r.which()
}

// changed is the title of the change.
func (r *result) changed(t page.Theme) string {
	name := "what " + r.which() + " changed"
	switch {
	case !r.moment.Done:
		return "change"
	case r.moment.Fault == nil:
		name += " " + t.Sym.Dot + " " + r.change.Count()
	}
	return name
}

// act does what concerns the state alone.
func (r *result) act(a page.Action) {
	v := r.view
	if kit.MoveGrid(v, a) {
		return
	}
	switch a {
	case page.ActNextMatch:
		v.NextMatch()
	case page.ActPrevMatch:
		v.PrevMatch()
	case page.ActFold:
		v.Toggle()
	case page.ActRaw:
		v.SetRaw(!v.Raw())
	case page.ActWrap:
		v.SetWrap(!v.Wrapped())
	}
}
