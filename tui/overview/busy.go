package overview

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/chart"
	"github.com/evtui/evtui/tui/grid"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// How much is kept of the categories' rates.
const (
	busyPoints = 60   // a sparkline's length
	busyMost   = 5000 // categories; beyond that only the totals are kept
	busyAll    = 500  // categories; beyond that only some are counted again
	busySeen   = 100  // of them, those with most messages, and the busiest
)

// busy follows how fast the categories of a namespace grow, by the difference
// of their counts from one look to the next.
type busy struct {
	looked     time.Time // when the counts were taken last
	categories int
	streams    int64
	messages   int64
	estimated  bool // streams and messages are
	tracks     map[string]*track
	ranked     []*track // fastest first
}

// track is one category's growth.
type track struct {
	category string
	messages int64
	rates    []float64 // messages per second, oldest first; NaN: not known
}

// rate is the newest one, NaN when there was only one look.
func (t *track) rate() float64 { return t.rates[len(t.rates)-1] }

// look takes the counts of now.
func (b *busy) look(now time.Time, counts []store.CategoryCount) {
	elapsed := now.Sub(b.looked).Seconds()
	first := b.looked.IsZero()
	b.looked, b.categories, b.streams, b.messages, b.estimated = now, len(counts), 0, 0, false
	kept := make(map[string]*track, min(len(counts), busyMost))
	b.ranked = b.ranked[:0]
	for _, c := range counts {
		b.streams += c.StreamCount
		b.messages += c.MessageCount
		b.estimated = b.estimated || c.Estimated
		if len(counts) > busyMost {
			continue
		}
		t, known := b.tracks[c.Category]
		if !known {
			t = &track{category: c.Category}
		}
		t.add(c.MessageCount, elapsed, !first) // a new one did not exist at the last look
		kept[c.Category] = t
		b.ranked = append(b.ranked, t)
	}
	b.tracks = kept
	slices.SortFunc(b.ranked, busier)
}

// seen names the categories that can be on the screen: those that were busy, and
// those that stand first.
func (b *busy) seen(env *page.Env) []string {
	names := make([]string, 0, busySeen)
	for _, p := range env.Past.Busiest(0, true) {
		if p.Namespace == env.Namespace && len(names) < busySeen {
			names = append(names, p.Category)
		}
	}
	for _, t := range b.ranked[:min(len(b.ranked), busySeen)] {
		if !slices.Contains(names, t.category) {
			names = append(names, t.category)
		}
	}
	return names
}

// lookAt takes the counts of some categories; those of the others stay.
func (b *busy) lookAt(now time.Time, counts someCounts) {
	elapsed := now.Sub(b.looked).Seconds()
	all := counts.totals
	b.looked, b.categories, b.streams, b.messages = now, int(all.Categories), all.StreamCount, all.MessageCount
	for _, c := range counts.list {
		t, known := b.tracks[c.Category]
		if !known {
			if len(b.tracks) >= busyMost {
				continue
			}
			t = &track{category: c.Category}
			b.tracks[c.Category] = t
			b.ranked = append(b.ranked, t)
		}
		t.add(c.MessageCount, elapsed, known)
	}
	slices.SortFunc(b.ranked, busier)
}

// add takes a count that came so many seconds after the one before. One that
// shrank (a namespace emptied) gives no rate, nor does one before which none is known.
func (t *track) add(messages int64, elapsed float64, known bool) {
	rate := math.NaN()
	if known && elapsed > 0 && messages >= t.messages {
		rate = float64(messages-t.messages) / elapsed
	}
	t.messages = messages
	t.rates = append(t.rates, rate)
	if len(t.rates) > busyPoints {
		t.rates = append(t.rates[:0], t.rates[1:]...)
	}
}

// busier orders by what came lately, then by what is there.
func busier(a, b *track) int {
	return cmp.Or(cmp.Compare(b.lately(), a.lately()), cmp.Compare(b.messages, a.messages), cmp.Compare(a.category, b.category))
}

// lately is the mean of the last few rates, so that the order is calm.
func (t *track) lately() float64 {
	sum, n := 0.0, 0
	for _, r := range t.rates[max(0, len(t.rates)-5):] {
		if !math.IsNaN(r) {
			sum += r
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// busyRow is a line of the list of who is busy. A NaN is not known.
type busyRow struct {
	page.PlaceID
	name           string
	appends, reads float64
	messages       int64 // -1: not told
	past           func(n int) []float64
}

// categoryRows are the busiest categories, and while there is room the others
// of this namespace, those with most messages first.
func (d *overviewDrawing) categoryRows() []busyRow {
	b := &d.page.busy
	var rows []busyRow
	listed := map[string]bool{}
	for _, c := range d.past.Busiest(max(d.cursor, 0), true) {
		row := d.placeRow(c)
		if c.Namespace == d.env.Namespace {
			listed[c.Category] = true
			if track := b.tracks[c.Category]; track != nil && d.cursor < 0 {
				row.messages = track.messages
			}
		}
		rows = append(rows, row)
	}
	if d.cursor >= 0 {
		return rows // what else there was then is not kept
	}
	for _, track := range b.ranked {
		if listed[track.category] {
			continue
		}
		row := busyRow{PlaceID: page.PlaceID{Namespace: d.env.Namespace, Category: track.category}, name: track.category, messages: track.messages,
			appends: math.NaN(), reads: math.NaN(), past: func(int) []float64 { return track.rates }}
		row.appends, row.reads = d.past.RateIn(row.PlaceID, 0)
		if math.IsNaN(row.appends) && !d.past.TellsPlaces() {
			row.appends = track.rate()
		}
		rows = append(rows, row)
	}
	return rows
}

// namespaceRows are the busiest namespaces, none where there is one only.
func (d *overviewDrawing) namespaceRows() []busyRow {
	x, ok := d.shown()
	list := d.past.Busiest(max(d.cursor, 0), false)
	if len(list) < 2 && (!ok || x.Engine == nil || x.Engine.Known < 2) {
		return nil
	}
	rows := make([]busyRow, len(list))
	for i, n := range list {
		rows[i] = d.placeRow(n)
	}
	return rows
}

func (d *overviewDrawing) placeRow(p page.PlaceTrack) busyRow {
	row := busyRow{PlaceID: p.PlaceID, name: p.Namespace, appends: p.Appends, reads: p.Reads, messages: -1}
	if p.Category != "" {
		row.name = p.Category
		if p.Namespace != d.env.Namespace {
			row.name = p.Namespace + " " + d.theme.Sym.Sep + " " + p.Category
		}
	}
	row.past = func(n int) []float64 { return d.past.AppendsIn(p.PlaceID, max(d.cursor, 0), n) }
	return row
}

func (p *overview) busiest(env *page.Env) (page.PlaceID, bool) {
	d := p.drawing(*env)
	rows := d.categoryRows()
	if len(rows) == 0 {
		return page.PlaceID{}, false
	}
	return rows[0].PlaceID, true
}

// busyColumns are the widths of the list's columns; 0: left out.
type busyColumns struct{ name, spark, figure, messages int }

func busyColumnsFor(w int) busyColumns {
	c := busyColumns{name: max(min(w/3, 22), 6), figure: 8}
	if w >= 52 {
		c.messages = 11
	}
	if c.spark = w - c.name - 2*c.figure - c.messages - 4; c.spark < 6 { // Streams has the counts
		c.spark, c.messages = c.spark+c.messages, 0
	}
	if c.spark < 6 {
		c.name, c.spark = max(w-2*c.figure-c.messages-3, 4), 0
	}
	return c
}

// busyHeads are the columns of the lists of who is busy, for sorting.
func busyHeads() []grid.Column {
	return []grid.Column{{Title: "name"}, {Title: "w/s", Right: true}, {Title: "r/s", Right: true}, {Title: "messages", Right: true}}
}

// compareBusy orders places by a column of their lists; what is not known comes
// below the rest.
func compareBusy(a, b busyRow, column int) int {
	switch column {
	case 1:
		return cmp.Compare(a.appends, b.appends) // cmp puts NaN first
	case 2:
		return cmp.Compare(a.reads, b.reads)
	case 3:
		return cmp.Compare(a.messages, b.messages)
	}
	return strings.Compare(a.name, b.name)
}

// headAt returns the column of a list of who is busy whose head is at a cell of
// the page as it was drawn last, -1 for none.
func (p *overview) headAt(x, y int) int {
	lines := strings.Split(ansi.Strip(p.memo.view), "\n")
	if y < 0 || y >= len(lines) {
		return -1
	}
	from := p.memo.w - busyWidth(p.memo.w)
	line := text.Cut(lines[y], from, p.memo.w-from)
	name, w, r := strings.Index(line, "busiest"), strings.Index(line, "/s"), strings.Index(line, "r/s")
	if x -= from; name < 0 || w < 0 || r < 0 || x < 0 {
		return -1
	}
	at := func(i int) int { return text.Width(line[:i]) }
	switch {
	case x < at(w)-busyColumnsFor(p.memo.w-from).figure+len("/s"):
		return 0
	case x <= at(w)+len("/s"):
		return 1
	case x <= at(r)+len("r/s"):
		return 2
	}
	return 3
}

// busyList lists places, one a line, in at most h lines with a head.
func (d *overviewDrawing) busyList(title string, rows []busyRow, w, h int) []string {
	t, c := d.theme, busyColumnsFor(w)
	kit.Sorted(d.page.sort, rows, compareBusy)
	head := func(title string, column int) string { return d.page.sort.Head(title, column, t.Sym.ASCII) }
	if d.cursor >= 0 && c.spark > 0 { // how many there were then is not kept
		c.spark, c.messages = c.spark+c.messages, 0
	}
	cell := func(s string, n int) string { return text.FitLeft(s, min(n, w)) }
	line := func(first, appends, reads, messages string) string {
		s := " " + first + " "
		s += cell(appends, c.figure) + cell(reads, c.figure)
		if c.messages > 0 {
			s += cell(messages, c.messages)
		}
		return text.Fit(s, w)
	}
	messages := head("messages", 3)
	if len(rows) > 0 && rows[0].Category == "" || d.cursor >= 0 {
		messages = ""
	}
	wide := c.name // of the name with its past
	if c.spark > 0 {
		wide += 1 + c.spark
	}
	lines := []string{t.Title.Paint(line(text.Fit(head(title, 0), wide), head(d.env.Live.WriteUnit(), 1), head("r/s", 2), messages))}
	for _, r := range rows[:min(len(rows), max(h-1, 0))] {
		pen, count := t.Muted, ""
		if r.appends > 0 || r.reads > 0 {
			pen = t.Text
		}
		if r.messages >= 0 {
			count = text.About(r.messages, d.page.busy.estimated)
		}
		first := pen.Paint(text.Fit(text.Sanitize(r.name), c.name))
		if c.spark > 0 {
			first += " " + d.spark(r.past(c.spark), c.spark)
		}
		lines = append(lines, line(first,
			t.Title.Paint(cell(perSecond(r.appends), c.figure)), t.Title.Paint(cell(perSecond(r.reads), c.figure)),
			t.Muted.Paint(cell(count, max(c.messages, 1)))))
	}
	return lines[:min(len(lines), max(h, 0))]
}

// categories lists who is busiest in exactly h lines: namespaces where there is
// more than one, then categories.
func (d *overviewDrawing) categories(w, h int) []string {
	if h <= 0 {
		return nil
	}
	t := d.theme
	var lines []string
	if list := d.namespaceRows(); len(list) > 0 && h >= 8 {
		lines = d.busyList("busiest namespaces", list[:min(len(list), 5)], w, h)
		lines = append(lines, text.Spaces(w))
	}
	rows := d.categoryRows()
	room := h - len(lines)
	if note := d.busyNote(); note != "" && len(rows) == 0 {
		lines = append(lines, t.Title.Paint(text.Fit(" busiest", w)))
		if room > 1 {
			lines = append(lines, t.Muted.Paint(text.Fit(" "+note, w)))
		}
	} else {
		lines = append(lines, d.busyList("busiest categories", rows, w, room)...)
	}
	return append(lines, kit.BlankLines(w, h-len(lines))...)[:h]
}

// busyNote says why there is no list, "" when there is one.
func (d *overviewDrawing) busyNote() string {
	b := &d.page.busy
	switch {
	case d.cursor >= 0:
		if _, known := d.shown(); !known {
			return "no sample of then"
		}
		return "no traffic then"
	case b.looked.IsZero():
		return d.env.Pending("counting")
	case b.categories > busyMost:
		return text.Count(int64(b.categories)) + " categories are too many to track; see Streams"
	case b.categories == 0:
		return "none yet: " + d.env.Fill()
	}
	return ""
}

// ticker is the busiest categories in one line.
func (d *overviewDrawing) ticker(w int) string {
	t := d.theme
	line, used := t.Muted.Paint(" busiest"), 8
	rows := d.categoryRows()
	if note := d.busyNote(); note != "" && len(rows) == 0 {
		return t.Muted.Paint(text.Fit(" "+note, w))
	}
	const spark = 8
	for _, r := range rows {
		name, rate := text.Truncate(text.Sanitize(r.name), 16), rateOf(r.appends)
		n := 3 + text.Width(name) + 1 + spark + 1 + text.Width(rate)
		if used+n > w {
			break
		}
		line += "   " + name + " " + d.spark(r.past(spark), spark) + " " + t.Title.Paint(rate)
		used += n
	}
	return text.Fit(line, w)
}

// spark draws rates. The greatest stays below the cell's edge, so that
// sparklines of two lines never touch.
func (d *overviewDrawing) spark(rates []float64, w int) string {
	rates = rates[max(len(rates)-w, 0):]
	s := chart.Spark{Values: rates, Pen: d.theme.Series[0], ASCII: d.theme.Sym.ASCII, Blocks: d.theme.Sym.Blocks}
	if top := page.Max(rates); top > 0 {
		s.Max = top * 8 / 7
	}
	return s.Line(w)
}
