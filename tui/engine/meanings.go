package engine

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the open tab mean.
func (p *enginePage) Meanings() []page.Meaning {
	if p.tab == tabLevels && p.drawing().tabled() {
		return p.drawing().tableMeanings()
	}
	list := []page.Meaning{
		{Figure: "state", Words: "stalled: writes stand still; near stop: three quarters of the limit; WAL failed: a sync failed, and writes fail until you reopen the namespace. The worst comes first."},
		{Figure: "R-amp|read amp", Words: "the most places that a read has to look in: L0's sublevels, plus one for each other level. Above 20, reads get slow."},
		{Figure: "L0|L0 sublevels", Words: "sublevels of the newest level, out of the number that stops writes. Compactions start at the mark."},
		{Figure: "debt", Words: "bytes that compactions still have to move. Debt comes and goes; if it only grows, the disk or the CPU is too slow."},
		{Figure: "fsync p99|fsync", Words: "99 of 100 WAL syncs took at most this long (the upper bound of a histogram bucket). A durable write waits for one sync."},
		{Figure: "W-amp|write amp", Words: "bytes written to disk, in the log and in tables, per byte that clients wrote. 10 to 30 is normal for an LSM tree."},
		{Figure: "memtables", Words: "data written and not yet flushed, out of the amount that stops writes. The log holds the same bytes."},
		{Figure: "hits|cache", Words: "how often a block was already in memory, and how full the cache is. All namespaces share one cache."},
		{Figure: "per message|disk", Words: "bytes on disk divided by messages. Compactions reduce it."},
	}
	if p.names != "" {
		list = append(list, page.Meaning{Figure: "hidden", Words: "namespaces whose names do not contain the filter's text. They are still open, just not listed."})
	}
	switch p.tab {
	case tabLevels:
		list = append(list,
			page.Meaning{Figure: "score", Words: "above 1, the level needs compaction. The level with the highest score is compacted next."},
			page.Meaning{Figure: "filters", Words: "table lookups that a Bloom filter saved. High is good."},
			page.Meaning{Figure: "files, size", Words: "the level's tables, and their bytes on disk, compressed. Each level is about ten times the one above."},
			page.Meaning{Figure: "in, moved, read, written", Words: "since the namespace was opened: bytes that entered the level, bytes moved into it without rewriting, and bytes that its compactions read and wrote."},
			page.Meaning{Figure: "log", Words: "the write-ahead log (WAL), for recovery after a crash: what it holds now, which is what the memtables hold, and the bytes written to it since the namespace was opened."})
	case tabEvents:
		list = append(list, page.Meaning{Figure: "events|event, flush, compaction, stall, opened, closed", Words: "what the engine did, newest first: bytes in and out, and how long it took. The server remembers the latest few thousand."})
	case tabSubscriptions:
		list = append(list,
			page.Meaning{Figure: "cursor", Words: "the global position of the last message that the subscription was notified of. ? if unknown."},
			page.Meaning{Figure: "behind", Words: "global positions from the cursor to the head. 0 once it has waited for a second: later messages are not for it."})
	case tabClosed:
		list = append(list, page.Meaning{Figure: "why", Words: "the server opens a namespace on first use. --max-open limits how many are open, --idle-close for how long they may be idle. A closed namespace only uses disk."})
	case tabStorage:
		list = append(list, page.Meaning{Figure: "family", Words: "a kind of key: messages, indexes, counts. Sizes come from the tables' indexes and are approximate."})
	}
	return list
}

// CursorFigure is what the open tab is about; the state of a namespace that is
// not at ease comes before that.
func (p *enginePage) CursorFigure() string {
	if p.tab == tabLevels && p.drawing().tabled() {
		if row := p.tables.Cursor(); row >= 0 && row < len(p.lines) {
			return p.lines[row].name
		}
		return ""
	}
	if n := p.chosen(); n != nil && !p.open {
		if state, _ := p.drawing().state(n); state != "healthy" {
			return "state"
		}
	}
	return [...]string{"score", "events", "behind", "why", "family"}[p.tab]
}
