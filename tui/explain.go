package tui

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the page mean.
func (p *overview) Meanings() []page.Meaning {
	return []page.Meaning{
		{Figure: "appended", Words: "messages written in a second, by all programs; a write of ten counts ten. The UI's own calls are left out of all figures."},
		{Figure: "read", Words: "messages handed out in a second. Readers that poll and find nothing read none."},
		{Figure: "announced", Words: "pokes sent to subscriptions in a second, one for each message and subscription. Those of this UI are left out."},
		{Figure: "p50, p99|write p99, max", Words: "half of the writes, and 99 of 100, took at most so long, from request to durable answer. The greatest of a second is drawn, none is averaged away."},
		{Figure: "Go heap|GC", Words: "what lives in the server's heap, garbage included until it is collected. GC says how many collections a second there were, and how long all stood still for them."},
		{Figure: "events|flushes, flush, compaction, compactions, opened, created", Words: "what the engine did, under the second in which it ended: f or ▾ flush, c or ◆ compaction, S or ■ stall, + opened, - closed. The time cursor (h and l) says it in words."},
		{Figure: "stalls|stall", Words: "how often writes stopped on this time axis because compactions did not keep up. One is worth looking at on Engine."},
		{Figure: "L0 sublevels", Words: "layers that a read has to look through in the newest level; at the limit writes stop. The worst namespace counts."},
		{Figure: "debt", Words: "bytes that compactions still have to move. What grows for minutes will end in a stall."},
		{Figure: "disk left", Words: "what the file system leaves to the server. Under 5 % or 2 GB it is said to be low."},
		{Figure: "busiest|busiest categories, busiest namespaces, w/s, r/s", Words: "messages a second, over the last five seconds; eight namespaces and eight categories are told apart each second. A gap in the line is a second that did not tell."},
		{Figure: "messages, streams, categories", Words: "all that this namespace holds, counted again every two seconds. Other namespaces stand on Streams."},
		{Figure: "subscriptions, connections", Words: "who listens on an open stream of announcements, and the HTTP connections that are open now."},
		{Figure: "methods|calls", Words: "what programs called in the last second, with how long it took: half of the calls, 99 of 100, the slowest."},
	}
}

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

// Meanings says what the figures of the open tab mean.
func (p *enginePage) Meanings() []page.Meaning {
	list := []page.Meaning{
		{Figure: "state", Words: "stalled: writes stand still; near stop: three quarters of what stops them; log lost: a sync failed and nothing more is acknowledged until it is reopened. Worst comes first."},
		{Figure: "R-amp|read amp", Words: "in how many places a read has to look at most: L0's sublevels and one for each other level. Above 20 reads get slow."},
		{Figure: "L0|L0 sublevels", Words: "sublevels of the newest level, of those that stop writes. Compactions begin at the mark."},
		{Figure: "debt", Words: "bytes that compactions still have to move. It comes and goes; what only grows means that the disk or the processor is too slow."},
		{Figure: "fsync p99|fsync", Words: "99 of 100 syncs of the log took at most so long, as a bucket's bound. A durable write waits for one."},
		{Figure: "W-amp|write amp", Words: "bytes written to disk, log and tables, for each byte that came. 10 to 30 are usual for a tree of levels."},
		{Figure: "memtables", Words: "what is written and not yet flushed, of what stops writes. The log holds the same bytes."},
		{Figure: "hits|cache", Words: "how often a block that was wanted was in memory already, and how full that cache is. All namespaces share one."},
		{Figure: "per message|disk", Words: "bytes on disk divided by messages. Before a compaction there is more than after."},
	}
	if p.names != "" {
		list = append(list, page.Meaning{Figure: "hidden", Words: "namespaces whose names do not hold the filter's text. They are only not listed."})
	}
	switch p.tab {
	case tabLevels:
		list = append(list,
			page.Meaning{Figure: "score", Words: "above 1 the level wants to be compacted. The highest is compacted next."},
			page.Meaning{Figure: "filters", Words: "lookups that a Bloom filter spared a table. High is good."},
			page.Meaning{Figure: "files, size", Words: "the level's tables, and their bytes on disk, compressed. Each level is about ten times the one above."},
			page.Meaning{Figure: "in, moved, read, written", Words: "bytes that came into the level since the namespace was opened, that were only renamed into it, and what its compactions read and wrote."},
			page.Meaning{Figure: "log", Words: "what a crash would be recovered from. It holds what the memtables hold, and what went through it since the namespace was opened."})
	case tabEvents:
		list = append(list, page.Meaning{Figure: "events|event, flush, compaction, stall, opened, closed", Words: "what the engine did, newest first: bytes in and out, and how long it took. The server remembers the latest few thousand."})
	case tabSubscriptions:
		list = append(list,
			page.Meaning{Figure: "cursor", Words: "the global position of the last message announced. ? where it is not known."},
			page.Meaning{Figure: "behind", Words: "global positions from the cursor to the head. 0 when it has waited for a second: whatever lies beyond is not for it."})
	case tabClosed:
		list = append(list, page.Meaning{Figure: "why", Words: "namespaces open when they are used; --max-open bounds how many, --idle-close how long unused. A closed one costs nothing but its disk."})
	case tabStorage:
		list = append(list, page.Meaning{Figure: "family", Words: "a kind of key: messages, indexes, counts. Sizes come from the tables' indexes and are about right."})
	}
	return list
}
