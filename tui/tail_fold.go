package tui

// pause holds the display; what comes is counted on. Going on, as much as can
// be read is shown, the rest becomes a fold.
func (p *tail) pause(t *Turn) {
	p.paused = !p.paused
	if p.paused || p.held.empty() {
		return
	}
	held := p.held
	p.held = fold{}
	if held.count <= tailAbove || held.unread && held.count <= tailFilter {
		// Little enough: read it as if it had just come.
		p.supersede()
		p.place = p.heldAt
		if !held.unread {
			p.matched -= held.count
		}
		p.follow = true
		p.pull(t)
		return
	}
	p.buffer.appendFold(held)
	p.follow = true
	p.sync()
}

// enter loads a fold, or opens a message.
func (p *tail) enter(t *Turn) {
	i := p.grid.Cursor()
	if i < 0 || i >= len(p.buffer.rows) {
		return
	}
	r := p.buffer.rows[i]
	p.follow = false
	if r.m != nil {
		p.open = newMessage(r.m)
		return
	}
	if p.loading == 0 {
		p.loading = r.fold.from
		p.gens++
		p.loadGen = p.gens
		t.Ask(p.loadGen, loadFold(p.category, p.filter, r.fold))
	}
}

// loaded puts what a fold held in its place, below the cursor.
func (p *tail) loaded(t *Turn, v tailLoaded, err error) {
	p.loading = 0
	if err != nil {
		t.Toast(LevelError, "load the fold: %v", err)
		return
	}
	row := p.buffer.find(v.from)
	if row < 0 {
		return
	}
	if p.buffer.rows[row].fold.unread {
		p.matched += int64(len(v.rows))
	}
	cursor := p.grid.Cursor()
	grown := p.buffer.unfold(row, v.rows, v.rest)
	p.grid.SetLen(len(p.buffer.rows), false)
	p.grid.Changed()
	if cursor > row {
		p.grid.SetCursor(cursor + grown)
	}
	p.atLeast = p.buffer.unread || !p.held.empty() && p.held.unread
	p.sync()
}
