package tui

import (
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// figure is one part of the header. The highest rank goes first when the
// screen is narrow; the order on the screen stays.
type figure struct {
	text string // without style, to measure
	pen  text.Pen
	rank int
}

func (a *app) headerLine(w int) string {
	figures := a.figures()
	clock := a.env.Now.Format("15:04:05") + " "
	for width(figures)+text.Width(clock)+1 > w && len(figures) > 1 {
		figures = dropRank(figures)
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
		return line + text.Spaces(room-text.Width(clock)) + a.env.Theme.Muted.Paint(clock)
	}
	return text.Fit(line, w)
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
func (a *app) figures() []figure {
	t, live := a.env.Theme, a.env.Live
	link := figure{t.Sym.Up + " " + a.address(), t.Good, 3}
	if !live.Connected {
		link = figure{t.Sym.Down + " reconnecting" + t.Sym.Ellipsis, t.Bad, 1}
	}
	out := []figure{{" evtui ", t.Badge, 0}}
	if c := a.cfg.Context; c.Name != "" && !c.Unnamed {
		out = append(out, figure{" " + text.Sanitize(c.Name) + " ", contextPen(t, c.Colour), 1})
	}
	out = append(out, link)
	if live.Info.Exposed {
		out = append(out, figure{"no TLS", t.Warn, 1})
	}
	if a.env.ReadOnly {
		out = append(out, figure{" read-only ", t.Chip, 1})
	}
	out = append(out, figure{"ns " + text.Truncate(text.Sanitize(a.env.Namespace), 32), t.Title, 2})
	switch {
	case !a.env.At.IsZero():
		out = append(out, a.cursorFigures()...)
	case live.HasSample:
		out = append(out, a.rates()...)
	case live.NoFigures != "":
		out = append(out, figure{live.NoFigures, t.Muted, 6})
	}
	if live.Load.Running {
		out = append(out, figure{"load " + strconv.Itoa(live.Load.Workers) + " " + t.Sym.Pointer + " " +
			text.Duration(live.Load.Elapsed.Truncate(time.Second)), t.Warn, 2})
	}
	if rec, ok := a.recordFigure(); ok {
		out = append(out, rec)
	}
	return out
}

// rates are the figures of the last second. Durability that is not the default
// is a warning that stays.
func (a *app) rates() []figure {
	t, s, info := a.env.Theme, a.env.Live.Sample, a.env.Live.Info
	out := []figure{
		{steady(text.Count(int64(s.Appends+0.5)), 6) + " w/s", t.Accent, 2},
		{steady(text.Count(int64(s.Reads+0.5)), 6) + " r/s", t.Accent, 4},
	}
	if m, ok := slowestWrite(s); ok {
		out = append(out, figure{"p99 " + steady(text.Duration(time.Duration(m)), 7), t.Accent, 4})
	}
	switch {
	case !a.env.Live.HasInfo:
	case info.Durability == "sync":
		out = append(out, figure{"durable", t.Muted, 7})
	default:
		out = append(out, figure{info.Durability, t.Warn, 3})
	}
	cpu := "cpu " + steady(percent(s.CPU), 4)
	if ui := a.uiShare(); ui != "" {
		cpu += " (ui " + ui + ")"
	}
	return append(out, figure{cpu, t.Muted, 6})
}

// steady pads a figure that changes each second, so that what stands after it
// does not jump about.
func steady(s string, w int) string { return text.PadLeft(s, w) }

func percent(cores float64) string { return strconv.Itoa(int(cores*100+0.5)) + "%" }

// address says where the server is: its listener, or the client's URL.
func (a *app) address() string {
	address := a.cfg.Address
	if address == "" {
		address = a.root.URL()
	}
	return text.Truncate(text.Sanitize(strings.TrimPrefix(address, "http://")), 40)
}

func (a *app) tabsLine(w int) string {
	var b strings.Builder
	used := 0
	for _, tab := range a.tabs(w) {
		b.WriteString(text.Spaces(tab.x - used))
		if tab.page == a.page {
			b.WriteString(a.env.Theme.TabOn.Paint(tab.label))
		} else {
			b.WriteString(a.env.Theme.Tab.Paint(tab.label))
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
func (a *app) tabs(w int) []tab {
	lay := func(name func(page.Name) string) ([]tab, int) {
		var out []tab
		x := 0
		for i, s := range a.pages {
			label := " " + a.pages.digit(i) + " " + name(s.Name) + " "
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

// tabAt returns the page whose tab is at column x.
func (a *app) tabAt(x int) (page.Name, bool) {
	for _, tab := range a.tabs(a.width) {
		if x >= tab.x && x < tab.x+text.Width(tab.label) {
			return tab.page, true
		}
	}
	return "", false
}
