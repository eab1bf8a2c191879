package tui

import (
	"strings"

	"github.com/evtui/evtui/internal/text"
)

// meaning says in two sentences what a figure is and what to make of it. The
// figure's name is followed, after a bar, by others that it has on the screen.
type meaning struct{ figure, words string }

// title is what the figure is called.
func (m meaning) title() string {
	title, _, _ := strings.Cut(m.figure, "|")
	return title
}

// names are all that the figure is called on the screen.
func (m meaning) names() []string {
	return strings.Split(strings.ReplaceAll(m.figure, "|", ", "), ", ")
}

// explained writes meanings in lines of at most w cells.
func explained(list []meaning, w int) []string {
	var lines []string
	for _, m := range list {
		for i, line := range text.Wrap(m.title()+": "+m.words, w-2) {
			if i > 0 {
				line = "  " + line
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// figured is a pane that says what each of its figures means. What it says
// first is about what the cursor is on.
type figured interface{ meanings() []meaning }

// meanings says what the figures of the page mean.
func (p *overview) meanings() []meaning {
	return []meaning{
		{"appended", "messages written in a second, by all programs; a write of ten counts ten. The UI's own calls are left out of all figures."},
		{"read", "messages handed out in a second. Readers that poll and find nothing read none."},
		{"announced", "pokes sent to subscriptions in a second, one for each message and subscription. Those of this UI are left out."},
		{"p50, p99|write p99, max", "half of the writes, and 99 of 100, took at most so long, from request to durable answer. The greatest of a second is drawn, none is averaged away."},
		{"Go heap|GC", "what lives in the server's heap, garbage included until it is collected. GC says how many collections a second there were, and how long all stood still for them."},
		{"events|flushes, flush, compaction, compactions, opened, created", "what the engine did, under the second in which it ended: f or ▾ flush, c or ◆ compaction, S or ■ stall, + opened, - closed. The time cursor (h and l) says it in words."},
		{"stalls|stall", "how often writes stopped on this time axis because compactions did not keep up. One is worth looking at on Engine."},
		{"L0 sublevels", "layers that a read has to look through in the newest level; at the limit writes stop. The worst namespace counts."},
		{"debt", "bytes that compactions still have to move. What grows for minutes will end in a stall."},
		{"disk left", "what the file system leaves to the server. Under 5 % or 2 GB it is said to be low."},
		{"busiest|busiest categories, busiest namespaces, w/s, r/s", "messages a second, over the last five seconds; eight namespaces and eight categories are told apart each second. A gap in the line is a second that did not tell."},
		{"messages, streams, categories", "all that this namespace holds, counted again every two seconds. Other namespaces stand on Streams."},
		{"subscriptions, connections", "who listens on an open stream of announcements, and the HTTP connections that are open now."},
		{"methods|calls", "what programs called in the last second, with how long it took: half of the calls, 99 of 100, the slowest."},
	}
}

// meanings says what the figures of the open tab mean.
func (p *groups) meanings() []meaning {
	list := []meaning{
		{"member", "one of the consumers that share a category: a stream belongs to the member that the hash of its cardinal id gives it to. Streams without an id belong to none."},
		{"skew", "the largest member's messages over the mean. From 1.25 on a member has clearly more to do than the others."},
	}
	switch p.tab {
	case tabMembers:
		list = append(list,
			meaning{"share", "the member's part of all messages that belong to members. It counts what is stored, not what is still to be read."},
			meaning{"rate", "messages a second that came to the member's streams between two looks. – until there were two of the same size."},
			meaning{"streams", "how many streams the member owns. A member with few streams and many messages has a hot one."},
			meaning{"hottest stream|hottest", "the member's stream with most messages. One hot stream cannot be shared out: more members do not help."})
	case tabMoves:
		list = append(list, meaning{"moves", "streams that another member owns once the size is changed. Their consumers must be stopped together, or messages are handled twice or out of order."})
	case tabObserved:
		list = append(list,
			meaning{"position", "the global position that the consumer asked for last, inclusive; what a subscription announces next; or one past what it recorded. Unknown is not 0: nobody has heard of it."},
			meaning{"lag", "global positions from there to the category's last message, those of other members included. 0 once a read found nothing more."},
			meaning{"trend", "how fast the lag changes, over the last half minute that this page looked. ▲ grows, ▼ shrinks."},
			meaning{"caught up in", "the lag divided by how fast it shrinks. As things go: it is no promise."},
			meaning{"heard of", "connected: it has an open subscription. Silent: so long ago it asked for something last."},
			meaning{"position stream", "what a consumer records itself in CATEGORY:position-NAME, as Eventide's do. It may record only now and then."})
	}
	return list
}

// meanings says what the figures of the open tab mean.
func (p *enginePage) meanings() []meaning {
	list := []meaning{
		{"state", "stalled: writes stand still; near stop: three quarters of what stops them; log lost: a sync failed and nothing more is acknowledged until it is reopened. Worst comes first."},
		{"R-amp|read amp", "in how many places a read has to look at most: L0's sublevels and one for each other level. Above 20 reads get slow."},
		{"L0|L0 sublevels", "sublevels of the newest level, of those that stop writes. Compactions begin at the mark."},
		{"debt", "bytes that compactions still have to move. It comes and goes; what only grows means that the disk or the processor is too slow."},
		{"fsync p99|fsync", "99 of 100 syncs of the log took at most so long, as a bucket's bound. A durable write waits for one."},
		{"W-amp|write amp", "bytes written to disk, log and tables, for each byte that came. 10 to 30 are usual for a tree of levels."},
		{"memtables", "what is written and not yet flushed, of what stops writes. The log holds the same bytes."},
		{"hits|cache", "how often a block that was wanted was in memory already, and how full that cache is. All namespaces share one."},
		{"per message|disk", "bytes on disk divided by messages. Before a compaction there is more than after."},
	}
	if p.names != "" {
		list = append(list, meaning{"hidden", "namespaces whose names do not hold the filter's text. They are only not listed."})
	}
	switch p.tab {
	case tabLevels:
		list = append(list,
			meaning{"score", "above 1 the level wants to be compacted. The highest is compacted next."},
			meaning{"filters", "lookups that a Bloom filter spared a table. High is good."},
			meaning{"files, size", "the level's tables, and their bytes on disk, compressed. Each level is about ten times the one above."},
			meaning{"in, moved, read, written", "bytes that came into the level since the namespace was opened, that were only renamed into it, and what its compactions read and wrote."},
			meaning{"log", "what a crash would be recovered from. It holds what the memtables hold, and what went through it since the namespace was opened."})
	case tabEvents:
		list = append(list, meaning{"events|event, flush, compaction, stall, opened, closed", "what the engine did, newest first: bytes in and out, and how long it took. The server remembers the latest few thousand."})
	case tabSubscriptions:
		list = append(list,
			meaning{"cursor", "the global position of the last message announced. ? where it is not known."},
			meaning{"behind", "global positions from the cursor to the head. 0 when it has waited for a second: whatever lies beyond is not for it."})
	case tabClosed:
		list = append(list, meaning{"why", "namespaces open when they are used; --max-open bounds how many, --idle-close how long unused. A closed one costs nothing but its disk."})
	case tabStorage:
		list = append(list, meaning{"family", "a kind of key: messages, indexes, counts. Sizes come from the tables' indexes and are about right."})
	}
	return list
}
