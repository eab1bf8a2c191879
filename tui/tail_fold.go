package tui

import (
	"time"

	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// pause holds the display; what comes is counted on. Going on, as much as can
// be read is shown, the rest becomes a fold.
func (p *tail) pause(t *page.Turn) {
	p.paused = !p.paused
	if p.paused || p.held.empty() {
		return
	}
	held := p.held
	p.held = fold{}
	if held.count <= tailAbove || held.unread() > 0 && held.count <= tailFilter {
		// Little enough: read it as if it had just come.
		p.supersede()
		p.asked = time.Time{} // the question does not wait for its turn
		p.place = p.heldAt
		p.matched -= held.known
		p.hidden -= held.left
		p.follow = true
		p.pull(t)
		return
	}
	p.buffer.append(held, nil, 0, 0)
	p.follow = true
	p.sync()
}

// enter loads a fold, or opens a message.
func (p *tail) enter(t *page.Turn) {
	i := p.grid.Cursor()
	if i < 0 || i >= len(p.buffer.rows) {
		return
	}
	r := p.buffer.rows[i]
	p.follow = false
	if r.m != nil {
		p.open = kit.NewMessage(r.m)
		return
	}
	if p.loading == 0 {
		p.loading = r.fold.from
		p.gens++
		p.loadGen = p.gens
		q := tailPull{what: p.what, filter: p.filter}
		t.Ask(p.loadGen, q.loadFold(r.fold))
	}
}

// loaded puts what a fold held in its place, below the cursor.
func (p *tail) loaded(t *page.Turn, v tailLoaded, err error) {
	p.loading = 0
	if err != nil {
		t.Toast(page.LevelError, "load the fold: %v", err)
		return
	}
	row := p.buffer.find(v.from)
	if row < 0 {
		return
	}
	p.matched += v.matched
	p.hidden += v.leftOut
	cursor := p.grid.Cursor()
	grown := p.buffer.unfold(row, v.rows, v.rest, v.hidden, v.trail)
	p.grid.SetLen(len(p.buffer.rows), false)
	p.grid.Changed()
	if cursor > row {
		p.grid.SetCursor(cursor + grown)
	}
	p.sync()
}
