package tui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/tui/page"
)

// loadMsg says that a change of the load is done.
type loadMsg struct{ err error }

// runLoad begins the built-in load, or ends it; the command waits for the
// workers.
func runLoad(a *app, arg string) tea.Cmd {
	l := a.cfg.Load
	if arg == "stop" {
		if l == nil || !l.Report().Running {
			return a.say(page.LevelInfo, "no load running")
		}
		return tea.Batch(a.say(page.LevelInfo, "load stopped"), func() tea.Msg { l.Stop(); return loadMsg{} })
	}
	workers, err := strconv.Atoi(arg)
	switch {
	case err != nil || workers < 1 || workers > 10_000:
		return a.say(page.LevelWarn, ":load needs a number of workers, 1 to 10,000, or stop")
	case l == nil:
		return a.say(page.LevelWarn, "load: only on evtui's embedded server; use evtui load instead")
	case a.env.ReadOnly:
		return a.say(page.LevelWarn, "read-only: load is disabled")
	}
	return tea.Batch(a.say(page.LevelInfo, "load started"), func() tea.Msg { return loadMsg{l.Start(workers)} })
}

// readLoad takes the load's report into what panes and header see, and reports
// whether there is one to be seen.
func readLoad(l Load, live *page.Live) bool {
	if l == nil {
		return false
	}
	before := live.Load.Running
	live.Load = l.Report()
	return before || live.Load.Running
}
