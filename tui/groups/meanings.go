package groups

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the open tab mean.
func (p *groups) Meanings() []page.Meaning {
	list := []page.Meaning{
		{Figure: "member", Words: "one of the consumers that share a category. The hash of a stream's cardinal id decides which member owns the stream. Streams without an id belong to no member."},
		{Figure: "skew", Words: "the largest member's messages divided by the mean. From 1.25 on, one member has clearly more to do than the others."},
	}
	switch p.tab {
	case tabMembers:
		list = append(list,
			page.Meaning{Figure: "share", Words: "the member's share of all messages that belong to members. It counts stored messages, not those still to be read."},
			page.Meaning{Figure: "rate", Words: "messages per second written to the member's streams between two scans. – until there were two scans at the same size."},
			page.Meaning{Figure: "streams", Words: "number of streams that the member owns. A member with few streams and many messages has a hot one."},
			page.Meaning{Figure: "hottest stream|hottest", Words: "the member's stream with the most messages. A single hot stream cannot be split: more members do not help."})
	case tabMoves:
		list = append(list, page.Meaning{Figure: "moves", Words: "streams that another member owns after the group is resized. Stop their consumers together, or messages are handled twice or out of order."})
	case tabObserved:
		list = append(list,
			page.Meaning{Figure: "position", Words: "the global position that the consumer last asked for, that its subscription will deliver next, or one past the position it recorded. Unknown does not mean 0."},
			page.Meaning{Figure: "lag", Words: "global positions from there to the category's last message, including those of other members. 0 once a read found nothing new."},
			page.Meaning{Figure: "trend", Words: "how fast the lag changes, over the last half minute that this page was open. ▲ grows, ▼ shrinks."},
			page.Meaning{Figure: "caught up in", Words: "the lag divided by how fast it shrinks: an estimate, not a promise."},
			page.Meaning{Figure: "last seen", Words: "connected: it has an open subscription. Silent: the time since its last request."},
			page.Meaning{Figure: "position stream", Words: "the position that a consumer records itself in CATEGORY:position-NAME, as Eventide consumers do. It may record only now and then."})
	}
	return list
}

// CursorFigure is what the open tab is about.
func (p *groups) CursorFigure() string { return [...]string{"share", "moves", "lag"}[p.tab] }
