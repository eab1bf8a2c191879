package tui

import (
	"strconv"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/jsonview"
	"github.com/evtui/evtui/tui/page"
)

// message is one message opened: its fields, its data and its metadata as
// documents, one of which has the keys.
type message struct {
	m      *store.Message
	data   *jsonview.View
	meta   *jsonview.View
	onMeta bool // the metadata has the keys
	theme  page.Theme
	query  string
}

func newMessage(m *store.Message) *message {
	d := &message{data: jsonview.New(jsonview.Styles{}), meta: jsonview.New(jsonview.Styles{})}
	d.show(m)
	return d
}

// show turns to another message; raw, wrapping and search stay.
func (d *message) show(m *store.Message) {
	d.m = m
	d.data.SetData(m.Data)
	meta := m.Metadata
	if meta == nil {
		meta = []byte("null")
	}
	d.meta.SetData(meta)
	d.search(d.query)
}

func (d *message) active() *jsonview.View {
	if d.onMeta {
		return d.meta
	}
	return d.data
}

// search looks in both documents and returns how many matches there are.
func (d *message) search(query string) int {
	d.query = query
	return d.data.Search(query) + d.meta.Search(query)
}

// nextMatch goes on, from the data into the metadata where only that matches.
func (d *message) nextMatch(back bool) {
	if _, n := d.active().Match(); n == 0 {
		d.onMeta = !d.onMeta
	}
	if back {
		d.active().PrevMatch()
	} else {
		d.active().NextMatch()
	}
}

// act does what can be done inside a message, and reports whether it did.
func (d *message) act(t *page.Turn, a page.Action) bool {
	v := d.active()
	switch a {
	case page.ActUp:
		v.Move(-1)
	case page.ActDown:
		v.Move(1)
	case page.ActHalfUp:
		v.HalfPage(-1)
	case page.ActHalfDown:
		v.HalfPage(1)
	case page.ActPageUp:
		v.Page(-1)
	case page.ActPageDown:
		v.Page(1)
	case page.ActTop:
		v.Home()
	case page.ActBottom:
		v.End()
	case page.ActLeft:
		v.Sideways(-8)
	case page.ActRight:
		v.Sideways(8)
	case page.ActOpen, page.ActFold:
		v.Toggle()
	default:
		return d.change(t, a)
	}
	return true
}

func (d *message) change(t *page.Turn, a page.Action) bool {
	v := d.active()
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
func (d *message) fields(now time.Time) [][2]string {
	m := d.m
	return [][2]string{
		{"type", m.Type},
		{"stream", m.Stream + "   position " + text.Count(m.Position) + "   global " + text.Count(m.GlobalPosition)},
		{"time", m.Time.In(now.Location()).Format("2006-01-02 15:04:05.000000000 Z07:00") + "   " + text.Ago(m.Time, now)},
		{"id", m.ID.String() + "   " + text.Bytes(float64(len(m.Data))) + " + " + text.Bytes(float64(len(m.Metadata)))},
	}
}

// crumb names the message behind its stream's name.
func (d *message) crumb() string { return crumbOf(d.m) }

func crumbOf(m *store.Message) string { return "#" + strconv.FormatInt(m.Position, 10) }
