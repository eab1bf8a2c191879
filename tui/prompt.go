package tui

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// promptLine is the line being typed in the footer, for a pane or for the
// palette (page "").
type promptLine struct {
	page   page.Name
	prompt page.Prompt
	input  textinput.Model
	notice string // what became of the last stroke or paste; "": what one expects
}

// maxLine is how many characters a line may have: an event's whole data can be
// typed or pasted.
const maxLine = 1 << 20

func newPromptLine(name page.Name, p page.Prompt) *promptLine {
	in := textinput.New()
	in.Prompt = ""
	in.SetVirtualCursor(false)
	in.CharLimit = maxLine
	in.SetValue(p.Text)
	in.CursorEnd()
	in.Focus()
	return &promptLine{page: name, prompt: p, input: in}
}

// Update takes a stroke or a paste into the line and says what became of it.
// changed reports whether the line is another one.
func (p *promptLine) Update(msg tea.Msg) (state page.PromptState, changed bool) {
	if key, ok := msg.(tea.KeyPressMsg); ok {
		switch stroke := key.String(); {
		case stroke == "esc", stroke == "ctrl+c", stroke == "backspace" && p.page == "" && p.input.Value() == "":
			return page.PromptCancelled, false
		case stroke == "enter":
			return page.PromptDone, false
		}
	}
	before := p.input.Value()
	p.input, _ = p.input.Update(msg)
	return page.PromptChanged, p.input.Value() != before
}

// room is how many more characters the line takes.
func (p *promptLine) room() int { return max(0, maxLine-utf8.RuneCountInString(p.input.Value())) }

// view draws the line in w cells and says in which the cursor stands.
func (p *promptLine) view(t *page.Theme, w int) (line string, cursor int) {
	label := " " + p.prompt.Label + " "
	if p.page == "" {
		label = " :"
	}
	labelWidth := text.Width(label)
	room := max(1, w-labelWidth-1)
	value := []rune(p.input.Value())
	left := text.Sanitize(string(value[:p.input.Position()]))
	whole := text.Sanitize(string(value))
	offset := max(0, text.Width(left)-room+1)
	shown := text.Cut(whole, offset, room)
	if whole == "" && p.prompt.Hint != "" {
		shown = t.Faint.Paint(text.Fit(p.prompt.Hint, room))
	}
	return t.Key.Paint(label) + shown + " ", labelWidth + text.Width(left) - offset
}

func (a *app) openPrompt(name page.Name, p page.Prompt) {
	a.prompt = newPromptLine(name, p)
	a.keys.Pending = ""
	a.screen.touchFooter()
}

// paste gives the prompt what was pasted, whole or not at all. Where nothing is
// typed into, pasted text does nothing: it never acts as keys.
func (a *app) paste(msg tea.PasteMsg) tea.Cmd {
	if a.prompt == nil {
		return nil
	}
	if n, room := utf8.RuneCountInString(msg.Content), a.prompt.room(); n > room {
		return a.notice(fmt.Sprintf("not pasted: %s characters, room for %s", text.Count(int64(n)), text.Count(int64(room))))
	}
	cmd := a.toPrompt(msg)
	if lines := strings.Count(strings.TrimRight(msg.Content, "\r\n"), "\n"); lines > 0 {
		return tea.Batch(cmd, a.notice(fmt.Sprintf("pasted %d lines as one", lines+1)))
	}
	return cmd
}

// notice says something about the line while it is typed, beside it; in Log it
// stands as well.
func (a *app) notice(said string) tea.Cmd {
	if a.prompt != nil {
		a.prompt.notice = " " + said + " "
	}
	return a.say(page.LevelWarn, said)
}

// toPrompt gives the prompt a stroke or a paste, and its line to whoever opened
// it. The palette's candidates are walked before the line is edited.
func (a *app) toPrompt(msg tea.Msg) tea.Cmd {
	p := a.prompt
	p.notice = ""
	a.screen.touchFooter()
	if key, ok := msg.(tea.KeyPressMsg); ok && a.manualStroke(key) {
		return nil
	}
	if key, ok := msg.(tea.KeyPressMsg); ok && p.page == "" && a.palette.Update(key.String(), &p.input, a.offer.choices(a.panes[a.page])) {
		a.screen.touchBody()
		return nil
	}
	state, changed := p.Update(msg)
	line := p.input.Value()
	if key, ok := msg.(tea.KeyPressMsg); ok && !changed && key.Text != "" && p.room() == 0 {
		return a.notice(fmt.Sprintf("the line is full: it takes %s characters", text.Count(maxLine)))
	}
	if p.prompt.One && changed && line != "" {
		state = page.PromptDone
	}
	switch {
	case state != page.PromptChanged:
		a.prompt = nil
		a.palette.closePrompt()
		if a.help != nil && a.help.manual != "" {
			a.help = nil
		}
		a.screen.touchBody()
		if state == page.PromptCancelled {
			line = p.prompt.Text
		}
	case !changed || p.page != "" && !p.prompt.Live:
		return nil
	}
	if state == page.PromptDone {
		defer a.supersede(a.toast)
	}
	return a.hand(p, line, state)
}

// hand gives a line to whoever opened it.
func (a *app) hand(p *promptLine, line string, state page.PromptState) tea.Cmd {
	switch {
	case p.page == "" && state == page.PromptChanged:
		a.screen.touchBody()
		return a.palette.changed(a.reach, line, a.offer.choices(a.panes[a.page]))
	case p.page == "" && state == page.PromptDone:
		return a.runPalette(line)
	case p.page == "":
		return nil
	case p.page == pageHelp:
		if a.help != nil {
			a.help.subject = newSubject(a)
			a.help.search(line)
			a.screen.touchBody()
		}
		return nil
	}
	return a.deliver(p.page, page.PromptMsg{ID: p.prompt.ID, Text: line, State: state})
}
