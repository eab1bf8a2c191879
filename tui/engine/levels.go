package engine

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// fact is a figure around the tree: its name, and the rest of its line.
type fact struct{ name, line string }

const factName = 13 // cells of a fact's name

// factLines are facts in two columns where there is room, those that matter
// most first.
func (p drawing) factLines(facts []fact, w int) []string {
	one := func(f fact, w int) string {
		return text.Fit(" "+p.theme.Muted.Paint(text.Fit(f.name, min(factName, max(w-8, 1))))+" "+f.line, w)
	}
	if w < 110 {
		lines := make([]string, len(facts))
		for i, f := range facts {
			lines[i] = one(f, w)
		}
		return lines
	}
	half, left := (len(facts)+1)/2, max(w/2, 64)
	lines := make([]string, half)
	for i := range lines {
		lines[i] = one(facts[i], left)
		if i+half < len(facts) {
			lines[i] += one(facts[i+half], w-left)
		} else {
			lines[i] += text.Spaces(w - left)
		}
	}
	return lines
}

// facts are the figures of a namespace around its tree.
func (p drawing) facts(n *store.NamespaceFigures) []fact {
	if treeless(n) {
		return p.plainFacts(n)
	}
	t := p.theme
	say := func(figure, words string) string { return t.Title.Paint(figure) + t.Muted.Paint(" "+words) }
	count := func(k int64, noun string) string { return text.Count(k) + " " + text.Plural(k, noun) }
	compactions := "debt, no compactions"
	if n.Compacting > 0 {
		compactions = "debt, " + count(n.Compacting, "compaction") + " running"
	}
	fsync := t.Muted.Paint("nothing synced since it was opened")
	if n.Fsyncs > 0 {
		fsync = say("p50 "+p.fsync(n, n.FsyncP50.Seconds())+", p99 "+p.fsync(n, n.FsyncP99.Seconds()), "of "+count(n.Fsyncs, "sync"))
	}
	amp := t.Muted.Paint("nothing written since it was opened")
	if n.WAL.BytesIn > 0 {
		amp = say(writeAmp(n), "bytes to disk per byte written")
	}
	filters := t.Muted.Paint("no lookups since it was opened")
	if lookups := n.FilterHits + n.FilterMisses; lookups > 0 {
		filters = say(text.Percent(float64(n.FilterHits), float64(lookups)), "of "+count(lookups, "lookup")+" spared")
	}
	disk := "on disk"
	if n.Messages > 0 {
		disk += ", " + perMessage(n.DiskBytes, n.Messages) + " per message"
	}
	return append(p.lost(n), []fact{
		{"L0 sublevels", p.sublevelGauge(n)},
		{"memtables", p.memtableGauge(n)},
		{"compaction", say(text.Bytes(float64(n.Debt)), compactions)},
		{"fsync", fsync},
		{"disk", say(text.Bytes(float64(n.DiskBytes)), disk)},
		{"log", say(text.Bytes(float64(n.WAL.Size)), "in "+count(n.WAL.Files, "file")+", "+text.Bytes(float64(n.WAL.BytesIn))+" through it")},
		{"write amp", amp},
		{"filters", filters},
		{"open", say(text.Duration(n.Uptime.Truncate(time.Second)), count(n.Flushes, "flush")+", "+count(n.Compactions, "compaction"))},
	}...)
}

// lost says of a namespace whose log failed why, and what to do.
func (p drawing) lost(n *store.NamespaceFigures) []fact {
	if !n.Poisoned {
		return nil
	}
	t := p.theme
	return []fact{{"WAL failed", t.Bad.Paint("poisoned: "+text.Sanitize(cmp.Or(n.PoisonedBy, "its WAL failed"))) + t.Muted.Paint("; :reopen "+n.ID)}}
}

const gaugeWidth = 20

// sublevelGauge draws L0's sublevels against the point where writes stop, with
// a mark where compactions begin. Of twenty, a cell is a sublevel.
func (p drawing) sublevelGauge(n *store.NamespaceFigures) string {
	return p.gauge(sublevels(n), n.Limits, sublevelPen(&p.theme, n))
}

func (p drawing) gauge(now int, l store.Limits, pen text.Pen) string {
	t := p.theme
	words := t.Title.Paint(kit.OfLimit(now, l.StopAtSublevels))
	if l.StopAtSublevels <= 0 {
		return words
	}
	full, empty, mark := "█", "·", "┊"
	if t.Sym.ASCII {
		full, empty, mark = "#", ".", "|"
	}
	used := min((now*gaugeWidth+l.StopAtSublevels-1)/l.StopAtSublevels, gaugeWidth)
	at := l.CompactAtSublevels * gaugeWidth / l.StopAtSublevels
	rest := strings.Repeat(empty, gaugeWidth-used)
	if at >= used && at < gaugeWidth {
		rest = strings.Repeat(empty, at-used) + mark + strings.Repeat(empty, gaugeWidth-at-1)
	}
	if now <= l.CompactAtSublevels {
		pen = t.Good
	}
	line := pen.Paint(strings.Repeat(full, used)) + t.Faint.Paint(rest) + " " + words
	if l.CompactAtSublevels > 0 {
		line += t.Muted.Paint(", compacts at " + strconv.Itoa(l.CompactAtSublevels))
	}
	return line
}

// memtableGauge draws the memtables' bytes against those that stop writes: the
// limit is so many of full size, and young ones are small.
func (p drawing) memtableGauge(n *store.NamespaceFigures) string {
	t, l := p.theme, n.Limits
	words := t.Title.Paint(text.Bytes(float64(n.MemtableBytes)))
	limit := float64(l.StopAtMemtables) * float64(l.MemtableBytes)
	if limit <= 0 {
		return words
	}
	bar := chart.Bar{Value: float64(n.MemtableBytes), Max: limit, Pen: t.Good, TrackPen: t.Faint, Track: true, ASCII: t.Sym.ASCII, Blocks: t.Sym.Blocks}
	if float64(n.MemtableBytes) >= wire.NearStop*limit {
		bar.Pen = t.Bad
	}
	return bar.Line(gaugeWidth) + " " + words + t.Muted.Paint(" of "+text.Bytes(limit))
}

// levelLines is the levels tab in exactly h lines: the tree to scale, then the
// figures around it, then what it did last.
func (p drawing) levelLines(w, h int) []string {
	n := p.chosen()
	if n == nil {
		words := " " + text.Sanitize(p.key) + " is closed: the server opens a namespace on first use"
		return kit.Filled([]string{p.theme.Muted.Paint(text.Fit(words, w))}, w, h)
	}
	facts := p.factLines(p.facts(n), w)
	lines := p.notATree(w)
	if !treeless(n) {
		lines = p.levelTable(n, w, h, h < len(n.Levels)+1+len(facts))
	}
	room := h - len(lines)
	if gap := len(facts) + 1; room > gap {
		lines = append(lines, text.Spaces(w))
	}
	lines = append(lines, facts...)
	if room = h - len(lines); room >= 4 {
		lines = append(lines, text.Spaces(w))
		return append(lines, p.latest(w, room-1)...)
	}
	return kit.Filled(lines, w, h)
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
func (p drawing) levelTable(n *store.NamespaceFigures, w, h int, scarce bool) []string {
	t, columns := p.theme, levelColumns(w)
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
