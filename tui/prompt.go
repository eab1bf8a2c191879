package tui

import (
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
}

func (a *app) openPrompt(page page.Name, p page.Prompt) {
	in := textinput.New()
	in.Prompt = ""
	in.SetVirtualCursor(false)
	in.CharLimit = 2000
	in.SetValue(p.Text)
	in.CursorEnd()
	in.Focus()
	a.prompt = &promptLine{page: page, prompt: p, input: in}
	a.keys.Pending = ""
	a.screen.touchFooter()
}

// promptKey edits the line, ends it, or walks the palette's candidates.
func (a *app) promptKey(msg tea.KeyPressMsg) tea.Cmd {
	p := a.prompt
	switch msg.String() {
	case "esc", "ctrl+c":
		a.closePrompt()
		if p.page == "" {
			return nil
		}
		return a.prompted(p.page, page.PromptMsg{ID: p.prompt.ID, Text: p.prompt.Text, State: page.PromptCancelled})
	case "enter":
		a.closePrompt()
		if p.page == "" {
			return a.runPalette(p.input.Value())
		}
		return a.prompted(p.page, page.PromptMsg{ID: p.prompt.ID, Text: p.input.Value(), State: page.PromptDone})
	case "backspace":
		if p.input.Value() == "" && p.page == "" {
			a.closePrompt()
			return nil
		}
	}
	if p.page == "" && a.paletteKey(msg.String()) {
		return nil
	}
	return a.edit(msg)
}

// edit hands a stroke or a paste to the line and tells whoever listens.
func (a *app) edit(msg tea.Msg) tea.Cmd {
	p := a.prompt
	before := p.input.Value()
	p.input, _ = p.input.Update(msg)
	a.screen.touchFooter()
	after := p.input.Value()
	switch {
	case before == after:
		return nil
	case p.page == "":
		return a.paletteChanged(after)
	case p.prompt.Live:
		return a.prompted(p.page, page.PromptMsg{ID: p.prompt.ID, Text: after, State: page.PromptChanged})
	}
	return nil
}

// paste goes into the line; without one it is ignored, so that pasted text
// never acts as keys.
func (a *app) paste(msg tea.PasteMsg) tea.Cmd {
	if a.prompt == nil {
		return nil
	}
	return a.edit(msg)
}

func (a *app) closePrompt() {
	a.prompt = nil
	a.palette.close()
	a.screen.touchFooter()
	a.screen.touchBody()
}

// view draws the line in w cells and says in which the cursor stands.
func (p *promptLine) view(t page.Theme, w int) (line string, cursor int) {
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
