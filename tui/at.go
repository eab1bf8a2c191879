package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// The time cursor. Where it stands is the shell's ([Env.At]), so that it moves
// every page at once; a page moves it with [Turn.SetAt].
//
// A page that shows what was, does three things: on [AtMsg] it lets go of what
// it shows and asks for what Env.At wants (the zero time: live again), in
// ShowMsg it may rely on having got every AtMsg, and its Chrome says AsOf. On
// a page that does not say AsOf the shell marks that it shows what is now.

// AtMsg says that Env.At changed. Every pane gets it, shown or not.
type AtMsg struct{}

// SetAt puts the time cursor on a second of the past, for all pages; the zero
// time is live again. It takes hold once Update returns: with an [AtMsg].
func (t *Turn) SetAt(at time.Time) { t.effects.at = &at }

// second returns the second that is shown: the one under the time cursor, else
// the newest. known is false where there is no sample of it.
func (e *Env) second() (x second, known bool) {
	if e.Past == nil {
		return second{}, false
	}
	if e.At.IsZero() {
		return e.Past.before(0)
	}
	before, known := e.Past.locate(e.At)
	if !known {
		return second{}, false
	}
	return e.Past.before(before)
}

// asOf names the second under the time cursor, with its day if that is not
// today's.
func (e *Env) asOf() string { return eventClock(e.At, e.Now) }

// setAt moves the time cursor and tells every pane.
func (a *app) setAt(at time.Time) tea.Cmd {
	if at.Equal(a.env.At) {
		return nil
	}
	a.env.At, a.sought = at, time.Time{}
	a.screen.touch()
	cmds := make([]tea.Cmd, 0, len(a.panes))
	for _, page := range pageOrder() {
		cmds = append(cmds, a.deliver(page, AtMsg{}))
	}
	return tea.Batch(append(cmds, a.seek())...)
}

// seek has Streams, when it is on the screen, look for the messages of the time
// cursor, once for each place of the cursor: from there on it is walked freely.
func (a *app) seek() tea.Cmd {
	if a.page != PageStreams || a.env.At.IsZero() || a.sought.Equal(a.env.At) {
		return nil
	}
	a.sought = a.env.At
	return a.deliver(PageStreams, LocationMsg{Location{At: a.env.At}})
}

// runAt puts the time cursor where the palette says.
func runAt(a *app, arg string) tea.Cmd {
	if arg == "now" || arg == "live" {
		return a.setAt(time.Time{})
	}
	at, err := parseTime(arg, a.env.Now)
	switch {
	case err != nil:
		return a.say(LevelWarn, ":at "+err.Error()+"; :at now is live again")
	case at.After(a.env.Now):
		return a.say(LevelWarn, ":at "+arg+" is still to come; a time of another day needs its date")
	}
	return a.setAt(at)
}

// timeChip says on a page what the time cursor is to it.
func (a *app) timeChip(c Chrome) string {
	switch {
	case a.env.At.IsZero():
		return ""
	case c.AsOf:
		return "as of " + a.env.asOf()
	case a.page == PageStreams:
		return "messages from " + a.env.asOf() // the log is all there, whenever it is read
	}
	return "of now, not " + a.env.asOf()
}
