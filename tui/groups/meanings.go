package groups

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the open tab mean.
func (p *groups) Meanings() []page.Meaning {
	return append([...]func() []page.Meaning{consumerMeanings, parkedMeanings, memberMeanings, moveMeanings}[p.tab](), tabMeanings()...)
}

// tabMeanings are of the counts in the tabs.
func tabMeanings() []page.Meaning {
	return []page.Meaning{
		{
			Figure: "consumers", Words: "in the tab: how many consumers are known in this namespace, those that read only once too.",
			Source: ofConsumers, Unit: "consumers", Window: "the last look, which only the open tab repeats", Unknown: "absent when none are known",
		},
		{
			Figure: "parked", Words: "in the tab: how many messages all consumers have parked, those behind others too.",
			Source: ofParked, Unit: "messages", Window: "the last look, every two seconds, or 15 on another tab", Unknown: "absent when none are known",
		},
		{
			Figure: "moves", Words: "in the tab: how many streams the change of the group's size moves.",
			Source: ofScan, Unit: "streams", Window: scanned, Unknown: "absent until the size was changed; " + partial,
		},
	}
}

// Where the figures of how a category divides come from.
const (
	ofScan  = "category.distribution, else ns.streams counted here"
	scanned = "the last complete scan, repeated every three seconds at most; its age is in the title from nine seconds on"
	partial = "counting… until the first scan; at least, while or where it did not see all streams"
)

// categoryMeanings are of the list of categories, and of what stands above the grid.
func categoryMeanings() []page.Meaning {
	return []page.Meaning{
		{
			Figure: "category", Words: "the category that is divided: the one under the list's cursor.",
			Source: "ns.categories", Unit: "words", Window: "now", Unknown: "no categories yet, in an empty namespace",
		},
		{
			Figure: "messages, streams|message, stream", Words: "number of messages and of streams in the category, in the list; of those that belong to a member, beside it.",
			Source: "ns.categories; " + ofScan, Unit: "messages; streams", Window: "the last look; " + scanned, Unknown: "≈ where the server estimates; " + partial,
		},
		{
			Figure: "members", Words: "the size of the group that is looked at here. + and - change it on this page only: no consumer changes with it.",
			Source: "this page", Unit: "members", Window: "now", Unknown: "always known",
		},
		{
			Figure: "move|moves, would move", Words: "streams that another member owns once the group has another size, with their messages: of the change that was made with + and -, else of one member more and one less.",
			Source: ofScan, Unit: "streams; messages", Window: scanned, Unknown: "absent where the server does not count what moves; " + partial,
		},
		{
			Figure: "counting|counted, stopped", Words: "how many streams a long scan has looked at, and how long the server took. esc stops it, r goes on.",
			Source: "the scan", Unit: "streams; time", Window: "since the scan began", Unknown: "absent while a scan ends within its first part",
		},
	}
}

// skewMeaning is of how evenly the members share.
func skewMeaning() page.Meaning {
	return page.Meaning{
		Figure: "skew|largest, mean", Words: "the largest member's messages divided by the mean. From 1.25 on, one member has clearly more to do than the others.",
		Source: ofScan, Unit: "a ratio; messages", Window: scanned, Unknown: "nothing to distribute, where no message belongs to a member",
	}
}

// memberMeanings are of the distribution, and of what stands around it.
func memberMeanings() []page.Meaning {
	return append([]page.Meaning{
		{
			Figure: "member", Words: "one of the consumers that share a category. The hash of a stream's cardinal id decides which member owns the stream. Streams without an id belong to no member.",
			Source: ofScan, Unit: "the member's number, from 0", Window: scanned, Unknown: partial,
		},
		skewMeaning(),
		{
			Figure: "share", Words: "the member's share of all messages that belong to members. It counts stored messages, not those still to be read.",
			Source: ofScan, Unit: "share of the messages", Window: scanned, Unknown: partial,
		},
		{
			Figure: "rate", Words: "messages per second written to the member's streams between two scans.",
			Source: "the last two scans", Unit: "messages per second", Window: "between the last two complete scans", Unknown: "– until there were two complete scans at the same size",
		},
		{
			Figure: "streams", Words: "number of streams that the member owns; in the list, of the category. A member with few streams and many messages has a hot one.",
			Source: ofScan, Unit: "streams", Window: scanned, Unknown: partial,
		},
		{
			Figure: "hottest stream|hottest, hottest streams", Words: "the member's stream with the most messages, and below, the first eight with their share of the member's messages. A single hot stream cannot be split: more members do not help.",
			Source: ofScan, Unit: "messages", Window: scanned, Unknown: "blank for a member that owns no stream",
		},
	}, categoryMeanings()...)
}

// moveMeanings are of the streams that move, and of what stands around them.
func moveMeanings() []page.Meaning {
	return append([]page.Meaning{
		{
			Figure: "moves", Words: "streams that another member owns after the group is resized, those with most messages first. Stop their consumers together, or messages are handled twice or out of order.",
			Source: ofScan, Unit: "streams", Window: scanned, Unknown: "the page says so until the size was changed",
		},
		skewMeaning(),
		{
			Figure: "stream", Words: "a stream that moves. The thousand with most messages are listed.",
			Source: ofScan, Unit: "words", Window: scanned, Unknown: partial,
		},
		{
			Figure: "from, to", Words: "the member that owned the stream at the size before, and the one that owns it at the size shown.",
			Source: ofScan, Unit: "the member's number, from 0", Window: scanned, Unknown: partial,
		},
	}, categoryMeanings()...)
}

// Where the figures of the consumers come from.
const (
	ofConsumers  = "engine.groups, and the position streams; a server that observes nobody: the position streams alone"
	ofLooks      = "the looks of this page"
	lookedAt     = "the last look, every two seconds; with the time cursor, that second, as far as the position streams tell or this page was open"
	halfMinute   = "the last half minute that this page was open"
	unknownThen  = "? where nobody knows"
	blankForThen = "– with the time cursor"
)

const ofParked = "the parked stream, CATEGORY:parked-NAME"

// lagMeanings are of how far the consumers are.
func lagMeanings() []page.Meaning {
	return []page.Meaning{
		{
			Figure: "lag", Words: "messages of the category that the consumer has yet to handle, of its own share where it is a member. ≥ is a lower bound while it is being counted; ? is not known, which does not mean 0.",
			Source: ofConsumers, Unit: "messages", Window: lookedAt, Unknown: unknownThen + "; – for one that read only once",
		},
		{
			Figure: "trend", Words: "how fast the lag changes. ▲ grows, ▼ shrinks.",
			Source: ofLooks, Unit: "messages per second", Window: halfMinute, Unknown: "– until four seconds of exact lags are known, and with the time cursor",
		},
		{
			Figure: "caught up in", Words: "the lag divided by how fast it shrinks: an estimate, not a promise. keeps up: nothing was before it a moment ago. A consumer that is silent is promised nothing.",
			Source: ofLooks, Unit: "time, or words", Window: halfMinute, Unknown: unknownThen + "; – while the trend is not known, and with the time cursor",
		},
		{
			Figure: "consumers|behind, worst, consumer", Words: "how many are listed, less those that read only once, and how many of them have messages to handle. The worst is one that is silent, else the one with the largest lag.",
			Source: ofConsumers, Unit: "consumers; messages", Window: lookedAt, Unknown: "one whose lag is not known does not count as behind",
		},
		{
			Figure: "read to count", Words: "messages that this page read to count the lags, because the server does not count them.",
			Source: "category.get", Unit: "messages", Window: "the last look", Unknown: "absent where the server counts",
		},
	}
}

// consumerMeanings are of how far the consumers are, who they are, and where.
func consumerMeanings() []page.Meaning {
	return append(lagMeanings(), []page.Meaning{
		{
			Figure: "category", Words: "the category that the consumer reads, and after of, the correlation that it asks for.",
			Source: ofConsumers, Unit: "words", Window: lookedAt, Unknown: "(all) for one that reads the whole namespace",
		},
		{
			Figure: "group", Words: "the name under which the consumer records its position. A consumer that reads and records stands here twice.",
			Source: "the name of the position stream", Unit: "words", Window: lookedAt, Unknown: "– for one that was seen reading: it names no group",
		},
		{
			Figure: "member", Words: "which member of how many it is.",
			Source: ofConsumers, Unit: "the member's number, from 0", Window: lookedAt, Unknown: "– for a consumer that is alone",
		},
		{
			Figure: "last seen", Words: "connected: it has an open subscription. read: its last request; once: its only one. recorded: when it last recorded a position, which Eventide consumers do every 100 messages. ! marks one that has messages to handle and does not come.",
			Source: ofConsumers, Unit: "time", Window: "the last look, every two seconds", Unknown: "never seen; " + blankForThen,
		},
		{
			Figure: "by", Words: "category.get and subscription: the server saw it read, since it started; of a log that several evtui share, those that read from this evtui. position stream: it recorded its position in CATEGORY:position-NAME, whichever evtui it spoke to.",
			Source: ofConsumers, Unit: "words", Window: "since the server started", Unknown: "– where the server does not tell",
		},
		{
			Figure: "position", Words: "the global position that the consumer last asked for, that its subscription will deliver next, or one past the position it recorded.",
			Source: ofConsumers, Unit: "global position", Window: lookedAt, Unknown: unknownThen,
		},
		{
			Figure: "from", Words: "the address of the client that was seen reading.",
			Source: "engine.groups", Unit: "an address", Window: "its last request", Unknown: "blank for a recorded position, and with the time cursor",
		},
	}...)
}

// parkedMeanings are of what consumers have parked.
func parkedMeanings() []page.Meaning {
	const (
		window = "the last look, every two seconds"
		always = "always known"
	)
	return []page.Meaning{
		{
			Figure: "behind it|behind them, behind", Words: "later messages of the same stream that are parked so that nothing is handled out of order. They are retried with it.",
			Source: ofParked, Unit: "messages", Window: window, Unknown: "blank for none; – for one that is itself behind another",
		},
		{
			Figure: "category, stream, type", Words: "the parked message's category, stream and type.",
			Source: ofParked, Unit: "words", Window: "fixed when it was parked", Unknown: always,
		},
		{
			Figure: "consumer|consumers", Words: "the name of the consumer that parked the message in CATEGORY:parked-NAME. All members of its group share it.",
			Source: "the name of the parked stream", Unit: "words", Window: window, Unknown: always,
		},
		{
			Figure: "at", Words: "the message's position in its stream.",
			Source: ofParked, Unit: "position", Window: "fixed when the message was stored", Unknown: always,
		},
		{
			Figure: "since", Words: "when the message was parked first.",
			Source: ofParked, Unit: "time", Window: "fixed when it was parked first", Unknown: always,
		},
		{
			Figure: "error|retry asked", Words: "why it could not be handled, in its handler's words. behind #N: it was not tried, because message N is parked. retry asked: a retry was asked for, and the consumer has not answered yet.",
			Source: ofParked + ", and CATEGORY:retry-NAME", Unit: "words; time", Window: "the last attempt", Unknown: "blank where the handler said nothing",
		},
		{
			Figure: "given up", Words: "how often the consumer gave the message up: each time after as many attempts as it is set to.",
			Source: ofParked, Unit: "times", Window: "since it was parked first", Unknown: always,
		},
		{
			Figure: "global", Words: "the message's global position, by which a retry names it.",
			Source: ofParked, Unit: "global position", Window: "fixed when the message was stored", Unknown: always,
		},
		{
			Figure: "parked|marked, not listed", Words: "messages that are parked, those that wait behind one of them, and by how many consumers; those marked for a retry; and those that this page has no room for.",
			Source: ofParked, Unit: "messages; consumers", Window: window, Unknown: "absent when none are parked",
		},
	}
}

// CursorFigure is what the open tab is about.
func (p *groups) CursorFigure() string { return [...]string{"lag", "error", "share", "moves"}[p.tab] }
