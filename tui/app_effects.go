package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
)

// grant does what a pane wished for in its turn.
func (a *app) grant(page Name, e *wishes) tea.Cmd {
	var cmds []tea.Cmd
	for _, k := range e.asks {
		cmds = append(cmds, a.run(page, k))
	}
	for _, t := range e.toasts {
		cmds = append(cmds, a.say(t.level, t.text))
	}
	if e.copied != nil {
		cmds = append(cmds, tea.SetClipboard(e.copied.text), a.say(LevelInfo, "copied "+e.copied.what))
	}
	if e.prompt != nil && page == a.page {
		a.openPrompt(page, *e.prompt)
	}
	if e.at != nil {
		cmds = append(cmds, a.setAt(*e.at))
	}
	if e.goTo != nil {
		cmds = append(cmds, a.goTo(*e.goTo))
	}
	if len(cmds) == 0 {
		return nil
	}
	return tea.Batch(cmds...)
}

// say shows a toast and writes it to the Log page.
func (a *app) say(level Level, line string) tea.Cmd {
	line = text.Sanitize(line)
	a.toast = &toast{level: level, text: line, until: a.env.Now.Add(level.stays())}
	a.screen.touchFooter()
	return a.deliver(PageLog, eventMsg{wire.LogLine{Time: a.env.Now, Level: level.String(), Text: line}})
}

// show turns to a page.
func (a *app) show(page Name) tea.Cmd {
	if page == a.page {
		return nil
	}
	hide := a.deliver(a.page, HideMsg{})
	a.last, a.page = a.page, page
	a.help = nil
	a.prompt = nil
	a.screen.touch()
	return tea.Batch(hide, a.deliver(page, ShowMsg{}), a.seek())
}

// goTo leaves for a location, in another namespace if it names one.
func (a *app) goTo(l Location) tea.Cmd {
	if l.Namespace != "" && l.Namespace != a.env.Namespace {
		return a.enter(l)
	}
	page := l.Page
	if page == "" {
		page = PageStreams
	}
	return tea.Batch(a.show(page), a.deliver(page, LocationMsg{l}))
}
