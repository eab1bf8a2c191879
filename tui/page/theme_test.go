package page

import (
	"fmt"
	"image/color"
	"math"
	"reflect"
	"strings"
	"testing"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/internal/text"
)

// sixteen are a terminal's colours, and what it does with bold.
type sixteen struct {
	name     string
	colours  [16]uint32
	darkOnly bool // it has a dark background
	noBright bool // of backgrounds it has the first eight alone
}

// terminals whose bold is bright: that of xterm as Debian ships it, and the
// Linux console.
func terminals() []sixteen {
	return []sixteen{
		{name: "xterm", colours: [16]uint32{
			0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
			0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff}},
		{name: "linux", darkOnly: true, noBright: true, colours: [16]uint32{
			0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa,
			0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff}},
	}
}

// TestSixteenColoursAreLegible draws with every pen as such terminals do, bold
// made bright, on the background, the selected row and the passive one.
func TestSixteenColoursAreLegible(t *testing.T) {
	for _, term := range terminals() {
		for _, dark := range []bool{true, false} {
			if term.darkOnly && !dark {
				continue
			}
			theme := NewTheme(dark, LookBasic, false)
			for name, pen := range pens(&theme) {
				// What may be overlooked, and frames, may be dim.
				least := 3.0
				if name == "Faint" || name == "Border" || name == "Punct" || name == "Null" || name == "Muted" {
					least = 2.5
				}
				if got := term.contrast(pen, dark); got < least {
					t.Errorf("%s, dark %v: %s has a contrast of %.1f", term.name, dark, name, got)
				}
				if got := term.contrast(pen.Over(theme.Passive), dark); got < least {
					t.Errorf("%s, dark %v: %s on the passive row has a contrast of %.1f", term.name, dark, name, got)
				}
				// The row that is selected is in Selected alone; charts are not.
				if got := term.contrast(pen.Over(theme.Selected), dark); strings.HasPrefix(name, "Series") && got < 1.8 {
					t.Errorf("%s, dark %v: %s on the cursor's second has a contrast of %.1f", term.name, dark, name, got)
				}
			}
		}
	}
}

// pens are all pens of a theme by their names.
func pens(t *Theme) map[string]text.Pen {
	all := map[string]text.Pen{}
	for i, v := 0, reflect.ValueOf(*t); i < v.NumField(); i++ {
		if pen, ok := v.Field(i).Interface().(text.Pen); ok {
			all[v.Type().Field(i).Name] = pen
		}
	}
	for i, pen := range t.Series {
		all[fmt.Sprintf("Series %d", i)] = pen
	}
	return all
}

// contrast is that of WCAG, from 1 to 21, of what a pen draws.
func (s sixteen) contrast(p text.Pen, dark bool) float64 {
	buf := uv.NewScreenBuffer(1, 1)
	uv.NewStyledString(p.Paint("x")).Draw(buf, buf.Bounds())
	style := buf.CellAt(0, 0).Style
	ink, ground := uint32(0xe5e5e5), uint32(0)
	if !dark {
		ink, ground = 0, 0xffffff
	}
	if n, ok := index(style.Fg); ok {
		if style.Attrs&uv.AttrBold != 0 && n < 8 {
			n += 8
		}
		ink = s.colours[n]
	}
	if n, ok := index(style.Bg); ok {
		if s.noBright {
			n %= 8
		}
		ground = s.colours[n]
	}
	if style.Attrs&uv.AttrReverse != 0 {
		ink, ground = ground, ink
	}
	a, b := luminance(ink), luminance(ground)
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

func index(c color.Color) (int, bool) {
	basic, ok := c.(ansi.BasicColor)
	return int(basic), ok
}

func luminance(rgb uint32) float64 {
	channel := func(shift uint) float64 {
		v := float64(rgb>>shift&0xff) / 255
		if v <= 0.03928 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0)
}
