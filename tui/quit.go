package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// quit is the way out: it asks once where quitting ends more than the view.
type quit struct {
	asking string    // the question in the footer; "": none
	ctrlC  time.Time // when ctrl-c was pressed last
}

// ask begins to quit. reason says what else would end; "" for nothing. It is
// kept as it is now: the question must not lose its words when its reason goes
// away meanwhile.
func (q *quit) ask(reason string) tea.Cmd {
	if q.asking = reason; reason == "" {
		return tea.Quit
	}
	return nil
}

// Update takes the answer: "y" for yes and everything else for no. The key that
// opened the question never confirms it.
func (q *quit) Update(msg tea.KeyPressMsg) tea.Cmd {
	q.asking = ""
	if stroke := msg.String(); stroke == "y" || stroke == "Y" {
		return tea.Quit
	}
	return nil
}

// again takes a ctrl-c, and reports whether it is the second one in short time.
func (q *quit) again(now time.Time) bool {
	const again = 2 * time.Second
	second := !q.ctrlC.IsZero() && now.Sub(q.ctrlC) < again
	q.ctrlC = now
	return second
}

// endsWith says what else ends with the UI; "" when nothing does. home is the
// data directory of the server inside, wherever the UI looks now.
func endsWith(live *page.Live, dataDir, home string) string {
	switch {
	case live.Load.Running:
		return "a load is running; stop it and quit?"
	case dataDir != "" && live.Sample.UIs > 1:
		return others(live.Sample.UIs-1, "another UI is", "other UIs are") + " attached to this embedded server; stop it and quit?"
	case dataDir != "" && live.Sample.Appends > 0:
		return "programs are writing to this embedded server; stop it and quit?"
	case dataDir != "" && live.Sample.Subscribers > 0:
		return others(live.Sample.Subscribers, "a program is", "programs are") + " subscribed to this embedded server; stop it and quit?"
	case home != "" && dataDir == "":
		return "programs may be using this embedded server on " + text.Sanitize(home) + "; stop it and quit?"
	}
	return ""
}

// others says how many there are: in words for one.
func others(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return text.Count(int64(n)) + " " + more
}

// interrupt is ctrl-c: what runs is cancelled, and a second one quits.
func (a *app) interrupt() tea.Cmd {
	if a.quit.again(a.env.Now) {
		return tea.Quit
	}
	cmd := a.deliver(a.page, page.ActionMsg{Action: page.ActCancelUI})
	if reason, _, _ := strings.Cut(endsWith(&a.env.Live, a.cfg.DataDir, a.home), ";"); reason != "" {
		return tea.Batch(cmd, a.say(page.LevelWarn, reason+"; press ctrl-c again to quit all the same"))
	}
	return tea.Batch(cmd, a.say(page.LevelInfo, "press ctrl-c again to quit"))
}
