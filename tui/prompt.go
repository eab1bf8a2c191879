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

// Update takes a stroke, or a paste whole or not at all, into the line and says what
// became of it: whether the line is another one, and in words where one would not
// expect it.
func (p *promptLine) Update(msg tea.Msg) (state page.PromptState, changed bool, notice string) {
	key, typed := msg.(tea.KeyPressMsg)
	if typed {
		switch stroke := key.String(); {
		case stroke == "esc", stroke == "ctrl+c", stroke == "backspace" && p.page == "" && p.input.Value() == "":
			return page.PromptCancelled, false, ""
		case stroke == "enter":
			return page.PromptDone, false, ""
		}
	}
	paste, _ := msg.(tea.PasteMsg)
	if n, room := utf8.RuneCountInString(paste.Content), p.room(); n > room {
		return page.PromptChanged, false, fmt.Sprintf("not pasted: %s characters, room for %s", text.Count(int64(n)), text.Count(int64(room)))
	}
	before := p.input.Value()
	p.input, _ = p.input.Update(msg)
	line := p.input.Value()
	changed = line != before
	if lines := strings.Count(strings.TrimRight(paste.Content, "\r\n"), "\n"); lines > 0 {
		notice = fmt.Sprintf("pasted %d lines as one", lines+1)
	}
	switch {
	case typed && !changed && key.Text != "" && p.room() == 0:
		notice = fmt.Sprintf("the line is full: it takes %s characters", text.Count(maxLine))
	case p.prompt.One && changed && line != "":
		state = page.PromptDone
	}
	return state, changed, notice
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

// toPrompt gives the prompt a stroke or a paste, and its line to whoever opened
// it. The palette's candidates are walked before the line is edited. A notice about
// the line stands beside it while it is typed, and in Log.
func (a *app) toPrompt(msg tea.Msg) tea.Cmd {
	p, before := a.prompt, a.toast
	p.notice = ""
	a.screen.touchFooter()
	if key, typed := msg.(tea.KeyPressMsg); typed && p.prompt.Manual != "" {
		if h, took := p.manual(a.help, newSubject(a), key); took {
			a.help = h
			a.screen.touch()
			return nil
		}
	} else if typed && p.page == "" && a.palette.Update(key.String(), &p.input, a.offer.choices(a.panes[a.page])) {
		a.screen.touchBody()
		return nil
	}
	var cmd tea.Cmd
	state, changed, notice := p.Update(msg)
	if state != page.PromptChanged || changed && (p.page == "" || p.prompt.Live) {
		cmd = a.hand(p, state)
	}
	if state == page.PromptDone && a.toast.superseded(before) {
		a.toast = nil
	}
	if notice == "" {
		return cmd
	}
	if a.prompt != nil {
		a.prompt.notice = " " + notice + " "
	}
	return tea.Batch(cmd, a.say(page.LevelWarn, notice))
}

// hand gives the line to whoever opened it, and closes it when it is entered or
// left.
func (a *app) hand(p *promptLine, state page.PromptState) tea.Cmd {
	line := p.input.Value()
	if state == page.PromptCancelled {
		line = p.prompt.Text
	}
	if state != page.PromptChanged {
		a.prompt = nil
		a.palette.closePrompt()
		if a.help != nil && a.help.manual != "" {
			a.help = nil
		}
	}
	if state != page.PromptChanged || p.page == "" {
		a.screen.touchBody()
	}
	switch {
	case p.page == "" && state == page.PromptChanged:
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
