package engine

import (
	"cmp"
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

// sheet writes what an engine measured, of a namespace or of all together, in the
// colours of a theme: facts, a line each, and gauges in them.
type sheet struct{ theme *page.Theme }

// say is a figure with what it is of.
func (s sheet) say(figure, words string) string {
	return s.theme.Title.Paint(figure) + s.theme.Muted.Paint(" "+words)
}

// nounOf is how many there are of something.
func nounOf(k int64, noun string) string { return text.Count(k) + " " + text.Plural(k, noun) }

// lines are facts in two columns where there is room, those that matter most
// first.
func (s sheet) lines(facts []fact, w int) []string {
	one := func(f fact, w int) string {
		return text.Fit(" "+s.theme.Muted.Paint(text.Fit(f.name, min(factName, max(w-8, 1))))+" "+f.line, w)
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
func (s sheet) facts(n *store.NamespaceFigures) []fact {
	if treeless(n) {
		return s.plainFacts(n)
	}
	t := s.theme
	compactions := "debt, no compactions"
	if n.Compacting > 0 {
		compactions = "debt, " + nounOf(n.Compacting, "compaction") + " running"
	}
	amp := t.Muted.Paint("nothing written since it was opened")
	if n.WAL.BytesIn > 0 {
		amp = s.say(writeAmp(n), "bytes to disk per byte written")
	}
	filters := t.Muted.Paint("no lookups since it was opened")
	if lookups := n.FilterHits + n.FilterMisses; lookups > 0 {
		filters = s.say(text.Percent(float64(n.FilterHits), float64(lookups)), "of "+nounOf(lookups, "lookup")+" spared")
	}
	return append(s.lost(n), []fact{
		{"L0 sublevels", s.sublevelGauge(n)},
		{"memtables", s.memtableGauge(n)},
		{"compaction", s.say(text.Bytes(float64(n.Debt)), compactions)},
		{"fsync", s.syncs(n, "sync", "")},
		{"disk", s.disk(n)},
		{"log", s.say(text.Bytes(float64(n.WAL.Size)), "in "+nounOf(n.WAL.Files, "file")+", "+text.Bytes(float64(n.WAL.BytesIn))+" through it")},
		{"write amp", amp},
		{"filters", filters},
		{"open", s.say(text.Duration(n.Uptime.Truncate(time.Second)), nounOf(n.Flushes, "flush")+", "+nounOf(n.Compactions, "compaction"))},
	}...)
}

// plainFacts are the facts of a namespace without a tree.
func (s sheet) plainFacts(n *store.NamespaceFigures) []fact {
	return append(s.lost(n), []fact{
		{"log", s.say(text.Bytes(float64(n.WAL.Size)), "in "+nounOf(n.WAL.Files, "file")+", "+text.Bytes(float64(n.WAL.BytesIn))+" of payloads through it")},
		{"checkpoints", s.say(text.Count(n.Flushes), "of the log since it was opened")},
		{"fsync", s.syncs(n, "commit", " with their syncs")},
		{"disk", s.disk(n)},
		{"open", s.say(text.Duration(n.Uptime.Truncate(time.Second)), "")},
	}...)
}

// syncs is how long the syncs of a namespace's log took; noun is what each was of.
func (s sheet) syncs(n *store.NamespaceFigures, noun, rest string) string {
	if n.Fsyncs <= 0 {
		return s.theme.Muted.Paint("nothing synced since it was opened")
	}
	return s.say("p50 "+s.fsync(n, n.FsyncP50.Seconds())+", p99 "+s.fsync(n, n.FsyncP99.Seconds()), "of "+nounOf(n.Fsyncs, noun)+rest)
}

// disk is what a namespace takes on disk.
func (s sheet) disk(n *store.NamespaceFigures) string {
	words := "on disk"
	if n.Messages > 0 {
		words += ", " + perMessage(n.DiskBytes, n.Messages) + " per message"
	}
	return s.say(text.Bytes(float64(n.DiskBytes)), words)
}

// fsync is a time of the log's syncs. The engine counts them in buckets, so
// that what it knows is a bound.
func (s sheet) fsync(n *store.NamespaceFigures, seconds float64) string {
	if n.Fsyncs == 0 || seconds <= 0 {
		return "–"
	}
	return s.theme.Sym.AtMost + text.Nanos(seconds*1e9)
}

// writeAmp is how many bytes went to disk, log and tables, for each byte that
// was written; "–" before anything was.
func writeAmp(n *store.NamespaceFigures) string {
	if n.WAL.BytesIn <= 0 {
		return "–"
	}
	written := n.WAL.BytesWritten
	for i := range n.Levels {
		written += n.Levels[i].Written
	}
	return strconv.FormatFloat(float64(written)/float64(n.WAL.BytesIn), 'f', 1, 64)
}

// lost says of a namespace whose log failed why, and what to do.
func (s sheet) lost(n *store.NamespaceFigures) []fact {
	if !n.Poisoned {
		return nil
	}
	t := s.theme
	return []fact{{"WAL failed", t.Bad.Paint("poisoned: "+text.Sanitize(cmp.Or(n.PoisonedBy, "its WAL failed"))) + t.Muted.Paint("; :reopen "+n.ID)}}
}

const gaugeWidth = 20

// sublevelGauge draws L0's sublevels against the point where writes stop, with
// a mark where compactions begin. Of twenty, a cell is a sublevel.
func (s sheet) sublevelGauge(n *store.NamespaceFigures) string {
	return s.gauge(sublevels(n), n.Limits, sublevelPen(s.theme, n))
}

func (s sheet) gauge(now int, l store.Limits, pen text.Pen) string {
	t := s.theme
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
func (s sheet) memtableGauge(n *store.NamespaceFigures) string {
	t, l := s.theme, n.Limits
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
