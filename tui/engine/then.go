package engine

import (
	"strconv"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// The page at a second of the past. The history keeps all open namespaces
// together, not each tree: what single ones were like then is not known, and
// the page says so.

// inPast reports whether the page shows what was: the tabs that can.
func (p *enginePage) inPast() bool {
	return !p.sight.at.IsZero() && (p.tabs.on == tabLevels || p.tabs.on == tabEvents || p.tabs.on == tabLog)
}

// thenShared is what belonged to no namespace then.
func thenShared(env *page.Env, w int) string {
	t := env.Theme
	x, known := env.Second()
	if known && x.Engine == nil && len(x.Values) > 0 {
		return t.Muted.Paint(text.Fit(" at "+env.AsOf(), w))
	}
	if !known || x.Engine == nil {
		return t.Warn.Paint(text.Fit(" engine metrics at "+env.AsOf()+" are unknown", w))
	}
	e := x.Engine
	parts := []kit.Counted{{Figure: strconv.Itoa(e.Open) + " of " + text.Count(int64(e.Known)), Label: "namespaces open then"}}
	if e.OpenedSince+e.ClosedSince > 0 {
		parts = append(parts, kit.Counted{Figure: text.Count(e.OpenedSince), Label: "opened"}, kit.Counted{Figure: text.Count(e.ClosedSince), Label: "closed in that second"})
	}
	return kit.CountedLine(t, append(parts,
		kit.Counted{Figure: text.Percent(float64(e.CacheHits), float64(e.CacheLookups)), Label: "hits in the shared cache"},
		kit.Counted{Figure: text.Bytes(float64(e.CacheBytes)) + " of " + text.Bytes(float64(e.CacheCapacity)), Label: "used"},
		kit.Counted{Figure: text.Count(e.FilesOpen), Label: "files open, shared"}), w)
}

// thenLines is the levels tab at a second of the past, in exactly h lines.
func (p *enginePage) thenLines(env *page.Env, w, h int) []string {
	t := env.Theme
	x, known := env.Second()
	if known && (x.Engine == nil || p.tabs.on == tabLog) && len(x.Values) > 0 {
		return kit.Filled(append(p.tables.then(&x, w), thenBusy(&t, p.sight.unit, &x, w)...), w, h)
	}
	if !known || x.Engine == nil {
		why := "no sample from that time: the server keeps an hour"
		if known {
			why = "the engine reports no metrics"
		}
		return kit.Filled([]string{t.Muted.Paint(text.Fit(" "+why, w))}, w, max(h, 0))
	}
	s := sheet{&t}
	lines := []string{t.Muted.Paint(text.Fit(" all open namespaces together; history is not kept per namespace", w))}
	lines = append(lines, s.lines(s.thenFacts(&x), w)...)
	if busy := thenBusy(&t, p.sight.unit, &x, w); h-len(lines) > len(busy) {
		lines = append(lines, busy...)
	}
	if room := h - len(lines); room >= 4 {
		lines = append(lines, text.Spaces(w))
		return append(lines, p.events.latest(true, w, room-1)...)
	}
	return kit.Filled(lines, w, h)
}

// thenFacts are the figures of all open namespaces at one second.
func (s sheet) thenFacts(x *page.Second) []fact {
	t, e := s.theme, x.Engine
	worst := "worst namespace"
	if e.SublevelsIn != "" && e.Sublevels > 0 {
		worst = "in " + text.Sanitize(e.SublevelsIn)
	}
	pen := t.Text
	if e.SublevelsStop > 0 && float64(e.Sublevels) >= wire.NearStop*float64(e.SublevelsStop) {
		pen = t.Bad
	}
	state, statePen := "healthy", t.Good
	switch {
	case e.Damaged > 0:
		state, statePen = t.Sym.Cross+" "+strconv.Itoa(e.Damaged)+" damaged", t.Bad
	case e.Poisoned > 0:
		state, statePen = t.Sym.Cross+" "+strconv.Itoa(e.Poisoned)+" WAL failed", t.Bad
	case e.Stalled > 0:
		state, statePen = "! "+strconv.Itoa(e.Stalled)+" stalled", t.Bad
	}
	compacting := "debt, no compactions"
	if e.Compacting > 0 {
		compacting = "debt, " + nounOf(e.Compacting, "compaction") + " running"
	}
	fsync := t.Muted.Paint("nothing synced yet")
	if e.FsyncP99 > 0 {
		fsync = s.say("p99 "+t.Sym.AtMost+text.Nanos(float64(e.FsyncP99)), "the worst, since it was opened")
	}
	facts := []fact{
		{"state", statePen.Paint(state)},
		{"L0 sublevels", s.gauge(e.Sublevels, store.Limits{StopAtSublevels: e.SublevelsStop}, pen) + t.Muted.Paint(" "+worst)},
		{"memtables", s.say(text.Bytes(float64(e.MemtableBytes)), thenMemtables(e))},
		{"compaction", s.say(text.Bytes(float64(e.Debt)), compacting)},
		{"fsync", fsync},
		{"disk", s.say(text.Bound(text.Bytes(float64(e.DiskBytes)), e.Open == e.Known, e.Open > 0), "on disk")},
		{"log", s.say(text.Bytes(float64(e.WALBytes)), "")},
		{"read amp", s.say(strconv.Itoa(e.ReadAmp), "worst namespace")},
		{"traffic", s.say(text.IfKnown(x.Appends, text.Rate), "appended, ") + s.say(text.IfKnown(x.Reads, text.Rate), "read")},
	}
	if x.DiskSize > 0 {
		facts[5].line += t.Muted.Paint(", " + text.Bytes(float64(x.DiskFree)) + " left")
	}
	return facts
}

// thenMemtables says how many memtables there were, against no limit: what stops writes
// is the bytes of one namespace, which the history does not keep.
func thenMemtables(e *wire.EngineSample) string {
	if e.Memtables == 0 {
		return "in total"
	}
	return "in total, up to " + text.Count(e.Memtables) + " in a namespace"
}

// thenBusy lists who was busy in one second; unit is that of the rate of writing.
func thenBusy(t *page.Theme, unit string, x *page.Second, w int) []string {
	var lines []string
	for i := range x.Places {
		n := &x.Places[i]
		if n.Category != "" || len(lines) > wire.TopRates {
			continue
		}
		if lines == nil {
			lines = []string{text.Spaces(w), t.Title.Paint(text.Fit(" "+text.Fit("busiest then", 24)+text.FitLeft(unit, 10)+text.FitLeft("r/s", 10), w))}
		}
		lines = append(lines, text.Fit(" "+t.Text.Paint(text.Fit(text.Sanitize(n.Namespace), 24))+
			text.FitLeft(text.PerSecond(float64(n.Appends)), 10)+text.FitLeft(text.PerSecond(float64(n.Reads)), 10), w))
	}
	return lines
}
