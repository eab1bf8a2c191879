package tui

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/kit"
)

// fact is a figure around the tree: its name, and the rest of its line.
type fact struct{ name, line string }

const factName = 13 // cells of a fact's name

// factLines are facts in two columns where there is room, those that matter
// most first.
func (p *enginePage) factLines(facts []fact, w int) []string {
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
func (p *enginePage) facts(n *store.NamespaceFigures) []fact {
	if treeless(n) {
		return p.plainFacts(n)
	}
	t := p.theme
	say := func(figure, words string) string { return t.Title.Paint(figure) + t.Muted.Paint(" "+words) }
	count := func(k int64, noun string) string { return text.Count(k) + " " + text.Plural(k, noun) }
	compactions := "debt, nothing under way"
	if n.Compacting > 0 {
		compactions = "debt, " + count(n.Compacting, "compaction") + " under way"
	}
	fsync := t.Muted.Paint("nothing synced since it was opened")
	if n.Fsyncs > 0 {
		fsync = say("p50 "+p.fsync(n, n.FsyncP50.Seconds())+", p99 "+p.fsync(n, n.FsyncP99.Seconds()), "of "+count(n.Fsyncs, "sync"))
	}
	amp := t.Muted.Paint("nothing written since it was opened")
	if n.WAL.BytesIn > 0 {
		amp = say(writeAmp(n), "bytes to disk for each written")
	}
	filters := t.Muted.Paint("no lookups since it was opened")
	if lookups := n.FilterHits + n.FilterMisses; lookups > 0 {
		filters = say(text.Percent(float64(n.FilterHits), float64(lookups)), "of "+count(lookups, "lookup")+" spared")
	}
	disk := "on disk"
	if n.Messages > 0 {
		disk += ", " + perMessage(n.DiskBytes, n.Messages) + " a message"
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
func (p *enginePage) lost(n *store.NamespaceFigures) []fact {
	if !n.Poisoned {
		return nil
	}
	t := p.theme
	return []fact{{"log lost", t.Bad.Paint("poisoned: "+text.Sanitize(cmp.Or(n.PoisonedBy, "its log failed"))) + t.Muted.Paint("; :reopen "+n.ID)}}
}

const gaugeWidth = 20

// sublevelGauge draws L0's sublevels against the point where writes stop, with
// a mark where compactions begin. Of twenty, a cell is a sublevel.
func (p *enginePage) sublevelGauge(n *store.NamespaceFigures) string {
	return p.gauge(sublevels(n), n.Limits, sublevelPen(p.theme, n))
}

func (p *enginePage) gauge(now int, l store.Limits, pen text.Pen) string {
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
func (p *enginePage) memtableGauge(n *store.NamespaceFigures) string {
	t, l := p.theme, n.Limits
	words := t.Title.Paint(text.Bytes(float64(n.MemtableBytes)))
	limit := float64(l.StopAtMemtables) * float64(l.MemtableBytes)
	if limit <= 0 {
		return words
	}
	bar := chart.Bar{Value: float64(n.MemtableBytes), Max: limit, Pen: t.Good, TrackPen: t.Faint, Track: true, ASCII: t.Sym.ASCII}
	if float64(n.MemtableBytes) >= kit.NearStop*limit {
		bar.Pen = t.Bad
	}
	return bar.Line(gaugeWidth) + " " + words + t.Muted.Paint(" of "+text.Bytes(limit))
}
