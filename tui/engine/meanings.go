package engine

import "github.com/evtui/evtui/tui/page"

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

// CursorFigure is what the open tab is about; the state of a namespace that is
// not at ease comes before that.
func (p *enginePage) CursorFigure() string {
	if n := p.chosen(); n != nil && !p.open {
		if state, _ := p.drawing().state(n); state != "at ease" {
			return "state"
		}
	}
	return [...]string{"score", "events", "behind", "why", "family"}[p.tab]
}
