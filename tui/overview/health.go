package overview

import (
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// health is the engine's condition in a line: all that is wrong with it, then the
// worst of the open namespaces against what stops writes, in shorter words where
// there is little room. "" where the engine shows nothing of itself.
func (d *overviewDrawing) health(w int) string {
	x, ok := d.shown()
	switch {
	case ok && x.Engine == nil && len(x.Values) > 0:
		return d.measured(&x, w)
	case !ok || x.Engine == nil:
		return ""
	}
	head, used := d.condition(&x, w)
	parts := d.healthParts(&x)
	if countedWidth(parts[:min(len(parts), vital)]) > w-used {
		for i := range parts {
			parts[i].Label = parts[i].short
		}
	}
	counted := make([]kit.Counted, len(parts))
	for i := range parts {
		counted[i] = parts[i].Counted
	}
	if used >= w {
		return text.Fit(head, w)
	}
	return head + kit.CountedLine(d.theme, counted, w-used)
}

func (d *overviewDrawing) ails() bool {
	x, ok := d.shown()
	return ok && d.ailedAt(&x)
}

func (d *overviewDrawing) ailedAt(x *page.Second) bool {
	return len(kit.Ailments(&d.theme, x.Engine, x.DiskFree, x.DiskSize)) > 0
}

// healthPart is a figure of the health line, with a label for where there is
// little room.
type healthPart struct {
	kit.Counted
	short string
}

// vital is how many parts of the health line a narrow screen has to show.
const vital = 3

// healthParts are the figures of the engine's condition, the most telling first.
func (d *overviewDrawing) healthParts(x *page.Second) []healthPart {
	e := x.Engine
	var parts []healthPart
	add := func(figure, label, short string) {
		parts = append(parts, healthPart{kit.Counted{Figure: figure, Label: label}, short})
	}
	tree := e.SublevelsStop > 0 || e.Open == 0 // else the engine has none
	if tree {
		where := "L0 sublevels"
		if e.Open > 1 && e.SublevelsIn != "" && e.Sublevels > 0 {
			where += " in " + text.Sanitize(e.SublevelsIn)
		}
		closed := e.Open == 0 && e.Known > 0 // nothing of them is known then
		add(text.Bound(kit.OfLimit(e.Sublevels, e.SublevelsStop), true, !closed), where, "L0")
		add(text.Bound(text.Bytes(float64(e.Debt)), true, !closed), "debt", "debt")
	}
	if x.DiskSize > 0 {
		add(text.Bytes(float64(x.DiskFree)), "disk left", "left")
	}
	if stalls := d.stalls(); stalls >= 0 {
		add(strconv.Itoa(stalls), text.Plural(int64(stalls), "stall"), text.Plural(int64(stalls), "stall"))
	}
	taken, exact, known := e.Disk()
	add(text.Bound(text.Bytes(float64(taken)), exact, known), "on disk", "on disk")
	if tree {
		add(text.Bytes(float64(e.MemtableBytes)), "in memtables", "memtables")
	}
	add(strconv.Itoa(e.Open)+" of "+strconv.Itoa(e.Known), "namespaces open", "open")
	if e.Compacting > 0 {
		add(strconv.FormatInt(e.Compacting, 10), "compacting", "compacting")
	}
	return parts
}

func countedWidth(parts []healthPart) int {
	n := 1
	for i, part := range parts {
		if i > 0 {
			n += 3
		}
		n += text.Width(part.Figure) + 1 + text.Width(part.Label)
	}
	return n
}

// condition is all that is wrong, in w cells or fewer, or that nothing is.
func (d *overviewDrawing) condition(x *page.Second, w int) (line string, used int) {
	ailments := kit.Ailments(&d.theme, x.Engine, x.DiskFree, x.DiskSize)
	if len(ailments) == 0 {
		return " " + d.theme.Good.Paint("healthy") + "  ", 10
	}
	remedied := func(a kit.Ailment) string { return a.Words + a.Remedy + "  " }
	worded := func(a kit.Ailment) string { return a.Words + "  " }
	since := d.since() + "  "
	for _, form := range []struct {
		of    func(kit.Ailment) string
		since string
	}{{remedied, since}, {worded, since}, {worded, ""}, {func(a kit.Ailment) string { return a.Short + " " }, ""}} {
		line, used = ailing(ailments, form.of)
		line, used = line+form.since, used+text.Width(form.since)
		if used <= w {
			break
		}
	}
	return line, used
}

// ailing writes ailments beside each other, each in a form that ends with a gap.
func ailing(list []kit.Ailment, form func(kit.Ailment) string) (line string, used int) {
	line, used = " ", 1
	for _, a := range list {
		words := form(a)
		line += a.Pen.Paint(strings.TrimRight(words, " ")) + words[len(strings.TrimRight(words, " ")):]
		used += text.Width(words)
	}
	return line, used
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
		if !d.ailedAt(&x) {
			return "since " + text.Clock(first.In(d.zone), d.env.Now)
		}
		first = x.At
	}
}

// stalls counts how often writes stopped on the time axis; -1: not known.
func (d *overviewDrawing) stalls() int {
	if d.page.feed.Mute || !d.page.feed.Told {
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
