package engine

import (
	"slices"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/tui/page"
)

// On an engine that follows a log which others write to as well, the first tab tells of that
// log: how far this evtui's copy is, and how the servers do that keep it.

// follows reports whether the engine has such a tab.
func (p drawing) follows() bool { return p.logs || p.tab == tabLog }

// settle takes from the server whether there is that tab, which is then what the page
// begins with.
func (p *enginePage) settle(t *page.Turn) {
	p.notices = nil
	if e := t.Live.Sample.Engine; e != nil {
		p.notices = e.Notices
	}
	if !t.Live.HasInfo {
		return
	}
	p.logs = t.Live.Info.Shared && !t.Live.Info.Witness
	switch {
	case p.logs && p.tab == tabLevels && !p.picked:
		p.tab = tabLog
	case !p.logs && p.tab == tabLog:
		p.tab = tabLevels
	}
}

// tabs are those that there are, in the order in which [ and ] walk through them.
func (p drawing) tabs() []engineTab {
	list := make([]engineTab, 0, engineTabs)
	if p.follows() {
		list = append(list, tabLog)
	}
	for tab := tabLevels; tab < tabLog; tab++ {
		list = append(list, tab)
	}
	return list
}

// turn goes n tabs on.
func (p *enginePage) turn(n int) {
	list := p.drawing().tabs()
	at := max(slices.Index(list, p.tab), 0)
	p.pick(list[(at+n+len(list))%len(list)])
}

// pick is for a tab that the user chose.
func (p *enginePage) pick(tab engineTab) { p.tab, p.picked = tab, true }

// firstTab is what the page begins with.
func (p *enginePage) firstTab() engineTab {
	if p.logs {
		return tabLog
	}
	return tabLevels
}

// inTables reports whether the open tab shows the engine's tables.
func (p drawing) inTables() bool {
	return p.tab == tabLog && !p.inPast() || p.tab == tabLevels && p.tabled()
}

// noticed is in a word what should be known of a namespace's copy, "" for nothing.
func (p drawing) noticed(id string) string {
	for _, n := range p.notices {
		if n.Namespace == id {
			return text.Sanitize(n.State)
		}
	}
	return ""
}

// explained is the figure that a line of the tables is about. Lines of the log's tables that
// explain nothing themselves are namespaces and servers: what there is to ask is their state.
func (p drawing) explained(name string) string {
	if p.tab == tabLog && !slices.ContainsFunc(p.tableMeanings(), func(m page.Meaning) bool { return m.Figure == text.Sanitize(name) }) {
		return "state"
	}
	return name
}

// logMeanings are of the columns of the copies; rows explain themselves.
func logMeanings() []page.Meaning {
	const unknown = "? where the namespace is damaged"
	return []page.Meaning{
		page.Figure("sequence", "the last record of the namespace's log that this evtui has decided: stored, or found void. A record is one append. It is no global position.").
			From(ofSections, "records", "now", unknown),
		page.Figure("age", "how long ago this evtui last knew that its copy was at the end of the log: reads are as old as that. 0 while the log is reached.").
			From(ofSections, "time", "now", unknown),
		page.Figure("state|follows", "follows: the copy is at the end of the log, or nearly. building: it is new, and not all is here yet. cut off: no server of the log answers, or there is no majority. Writes to what is cut off are refused; reads go on. It heals by itself, unless it says evtui verify.").
			From(ofSections, "words", "now", "always known"),
	}
}

const ofSections = "engine.sections"
