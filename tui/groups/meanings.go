package groups

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the open tab mean.
func (p *groups) Meanings() []page.Meaning {
	list := []page.Meaning{
		{Figure: "member", Words: "one of the consumers that share a category: a stream belongs to the member that the hash of its cardinal id gives it to. Streams without an id belong to none."},
		{Figure: "skew", Words: "the largest member's messages over the mean. From 1.25 on a member has clearly more to do than the others."},
	}
	switch p.tab {
	case tabMembers:
		list = append(list,
			page.Meaning{Figure: "share", Words: "the member's part of all messages that belong to members. It counts what is stored, not what is still to be read."},
			page.Meaning{Figure: "rate", Words: "messages a second that came to the member's streams between two looks. – until there were two of the same size."},
			page.Meaning{Figure: "streams", Words: "how many streams the member owns. A member with few streams and many messages has a hot one."},
			page.Meaning{Figure: "hottest stream|hottest", Words: "the member's stream with most messages. One hot stream cannot be shared out: more members do not help."})
	case tabMoves:
		list = append(list, page.Meaning{Figure: "moves", Words: "streams that another member owns once the size is changed. Their consumers must be stopped together, or messages are handled twice or out of order."})
	case tabObserved:
		list = append(list,
			page.Meaning{Figure: "position", Words: "the global position that the consumer asked for last, inclusive; what a subscription announces next; or one past what it recorded. Unknown is not 0: nobody has heard of it."},
			page.Meaning{Figure: "lag", Words: "global positions from there to the category's last message, those of other members included. 0 once a read found nothing more."},
			page.Meaning{Figure: "trend", Words: "how fast the lag changes, over the last half minute that this page looked. ▲ grows, ▼ shrinks."},
			page.Meaning{Figure: "caught up in", Words: "the lag divided by how fast it shrinks. As things go: it is no promise."},
			page.Meaning{Figure: "heard of", Words: "connected: it has an open subscription. Silent: so long ago it asked for something last."},
			page.Meaning{Figure: "position stream", Words: "what a consumer records itself in CATEGORY:position-NAME, as Eventide's do. It may record only now and then."})
	}
	return list
}

// CursorFigure is what the open tab is about.
func (p *groups) CursorFigure() string { return [...]string{"share", "moves", "lag"}[p.tab] }
