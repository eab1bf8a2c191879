package e2e

import (
	"encoding/xml"
	"fmt"
	"image/color"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	uv "github.com/charmbracelet/ultraviolet"
)

// The picture's measures, in pixels. A glyph of the common monospaced fonts is
// 0.6 of its size wide, so that 15 px text falls on 9 px cells by itself.
const (
	cellWidth, cellHeight = 9.0, 19.0
	fontSize, baseline    = 15.0, 14.5
	barHeight, margin     = 34.0, 12.0
)

var (
	windowText       = color.RGBA{0xd8, 0xde, 0xe9, 0xff}
	windowBackground = color.RGBA{0x11, 0x15, 0x1c, 0xff}
)

// picture collects what is drawn, by kind and colour, so that a screen full of
// braille is a handful of paths.
type picture struct {
	backgrounds strings.Builder
	fills       paths // blocks
	strokes     paths // box lines
	dots        paths // braille
	texts       strings.Builder
}

// paths are SVG path data by paint (colour and opacity).
type paths map[string]*strings.Builder

func (p paths) add(paint, format string, args ...any) {
	if p[paint] == nil {
		p[paint] = &strings.Builder{}
	}
	fmt.Fprintf(p[paint], format, args...)
}

func (p paths) write(w io.Writer, attributes string) {
	for _, paint := range slices.Sorted(maps.Keys(p)) {
		fmt.Fprintf(w, "<path %s=\"%s\" d=\"%s\"/>\n", attributes, paint, p[paint])
	}
}

// WriteSVG draws the screen as a window with a title. Lines, blocks and
// braille are drawn as shapes, and every word is fitted to its cells, so that
// the grid holds whatever monospaced font the viewer has.
func (s Screen) WriteSVG(w io.Writer, title string) error {
	var out strings.Builder
	s.openWindow(&out, title)
	width, _ := s.size()
	fmt.Fprintf(&out, `<text x="%g" y="21.5" text-anchor="middle" font-family="system-ui,sans-serif" font-size="13" fill="#8b95a7">%s</text>`+"\n", width/2, escape(title))
	fmt.Fprintf(&out, "<g transform=\"translate(%g %g)\" %s>\n", margin, barHeight, fontAttributes())
	s.writeCells(&out)
	out.WriteString("</g>\n</svg>\n")
	_, err := io.WriteString(w, out.String())
	return err
}

// size is the window's, in pixels.
func (s Screen) size() (width, height float64) {
	return float64(s.Width)*cellWidth + 2*margin, float64(s.Height)*cellHeight + barHeight + margin
}

// openWindow begins a picture with an empty window of the screen's size.
func (s Screen) openWindow(out *strings.Builder, title string) {
	width, height := s.size()
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" width="%g" height="%g" viewBox="0 0 %g %g" role="img">`+"\n", width, height, width, height)
	fmt.Fprintf(out, "<title>%s</title>\n", escape(title))
	fmt.Fprintf(out, `<rect x="0.5" y="0.5" width="%g" height="%g" rx="9" fill="%s" stroke="#2c3442"/>`+"\n", width-1, height-1, hex(windowBackground))
	for i, fill := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(out, `<circle cx="%d" cy="17" r="5.5" fill="%s"/>`+"\n", 20+i*19, fill)
	}
}

// fontAttributes sets the font of what writeCells draws.
func fontAttributes() string {
	return fmt.Sprintf(`font-family="ui-monospace,'SF Mono','Cascadia Mono',Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace" font-size="%g"`, fontSize)
}

// writeCells draws what stands on the screen, from the origin on. The font is
// that of the element around it.
func (s Screen) writeCells(out *strings.Builder) {
	p := picture{fills: paths{}, strokes: paths{}, dots: paths{}}
	for y := range s.Height {
		s.drawBackground(&p, y)
		s.drawRow(&p, y)
	}
	if p.backgrounds.Len() > 0 {
		fmt.Fprintf(out, "<g shape-rendering=\"crispEdges\">\n%s</g>\n", &p.backgrounds)
	}
	p.fills.write(out, `shape-rendering="crispEdges" fill`)
	p.strokes.write(out, `fill="none" stroke`)
	p.dots.write(out, `fill="none" stroke-width="2.3" stroke-linecap="round" stroke`)
	out.WriteString(p.texts.String())
}

func (s Screen) drawBackground(p *picture, y int) {
	for x := 0; x < s.Width; {
		_, fill := paint(s.cell(x, y).Style)
		end := x + 1
		for end < s.Width {
			if _, next := paint(s.cell(end, y).Style); next != fill {
				break
			}
			end++
		}
		if fill != windowBackground {
			fmt.Fprintf(&p.backgrounds, `<rect x="%g" y="%g" width="%g" height="%g" fill="%s"/>`+"\n",
				float64(x)*cellWidth, float64(y)*cellHeight, float64(end-x)*cellWidth, cellHeight, hex(fill))
		}
		x = end
	}
}

func (s Screen) drawRow(p *picture, y int) {
	for x := 0; x < s.Width; {
		cell := s.cell(x, y)
		r, _ := utf8.DecodeRuneInString(cell.Content)
		switch {
		case cell.Content == "" || cell.Content == " ":
			x++
		case drawGlyph(p, r, float64(x)*cellWidth, float64(y)*cellHeight, hex(foreground(cell.Style))):
			x++
		default:
			x = s.drawWord(p, x, y)
		}
	}
}

// drawWord draws the characters of one style from x up to the next blank or
// drawn glyph, and returns where it stopped.
func (s Screen) drawWord(p *picture, x, y int) int {
	first := s.cell(x, y)
	var word strings.Builder
	end, glyphs := x, 0
	for end < s.Width {
		cell := s.cell(end, y)
		r, _ := utf8.DecodeRuneInString(cell.Content)
		if cell.Content == "" || cell.Content == " " || isDrawn(r) || cell.Style != first.Style {
			break
		}
		word.WriteString(cell.Content)
		glyphs++
		end += max(cell.Width, 1)
	}
	fit := ""
	if glyphs > 1 {
		fit = fmt.Sprintf(` textLength="%g"`, float64(end-x)*cellWidth)
	}
	fmt.Fprintf(&p.texts, `<text x="%g" y="%g" fill="%s"%s%s>%s</text>`+"\n",
		float64(x)*cellWidth, float64(y)*cellHeight+baseline, hex(foreground(first.Style)), fit, dress(first.Style), escape(word.String()))
	return end
}

// dress returns the attributes for weight, slant and lines.
func dress(style uv.Style) string {
	var attributes, lines string
	if style.Attrs&uv.AttrBold != 0 {
		attributes += ` font-weight="700"`
	}
	if style.Attrs&uv.AttrItalic != 0 {
		attributes += ` font-style="italic"`
	}
	if style.Underline != uv.UnderlineNone {
		lines += " underline"
	}
	if style.Attrs&uv.AttrStrikethrough != 0 {
		lines += " line-through"
	}
	if lines != "" {
		attributes += fmt.Sprintf(` text-decoration="%s"`, lines[1:])
	}
	return attributes
}

// paint returns the colours that a terminal shows for a style.
func paint(style uv.Style) (text, ground color.RGBA) {
	text, ground = solid(style.Fg, windowText), solid(style.Bg, windowBackground)
	if style.Attrs&uv.AttrReverse != 0 {
		text, ground = ground, text
	}
	if style.Attrs&uv.AttrFaint != 0 {
		text = mix(text, ground)
	}
	if style.Attrs&uv.AttrConceal != 0 {
		text = ground
	}
	return text, ground
}

func foreground(style uv.Style) color.RGBA {
	text, _ := paint(style)
	return text
}

func solid(c color.Color, otherwise color.RGBA) color.RGBA {
	if c == nil {
		return otherwise
	}
	r, g, b, _ := c.RGBA()
	return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 0xff}
}

func mix(a, b color.RGBA) color.RGBA {
	half := func(x, y uint8) uint8 { return uint8((3*int(x) + 2*int(y)) / 5) }
	return color.RGBA{half(a.R, b.R), half(a.G, b.G), half(a.B, b.B), 0xff}
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

func escape(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // a Builder never fails
	return out.String()
}
