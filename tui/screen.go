package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// Where the parts of the screen stand. The box takes a row above and below the
// pane.
const (
	tabsRow      = 1
	bodyRow      = 2
	chromeHeight = 5 // header, tabs, the box's two rows, footer
)

// screen is the last frame, in parts: only what was touched is drawn again,
// and an untouched screen is the same string as before.
type screen struct {
	header, body, footer        string
	staleHead, staleBody, stale bool // stale: the footer
	whole                       string
	moved                       bool // the body was drawn and is different since the last frame
	cursor                      *tea.Cursor
}

func (s *screen) touch()       { s.staleHead, s.staleBody, s.stale = true, true, true }
func (s *screen) touchHeader() { s.staleHead = true }
func (s *screen) touchBody()   { s.staleBody, s.stale = true, true }
func (s *screen) touchFooter() { s.stale = true }

// View implements tea.Model. It is the one place where a tea.View is made, so
// that every frame sets every field.
func (a *app) View() tea.View {
	a.draw()
	v := tea.View{
		Content:     a.screen.whole,
		AltScreen:   true,
		WindowTitle: "evtui " + text.Sanitize(a.env.Namespace),
		MouseMode:   tea.MouseModeCellMotion,
		Cursor:      a.screen.cursor,
	}
	if t := &a.env.Theme; a.display.clashes && t.Ground != nil {
		v.BackgroundColor, v.ForegroundColor = t.Ground, t.Ink
	}
	if a.cfg.Escape {
		v.WindowTitle = text.ASCII(v.WindowTitle)
	}
	if a.cfg.NoMouse {
		v.MouseMode = tea.MouseModeNone
	}
	return v
}

// draw brings the memoised frame up to date.
func (a *app) draw() {
	s, w, h := &a.screen, a.display.width, a.display.height
	switch {
	case !s.staleHead && !s.staleBody && !s.stale:
		return
	case w < 1 || h < 1:
		s.whole = ""
		return
	case a.env.Layout == page.LayoutTiny:
		tiny := newHeader(a).statusLines(w, a.toast != nil)
		var foot *footer
		if a.prompt != nil || a.quit.asking != "" || a.toast != nil {
			foot = newFooter(a)
		}
		s.drawTiny(tiny, foot, w, h)
	default:
		if s.staleHead {
			head := newHeader(a)
			s.header = head.line(w) + "\n" + head.tabsLine(w)
		}
		if s.staleBody {
			before := s.body
			s.body = drawnBody(a).draw(&a.env)
			s.moved = s.moved || s.body != before
		}
		if s.stale {
			s.drawFooter(newFooter(a), w, h)
		}
		s.whole = s.header + "\n" + s.body + "\n" + s.footer
	}
	s.staleHead, s.staleBody, s.stale = false, false, false
	switch sym := a.env.Theme.Sym; {
	case sym.Escapes:
		s.whole = asciiLines(s.whole)
	case sym.ASCII:
		s.whole = text.Plain(s.whole) // what cuts and counts does not know the theme
	}
}

// asciiLines spells what is drawn for a terminal outside UTF-8.
func asciiLines(whole string) string {
	lines := strings.Split(whole, "\n")
	for i := range lines {
		lines[i] = text.ASCIILine(lines[i])
	}
	return strings.Join(lines, "\n")
}

func (s *screen) drawFooter(f *footer, w, h int) {
	s.footer, s.cursor = f.draw(w)
	if s.cursor != nil {
		s.cursor.Y = h - 1
	}
}

// drawTiny fills a screen of w×h cells that is too small for panes. foot may be
// nil.
func (s *screen) drawTiny(lines []string, foot *footer, w, h int) {
	lines = filled(lines, w, h)
	s.cursor = nil
	if foot != nil {
		s.drawFooter(foot, w, h)
		lines[h-1] = s.footer
	}
	s.whole = strings.Join(lines, "\n")
}

// body is what stands in the box: the pane, or the help in its place.
type body struct {
	inner      string
	chrome     page.Chrome
	old        bool     // too old to be taken for now
	candidates []string // of the palette, over the end of what stands there
}

// newBody is the help while it is open, else the pane as view draws it.
func newBody(a *app, view func(page.Pane) string) body {
	if a.help != nil {
		a.help.subject = newSubject(a)
		return body{inner: a.help.view(a.env.Width, a.env.Height), chrome: a.help.chrome()}
	}
	pane := a.panes[a.page]
	b := body{inner: view(pane), chrome: pane.Chrome(a.env)}
	if chip := timeChip(&a.env, a.page, b.chrome); chip != "" {
		b.chrome.Chips = append([]string{chip}, b.chrome.Chips...)
	}
	return b
}

// drawnBody is the body with what is drawn around and over it.
func drawnBody(a *app) body {
	w, h := a.env.Width, a.env.Height
	b := newBody(a, func(pane page.Pane) string { return pane.View(a.env, w, h) })
	b.chrome.Chip(a.help == nil && a.display.zoom, "zoomed, F")
	said := a.link.report(&a.env, a.clock.planned)
	b.chrome.Chips = append(said.chips(), b.chrome.Chips...)
	b.old = said.grey && !a.pages.apart(a.page)
	if a.prompt != nil && a.prompt.page == "" {
		b.candidates = a.palette.lines(a.env.Theme, a.offer.choices(a.panes[a.page]), a.prompt.input.Value(), w, min(page.MaxCandidates, h-1))
		b.chrome.Rules, b.chrome.Bars = nil, nil
	}
	return b
}

// draw draws the box with what is in it.
func (b body) draw(env *page.Env) string {
	lines := filled(strings.Split(b.inner, "\n"), env.Width, env.Height)
	if b.old {
		grey(lines, env.Theme)
	}
	copy(lines[env.Height-len(b.candidates):], b.candidates)
	return box(env.Theme, b.chrome, lines, env.Width)
}

// filled makes exactly h lines of what was drawn. Their width is the promise of who
// drew them, which the tests hold at all sizes: measuring it here would cost more
// than all the rest of a frame.
func filled(lines []string, w, h int) []string {
	lines = lines[:min(len(lines), h)]
	for len(lines) < h {
		lines = append(lines, text.Spaces(w))
	}
	return lines
}

// grey takes the colours away: what is shown is old.
func grey(lines []string, t page.Theme) {
	for i, line := range lines {
		lines[i] = t.Faint.Paint(ansi.Strip(line))
	}
}
