package tui

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// figure is one part of the header. The highest rank goes first when the
// screen is narrow, rank 0 never: it is for warnings. The order on the screen
// stays.
type figure struct {
	text  string // without style, to measure
	pen   text.Pen
	rank  int
	short string // what stands for it where not even the warnings have room; "": text
	ails  bool   // it is one of the engine's ailments, which have a line of their own on Overview
}

// header is what stands above every page: where we are and the newest figures,
// and the tabs.
type header struct {
	env     *page.Env // only read
	context Context
	address string // where the server is
	ui      string // the UI's part of the processor's time, as it stands behind the server's
	record  RecordReport
	pages   tabs
	shown   page.Name
	said    report // how the connection does
	dated   bool   // the figures are old, though the server answers
}

func newHeader(a *app) *header {
	address := cmp.Or(a.cfg.Address, a.reach.root.URL())
	return &header{
		env: &a.env, context: a.cfg.Context, address: text.Truncate(text.Sanitize(strings.TrimPrefix(address, "http://")), 40),
		ui: a.costs.shown(&a.env.Live), record: recordingOf(a.cfg.Recorder), pages: a.pages, shown: a.page,
		said: a.link.report(&a.env, a.clock.planned), dated: a.link.datedFigures(a.env.Now, a.clock.planned),
	}
}

func (h *header) line(w int) string {
	figures := h.figures()
	clock := h.env.Now.Format("15:04:05") + " "
	for width(figures)+text.Width(clock)+1 > w && slices.ContainsFunc(figures, func(f figure) bool { return f.rank > 0 }) {
		figures = dropRank(figures)
	}
	if width(figures) > w {
		figures = h.shortened(figures, w)
	}
	var b strings.Builder
	for i, f := range figures {
		if i > 0 {
			b.WriteString("  ")
		}
		b.WriteString(f.pen.Paint(f.text))
	}
	line, used := b.String(), width(figures)
	if room := w - used; room >= text.Width(clock)+1 {
		return line + text.Spaces(room-text.Width(clock)) + h.env.Theme.Muted.Paint(clock)
	}
	return text.Fit(line, w)
}

// shortened makes warnings shorter until they fit, if that is possible: their
// words, then the engine's ailments one count, then the name of the program goes.
func (h *header) shortened(figures []figure, w int) []figure {
	out := slices.Clone(figures)
	for i := len(out) - 1; i >= 0 && width(out) > w; i-- {
		if out[i].short != "" {
			out[i].text = out[i].short
		}
	}
	ails := func(f figure) bool { return f.ails }
	if at := slices.IndexFunc(out, ails); width(out) > w && at >= 0 {
		rest := slices.DeleteFunc(slices.Clone(out[at+1:]), ails)
		if wrong := len(out) - at - len(rest); wrong > 1 {
			out[at].text = h.env.Theme.Sym.Cross + strconv.Itoa(wrong) + " wrong"
			out = append(out[:at+1], rest...)
		}
	}
	if width(out) > w {
		out = out[1:]
	}
	return out
}

func width(figures []figure) int {
	n := 2 * max(0, len(figures)-1)
	for _, f := range figures {
		n += text.Width(f.text)
	}
	return n
}

func dropRank(figures []figure) []figure {
	worst := 0
	for i, f := range figures {
		if f.rank >= figures[worst].rank {
			worst = i
		}
	}
	return append(figures[:worst:worst], figures[worst+1:]...)
}

// figures lists what the header can say, left to right.
func (h *header) figures() []figure {
	t, live := &h.env.Theme, &h.env.Live
	out := []figure{{text: " evtui ", pen: t.Badge}}
	if c := h.context; c.Name != "" && !c.Unnamed {
		out = append(out, figure{text: " " + text.Sanitize(c.Name) + " ", pen: contextPen(t, c.Colour), rank: 1})
	}
	out = append(out, h.link()...)
	if live.Info.Exposed {
		out = append(out, figure{text: "no TLS", pen: t.Warn})
	}
	if h.env.ReadOnly {
		out = append(out, figure{text: " read-only ", pen: t.Chip, short: " ro "})
	}
	out = append(out, h.ailments()...)
	if d := live.Info.Durability; live.HasInfo && d != "sync" && d != "" && (d != "read-only" || !h.env.ReadOnly) { // else it stands there already
		out = append(out, figure{text: d, pen: t.Warn})
	}
	if live.Program != nil {
		return append(out, h.ofProgram()...)
	}
	out = append(out, figure{text: "ns " + text.Truncate(text.Sanitize(h.env.Namespace), 32), pen: t.Title, rank: 2})
	switch {
	case !h.env.At.IsZero():
		out = append(out, h.cursorFigures()...)
	case live.HasSample:
		out = append(out, h.grey(h.rates())...)
	case live.NoFigures != "":
		out = append(out, figure{text: live.NoFigures, pen: t.Muted, rank: 6})
	}
	if live.Load.Running {
		out = append(out, figure{text: "load " + strconv.Itoa(live.Load.Workers) + " " + t.Sym.Pointer + " " +
			text.Duration(live.Load.Elapsed.Truncate(time.Second)), pen: t.Warn, rank: 2})
	}
	if rec, ok := h.record.figure(t); ok {
		out = append(out, rec)
	}
	return out
}

// ofProgram says that there is no event store, and what is known of the program.
func (h *header) ofProgram() []figure {
	t, live := &h.env.Theme, &h.env.Live
	out := []figure{{text: "Go program", pen: t.Title, rank: 2}}
	if n := live.Program.Goroutines; n >= 0 {
		out = append(out, figure{text: text.Count(n) + " " + text.Plural(n, "goroutine"), pen: t.Accent, rank: 3})
	}
	if n := live.Program.Heap; n >= 0 {
		out = append(out, figure{text: "heap " + text.Bytes(float64(n)), pen: t.Accent, rank: 4})
	}
	if live.NoFigures != "" {
		out = append(out, figure{text: live.NoFigures, pen: t.Muted, rank: 6})
	}
	return out
}

// link says where the server is, or what is wrong with it. What is wrong is
// never dropped for want of room.
func (h *header) link() []figure {
	t := &h.env.Theme
	if h.said.lost != "" {
		return []figure{{text: t.Sym.Down + " " + h.said.lost, pen: t.Bad}, {text: h.said.old, pen: t.Bad, short: strings.TrimPrefix(h.said.old, "for ")}}
	}
	out := []figure{{text: t.Sym.Up + " " + h.address, pen: t.Good, rank: 3}}
	for _, words := range []string{h.said.slow, h.said.old} {
		if words != "" {
			out[0].pen = t.Warn
			out = append(out, figure{text: words, pen: t.Warn})
		}
	}
	return out
}

// grey takes the colour from figures that are too old to be taken for now.
func (h *header) grey(figures []figure) []figure {
	if !h.said.grey && !h.dated {
		return figures
	}
	for i := range figures {
		if figures[i].rank > 0 {
			figures[i].pen = h.env.Theme.Muted
		}
	}
	return figures
}

// ailments is what is wrong with the engine, as far as is known. None of it is
// dropped for want of room.
func (h *header) ailments() []figure {
	s := &h.env.Live.Sample
	e := s.Engine
	if e == nil {
		info := &h.env.Live.Info
		e = &wire.EngineSample{Damaged: len(info.Damaged), Notices: info.Notices, Noticed: len(info.Notices)}
	}
	var out []figure
	for _, a := range kit.Ailments(&h.env.Theme, e, s.DiskFree, s.DiskSize) {
		out = append(out, figure{text: a.Words, pen: a.Pen, short: a.Short, ails: true})
	}
	return out
}

// rates are the figures of the last second.
func (h *header) rates() []figure {
	t, s, info := &h.env.Theme, &h.env.Live.Sample, &h.env.Live.Info
	appends, reads := s.Appends, s.Reads
	if s.Partial {
		appends, reads = math.NaN(), math.NaN()
	}
	out := h.measured(appends, reads, slowestWrite(s))
	if h.env.Live.HasInfo && info.Durability == "sync" {
		out = append(out, figure{text: "durable", pen: t.Muted, rank: 7})
	}
	cpu := "cpu " + text.Unknown
	if !s.Partial {
		cpu = "cpu " + steady(percent(s.CPU), 4)
	}
	return append(out, figure{text: cpu + h.ui, pen: t.Muted, rank: 6})
}

// measured are the rates of a second, NaN where they are not known, and how long
// its writes took, NaN where there was none.
func (h *header) measured(appends, reads, p99 float64) []figure {
	pen := h.env.Theme.Accent
	out := []figure{
		{text: steady(text.IfKnown(appends, text.PerSecond), 6) + " " + h.env.Live.WriteUnit(), pen: pen, rank: 2},
		{text: steady(text.IfKnown(reads, text.PerSecond), 6) + " r/s", pen: pen, rank: 4},
	}
	if !math.IsNaN(p99) {
		out = append(out, figure{text: "p99 " + steady(text.Nanos(p99), 7), pen: pen, rank: 4})
	}
	return out
}

// steady pads a figure that changes each second, so that what stands after it
// does not jump about.
func steady(s string, w int) string { return text.PadLeft(s, w) }

func percent(cores float64) string { return strconv.Itoa(int(cores*100+0.5)) + "%" }

func (h *header) tabsLine(w int) string {
	var b strings.Builder
	used := 0
	for _, tab := range h.tabs(w) {
		b.WriteString(text.Spaces(tab.x - used))
		if tab.page == h.shown {
			b.WriteString(h.env.Theme.TabOn.Paint(tab.label))
		} else {
			b.WriteString(h.env.Theme.Tab.Paint(tab.label))
		}
		used = tab.x + text.Width(tab.label)
	}
	return text.Fit(b.String(), w)
}

// tab is one page's tab: its label from cell x on.
type tab struct {
	page  page.Name
	label string
	x     int
}

// tabs lays the tabs out; short of room they are digits with short names.
func (h *header) tabs(w int) []tab {
	lay := func(name func(page.Name) string) ([]tab, int) {
		var out []tab
		x := 0
		for i, s := range h.pages {
			label := " " + h.pages.digit(i) + " " + name(s.Name) + " "
			out = append(out, tab{s.Name, label, x})
			x += text.Width(label)
		}
		return out, x
	}
	out, n := lay(func(p page.Name) string { return string(p) })
	if n > w {
		out, _ = lay(func(p page.Name) string { return string(p)[:3] })
	}
	return out
}

func (h *header) tabAt(x, w int) (page.Name, bool) {
	for _, tab := range h.tabs(w) {
		if x >= tab.x && x < tab.x+text.Width(tab.label) {
			return tab.page, true
		}
	}
	return "", false
}

// cursorFigures say that the header is of the past, and what it was then.
func (h *header) cursorFigures() []figure {
	t, sign := &h.env.Theme, "◂ "
	if t.Sym.ASCII {
		sign = "< "
	}
	ago := text.Duration(max(h.env.Now.Sub(h.env.At), 0).Truncate(time.Second))
	out := []figure{
		{text: " " + sign + "at " + h.env.AsOf() + " ", pen: t.Chip},
		{text: ago + " ago", pen: t.Warn, rank: 3},
	}
	x, known := h.env.Second()
	if !known {
		return append(out, figure{text: "no sample", pen: t.Muted, rank: 5})
	}
	out = append(out, h.measured(x.Appends, x.Reads, x.P99)...)
	return append(out, figure{text: "cpu " + steady(text.IfKnown(x.CPU, percent), 4), pen: t.Muted, rank: 6})
}

// statusLines is all that a screen under 60×15 shows: the state of things, the
// most important first: warnings beside each other, then a figure a line.
func (h *header) statusLines(w int, toast bool) []string {
	lines, rest := warningLines(h.figures(), w)
	for _, f := range rest {
		lines = append(lines, text.Fit(f.pen.Paint(text.Truncate(f.text, w)), w))
	}
	t, needs := &h.env.Theme, " needs 60×15 cells"
	if t.Sym.ASCII {
		needs = " needs 60x15 cells"
	}
	if !toast {
		lines = append(lines, t.Muted.Paint(text.Fit(string(h.shown)+needs, w)))
		lines = append(lines, t.Faint.Paint(text.Fit("q quit  : palette", w)))
	}
	return lines
}

// warningLines packs what is never dropped into lines of w cells; the rest is left.
func warningLines(figures []figure, w int) (lines []string, rest []figure) {
	line, used := "", 0
	for _, f := range figures {
		if f.rank > 0 {
			rest = append(rest, f)
			continue
		}
		words := text.Truncate(f.text, w)
		n := text.Width(words)
		if used > 0 && used+2+n > w {
			lines = append(lines, text.Fit(line, w))
			line, used = "", 0
		}
		if used > 0 {
			line, used = line+"  ", used+2
		}
		line, used = line+f.pen.Paint(words), used+n
	}
	return append(lines, text.Fit(line, w)), rest
}

// slowestWrite returns the p99 that a writer sees, in nanoseconds: the larger
// of the two writing methods'; NaN where nothing was written.
func slowestWrite(s *wire.Sample) float64 {
	p99 := math.NaN()
	for _, method := range []string{"stream.write", "stream.append"} {
		if m, called := s.Methods[method]; called && !(p99 > float64(m.P99)) {
			p99 = float64(m.P99)
		}
	}
	return p99
}

// headMeanings says what the figures of the header mean; they stand above every
// page.
func headMeanings(live *page.Live) []page.Meaning {
	const (
		second  = "the last full second, or the second under the time cursor"
		unknown = "absent until the first sample, and without metrics; grey and dated when older than two seconds"
	)
	return []page.Meaning{
		writtenMeaning(live, second, unknown),
		page.Figure("WAL failed|stalled, near stop, disk low, debt high", "what is wrong with the engine, as Overview's health line has it; where there is no room, only how many things are: Overview (1) names each.").
			From("engine.sample", "words", second, "absent when nothing is wrong, or it is not known"),
		page.Figure("r/s", "messages delivered in the last full second. Readers that find nothing new read none.").
			From("engine.sample", "messages per second", second, unknown),
		page.Figure("p99", "99 of 100 writes of the last second took at most this long, from request to durable response.").
			From("engine.sample: stream.write and stream.append", "time", second, "absent in a second without a write"),
		page.Figure("old|for, not answering, reconnecting", "how long ago the server answered last. After three seconds it is said not to answer; reconnecting means that nobody is there.").
			From("this terminal's clock", "time", "now", "absent while the figures are of now"),
		page.Figure("damaged", "namespaces that refuse every call because some of their data is missing or damaged. Run evtui verify, or see the namespace lists on Streams and Engine.").
			From("engine.sample, else engine.info", "namespaces", "the last full second", "absent when there are none, or none is known"),
		page.Figure("cut off|building, behind, foreign, not following, warning", "namespaces whose copy of a log that several evtui share is old, or not all, and how old the oldest is. Engine (5), tab log, says which; writes to what is cut off are refused.").
			From("engine.sample, else engine.info", "namespaces; time", second, "absent when there are none, and on a store with a log of its own"),
		page.Figure("durable|interval", "acknowledged writes are synced to disk and survive a crash. Anything else is shown here as a warning: of a shared log, how often its servers sync, or that this is not known.").
			From("engine.info", "words", "since the server started", "absent where the server does not tell"),
		page.Figure("cpu", "of one core, by the whole server process: 200% is two cores.").
			From("engine.sample", "share of a core", second, unknown),
		page.Figure("ui", "of one core, by this evtui where it only shows another server. ? where both share a process, or a load runs in it: the system counts processes, and a CPU profile (6) tells them apart.").
			From("this process", "share of a core", "the last seconds", "? where it cannot be told apart"),
		page.Figure("load", "the built-in load that :load started, its workers, and for how long it has run.").
			From("this process", "workers; time", "since it started", "absent while none runs"),
		page.Figure("time cursor|ago", "the second that h and l on Overview, or :at, chose, and how long ago it was: every page that can shows that second. :at now returns to the present.").
			From("Overview's time axis, or :at", "time of day; time", "that second", "absent while what is shown is of now"),
		page.Figure("goroutines|goroutine, heap", "of the Go program that is looked at: how many goroutines it has, and how many bytes its objects take.").
			From("/debug/pprof of the program", "goroutines; bytes", "the last look, every two seconds", "absent until it is known, and on an event store"),
	}
}

func frameMeanings() []page.Meaning {
	return []page.Meaning{
		page.Figure("as of|messages from, of now", "what the time cursor is to the page: it shows the second under the cursor, or messages from then on, or cannot, and shows what there is now.").
			From("the time cursor of Overview", "time of day", "that second", "absent while the page shows what there is now"),
	}
}

// writtenMeaning says what the rate of writing counts, which depends on who writes.
func writtenMeaning(live *page.Live, second, unknown string) page.Meaning {
	written := page.Figure("w/s", "messages appended in the last full second, by all programs. The built-in load counts, this UI does not. ? until a second has passed.").
		From("engine.sample", "messages per second", second, unknown)
	if live.Info.Witness {
		written.Figure = live.WriteUnit()
		written.Words = "messages that others committed and that became readable in the last full second. The server only reads this database: it counts how the settled head moves."
	}
	if live.Info.Shared && !live.Info.Witness {
		written.Words = "messages that became readable here in the last full second: those that came over this evtui, the built-in load among them but not this UI, and those that others wrote to the same log. ? until a second has passed."
	}
	return written
}
