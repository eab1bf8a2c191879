package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/moment"
	"github.com/evtui/evtui/tui/page"
)

// The time cursor. Where it stands is the shell's ([page.Env.At]), so that it moves
// every page at once; a page moves it with [page.Turn.SetAt].
//
// A page that shows what was, does three things: on [page.AtMsg] it lets go of what
// it shows and asks for what Env.At wants (the zero time: live again), in
// ShowMsg it may rely on having got every AtMsg, and its Chrome says AsOf. On
// a page that does not say AsOf the shell marks that it shows what is now;
// messages that were looked up from there on (Streams) say From instead.

// setAt moves the time cursor and tells every pane.
func (a *app) setAt(at time.Time) tea.Cmd {
	if at.Equal(a.env.At) {
		return nil
	}
	a.env.At = at
	a.screen.touch()
	cmds := make([]tea.Cmd, 0, len(a.panes))
	for _, s := range a.pages {
		cmds = append(cmds, a.deliver(s.Name, page.AtMsg{}))
	}
	return tea.Batch(cmds...)
}

// runAt puts the time cursor where the palette says.
func runAt(a *app, arg string) tea.Cmd {
	if arg == "now" || arg == "live" {
		return a.setAt(time.Time{})
	}
	at, err := moment.ParseTime(arg, a.env.Now)
	switch {
	case err != nil:
		return a.say(page.LevelWarn, ":at "+err.Error()+"; :at now goes live again")
	case at.After(a.env.Now):
		return a.say(page.LevelWarn, ":at "+arg+" is in the future; for another day, give its date")
	}
	return a.setAt(at)
}

// timeChip says on a page what the time cursor is to it.
func timeChip(env *page.Env, name page.Name, c page.Chrome) string {
	switch {
	case env.At.IsZero():
		return ""
	case c.AsOf && (name == page.Tail || name == page.Groups):
		return "as of " + env.AsOfMessages()
	case c.AsOf:
		return "as of " + env.AsOf()
	case c.From:
		return "messages from " + env.AsOfMessages() // the log is all there, whenever it is read
	}
	return "of now, not " + env.AsOf()
}
