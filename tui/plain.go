package tui

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// The size of the page that is told, whatever the terminal's: narrow enough for
// one list at a time.
const (
	plainWidth  = 79
	plainHeight = 44
)

// plainHeed is how long after a key what changes is told: the answers to what
// it asked for.
const plainHeed = 2 * time.Second

// plainMost is how many lines are told at once of what comes by itself.
const plainMost = 20

// speaker is the UI for screen readers: the same pages and keys, told line by
// line. Nothing that was written is ever changed, there are no boxes, and only
// what a key changed is told; on pages that follow what is new, that as well.
//
// It writes from Update, so that lines stand in the order of what happened.
type speaker struct {
	app *app
	out io.Writer

	place  string   // where we are; told in whole when it changes
	lines  []string // of the page, as they were last
	focus  string   // the line that the keys are on
	toast  *toast
	asking string // the question in the footer
	typing bool   // a prompt is open
	typed  string
	keyed  time.Time // when a key was pressed last
}

// newSpeaker puts the UI into words.
func newSpeaker(a *app, out io.Writer) *speaker {
	a.cfg.ASCII, a.cfg.NoMouse = true, true
	a.cfg.Theme = cmp.Or(a.cfg.Theme, "dark") // no terminal is asked for its colours
	a.display.look = page.LookMono
	a.display.style(&a.cfg, &a.env)
	a.display.Update(&a.cfg, &a.env, tea.WindowSizeMsg{Width: plainWidth, Height: plainHeight})
	return &speaker{app: a, out: out}
}

// Init implements tea.Model.
func (s *speaker) Init() tea.Cmd {
	s.say("evtui in plain mode. ? lists the keys, ctrl-l prints the page again, q quits.")
	return s.app.Init()
}

// View implements tea.Model. Nothing is drawn.
func (s *speaker) View() tea.View { return tea.View{} }

// Update implements tea.Model.
func (s *speaker) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	key, keyed := msg.(tea.KeyPressMsg)
	switch msg.(type) {
	case tea.WindowSizeMsg:
		msg = tea.WindowSizeMsg{Width: plainWidth, Height: plainHeight}
	case tea.ColorProfileMsg:
		msg = tea.ColorProfileMsg{Profile: colorprofile.ASCII}
	}
	_, cmd := s.app.Update(msg)
	if keyed {
		s.keyed = s.app.env.Now
		if key.String() == "ctrl+l" {
			s.place = ""
		}
	}
	s.tellPrompt()
	s.tellToast()
	s.tellPage(keyed)
	return s, cmd
}

func (s *speaker) say(lines ...string) {
	for _, line := range lines {
		_, _ = fmt.Fprintf(s.out, "%s\r\n", s.spell(line)) // a terminal that is gone ends the program by its input
	}
}

func (s *speaker) spell(line string) string {
	if s.app.cfg.Escape {
		return text.ASCII(line)
	}
	return line
}

// tellPrompt echoes what is typed, and asks the question before quitting.
func (s *speaker) tellPrompt() {
	a := s.app
	if a.quit.asking != s.asking {
		if s.asking = a.quit.asking; s.asking != "" {
			s.say(a.quit.asking + " y: yes, any other key: no")
		}
	}
	if a.prompt == nil {
		if s.typing {
			s.say("")
		}
		s.typing, s.typed = false, ""
		return
	}
	value := plainText(a.prompt.input.Value())
	if !s.typing {
		label := a.prompt.prompt.Label
		if a.prompt.page == "" {
			label = "command"
		}
		if hint := a.prompt.prompt.Hint; hint != "" {
			label += " (" + hint + ")"
		}
		_, _ = fmt.Fprint(s.out, s.spell(plainText(label)+": "+value))
		s.typing, s.typed = true, value
		return
	}
	if value == s.typed {
		return
	}
	if more, longer := strings.CutPrefix(value, s.typed); longer {
		_, _ = fmt.Fprint(s.out, s.spell(more))
	} else {
		_, _ = fmt.Fprint(s.out, "\r\n"+s.spell(value))
	}
	s.typed = value
}

func (s *speaker) tellToast() {
	t := s.app.toast
	if t == s.toast {
		return
	}
	if s.toast = t; t != nil {
		s.say(strings.ToLower(t.level.String()) + ": " + plainText(t.text))
	}
}

// tellPage tells the page when it is another one, else what a key changed on
// it, else what came by itself on a page that follows it.
func (s *speaker) tellPage(keyed bool) {
	a := s.app
	if s.typing || !keyed && !a.screen.staleBody && s.place != "" {
		return
	}
	a.screen.staleHead, a.screen.staleBody, a.screen.stale = false, false, false
	place, lines, focus := s.page()
	before, was := s.lines, s.focus
	s.lines, s.focus = lines, focus
	if place != s.place {
		s.place = place
		s.say("", place)
		s.say(lines...)
		return
	}
	heed := plainHeed
	shown, _ := a.pages.find(a.page)
	if shown.Live { // its figures change by themselves
		heed = plainHeed / 4
	}
	heeded := keyed || a.env.Now.Sub(s.keyed) < heed
	follows := a.help == nil && shown.Follows
	if !heeded && !follows {
		return
	}
	known := make(map[string]struct{}, len(before))
	for _, line := range before {
		known[line] = struct{}{}
	}
	fresh := slices.DeleteFunc(slices.Clone(lines), func(line string) bool { _, old := known[line]; return old })
	if heeded && focus != was && !slices.Contains(fresh, focus) {
		fresh = append(fresh, focus)
	}
	if over := len(fresh) - plainMost; over > 0 && !heeded {
		fresh = append(fresh[:plainMost], fmt.Sprintf("and %d more lines", over))
	}
	s.say(fresh...)
}

// page is where we are, what stands there, and the line that has the keys.
func (s *speaker) page() (place string, lines []string, focus string) {
	a := s.app
	b := newBody(a, func(pane page.Pane) string {
		if l, ok := pane.(page.Linear); ok {
			return strings.Join(l.Linear(a.env), "\n")
		}
		return pane.View(a.env, a.env.Width, a.env.Height)
	})
	chrome := &b.chrome
	place = plainText(strings.Join(chrome.Crumbs, ", "))
	if a.help == nil {
		place = "Page " + string(a.page) + ": " + place + ". " + s.figures()
	}
	if len(chrome.Tabs) > 1 {
		lines = append(lines, "Tab "+chrome.Tabs[chrome.Tab]+" of "+strings.Join(chrome.Tabs, ", "))
	}
	for _, chip := range chrome.Chips {
		lines = append(lines, plainText(chip))
	}
	for _, line := range strings.Split(b.inner, "\n") {
		words, focused := plainLine(line)
		if words == "" {
			continue
		}
		lines = append(lines, words)
		if focused {
			focus = words
		}
	}
	if a.help == nil && chrome.Count != "" {
		lines = append(lines, plainText(chrome.Count))
	}
	return place, lines, focus
}

// figures are the header in words. They are told with a page that is told in
// whole, and are no reason to tell it again.
func (s *speaker) figures() string {
	a := s.app
	var words []string
	for _, f := range newHeader(a).figures()[1:] {
		if a.env.At.IsZero() && !f.ails && strings.ContainsAny(f.text, "0123456789"+text.Unknown) && f.text != "ns "+a.env.Namespace && !strings.HasPrefix(f.text, a.env.Theme.Sym.Up) {
			continue // it changes each second
		}
		words = append(words, plainText(f.text))
	}
	return strings.Join(words, ", ")
}

// plainLine puts a drawn line into words: without escape sequences, frames and
// bars, columns apart by commas. focused says that the keys are on it.
func plainLine(line string) (words string, focused bool) {
	line = ansi.Strip(line)
	if trimmed := strings.TrimLeft(line, " "); strings.HasPrefix(trimmed, ">") {
		line, focused = strings.TrimPrefix(trimmed, ">"), true
	}
	return plainText(line), focused
}

// plainText is text for a screen reader.
func plainText(line string) string {
	line = text.Sanitize(ansi.Strip(line))
	var parts []string
	for _, part := range strings.FieldsFunc(strings.Map(plainRune, line), func(r rune) bool { return r == gap }) {
		if part = strings.TrimSpace(part); strings.ContainsFunc(part, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			parts = append(parts, strings.Fields(strings.ReplaceAll(part, "  ", " , "))...)
			parts = append(parts, ",")
		}
	}
	return joinWords(parts)
}

// gap stands for what was drawn between two things.
const gap = '\x00'

// plainRune takes frames, bars and charts out.
func plainRune(r rune) rune {
	switch {
	case r >= 0x2500 && r <= 0x259f, r >= 0x2800 && r <= 0x28ff:
		return gap
	case r == '…':
		return '~'
	}
	return r
}

// joinWords puts words together, with one comma where there are several, and
// without rows of dots and dashes.
func joinWords(words []string) string {
	var b strings.Builder
	comma := false
	for _, w := range words {
		if w == "," {
			comma = b.Len() > 0
			continue
		}
		if w == "|" || len(w) > 2 && strings.Trim(w, ".-=~#*_:|") == "" {
			continue // a rule, a bar, a sparkline
		}
		switch {
		case comma:
			b.WriteString(", ")
		case b.Len() > 0:
			b.WriteByte(' ')
		}
		comma = false
		b.WriteString(w)
	}
	return b.String()
}

// clipboardOnly lets of what a program writes to a terminal only that through
// which fills the clipboard: the rest would be drawn.
type clipboardOnly struct{ w io.Writer }

// Write implements io.Writer.
func (c clipboardOnly) Write(p []byte) (int, error) {
	const begin = "\x1b]52;"
	for rest := p; ; {
		at := bytes.Index(rest, []byte(begin))
		if at < 0 {
			return len(p), nil
		}
		rest = rest[at:]
		end := bytes.IndexAny(rest, "\a\\")
		if end < 0 {
			return len(p), nil
		}
		if _, err := c.w.Write(rest[:end+1]); err != nil {
			return 0, err
		}
		rest = rest[end+1:]
	}
}
