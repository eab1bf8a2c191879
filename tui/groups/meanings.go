package groups

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the open tab mean.
func (p *groups) Meanings() []page.Meaning {
	switch p.tab {
	case tabConsumers:
		return consumerMeanings()
	case tabParked:
		return parkedMeanings()
	}
	list := []page.Meaning{
		{Figure: "member", Words: "one of the consumers that share a category. The hash of a stream's cardinal id decides which member owns the stream. Streams without an id belong to no member."},
		{Figure: "skew", Words: "the largest member's messages divided by the mean. From 1.25 on, one member has clearly more to do than the others."},
	}
	if p.tab == tabMoves {
		return append(list, page.Meaning{Figure: "moves", Words: "streams that another member owns after the group is resized, those with most messages first. Stop their consumers together, or messages are handled twice or out of order."})
	}
	return append(list,
		page.Meaning{Figure: "share", Words: "the member's share of all messages that belong to members. It counts stored messages, not those still to be read."},
		page.Meaning{Figure: "rate", Words: "messages per second written to the member's streams between two scans. – until there were two scans at the same size."},
		page.Meaning{Figure: "streams", Words: "number of streams that the member owns. A member with few streams and many messages has a hot one."},
		page.Meaning{Figure: "hottest stream|hottest", Words: "the member's stream with the most messages. A single hot stream cannot be split: more members do not help."})
}

func consumerMeanings() []page.Meaning {
	return []page.Meaning{
		{Figure: "lag", Words: "messages of the category that the consumer has yet to handle, of its own share where it is a member. ≥ is a lower bound while it is being counted; ? is not known, which does not mean 0."},
		{Figure: "group", Words: "the name under which the consumer records its position. – for one that was seen reading: it names no group. A consumer that does both stands here twice."},
		{Figure: "member", Words: "which member of how many it is. – for a consumer that is alone."},
		{Figure: "trend", Words: "how fast the lag changes, messages per second over the last half minute that this page was open. ▲ grows, ▼ shrinks."},
		{Figure: "caught up in", Words: "the lag divided by how fast it shrinks: an estimate, not a promise. keeps up: nothing was before it a moment ago. A consumer that is silent is promised nothing."},
		{Figure: "last seen", Words: "connected: it has an open subscription. read: its last request; once: its only one. recorded: when it last recorded a position, which Eventide consumers do every 100 messages. ! marks one that has messages to handle and does not come."},
		{Figure: "by", Words: "category.get and subscription: the server saw it read, since it started. position stream: it recorded its position in CATEGORY:position-NAME."},
		{Figure: "position", Words: "the global position that the consumer last asked for, that its subscription will deliver next, or one past the position it recorded."},
		{Figure: "from", Words: "the address of the client that was seen reading."},
	}
}

func parkedMeanings() []page.Meaning {
	return []page.Meaning{
		{Figure: "behind it", Words: "later messages of the same stream that are parked so that nothing is handled out of order. They are retried with it."},
		{Figure: "consumer", Words: "the name of the consumer that parked the message in CATEGORY:parked-NAME. All members of its group share it."},
		{Figure: "at", Words: "the message's position in its stream."},
		{Figure: "since", Words: "when the message was parked first."},
		{Figure: "error", Words: "why it could not be handled, in its handler's words. retry asked: a retry was asked for, and the consumer has not answered yet."},
		{Figure: "tries", Words: "how often the consumer gave the message up: each time after as many attempts as it is set to."},
		{Figure: "global", Words: "the message's global position, by which a retry names it."},
	}
}

// CursorFigure is what the open tab is about.
func (p *groups) CursorFigure() string { return [...]string{"lag", "error", "share", "moves"}[p.tab] }
