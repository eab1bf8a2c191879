package e2e

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Movie is a run of screens of one size that one picture shows one after
// another, over and over. The zero Movie has none.
type Movie struct {
	frames []frame
	length time.Duration
}

type frame struct {
	screen  Screen
	caption string
	from    time.Duration // since the movie's beginning
}

// Add shows a screen for a while, with a caption in the window's bar. It
// returns an error for a screen of another size than the first.
func (m *Movie) Add(s Screen, caption string, takes time.Duration) error {
	if len(m.frames) > 0 {
		if first := m.frames[0].screen; s.Width != first.Width || s.Height != first.Height {
			return fmt.Errorf("frame %d is of %d × %d cells, the first of %d × %d", len(m.frames), s.Width, s.Height, first.Width, first.Height)
		}
	}
	m.frames = append(m.frames, frame{s, caption, m.length})
	m.length += takes
	return nil
}

// Length is how long the movie takes until it begins again.
func (m *Movie) Length() time.Duration { return m.length }

// WriteSVG draws the movie as one SVG that moves by CSS alone, wherever
// pictures are shown: its frames stand side by side, and the strip jumps from
// one to the next behind the window. A row that stands in several frames is
// stored once. Who asks for less motion sees the first frame. It returns an
// error when there is nothing to show.
func (m *Movie) WriteSVG(w io.Writer, title string) error {
	if len(m.frames) == 0 || m.length <= 0 {
		return errors.New("draw a movie: it has no frames")
	}
	var out, strip strings.Builder
	rows := m.writeStrip(&strip)
	first := m.frames[0].screen
	first.openWindow(&out, title)
	m.writeStyle(&out)
	out.WriteString("<defs>\n")
	for i, row := range rows {
		fmt.Fprintf(&out, "<g id=\"r%d\">\n%s</g>\n", i, row)
	}
	width, height := first.size()
	fmt.Fprintf(&out, "</defs>\n<svg width=\"%g\" height=\"%g\">\n<g id=\"strip\" %s>\n%s</g>\n</svg>\n</svg>\n", width, height, fontAttributes(), &strip)
	_, err := io.WriteString(w, out.String())
	return err
}

// writeStrip writes the frames side by side, each made of references to its
// rows, and returns the rows by their number.
func (m *Movie) writeStrip(out *strings.Builder) (rows []string) {
	numbers := map[string]int{}
	width, _ := m.frames[0].screen.size()
	for i, f := range m.frames {
		fmt.Fprintf(out, "<g transform=\"translate(%g 0)\">\n", float64(i)*width)
		fmt.Fprintf(out, `<text x="%g" y="22" text-anchor="middle" font-family="system-ui,sans-serif" font-size="15" font-weight="600" fill="#e6ebf3">%s</text>`+"\n", width/2, escape(f.caption))
		fmt.Fprintf(out, "<g transform=\"translate(%g %g)\">\n", margin, barHeight)
		for y := range f.screen.Height {
			var drawn strings.Builder
			f.screen.row(y).writeCells(&drawn)
			if drawn.Len() == 0 {
				continue
			}
			n, known := numbers[drawn.String()]
			if !known {
				n = len(rows)
				numbers[drawn.String()] = n
				rows = append(rows, drawn.String())
			}
			fmt.Fprintf(out, "<use href=\"#r%d\" y=\"%g\"/>\n", n, float64(y)*cellHeight)
		}
		out.WriteString("</g>\n</g>\n")
	}
	return rows
}

// writeStyle says when the strip jumps, and how far.
func (m *Movie) writeStyle(out *strings.Builder) {
	width, _ := m.frames[0].screen.size()
	fmt.Fprintf(out, "<style>\n#strip{animation:strip %gs step-end infinite}\n@keyframes strip{\n", m.length.Seconds())
	for i, f := range m.frames {
		fmt.Fprintf(out, "%.4f%%{transform:translateX(%gpx)}\n", 100*f.from.Seconds()/m.length.Seconds(), -float64(i)*width)
	}
	fmt.Fprintf(out, "100%%{transform:translateX(%gpx)}\n}\n", -float64(len(m.frames)-1)*width)
	out.WriteString("@media (prefers-reduced-motion:reduce){#strip{animation:none}}\n</style>\n")
}
