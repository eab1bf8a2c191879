package kit

import (
	"strconv"
	"strings"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/jsonview"
	"github.com/evtui/evtui/tui/page"
)

// Message is one message opened: its fields, its data and its metadata as
// documents, one of which has the keys.
type Message struct {
	M      *store.Message
	data   *jsonview.View
	meta   *jsonview.View
	onMeta bool // the metadata has the keys
	theme  page.Theme
	query  string
}

// NewMessage opens a message, which is shared and not changed.
func NewMessage(m *store.Message) *Message {
	d := &Message{data: jsonview.New(jsonview.Styles{}), meta: jsonview.New(jsonview.Styles{})}
	d.Show(m)
	return d
}

// Show turns to another message; raw, wrapping and search stay.
func (d *Message) Show(m *store.Message) {
	d.M = m
	d.data.SetData(m.Data)
	meta := m.Metadata
	if meta == nil {
		meta = []byte("null")
	}
	d.meta.SetData(meta)
	d.Search(d.query)
}

// Active is the view that has the keys: the data or the metadata.
func (d *Message) Active() *jsonview.View {
	if d.onMeta {
		return d.meta
	}
	return d.data
}

// Search looks in both documents and returns how many matches there are.
func (d *Message) Search(query string) int {
	d.query = query
	return d.data.Search(query) + d.meta.Search(query)
}

// NextMatch goes on, from the data into the metadata where only that matches.
func (d *Message) NextMatch(back bool) {
	if _, n := d.Active().Match(); n == 0 {
		d.onMeta = !d.onMeta
	}
	if back {
		d.Active().PrevMatch()
	} else {
		d.Active().NextMatch()
	}
}

// Act does what can be done inside a message, and reports whether it did.
func (d *Message) Act(t *page.Turn, a page.Action) bool {
	switch {
	case MoveGrid(d.Active(), a):
	case a == page.ActOpen, a == page.ActFold:
		d.Active().Toggle()
	default:
		return d.change(t, a)
	}
	return true
}

func (d *Message) change(t *page.Turn, a page.Action) bool {
	v := d.Active()
	switch a {
	case page.ActNextPane, page.ActPrevPane:
		d.onMeta = !d.onMeta
	case page.ActFoldAll:
		v.FoldLevel(1)
	case page.ActRaw:
		raw := !v.Raw()
		d.data.SetRaw(raw)
		d.meta.SetRaw(raw)
	case page.ActWrap:
		wrap := !v.Wrapped()
		d.data.SetWrap(wrap)
		d.meta.SetWrap(wrap)
	case page.ActCopyValue:
		t.Copy("the value", string(v.Value()))
	case page.ActCopyPath:
		path := v.Path()
		if path == "" {
			path = "."
		}
		t.Copy("the path "+path, path)
	default:
		return false
	}
	return true
}

// fields are the message's own columns, name and value.
func (d *Message) fields(now time.Time) [][2]string {
	m := d.M
	return [][2]string{
		{"type", text.Name(m.Type)},
		{"stream", text.Name(m.Stream) + "   position " + text.Count(m.Position) + "   global " + text.Count(m.GlobalPosition)},
		{"time", m.Time.In(now.Location()).Format("2006-01-02 15:04:05.000000000 Z07:00") + "   " + text.Ago(m.Time, now)},
		{"id", m.ID.String() + "   " + text.Bytes(float64(len(m.Data))) + " + " + text.Bytes(float64(len(m.Metadata)))},
	}
}

// Crumb names the message behind its stream's name.
func (d *Message) Crumb() string { return CrumbOf(d.M) }

// CrumbOf names a message among those of its stream.
func CrumbOf(m *store.Message) string { return "#" + strconv.FormatInt(m.Position, 10) }

// besideFrom is the width from which the metadata stands beside the data.
const besideFrom = 100

// noMetadata is how many cells a pane without metadata takes.
const noMetadata = 18

// wholeLines is how many lines a name takes at most where it is shown whole.
const wholeLines = 4

// Chunks breaks a text without escape sequences into parts of at most w cells,
// at most n of them, the last with an ellipsis where that is not all.
func Chunks(s string, w, n int) []string {
	var parts []string
	for text.Width(s) > w && len(parts) < n-1 {
		head := strings.TrimRight(text.Cut(s, 0, w), " ")
		if head == "" || !strings.HasPrefix(s, head) {
			break
		}
		parts = append(parts, head)
		s = strings.TrimLeft(s[len(head):], " ")
	}
	return append(parts, text.Truncate(s, w))
}

// fieldsFrom is the height from which the fields stand above the data.
const fieldsFrom = 10

func (d *Message) restyle(t page.Theme) {
	if d.theme.Serial == t.Serial {
		return
	}
	d.theme = t
	RestyleJSON(d.data, t)
	RestyleJSON(d.meta, t)
}

// RestyleJSON makes a document draw in the theme.
func RestyleJSON(v *jsonview.View, t page.Theme) {
	v.SetStyles(jsonview.Styles{
		Key: t.Name, String: t.String, Escape: t.Warn, Number: t.Number, Literal: t.Bool, Punct: t.Punct,
		Fold: t.Muted, Fault: t.Bad, Cursor: t.Passive, Match: t.Match, Current: t.Selected,
	})
	v.SetASCII(t.Sym.ASCII)
	v.SetEscapes(t.Sym.Escapes)
}

// Lines draws the message in exactly h lines of w cells.
func (d *Message) Lines(env page.Env, w, h int, focused bool) []string {
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
		lines := 1
		if f[0] == "type" || f[0] == "stream" {
			lines = wholeLines // names are seen whole
		}
		for i, part := range Chunks(text.Sanitize(f[1]), max(1, w-8), lines) {
			if i > 0 {
				label = text.Spaces(min(8, w))
			}
			out = append(out, label+pen.Paint(text.Fit(part, max(0, w-8))))
			if w < 8 {
				out[len(out)-1] = text.Fit(out[len(out)-1], w)
			}
		}
	}
	rest := h - len(out)
	if w >= besideFrom {
		left := w * 3 / 5
		if len(d.M.Metadata) == 0 {
			left = w - noMetadata
		}
		data := Document(t, "data", d.data, focused && !d.onMeta, left, rest)
		meta := Document(t, "metadata", d.meta, focused && d.onMeta, w-left-1, rest)
		rule := t.Border.Paint(t.Sym.Vertical)
		for i := range data {
			out = append(out, data[i]+rule+meta[i])
		}
		return out
	}
	below := d.below(rest)
	out = append(out, Document(t, "data", d.data, focused && !d.onMeta, w, rest-below)...)
	return append(out, Document(t, "metadata", d.meta, focused && d.onMeta, w, below)...)
}

// below is how many of h lines the metadata gets under the data: what it needs,
// but two fifths at most while the data needs the rest.
func (d *Message) below(h int) int {
	if h < 6 {
		if d.onMeta {
			return h
		}
		return 0
	}
	return min(d.meta.Rows()+1, max(h*2/5, h-d.data.Rows()-1))
}

// Document draws a head and a document under it in exactly h lines of w cells.
func Document(t page.Theme, name string, v *jsonview.View, focused bool, w, h int) []string {
	if h < 1 {
		return nil
	}
	pen := t.Muted
	if focused {
		pen = t.Focus
	}
	v.SetSize(w, max(h-1, 0))
	head := " " + name + " "
	if first, last := v.Visible(); h > 1 && last-first < v.Rows() {
		head += text.Count(int64(first+1)) + "–" + text.Count(int64(last)) + " of " + text.Count(int64(v.Rows())) + " " + more(t, first > 0, last < v.Rows()) + " "
	}
	if v.Raw() {
		head += "(raw) "
	}
	if i, n := v.Match(); n > 0 {
		head += "match " + text.Count(int64(i)) + " of " + text.Count(int64(n)) + " "
	}
	head = text.Truncate(head, w)
	out := []string{pen.Paint(head) + t.Border.Paint(strings.Repeat(t.Sym.Horizontal, max(w-text.Width(head), 0)))}
	if h > 1 {
		out = append(out, v.Lines()...)
	}
	return out
}

// more says that rows stand above or below what is seen.
func more(t page.Theme, above, below bool) string {
	switch {
	case above && below:
		return t.Sym.Rise + t.Sym.Fall
	case above:
		return t.Sym.Rise
	}
	return t.Sym.Fall
}

// DataBytes is how much of a message's data a row shows at most: more than a
// screen is wide, far less than a message may hold.
const DataBytes = 600

// MessageText is what a search looks at in a message: all that can be seen of it.
func MessageText(m *store.Message) string {
	return m.Stream + " " + m.Type + " " + strconv.FormatInt(m.Position, 10) + " " +
		strconv.FormatInt(m.GlobalPosition, 10) + " " + m.ID.String() + " " + string(m.Data) + " " + string(m.Metadata)
}
