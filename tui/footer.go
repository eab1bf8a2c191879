package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// footer is the last row.
type footer struct {
	theme    *page.Theme
	quitting string         // the question before quitting; "": none
	prompt   *promptLine    // the line being typed; nil: none
	toast    *toast         // nil: none
	pending  string         // the first stroke of a key
	hints    []page.Binding // what can be done here, the most useful first
	always   []page.Binding // what can be done everywhere
	all      []page.Binding // all that holds now
}

func newFooter(a *app) *footer {
	f := &footer{theme: &a.env.Theme, quitting: a.quit.asking, prompt: a.prompt, toast: a.toast, pending: a.keys.Pending}
	if f.quitting != "" || f.prompt != nil {
		return f
	}
	if f.pending != "" {
		f.all = a.offer.bindings(a.panes[a.page], a.env.Layout)
		return f
	}
	switch {
	case a.help != nil:
		f.hints = a.help.hints()
	case a.env.Layout != page.LayoutTiny:
		f.hints = a.offer.on(a.panes[a.page])
	}
	f.always = a.offer.keys.Apply([]page.Binding{page.Bind(page.ActHelp, "", "keys"), page.Bind(page.ActPalette, "", "palette")})
	return f
}

// draw draws the last row: a question, the line being typed, the strokes
// that can follow, or what can be done here; and the toast on its right.
func (f *footer) draw(w int) (line string, cursor *tea.Cursor) {
	t := f.theme
	switch {
	case f.quitting != "":
		return text.Fit(t.Warn.Paint(" "+f.quitting+" ")+t.Key.Paint("y")+" yes  any other key: no", w), nil
	case f.prompt != nil:
		notice := text.Truncate(f.prompt.notice, w/2)
		right, room := t.Warn.Paint(notice), w-text.Width(notice)
		line, x := f.prompt.view(t, room)
		return text.Fit(line, room) + right, tea.NewCursor(min(x, room-1), 0)
	}
	right, rightWidth := f.toastText(w)
	room := w - rightWidth
	if f.pending != "" {
		line = f.followers(room)
	} else {
		line = f.hintsLine(room)
	}
	return text.Fit(line, room) + right, nil
}

func (f *footer) toastText(w int) (line string, width int) {
	if f.toast == nil {
		return "", 0
	}
	t := f.theme
	pen, mark := t.Good, ""
	switch f.toast.level {
	case page.LevelWarn:
		pen, mark = t.Warn, "! "
	case page.LevelError:
		pen, mark = t.Bad, t.Sym.Cross+" "
	}
	line = text.Truncate(" "+text.Truncate(mark+f.toast.text, max(1, w-2))+" ", w)
	return pen.Paint(line), text.Width(line)
}

// hintsLine names what can be done here, the most useful first, as far as it fits. The
// key of the tabs stands wherever there are any: nothing else tells of it.
func (f *footer) hintsLine(w int) string {
	firstKey := func(b page.Binding) string { return keyNames(b.Keys[:1]) }
	last, lastWidth, _ := f.hintLine(f.always, firstKey, w-1)
	room := w - 1 - lastWidth
	line, _, n := f.hintLine(f.hints, firstKey, room)
	isTabs := func(b page.Binding) bool { return b.Action == page.ActNextTab }
	if tabs := slices.IndexFunc(f.hints, isTabs); tabs >= n {
		own, ownWidth, _ := f.hintLine(f.hints[tabs:tabs+1], firstKey, room)
		line, _, _ = f.hintLine(f.hints[:n], firstKey, room-ownWidth)
		line += own
	}
	return " " + line + last
}

// hintLine draws as many hints as fit, the first ones first, each behind a key; n of the
// bindings were gone through.
func (f *footer) hintLine(bindings []page.Binding, keyOf func(page.Binding) string, w int) (line string, width, n int) {
	var b strings.Builder
	for i, x := range bindings {
		if x.Hint == "" || len(x.Keys) == 0 {
			continue
		}
		key := keyOf(x)
		takes := text.Width(key) + 1 + text.Width(x.Hint) + 2
		if width+takes > w {
			return b.String(), width, i
		}
		b.WriteString(f.theme.Key.Paint(key) + " " + f.theme.Muted.Paint(x.Hint) + "  ")
		width += takes
	}
	return b.String(), width, len(bindings)
}

// followers names the strokes that complete the key begun.
func (f *footer) followers(w int) string {
	list := page.Continuations(f.pending, f.all)
	for i := range list {
		list[i].Hint = list[i].Help
	}
	line, _, _ := f.hintLine(list, func(b page.Binding) string { return follower(b.Keys, f.pending) }, w-5)
	return " " + f.theme.TabOn.Paint(" "+f.pending+" ") + " " + line
}

// follower returns the stroke that completes the first key that goes on from
// the pending one.
func follower(keys []string, pending string) string {
	for _, k := range keys {
		if rest, ok := strings.CutPrefix(k, pending+" "); ok {
			return rest
		}
	}
	return ""
}
