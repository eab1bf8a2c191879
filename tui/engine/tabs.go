package engine

import (
	"slices"

	"github.com/evtui/evtui/tui/page"
)

// engineTab is one view of the chosen namespace.
type engineTab int

// The tabs, in the order in which [ and ] walk through them.
const (
	tabLevels engineTab = iota
	tabEvents
	tabSubscriptions
	tabClosed
	tabStorage
	tabLog // of an engine that follows a log, which has it first
	engineTabs
)

// String returns the tab's title.
func (t engineTab) String() string {
	return [...]string{"levels", "events", "subscriptions", "closed", "storage", "log"}[t]
}

// tabs are the views that there are, and the one that is open. On an engine that follows a
// log which others write to as well, the first tells of that log: how far this evtui's copy
// is, and how the servers do that keep it.
type tabs struct {
	on     engineTab
	picked bool // the user chose it
	logs   bool // the engine follows a log that others write to as well
}

// settle takes from the server whether there is a log's tab, which is then what the page
// begins with.
func (b *tabs) settle(live *page.Live) {
	if !live.HasInfo {
		return
	}
	b.logs = live.Info.Shared && !live.Info.Witness
	switch {
	case b.logs && b.on == tabLevels && !b.picked:
		b.on = tabLog
	case !b.logs && b.on == tabLog:
		b.on = tabLevels
	}
}

// follows reports whether there is a log's tab.
func (b *tabs) follows() bool { return b.logs || b.on == tabLog }

// list is the tabs in their order.
func (b *tabs) list() []engineTab {
	list := make([]engineTab, 0, engineTabs)
	if b.follows() {
		list = append(list, tabLog)
	}
	for tab := tabLevels; tab < tabLog; tab++ {
		list = append(list, tab)
	}
	return list
}

// turn goes n tabs on.
func (b *tabs) turn(n int) {
	list := b.list()
	at := max(slices.Index(list, b.on), 0)
	b.pick(list[(at+n+len(list))%len(list)])
}

// pick is for a tab that the user chose.
func (b *tabs) pick(tab engineTab) { b.on, b.picked = tab, true }

// first is what the page begins with.
func (b *tabs) first() engineTab {
	if b.logs {
		return tabLog
	}
	return tabLevels
}
