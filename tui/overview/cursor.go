package overview

import (
	"encoding/json"
	"time"

	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/page"
)

// cursor is how many seconds before the newest the time cursor stands; -1:
// live.
func (p *overview) cursor(env *page.Env) int {
	if env.At.IsZero() {
		return -1
	}
	before, _ := env.Past.Locate(env.At)
	return before
}

// walk moves the time cursor into the past (n > 0) or back, a sixtieth of the
// axis at a time; walking past the newest second is live again.
func (p *overview) walk(t *page.Turn, n int) {
	before := p.cursor(&t.Env)
	if t.Past.Empty() || before < 0 && n < 0 {
		return
	}
	if before = max(before, 0) + n*spans()[p.span]/60; before < 0 {
		t.SetAt(time.Time{})
		return
	}
	p.pointAt(t, before)
}

// pointAt puts the time cursor on the second that many before the newest, as
// far back as anything is known.
func (p *overview) pointAt(t *page.Turn, before int) {
	before = min(before, t.Past.Oldest())
	at := t.Past.Last.At.Add(-time.Duration(before) * time.Second)
	if x, known := t.Past.Before(before); known {
		at = x.At
	}
	t.SetAt(at)
}

// showCursor makes the time axis long enough for the time cursor.
func (p *overview) showCursor(env *page.Env) {
	before := p.cursor(env)
	for p.span < len(spans())-1 && before >= spans()[p.span] {
		p.span++
	}
}

// timeAxis is where the charts stood on the page when it was drawn last.
type timeAxis struct {
	chart          chart.LineChart // of the last panel, without its values
	w, rows, lines int             // width; lines of that panel, and of all
}

// click sorts by the head that the mouse is on, or puts the time cursor where it
// is on the charts.
func (p *overview) click(t *page.Turn, x, y int) {
	if column := p.headAt(x, y); column >= 0 {
		p.sort.Turn(busyHeads(), column)
		return
	}
	a := &p.axis
	if a.w == 0 || x >= a.w || y >= a.lines+laneHeight || t.Past.Empty() {
		return
	}
	if before, ok := a.chart.SlotAt(x, a.w, a.rows); ok {
		p.pointAt(t, before)
	}
}

// overviewState is what is worth keeping of the page.
type overviewState struct {
	Minutes int `json:"minutes"` // of the time axis
}

// Save implements [page.Stateful].
func (p *overview) Save() json.RawMessage {
	if !p.chosen {
		return nil
	}
	state, _ := json.Marshal(overviewState{Minutes: spans()[p.limit] / 60}) // a number alone
	return state
}

func (p *overview) restore(t *page.Turn, msg page.RestoreMsg) {
	var state overviewState
	if !msg.Into(t, &state) {
		return
	}
	for i, seconds := range spans() {
		if seconds == state.Minutes*60 {
			p.limit, p.chosen = i, true
		}
	}
}
