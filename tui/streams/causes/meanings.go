package causes

import "github.com/evtui/evtui/tui/page"

// Meanings implements [page.Figured].
func (p *Pane) Meanings() []page.Meaning {
	if p.many != nil {
		return manyMeanings()
	}
	const source = "the messages' metadata, by the names in [causes] and those built in"
	return []page.Meaning{
		page.Figure("hop", "how long after its cause the message was stored. Below zero where the clocks of two writers differ: the order of the log is right even then.").
			From(source, "time", "fixed when they were stored", "blank for the first, and where no cause is there"),
		page.Figure("slowest path", "the way from the first cause to the message that came last, which decided how long all of it took. Its messages have the sign ◇ (in ASCII *).").
			From(source, "time", "of what was found so far", "absent while there is one message"),
		page.Figure("slowest hop", "the hop of the slowest path that took longest: make it shorter first. It has the sign ◆ (in ASCII !); beside it, and beside the others that took a quarter of the path's time or more, stands their share of that. p shows whether a hop is usually that slow.").
			From(source, "time, % of the slowest path", "of what was found so far", "absent while the path has one hop, or took no time"),
		page.Figure("type, stream#position", "the message's type and place, below its cause. A cause that is named and not there, a cycle, and two causes are said beside it.").
			From(source, "words", "fixed when it was stored", "always known"),
		page.Figure("time", "when the server stored the message, in this terminal's time zone. Effects stand below their causes in the order of the log.").
			From(source, "time", "fixed when it was stored", "always known"),
		page.Figure("causes, effects", "messages above this one, back to the first, and all that followed from it as far as was looked. No index leads to effects: the last row says what was looked through.").
			From("category.scan, or category.get where the server does not scan", "messages", "up to the last look, twice a second at the end of the log", "at least, until the end was reached"),
	}
}

func manyMeanings() []page.Meaning {
	const source = "the messages read, and their causes looked up"
	return []page.Meaning{
		page.Figure("from, to", "the type of a cause, and the type of what it caused. Enter opens the tree of the one that took longest.").
			From(source, "words", "of the messages read", "always known"),
		page.Figure("count, hops", "how many messages of the second type named one of the first as their cause.").
			From(source, "messages", "of the messages read", "always known"),
		page.Figure("p50, p99, max", "half of the hops took at most p50, 99 of 100 at most p99: nearest rank, exact over what was read.").
			From(source, "time", "of the messages read", "always known"),
		page.Figure("slowest", "the effect that took longest.").
			From(source, "words", "of the messages read", "always known"),
	}
}
