package tail

import (
	"slices"

	"github.com/evtui/evtui/store"
)

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
	// Before it, from a global position on, the filter left out so many.
	from, hidden int64
}

// fold stands for messages that are not shown but can be read: the global
// positions [from, to], count of them in what is tailed. Of these, known are
// known to match the filter, and left are known not to.
type fold struct {
	from, to    int64
	count       int64
	known, left int64
}

func (f fold) empty() bool { return f.count == 0 }

// unread is how many no filter has looked at.
func (f fold) unread() int64 { return f.count - f.known - f.left }

// folded is how many match or may match.
func (f fold) folded() int64 { return f.count - f.left }

// join returns the fold of two neighbours.
func (f fold) join(g fold) fold {
	switch {
	case f.empty():
		return g
	case g.empty():
		return f
	}
	return fold{
		from: min(f.from, g.from), to: max(f.to, g.to), count: f.count + g.count,
		known: f.known + g.known, left: f.left + g.left,
	}
}

func foldOf(rows []tailRow) fold {
	var f fold
	for _, r := range rows {
		one := r.fold
		if r.m != nil {
			one = fold{from: r.m.GlobalPosition, to: r.m.GlobalPosition, count: 1, known: 1}
		}
		if r.hidden > 0 {
			one.count += r.hidden
			one.left += r.hidden
			one.from = min(one.from, r.from)
		}
		f = f.join(one)
	}
	return f
}

// tailBuffer is the rows on hand. What it lets go of becomes part of a fold,
// so that every message that came is shown, hidden by the filter, or folded.
type tailBuffer struct {
	rows   []tailRow
	shown  int64 // messages among rows
	folded int64 // messages in the folds that match or may match
	unread int64 // of those, how many were not looked at by the filter
	hidden int64 // left out by the filter behind the last row, from a position on
	from   int64
}

// add appends rows behind a fold of what came before them. hidden were left out
// behind the last row.
func (b *tailBuffer) add(before fold, rows []tailRow, hidden, from int64) {
	if !before.empty() {
		b.appendRow(tailRow{fold: before})
	}
	for _, r := range rows {
		b.appendRow(r)
	}
	if hidden > 0 && b.hidden > 0 {
		from = b.from
	}
	b.leave(len(b.rows), hidden, from)
}

func (b *tailBuffer) appendRow(r tailRow) {
	if b.hidden > 0 {
		r.hidden, r.from = r.hidden+b.hidden, b.from
		b.hidden = 0
	}
	if n := len(b.rows); r.m == nil && n > 0 && b.rows[n-1].m == nil {
		last := b.rows[n-1]
		b.count(last, -1)
		last.fold = foldOf([]tailRow{{fold: last.fold}, r})
		r, b.rows = last, b.rows[:n-1]
	}
	b.count(r, 1)
	b.rows = append(b.rows, r)
}

// count takes a row into the sums, or out of them.
func (b *tailBuffer) count(r tailRow, sign int64) {
	if r.m != nil {
		b.shown += sign
		return
	}
	b.folded += sign * r.fold.folded()
	b.unread += sign * r.fold.unread()
}

func (b *tailBuffer) fold(from, to int) {
	for _, r := range b.rows[from:to] {
		b.count(r, -1)
	}
	one := tailRow{fold: foldOf(b.rows[from:to])}
	b.count(one, 1)
	b.rows[to-1] = one
	b.rows = append(b.rows[:from:from], b.rows[to-1:]...)
}

// unfold puts rows in the place of (the start of) a fold. rest is what is left
// of it; before that, from a position on, hidden were left out. It returns how
// many rows the buffer grew by.
func (b *tailBuffer) unfold(row int, rows []tailRow, rest fold, hidden, from int64) int {
	old := b.rows[row]
	put := append([]tailRow(nil), rows...)
	if !rest.empty() {
		put = append(put, tailRow{fold: rest, hidden: hidden, from: from})
		hidden = 0
	}
	b.count(old, -1)
	for _, r := range put {
		b.count(r, 1)
	}
	b.rows = append(b.rows[:row:row], append(put, b.rows[row+1:]...)...)
	b.leave(row+len(put), hidden, from)
	b.leave(row, old.hidden, old.from)
	return len(put) - 1
}

// leave notes that so many were left out before a row, or behind the last.
func (b *tailBuffer) leave(row int, hidden, from int64) {
	switch {
	case hidden == 0:
	case row < len(b.rows):
		b.rows[row].hidden += hidden
		b.rows[row].from = from
	default:
		b.hidden += hidden
		b.from = from
	}
}

// sift makes rows of the messages that are kept; behind the last of them, from
// a position on, hidden were left out.
func sift(list []store.Message, from int64, keeps func(*store.Message) bool) (rows []tailRow, hidden, trail int64) {
	trail = from
	for i := range list {
		m := &list[i]
		if !keeps(m) {
			hidden++
			continue
		}
		rows = append(rows, tailRow{m: m, from: trail, hidden: hidden})
		hidden, trail = 0, m.GlobalPosition+1
	}
	return rows, hidden, trail
}

// find returns the row of the fold that begins at a position, or -1.
func (b *tailBuffer) find(from int64) int {
	return slices.IndexFunc(b.rows, func(r tailRow) bool { return r.m == nil && r.fold.from == from })
}
