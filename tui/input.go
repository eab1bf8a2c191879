package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/follow"
	"github.com/evtui/evtui/tui/page"
)

// key takes one stroke to whoever has the keys: a question, the prompt, the
// help, else the bindings.
func (a *app) key(msg tea.KeyPressMsg) tea.Cmd {
	stroke := msg.String()
	switch {
	case a.quit.asking != "":
		a.screen.touchFooter()
		return a.quit.Update(msg)
	case stroke == "ctrl+l":
		return a.act(page.ActRedraw)
	case a.prompt != nil:
		return a.toPrompt(msg)
	case stroke == "ctrl+c":
		return a.interrupt()
	case a.help != nil:
		if cmd, took := a.toHelp(msg); took {
			return cmd
		}
	}
	if stroke == "esc" && a.keys.Pending != "" {
		a.keys.Pending = ""
		a.screen.touchFooter()
		return nil
	}
	had := a.keys.Pending
	action, bound := a.keys.Read(stroke, a.offer.bindings(a.panes[a.page], a.env.Layout))
	if had != a.keys.Pending {
		a.screen.touchFooter()
	}
	switch {
	case bound && action != "":
		return a.act(action)
	case bound, a.env.Layout == page.LayoutTiny: // which shows no page, and asks for room
		return nil
	}
	// Left unanswered, what is typed next would run as keys unnoticed.
	if line := a.offer.line(stroke); line != "" {
		return a.say(page.LevelWarn, "no "+string(line)+" on this page; ? lists its keys")
	}
	return nil
}

// act does what the shell itself can do, and hands the rest to the pane.
func (a *app) act(action page.Action) tea.Cmd {
	a.pointer.Update(page.ActionMsg{Action: action})
	if name, opens := a.pages.opens(action); opens {
		return a.show(name)
	}
	switch action {
	case page.ActPalette:
		return a.openPalette("")
	case page.ActHelp:
		a.toggleHelp(false)
	case page.ActExplain:
		a.toggleHelp(true)
	case page.ActNow:
		return a.setAt(time.Time{})
	case page.ActLast:
		return a.back()
	case page.ActZoomPane:
		a.display.zoom = !a.display.zoom
		a.display.measure(&a.env)
		a.screen.touch()
	case page.ActAbsolute:
		a.env.Absolute = !a.env.Absolute
		a.screen.touch()
	case page.ActFaster:
		return a.setPace(a.clock.pace + 1)
	case page.ActSlower:
		return a.setPace(a.clock.pace - 1)
	case page.ActRedraw:
		a.screen.touch()
		return tea.ClearScreen
	case page.ActSuspend:
		if !a.resumable() {
			return a.say(page.LevelWarn, "not suspended: no shell with job control started evtui, so nothing could resume it")
		}
		return tea.Suspend
	case page.ActOpenURL:
		return a.tell(a.leads.open(messageOf(a.panes[a.page]), a.env.Namespace))
	case page.ActQuit:
		return runQuit(a, "")
	case page.ActCancelUI:
		return a.interrupt()
	default:
		if p, ok := a.leads.plugin(action); ok {
			return a.tell(a.leads.run(a.reach.life, p, messageOf(a.panes[a.page]), &a.env))
		}
		return a.deliver(a.page, page.ActionMsg{Action: action})
	}
	return nil
}

func (a *app) setPace(pace int) tea.Cmd {
	if !a.clock.set(pace) {
		return nil
	}
	a.env.Frame = a.clock.frame()
	return tea.Batch(a.clock.tick(a.env.Now), a.say(page.LevelInfo, "refresh every "+a.clock.frame().String()))
}

// mouse takes clicks to tabs and panes, and the wheel to the pane.
func (a *app) mouse(msg tea.MouseMsg) tea.Cmd {
	m := msg.Mouse()
	if a.help != nil {
		if wheel, ok := msg.(tea.MouseWheelMsg); ok {
			a.toHelp(wheel)
			return nil
		}
		if m.Y > bodyRow {
			m.Y -= bodyRow + 1
			cmd, _ := a.toHelp(tea.MouseClickMsg(m))
			return cmd
		}
	}
	if a.help == nil && m.Y != tabsRow {
		a.pointer.Update(msg)
	}
	if click, ok := msg.(tea.MouseClickMsg); ok && m.Y == tabsRow && click.Button == tea.MouseLeft {
		if page, ok := newHeader(a).tabAt(m.X, a.display.width); ok {
			return a.show(page)
		}
		return nil
	}
	x, y := m.X-1, m.Y-bodyRow-1
	if a.env.Layout == page.LayoutTiny || a.prompt != nil || x < 0 || y < 0 || x >= a.env.Width || y >= a.env.Height {
		return nil
	}
	m.X, m.Y = x, y
	switch msg.(type) {
	case tea.MouseClickMsg:
		return a.deliver(a.page, tea.MouseClickMsg(m))
	case tea.MouseWheelMsg:
		return a.deliver(a.page, tea.MouseWheelMsg(m))
	}
	return nil
}

// NewKeymap makes a keymap of rebindings of all that the UI can do, with what
// plugins can; see [page.NewKeymap] for what is wrong with them.
func NewKeymap(list []page.Rebinding, plugins []follow.Plugin) (page.Keymap, map[int]error) {
	return page.NewKeymap(append(registry().catalogue(), pluginBindings(plugins)...), list)
}
