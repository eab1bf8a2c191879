package profiler

import (
	"bufio"
	_ "embed"
	"fmt"
	"hash/fnv"
	"html"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// flameScript zooms and searches in the browser. It loads nothing.
//
//go:embed flame.js
var flameScript string

// FlameSVG says how a flame is drawn.
type FlameSVG struct {
	Title    string
	Root     int     // node to begin with
	Width    int     // pixels; 0: 1200
	MinShare float64 // leave out what is narrower than this share; 0: a tenth of a pixel
}

const (
	svgRow    = 17 // pixels a level
	svgTop    = 44 // pixels above the flame
	svgLetter = 7  // pixels a letter of the 12 px monospace font
)

type svgPainter struct {
	w      *bufio.Writer
	f      *Flame
	o      FlameSVG
	total  float64
	depth  int // deepest level drawn
	frames []svgFrame
}

// svgFrame is one rectangle, in shares of the root.
type svgFrame struct {
	node, level int
	x, w        float64
}

// WriteSVG draws the tree as one SVG file that needs no network: the root at
// the top, a click zooms, the search field colours what it finds. In a
// difference red grew and blue shrank.
func (f *Flame) WriteSVG(w io.Writer, o FlameSVG) error {
	if o.Width <= 0 {
		o.Width = 1200
	}
	if o.MinShare <= 0 {
		o.MinShare = 0.1 / float64(o.Width)
	}
	p := &svgPainter{w: bufio.NewWriter(w), f: f, o: o, total: float64(max(1, f.Weight(o.Root)))}
	p.place(svgFrame{node: o.Root, w: 1})
	p.head()
	for _, r := range p.frames {
		p.frame(r)
	}
	fmt.Fprintf(p.w, "</g>\n<script>//<![CDATA[\n%s//]]></script>\n</svg>\n", flameScript)
	return flushed(p.w, "flame")
}

// place collects the frames that are wide enough to be seen.
func (p *svgPainter) place(at svgFrame) {
	p.frames = append(p.frames, at)
	p.depth = max(p.depth, at.level)
	if at.level >= deepest {
		return
	}
	x := at.x
	for _, k := range p.f.Children(at.node) {
		w := float64(p.f.Weight(int(k))) / p.total
		if w < p.o.MinShare {
			continue
		}
		p.place(svgFrame{node: int(k), level: at.level + 1, x: x, w: w})
		x += w
	}
}

func (p *svgPainter) head() {
	height := svgTop + (p.depth+1)*svgRow + 10
	fmt.Fprintf(p.w, `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="monospace" font-size="12">
<style>text{pointer-events:none}.f:hover rect{stroke:#000;stroke-width:1}.hit rect{fill:#c0f!important}.b{cursor:pointer;pointer-events:all}</style>
<rect width="100%%" height="100%%" fill="#fafafa"/>
<text x="10" y="18" font-size="14">%s</text>
<text id="reset" class="b" x="10" y="36" fill="#06c">reset zoom</text>
<text id="search" class="b" x="110" y="36" fill="#06c">search</text>
<text id="info" x="190" y="36"> </text>
<g id="flame" data-width="%d" data-letter="%d">
`, p.o.Width, height, p.o.Width, height, text(p.title()), p.o.Width, svgLetter)
}

func (p *svgPainter) title() string {
	title := p.o.Title
	if title == "" {
		title = "Flame graph"
	}
	if p.f.signed {
		return fmt.Sprintf("%s: %s, %s of %s on both sides", title, p.f.typ.Type, p.f.Change(p.f.Value(p.o.Root)), p.f.Format(p.f.Weight(p.o.Root)))
	}
	return fmt.Sprintf("%s: %s, %s", title, p.f.typ.Type, p.f.Format(p.f.Weight(p.o.Root)))
}

func (p *svgPainter) frame(r svgFrame) {
	width := float64(p.o.Width)
	x, y, w := r.x*width, svgTop+r.level*svgRow, r.w*width
	name := p.f.label(r.node)
	fmt.Fprintf(p.w, `<g class="f" data-x="%.7f" data-w="%.7f" data-l="%d"><title>%s</title><rect x="%.2f" y="%d" width="%.2f" height="%d" fill="%s" rx="1"/><text x="%.2f" y="%d">%s</text></g>`+"\n",
		r.x, r.w, r.level, text(p.tooltip(r.node)), x, y, max(0.1, w-0.5), svgRow-1, p.colour(r.node), x+3, y+12, text(fit(name, int(w-6)/svgLetter)))
}

func (p *svgPainter) tooltip(i int) string {
	share := strings.TrimSpace(Percent(p.f.Weight(i), int64(p.total)))
	if p.f.signed {
		return fmt.Sprintf("%s: %s, %s of both sides", p.f.label(i), p.f.Change(p.f.Value(i)), share)
	}
	return fmt.Sprintf("%s: %s, %s", p.f.label(i), p.f.Format(p.f.Weight(i)), share)
}

// colour is a warm one by package, so that a package looks the same
// everywhere; in a difference red for what grew, blue for what shrank, paler
// the less of it changed.
func (p *svgPainter) colour(i int) string {
	weight, value := p.f.Weight(i), p.f.Value(i)
	if p.f.signed && weight > 0 {
		pale := 235 - int(175*float64(abs(value))/float64(weight))
		switch {
		case value == 0:
			return "#e4e4e4"
		case value < 0:
			return fmt.Sprintf("#%02x%02xf5", pale, pale)
		}
		return fmt.Sprintf("#f5%02x%02x", pale, pale)
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(PackageOf(p.f.Name(i))))
	hue := h.Sum32()
	return fmt.Sprintf("hsl(%d,%d%%,%d%%)", 10+hue%45, 70+hue>>8%20, 60+hue>>16%12)
}

func signed(v int64, format func(int64) string) string {
	if v > 0 {
		return "+" + format(v)
	}
	return format(v)
}

// fit shortens a name to n letters: without the path of its package, without
// the package, cut, or nothing when too few are left to tell.
func fit(name string, n int) string {
	for _, short := range ShortNames(name) {
		if utf8.RuneCountInString(short) <= n {
			return short
		}
		name = short
	}
	if n < 3 {
		return ""
	}
	return string([]rune(name)[:n-2]) + ".."
}

// text makes a string safe inside XML, which forbids most control characters
// even when escaped, and inert on a terminal, where the file may be looked at.
func text(s string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError || r == 0xfffe || r == 0xffff || unicode.Is(unicode.Bidi_Control, r) {
			return '?'
		}
		return r
	}, s))
}
