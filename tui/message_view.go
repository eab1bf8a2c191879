package tui

import (
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/jsonview"
	"github.com/evtui/evtui/tui/page"
)

// besideFrom is the width from which the metadata stands beside the data.
const besideFrom = 100

// fieldsFrom is the height from which the fields stand above the data.
const fieldsFrom = 10

func (d *message) restyle(t page.Theme) {
	if d.theme.Serial == t.Serial {
		return
	}
	d.theme = t
	s := jsonview.Styles{
		Key: t.Name, String: t.String, Escape: t.Warn, Number: t.Number, Literal: t.Bool, Punct: t.Punct,
		Fold: t.Muted, Fault: t.Bad, Cursor: t.Passive, Match: t.Match, Current: t.Selected,
	}
	d.data.SetStyles(s)
	d.meta.SetStyles(s)
	d.data.SetASCII(t.Sym.ASCII)
	d.meta.SetASCII(t.Sym.ASCII)
}

// lines draws the message in exactly h lines of w cells.
func (d *message) lines(env page.Env, w, h int, focused bool) []string {
	d.restyle(env.Theme)
	d.data.SetFocus(focused && !d.onMeta)
	d.meta.SetFocus(focused && d.onMeta)
	t := env.Theme
	var out []string
	for _, f := range d.fields(env.Now) {
		if h < fieldsFrom {
			break // the document says more
		}
		label := t.Muted.Paint(text.Fit(" "+f[0], 8))
		pen := t.Text
		if f[0] == "type" {
			pen = t.Accent
		}
		out = append(out, label+pen.Paint(text.Fit(text.Sanitize(f[1]), max(0, w-8))))
		if w < 8 {
			out[len(out)-1] = text.Fit(out[len(out)-1], w)
		}
	}
	rest := h - len(out)
	if w >= besideFrom {
		left := w * 3 / 5
		data := d.document(t, "data", d.data, focused && !d.onMeta, left, rest)
		meta := d.document(t, "metadata", d.meta, focused && d.onMeta, w-left-1, rest)
		rule := t.Border.Paint(t.Sym.Vertical)
		for i := range data {
			out = append(out, data[i]+rule+meta[i])
		}
		return out
	}
	below := d.below(rest)
	out = append(out, d.document(t, "data", d.data, focused && !d.onMeta, w, rest-below)...)
	return append(out, d.document(t, "metadata", d.meta, focused && d.onMeta, w, below)...)
}

// below is how many of h lines the metadata gets under the data: what it needs,
// but two fifths at most while the data needs the rest.
func (d *message) below(h int) int {
	if h < 6 {
		if d.onMeta {
			return h
		}
		return 0
	}
	return min(d.meta.Rows()+1, max(h*2/5, h-d.data.Rows()-1))
}

// document draws a head and the view under it in exactly h lines.
func (d *message) document(t page.Theme, name string, v *jsonview.View, focused bool, w, h int) []string {
	if h < 1 {
		return nil
	}
	pen := t.Muted
	if focused {
		pen = t.Focus
	}
	head := " " + name + " "
	if v.Raw() {
		head += "(raw) "
	}
	if i, n := v.Match(); n > 0 {
		head += "match " + text.Count(int64(i)) + " of " + text.Count(int64(n)) + " "
	}
	head = text.Truncate(head, w)
	out := []string{pen.Paint(head) + t.Border.Paint(string(runes(t.Sym.Horizontal, w-text.Width(head), nil, "")))}
	if h > 1 {
		v.SetSize(w, h-1)
		out = append(out, v.Lines()...)
	}
	return out
}
