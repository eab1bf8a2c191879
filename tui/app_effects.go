package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/tui/page"
)

// grant does what a pane wished for in its turn.
func (a *app) grant(name page.Name, e *page.Wishes) tea.Cmd {
	var cmds []tea.Cmd
	for _, k := range e.Asks {
		cmds = append(cmds, a.run(name, k))
	}
	for _, t := range e.Toasts {
		cmds = append(cmds, a.say(t.Level, t.Text))
	}
	if e.Copied != nil {
		cmds = append(cmds, tea.SetClipboard(e.Copied.Text), a.say(page.LevelInfo, "copied "+e.Copied.What))
	}
	if e.Prompt != nil && name == a.page {
		a.openPrompt(name, *e.Prompt)
	}
	if e.At != nil {
		cmds = append(cmds, a.setAt(*e.At))
	}
	if e.GoTo != nil {
		cmds = append(cmds, a.goTo(*e.GoTo))
	}
	if len(cmds) == 0 {
		return nil
	}
	return tea.Batch(cmds...)
}

// say shows a toast and writes it to the Log page.
func (a *app) say(level page.Level, line string) tea.Cmd {
	line = text.Sanitize(line)
	a.toast = &toast{level: level, text: line, until: a.env.Now.Add(stays(level))}
	a.screen.touchFooter()
	said := page.SaidMsg{Line: wire.LogLine{Time: a.env.Now, Level: level.String(), Text: line}}
	var cmds []tea.Cmd
	for _, s := range a.pages {
		if s.Said {
			cmds = append(cmds, a.deliver(s.Name, said))
		}
	}
	return tea.Batch(cmds...)
}

// show turns to a page.
func (a *app) show(name page.Name) tea.Cmd {
	if name == a.page {
		return nil
	}
	hide := a.deliver(a.page, page.HideMsg{})
	a.last, a.page = a.page, name
	a.help = nil
	a.prompt = nil
	a.screen.touch()
	return tea.Batch(hide, a.deliver(name, page.ShowMsg{}), a.seek())
}

// goTo leaves for a location, in another namespace if it names one.
func (a *app) goTo(l page.Location) tea.Cmd {
	if l.Namespace != "" && l.Namespace != a.env.Namespace {
		return a.enter(l)
	}
	name := l.Page
	if name == "" {
		name = page.Streams
	}
	return tea.Batch(a.show(name), a.deliver(name, page.LocationMsg{Location: l}))
}
