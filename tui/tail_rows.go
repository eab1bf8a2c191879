package tui

import "github.com/evtui/evtui/store"

// Sizes of the tail.
const (
	tailRows    = 2000 // rows kept; older ones fold
	tailAbove   = 100  // more than this in one pull cannot be read by eye: they fold
	tailKeep    = 25   // the newest of them are shown nevertheless: half a screen, at most this
	tailKeepMin = 5
	tailFilter  = 2000 // how many a filter looks at in one pull
	tailFirst   = 200  // shown when the tail begins
	tailLoad    = 1000 // loaded from a fold at once
)

// tailRow is one row: a message, or a fold.
type tailRow struct {
	m    *store.Message
	fold fold // when m is nil
}

// fold stands for messages that are not shown but can be read: the global
// positions [from, to], count of them in what is tailed.
type fold struct {
	from, to int64
	count    int64
	unread   bool // a filter has not looked at them: how many match is not known
}

func (f fold) empty() bool { return f.count == 0 }

// join returns the fold of two neighbours.
func (f fold) join(g fold) fold {
	if f.empty() {
		return g
	}
	if g.empty() {
		return f
	}
	return fold{from: min(f.from, g.from), to: max(f.to, g.to), count: f.count + g.count, unread: f.unread || g.unread}
}

// tailBuffer is the rows on hand. What it lets go of becomes part of a fold,
// so that every message that came is either shown or folded.
type tailBuffer struct {
	rows   []tailRow
	shown  int64 // messages among rows
	folded int64 // messages in the folds
	unread bool  // some of those were not looked at by the filter
}

// append adds messages behind a fold of those before them.
func (b *tailBuffer) append(before fold, messages []*store.Message) {
	b.appendFold(before)
	for _, m := range messages {
		b.rows = append(b.rows, tailRow{m: m})
	}
	b.shown += int64(len(messages))
}

func (b *tailBuffer) appendFold(f fold) {
	if f.empty() {
		return
	}
	b.folded += f.count
	b.unread = b.unread || f.unread
	if n := len(b.rows); n > 0 && b.rows[n-1].m == nil {
		b.rows[n-1].fold = b.rows[n-1].fold.join(f)
		return
	}
	b.rows = append(b.rows, tailRow{fold: f})
}

// dropTop folds rows at the top until at most limit are left, and returns how
// many rows went.
func (b *tailBuffer) dropTop(limit int) int {
	over := len(b.rows) - limit
	if over <= 0 {
		return 0
	}
	over++ // the fold takes a row itself
	top := b.foldOf(b.rows[:over])
	b.rows = append([]tailRow{{fold: top}}, b.rows[over:]...)
	return over - 1
}

// dropEnd folds rows at the end until at most limit are left.
func (b *tailBuffer) dropEnd(limit int) {
	over := len(b.rows) - limit
	if over <= 0 {
		return
	}
	over++
	cut := len(b.rows) - over
	end := b.foldOf(b.rows[cut:])
	b.rows = append(b.rows[:cut], tailRow{fold: end})
}

// foldOf makes one fold of rows and moves their messages from shown to folded.
func (b *tailBuffer) foldOf(rows []tailRow) fold {
	var f fold
	for _, r := range rows {
		if r.m == nil {
			f = f.join(r.fold)
			continue
		}
		b.shown--
		b.folded++
		f = f.join(fold{from: r.m.GlobalPosition, to: r.m.GlobalPosition, count: 1})
	}
	return f
}

// unfold puts messages in the place of (the start of) a fold. rest is what is
// left of it. It returns how many rows the buffer grew by.
func (b *tailBuffer) unfold(row int, messages []*store.Message, rest fold) int {
	was := b.rows[row].fold
	b.folded += rest.count - was.count
	b.shown += int64(len(messages))
	put := make([]tailRow, 0, len(messages)+1)
	for _, m := range messages {
		put = append(put, tailRow{m: m})
	}
	if !rest.empty() {
		put = append(put, tailRow{fold: rest})
	}
	grown := len(put) - 1
	b.rows = append(b.rows[:row:row], append(put, b.rows[row+1:]...)...)
	b.unread = false
	for _, r := range b.rows {
		b.unread = b.unread || r.m == nil && r.fold.unread
	}
	return grown
}

// find returns the row of the fold that begins at a position, or -1.
func (b *tailBuffer) find(from int64) int {
	for i, r := range b.rows {
		if r.m == nil && r.fold.from == from {
			return i
		}
	}
	return -1
}
