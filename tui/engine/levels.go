package engine

import (
	"math"
	"strconv"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// levelLines is the levels tab in exactly h lines: the tree to scale, then the
// figures around it, then what it did last.
func (p *enginePage) levelLines(w, h int) []string {
	t, n := &p.sight.theme, p.sight.chosen()
	if n == nil {
		words := " " + text.Sanitize(p.sight.key) + " is closed: the server opens a namespace on first use"
		return kit.Filled([]string{t.Muted.Paint(text.Fit(words, w))}, w, h)
	}
	s := sheet{t}
	facts := s.lines(s.facts(n), w)
	var lines []string
	if treeless(n) {
		lines = notATree(t, w)
	} else {
		lines = levelTable(*t, n, w, h, h < len(n.Levels)+1+len(facts))
	}
	room := h - len(lines)
	if gap := len(facts) + 1; room > gap {
		lines = append(lines, text.Spaces(w))
	}
	lines = append(lines, facts...)
	if room = h - len(lines); room >= 4 {
		lines = append(lines, text.Spaces(w))
		return append(lines, p.events.latest(false, w, room-1)...)
	}
	return kit.Filled(lines, w, h)
}

// treeless reports whether a namespace's engine has no tree of levels to show.
// One that has tells its levels, and what stops its writes, from the start.
func treeless(n *store.NamespaceFigures) bool {
	return len(n.Levels) == 0 && n.Limits == store.Limits{}
}

// notATree is said in the place of the tree.
func notATree(t *page.Theme, w int) []string {
	var lines []string
	for _, line := range text.Wrap("Levels, memtables, compactions and filters are not offered by this engine: "+
		"it has no LSM tree. The metrics that it reports are below, and under storage.", max(w-2, 1)) {
		lines = append(lines, text.Fit(" "+t.Muted.Paint(line), w))
	}
	return append(lines, text.Spaces(w))
}

// levelColumn is a column of the level table.
type levelColumn struct {
	title string
	width int
	value func(*store.Level) string
}

// levelColumns are the columns that w cells have room for beside the drawing.
func levelColumns(w int) []levelColumn {
	size := func(of func(*store.Level) int64) func(*store.Level) string {
		return func(l *store.Level) string {
			if of(l) == 0 {
				return "–"
			}
			return text.Bytes(float64(of(l)))
		}
	}
	columns := []levelColumn{
		{"files", 7, func(l *store.Level) string { return text.Count(l.Tables) }},
		{"size", 9, size(func(l *store.Level) int64 { return l.Size })},
		{"score", 7, func(l *store.Level) string { return strconv.FormatFloat(l.Score, 'f', 2, 64) }},
		{"R-amp", 7, func(l *store.Level) string { return strconv.Itoa(levelReadAmp(l)) }},
		{"W-amp", 7, func(l *store.Level) string { return levelWriteAmp(l) }},
	}
	if w >= 110 {
		columns = append(columns,
			levelColumn{"in", 9, size(func(l *store.Level) int64 { return l.BytesIn })},
			levelColumn{"moved", 9, size(func(l *store.Level) int64 { return l.BytesMoved })},
			levelColumn{"read", 9, size(func(l *store.Level) int64 { return l.BytesRead })},
			levelColumn{"written", 9, size(func(l *store.Level) int64 { return l.Written })})
	}
	switch {
	case w < 30:
		columns = columns[:2]
	case w < 46:
		columns = columns[:4]
	}
	return columns
}

// levelReadAmp is in how many places a read must look on the level.
func levelReadAmp(l *store.Level) int {
	switch {
	case l.Sublevels > 0:
		return l.Sublevels
	case l.Tables > 0:
		return 1
	}
	return 0
}

func levelWriteAmp(l *store.Level) string {
	if l.WriteAmp <= 0 || math.IsNaN(l.WriteAmp) || math.IsInf(l.WriteAmp, 0) {
		return "–"
	}
	return strconv.FormatFloat(l.WriteAmp, 'f', 2, 64)
}

// levelTable draws the tree, a level a line, in at most h lines: figures, and a
// bar whose length is the logarithm of the level's size. Where lines are scarce
// empty levels side by side share one.
func levelTable(t page.Theme, n *store.NamespaceFigures, w, h int, scarce bool) []string {
	columns := levelColumns(w)
	used := 6
	head := " level"
	for _, c := range columns {
		head += text.FitLeft(c.title, c.width)
		used += c.width
	}
	scale := scaleOf(n.Levels, w-used-3)
	lines := []string{t.Muted.Paint(text.Fit(head+"  "+scale.axis(t), w))}
	for i := 0; i < len(n.Levels); i++ {
		l, name, pen := &n.Levels[i], "L"+strconv.Itoa(n.Levels[i].Level), t.Text
		if l.Tables == 0 {
			pen = t.Faint
		}
		if last := emptyRun(n.Levels, i); scarce && last > i {
			name += "-" + strconv.Itoa(n.Levels[last].Level)
			i = last
		}
		line := " " + text.Fit(name, 5)
		for _, c := range columns {
			line += text.FitLeft(c.value(l), c.width)
		}
		lines = append(lines, text.Fit(pen.Paint(line)+"  "+scale.bar(t, l), w))
	}
	return lines[:min(len(lines), h)]
}

// emptyRun returns the last of the levels from i on that hold nothing and never
// did, i-1 when level i is none. L0 always stands alone.
func emptyRun(levels []store.Level, i int) int {
	for ; i < len(levels); i++ {
		l := levels[i]
		l.Level, l.Score = 0, 0
		if i == 0 || l != (store.Level{}) {
			break
		}
	}
	return i - 1
}

// logScale draws sizes as bars whose length is their logarithm: a decade is as
// long everywhere. It begins at 1 kB and ends at the power of ten that holds
// the largest size.
type logScale struct {
	width   int // cells of the drawing; under 12 there is none
	decades int
}

const scaleStart = 1e3 // bytes at the left end

func scaleOf(levels []store.Level, width int) logScale {
	s := logScale{width: width, decades: 3}
	for i := range levels {
		for float64(levels[i].Size) > scaleStart*math.Pow10(s.decades) {
			s.decades++
		}
	}
	return s
}

// at is the cell in which a decade begins.
func (s logScale) at(decade int) int { return decade * s.width / s.decades }

// axis is the line above the bars: what it is, and the powers of ten that have
// room, each where a bar of that size ends.
func (s logScale) axis(t page.Theme) string {
	if s.width < 12 {
		return ""
	}
	cells := []rune(text.Spaces(s.width))
	tick := '╷'
	if t.Sym.ASCII {
		tick = '|'
	}
	label := func(decade int) []rune { return []rune(text.Bytes(scaleStart * math.Pow10(decade))) }
	last := label(s.decades)
	if s.width >= 24 {
		last = append([]rune("(log) "), last...)
	}
	end := s.width - 1 - len(last)
	copy(cells[end:], last)
	cells[s.width-1] = tick
	free := 0
	for d := range s.decades {
		x, words := s.at(d), label(d)
		if x < free || x+len(words)+2 > end {
			continue
		}
		cells[x] = tick
		copy(cells[x+1:], words)
		free = x + len(words) + 2
	}
	return string(cells)
}

// bar is a level's size; of a size under the scale's start an eighth is seen.
func (s logScale) bar(t page.Theme, l *store.Level) string {
	if s.width < 12 || l.Size <= 0 {
		return ""
	}
	length := max(math.Log10(float64(l.Size)/scaleStart), 1e-6)
	pen := t.Series[0]
	if l.Score > 1 {
		pen = t.Warn // it wants to be compacted
	}
	return chart.Bar{Value: length, Max: float64(s.decades), Pen: pen, ASCII: t.Sym.ASCII, Blocks: t.Sym.Blocks}.Line(s.width)
}
