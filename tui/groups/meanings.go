package groups

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the open tab mean.
func (p *groups) Meanings() []page.Meaning {
	return append([...]func() []page.Meaning{consumerMeanings, parkedMeanings, memberMeanings, moveMeanings}[p.tab](), tabMeanings()...)
}

// tabMeanings are of the counts in the tabs.
func tabMeanings() []page.Meaning {
	return []page.Meaning{
		page.Figure("consumers", "in the tab: how many consumers are known in this namespace, those that read only once too.").
			From(ofConsumers, "consumers", "the last look, which only the open tab repeats", "absent when none are known"),
		page.Figure("parked", "in the tab: how many messages all consumers have parked, those behind others too.").
			From(ofParked, "messages", "the last look, every two seconds, or 15 on another tab", "absent when none are known"),
		page.Figure("moves", "in the tab: how many streams the change of the group's size moves.").
			From(ofScan, "streams", scanned, "absent until the size was changed; "+partial),
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
		page.Figure("category", "the category that is divided: the one under the list's cursor.").
			From("ns.categories", "words", "now", "no categories yet, in an empty namespace"),
		page.Figure("messages, streams|message, stream", "number of messages and of streams in the category, in the list; of those that belong to a member, beside it.").
			From("ns.categories; "+ofScan, "messages; streams", "the last look; "+scanned, "≈ where the server estimates; "+partial),
		page.Figure("members", "the size of the group that is looked at here. + and _ change it on this page only: no consumer changes with it.").
			From("this page", "members", "now", "always known"),
		page.Figure("move|moves, would move", "streams that another member owns once the group has another size, with their messages: of the change that was made with + and _, else of one member more and one less.").
			From(ofScan, "streams; messages", scanned, "absent where the server does not count what moves; "+partial),
		page.Figure("counting|counted, stopped", "how many streams a long scan has looked at, and how long the server took. esc stops it, r goes on.").
			From("the scan", "streams; time", "since the scan began", "absent while a scan ends within its first part"),
	}
}

// skewMeaning is of how evenly the members share.
func skewMeaning() page.Meaning {
	return page.Figure("skew|largest, mean", "the largest member's messages divided by the mean. From 1.25 on, one member has clearly more to do than the others.").
		From(ofScan, "a ratio; messages", scanned, "nothing to distribute, where no message belongs to a member")
}

// memberMeanings are of the distribution, and of what stands around it.
func memberMeanings() []page.Meaning {
	return append([]page.Meaning{
		page.Figure("member", "one of the consumers that share a category. The hash of a stream's cardinal id decides which member owns the stream. Streams without an id belong to no member.").
			From(ofScan, "the member's number, from 0", scanned, partial),
		skewMeaning(),
		page.Figure("share", "the member's share of all messages that belong to members. It counts stored messages, not those still to be read.").
			From(ofScan, "share of the messages", scanned, partial),
		page.Figure("rate", "messages per second written to the member's streams between two scans.").
			From("the last two scans", "messages per second", "between the last two complete scans", "– until there were two complete scans at the same size"),
		page.Figure("streams", "number of streams that the member owns; in the list, of the category. A member with few streams and many messages has a hot one.").
			From(ofScan, "streams", scanned, partial),
		page.Figure("hottest stream|hottest, hottest streams", "the member's stream with the most messages, and below, the first eight with their share of the member's messages. A single hot stream cannot be split: more members do not help.").
			From(ofScan, "messages", scanned, "blank for a member that owns no stream"),
	}, categoryMeanings()...)
}

// moveMeanings are of the streams that move, and of what stands around them.
func moveMeanings() []page.Meaning {
	return append([]page.Meaning{
		page.Figure("moves", "streams that another member owns after the group is resized, those with most messages first. Stop their consumers together, or messages are handled twice or out of order.").
			From(ofScan, "streams", scanned, "the page says so until the size was changed"),
		skewMeaning(),
		page.Figure("stream", "a stream that moves. The thousand with most messages are listed.").
			From(ofScan, "words", scanned, partial),
		page.Figure("from, to", "the member that owned the stream at the size before, and the one that owns it at the size shown.").
			From(ofScan, "the member's number, from 0", scanned, partial),
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
		page.Figure("lag", "messages of the category that the consumer has yet to handle, of its own share where it is a member. ≥ is a lower bound while it is being counted; ? is not known, which does not mean 0.").
			From(ofConsumers, "messages", lookedAt, unknownThen+"; – for one that read only once"),
		page.Figure("trend", "how fast the lag changes. ▲ grows, ▼ shrinks.").
			From(ofLooks, "messages per second", halfMinute, "– until four seconds of exact lags are known, and with the time cursor"),
		page.Figure("caught up in", "the lag divided by how fast it shrinks: an estimate, not a promise. keeps up: nothing was before it a moment ago. A consumer that is silent is promised nothing.").
			From(ofLooks, "time, or words", halfMinute, unknownThen+"; – while the trend is not known, and with the time cursor"),
		page.Figure("consumers|behind, worst, consumer", "how many are listed, less those that read only once, and how many of them have messages to handle. The worst is one that is silent, else the one with the largest lag.").
			From(ofConsumers, "consumers; messages", lookedAt, "one whose lag is not known does not count as behind"),
		page.Figure("read to count", "messages that this page read to count the lags, because the server does not count them.").
			From("category.get", "messages", "the last look", "absent where the server counts"),
	}
}

// consumerMeanings are of how far the consumers are, who they are, and where.
func consumerMeanings() []page.Meaning {
	return append(lagMeanings(), []page.Meaning{
		page.Figure("category", "the category that the consumer reads, and after of, the correlation that it asks for.").
			From(ofConsumers, "words", lookedAt, "(all) for one that reads the whole namespace"),
		page.Figure("group", "the name under which the consumer records its position. A consumer that reads and records stands here twice.").
			From("the name of the position stream", "words", lookedAt, "– for one that was seen reading: it names no group"),
		page.Figure("member", "which member of how many it is.").
			From(ofConsumers, "the member's number, from 0", lookedAt, "– for a consumer that is alone"),
		page.Figure("last seen", "connected: it has an open subscription. read: its last request; once: its only one. recorded: when it last recorded a position, which Eventide consumers do every 100 messages. ! marks one that has messages to handle and does not come.").
			From(ofConsumers, "time", "the last look, every two seconds", "never seen; "+blankForThen),
		page.Figure("by", "category.get and subscription: the server saw it read, since it started; of a log that several evtui share, those that read from this evtui. position stream: it recorded its position in CATEGORY:position-NAME, whichever evtui it spoke to.").
			From(ofConsumers, "words", "since the server started", "– where the server does not tell"),
		page.Figure("position", "the global position that the consumer last asked for, that its subscription will deliver next, or one past the position it recorded.").
			From(ofConsumers, "global position", lookedAt, unknownThen),
		page.Figure("from", "the address of the client that was seen reading.").
			From("engine.groups", "an address", "its last request", "blank for a recorded position, and with the time cursor"),
	}...)
}

// parkedMeanings are of what consumers have parked.
func parkedMeanings() []page.Meaning {
	const (
		window = "the last look, every two seconds"
		always = "always known"
	)
	return []page.Meaning{
		page.Figure("behind it|behind them, behind", "later messages of the same stream that are parked so that nothing is handled out of order. They are retried with it.").
			From(ofParked, "messages", window, "blank for none; – for one that is itself behind another"),
		page.Figure("category, stream, type", "the parked message's category, stream and type.").
			From(ofParked, "words", "fixed when it was parked", always),
		page.Figure("consumer|consumers", "the name of the consumer that parked the message in CATEGORY:parked-NAME. All members of its group share it.").
			From("the name of the parked stream", "words", window, always),
		page.Figure("at", "the message's position in its stream.").
			From(ofParked, "position", "fixed when the message was stored", always),
		page.Figure("since", "when the message was parked first.").
			From(ofParked, "time", "fixed when it was parked first", always),
		page.Figure("error|retry asked", "why it could not be handled, in its handler's words. behind #N: it was not tried, because message N is parked. retry asked: a retry was asked for, and the consumer has not answered yet.").
			From(ofParked+", and CATEGORY:retry-NAME", "words; time", "the last attempt", "blank where the handler said nothing"),
		page.Figure("given up", "how often the consumer gave the message up: each time after as many attempts as it is set to.").
			From(ofParked, "times", "since it was parked first", always),
		page.Figure("global", "the message's global position, by which a retry names it.").
			From(ofParked, "global position", "fixed when the message was stored", always),
		page.Figure("parked|marked, not listed", "messages that are parked, those that wait behind one of them, and by how many consumers; those marked for a retry; and those that this page has no room for.").
			From(ofParked, "messages; consumers", window, "absent when none are parked"),
	}
}

// CursorFigure is what the open tab is about.
func (p *groups) CursorFigure() string { return [...]string{"lag", "error", "share", "moves"}[p.tab] }
