package overview

import (
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// health is the engine's condition in a line: the worst of the open namespaces
// against what stops writes. "" where the engine shows nothing of itself.
func (d *overviewDrawing) health(w int) string {
	x, ok := d.shown()
	switch {
	case ok && x.Engine == nil && len(x.Values) > 0:
		return d.measured(&x, w)
	case !ok || x.Engine == nil:
		return ""
	}
	t, e := d.theme, x.Engine
	word, pen := d.condition(&x)
	if word != healthyWord {
		word += " " + d.since()
	}
	where := "L0 sublevels"
	if e.Open > 1 && e.SublevelsIn != "" && e.Sublevels > 0 {
		where += " in " + text.Sanitize(e.SublevelsIn)
	}
	tree := e.SublevelsStop > 0 || e.Open == 0 // else the engine has none
	var parts []kit.Counted
	if tree {
		parts = append(parts, kit.Counted{Figure: kit.OfLimit(e.Sublevels, e.SublevelsStop), Label: where}, kit.Counted{Figure: text.Bytes(float64(e.Debt)), Label: "debt"})
	}
	if stalls := d.stalls(); stalls >= 0 {
		parts = append([]kit.Counted{{Figure: strconv.Itoa(stalls), Label: text.Plural(int64(stalls), "stall")}}, parts...)
	}
	if x.DiskSize > 0 {
		parts = append(parts, kit.Counted{Figure: text.Bytes(float64(x.DiskFree)), Label: "disk left"})
	}
	parts = append(parts, kit.Counted{Figure: text.Bytes(float64(e.DiskBytes)), Label: "on disk"})
	if tree {
		parts = append(parts, kit.Counted{Figure: text.Bytes(float64(e.MemtableBytes)), Label: "in memtables"})
	}
	parts = append(parts, kit.Counted{Figure: strconv.Itoa(e.Open) + " of " + strconv.Itoa(e.Known), Label: "namespaces open"})
	if e.Compacting > 0 {
		parts = append(parts, kit.Counted{Figure: strconv.FormatInt(e.Compacting, 10), Label: "compacting"})
	}
	head := " " + pen.Paint(word) + "  "
	used := text.Width(word) + 3
	if used >= w {
		return text.Fit(head, w)
	}
	return head + kit.CountedLine(t, parts, w-used)
}

// condition is the worst there is to say in a word.
func (d *overviewDrawing) condition(x *page.Second) (word string, pen text.Pen) {
	t, e := d.theme, x.Engine
	share := 0.0
	if e.SublevelsStop > 0 {
		share = float64(e.Sublevels) / float64(e.SublevelsStop)
	}
	switch {
	case e.Damaged > 0:
		return t.Sym.Cross + " " + strconv.Itoa(e.Damaged) + " damaged: evtui verify", t.Bad
	case e.Poisoned > 0:
		return t.Sym.Cross + " " + strconv.Itoa(e.Poisoned) + " WAL failed, reopen with :reopen", t.Bad
	case e.Stalled > 0:
		return "! " + strconv.Itoa(e.Stalled) + " stalled", t.Bad
	case share >= wire.NearStop:
		return "! near stop", t.Warn
	case wire.DiskLow(x.DiskFree, x.DiskSize):
		return "! disk low", t.Warn
	}
	return healthyWord, t.Good
}

// since says when what is wrong at the second that is shown began: the first of
// the seconds without a break in which something was.
func (d *overviewDrawing) since() string {
	var first time.Time
	for n := max(d.cursor, 0); ; n++ {
		x, known := d.past.Before(n)
		if !known || x.Engine == nil {
			return "since " + text.Clock(first.In(d.zone), d.env.Now) + " or before"
		}
		if word, _ := d.condition(&x); word == healthyWord {
			return "since " + text.Clock(first.In(d.zone), d.env.Now)
		}
		first = x.At
	}
}

// healthyWord is said where nothing is wrong.
const healthyWord = "healthy"

// stalls counts how often writes stopped on the time axis; -1: not known.
func (d *overviewDrawing) stalls() int {
	if d.page.feed.Mute || d.page.feed.EventsAt.IsZero() {
		return -1
	}
	n := 0
	for _, e := range d.onAxis(spans()[d.page.span]) {
		if e.Kind == store.EventStall {
			n++
		}
	}
	return n
}

// measured is the condition of an engine that tells it in tables: the worst that it
// thinks of its most telling values, and these.
func (d *overviewDrawing) measured(x *page.Second, w int) string {
	t := d.theme
	word, pen := "healthy", t.Good
	var parts []kit.Counted
	for i := range x.Values {
		v := &x.Values[i]
		if v.Namespace != "" && v.Namespace != d.env.Namespace {
			continue
		}
		shown := text.Measured(v.Unit, v.Number, "")
		switch store.Verdict(v.Verdict) {
		case store.VerdictBad:
			word, pen = t.Sym.Cross+" "+v.Name, t.Bad
		case store.VerdictWarn:
			if pen != t.Bad {
				word, pen = "! "+v.Name, t.Warn
			}
		}
		parts = append(parts, kit.Counted{Figure: shown, Label: text.Sanitize(v.Name)})
	}
	word = text.Sanitize(word)
	used := text.Width(word) + 3
	if used >= w {
		return text.Fit(" "+pen.Paint(word), w)
	}
	return " " + pen.Paint(word) + "  " + kit.CountedLine(t, parts, w-used)
}
