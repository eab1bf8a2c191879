package text

import (
	"strings"

	"charm.land/lipgloss/v2"
)

const reset = "\x1b[m"

// Pen is a style reduced to the escape sequence that switches it on. Painting
// with a pen is a concatenation, where [lipgloss.Style.Render] takes
// microseconds: make pens once, from the theme. The zero Pen paints nothing.
type Pen struct {
	on string
}

// NewPen takes colours and attributes of a style over. What a style says of
// widths, padding, margins and borders is left behind.
func NewPen(style lipgloss.Style) Pen {
	style = style.Inline(true).UnsetWidth().UnsetMaxWidth().UnsetTransform()
	on, _, _ := strings.Cut(style.Render("x"), "x")
	return Pen{on: on}
}

// IsZero reports whether the pen changes nothing.
func (p Pen) IsZero() bool { return p.on == "" }

// Paint returns s in the pen's style. Where s switches styles itself use
// [Pen.Wrap].
func (p Pen) Paint(s string) string {
	if p.on == "" || s == "" {
		return s
	}
	return p.on + s + reset
}

// Append appends s in the pen's style to dst.
func (p Pen) Append(dst []byte, s string) []byte {
	if p.on == "" || s == "" {
		return append(dst, s...)
	}
	dst = append(dst, p.on...)
	dst = append(dst, s...)
	return append(dst, reset...)
}

// Over returns a pen that paints as p on top of base: what p leaves open, such
// as the background, is base's.
func (p Pen) Over(base Pen) Pen { return Pen{on: base.on + p.on} }

// Wrap paints around a string that is styled in parts: after each reset inside
// it the pen is switched on again, so that a background has no holes.
func (p Pen) Wrap(styled string) string {
	if p.on == "" || styled == "" {
		return styled
	}
	if !strings.Contains(styled, "\x1b[") {
		return p.Paint(styled)
	}
	styled = strings.ReplaceAll(styled, "\x1b[0m", reset)
	return p.on + strings.ReplaceAll(styled, reset, reset+p.on) + reset
}
