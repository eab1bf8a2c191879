package causes

import "github.com/evtui/evtui/tui/page"

// Meanings implements [page.Figured].
func (p *Pane) Meanings() []page.Meaning {
	if p.many != nil {
		return manyMeanings()
	}
	const source = "the messages' metadata, by the names in [causes] and those built in"
	return []page.Meaning{
		{
			Figure: "hop", Words: "how long after its cause the message was stored. Below zero where the clocks of two writers differ: the order of the log is right even then.",
			Source: source, Unit: "time", Window: "fixed when they were stored", Unknown: "blank for the first, and where no cause is there",
		},
		{
			Figure: "slowest path", Words: "the way from the first cause to the message that came last, which decided how long all of it took. Its messages have the sign ◇ (in ASCII *).",
			Source: source, Unit: "time", Window: "of what was found so far", Unknown: "absent while there is one message",
		},
		{
			Figure: "slowest hop", Words: "the hop of the slowest path that took longest: make it shorter first. It has the sign ◆ (in ASCII !); beside it, and beside the others that took a quarter of the path's time or more, stands their share of that. p shows whether a hop is usually that slow.",
			Source: source, Unit: "time, % of the slowest path", Window: "of what was found so far", Unknown: "absent while the path has one hop, or took no time",
		},
		{
			Figure: "type, stream#position", Words: "the message's type and place, below its cause. A cause that is named and not there, a cycle, and two causes are said beside it.",
			Source: source, Unit: "words", Window: "fixed when it was stored", Unknown: "always known",
		},
		{
			Figure: "time", Words: "when the server stored the message, in this terminal's time zone. Effects stand below their causes in the order of the log.",
			Source: source, Unit: "time", Window: "fixed when it was stored", Unknown: "always known",
		},
		{
			Figure: "causes, effects", Words: "messages above this one, back to the first, and all that followed from it as far as was looked. No index leads to effects: the last row says what was looked through.",
			Source: "category.scan, or category.get where the server does not scan", Unit: "messages", Window: "up to the last look, twice a second at the end of the log", Unknown: "at least, until the end was reached",
		},
	}
}

func manyMeanings() []page.Meaning {
	const source = "the messages read, and their causes looked up"
	return []page.Meaning{
		{
			Figure: "from, to", Words: "the type of a cause, and the type of what it caused. Enter opens the tree of the one that took longest.",
			Source: source, Unit: "words", Window: "of the messages read", Unknown: "always known",
		},
		{
			Figure: "count, hops", Words: "how many messages of the second type named one of the first as their cause.",
			Source: source, Unit: "messages", Window: "of the messages read", Unknown: "always known",
		},
		{
			Figure: "p50, p99, max", Words: "half of the hops took at most p50, 99 of 100 at most p99: nearest rank, exact over what was read.",
			Source: source, Unit: "time", Window: "of the messages read", Unknown: "always known",
		},
		{
			Figure: "slowest", Words: "the effect that took longest.",
			Source: source, Unit: "words", Window: "of the messages read", Unknown: "always known",
		},
	}
}
