package engine

import "github.com/evtui/evtui/tui/page"

// Where the page's figures come from.
const (
	ofFigures = "engine.figures"
	nowOfTree = "now; with the time cursor, the worst of all open namespaces then"
	noTree    = "– for an engine without a tree; the page says so where the server tells none"
	noServer  = "the tab says why where the server does not tell"
)

// Meanings says what the figures of the open tab mean.
func (p *enginePage) Meanings() []page.Meaning {
	if p.tab == tabLevels && p.drawing().tabled() {
		return p.drawing().tableMeanings()
	}
	if p.tab == tabLog {
		return append(p.drawing().tableMeanings(), logMeanings()...)
	}
	list := append(treeMeanings(), sharedMeanings()...)
	if p.names != "" {
		list = append(list, page.Meaning{
			Figure: "hidden", Words: "namespaces whose names do not contain the filter's text. They are still open, just not listed.",
			Source: "the list", Unit: "namespaces", Window: "now", Unknown: "absent when none are hidden",
		})
	}
	return append(list, [...]func() []page.Meaning{levelMeanings, eventMeanings, subscriptionMeanings, closedMeanings, storageMeanings}[p.tab]()...)
}

// treeMeanings are of the list of open namespaces.
func treeMeanings() []page.Meaning {
	return []page.Meaning{
		{
			Figure: "namespace", Words: "an open namespace, the worst first: writes that fail, then those that stand still, then the closest to the point where they stop.",
			Source: ofFigures, Unit: "words", Window: "now", Unknown: "closed ones are under closed",
		},
		{
			Figure: "state|worst", Words: "stalled: writes stand still; near stop: three quarters of the limit; WAL failed: a sync failed, and writes fail until you reopen the namespace; cut off, behind, building: its copy of a shared log is old, or not all. The worst comes first.",
			Source: ofFigures + ", engine.events", Unit: "words", Window: "now", Unknown: "healthy means that none of these is known",
		},
		{
			Figure: "R-amp|read amp", Words: "the most places that a read has to look in: L0's sublevels, plus one for each other level. Above 20, reads get slow.",
			Source: ofFigures, Unit: "places", Window: nowOfTree, Unknown: noTree,
		},
		{
			Figure: "L0|L0 sublevels, compacts at", Words: "sublevels of the newest level, out of the number that stops writes. Compactions start at the mark.",
			Source: ofFigures, Unit: "sublevels", Window: nowOfTree, Unknown: noTree,
		},
		{
			Figure: "debt|compaction", Words: "bytes that compactions still have to move. Debt comes and goes; if it only grows, the disk or the CPU is too slow.",
			Source: ofFigures, Unit: "bytes", Window: nowOfTree, Unknown: noTree,
		},
		{
			Figure: "fsync p99|fsync, p50, p99", Words: "99 of 100 WAL syncs took at most this long (the upper bound of a histogram bucket); p50: half of them. A durable write waits for one sync.",
			Source: ofFigures, Unit: "time", Window: "since the namespace was opened", Unknown: "– before the first sync",
		},
		{
			Figure: "W-amp|write amp", Words: "bytes written to disk, in the log and in tables, per byte that clients wrote. 10 to 30 is normal for an LSM tree.",
			Source: ofFigures, Unit: "bytes per byte", Window: "since the namespace was opened", Unknown: "– before anything was written",
		},
		{
			Figure: "memtables", Words: "data written and not yet flushed, out of the amount that stops writes. The log holds the same bytes.",
			Source: ofFigures, Unit: "bytes", Window: nowOfTree, Unknown: noTree,
		},
		{
			Figure: "messages", Words: "exact number of messages in the namespace.",
			Source: ofFigures, Unit: "messages", Window: "now", Unknown: "always known of an open namespace",
		},
		{
			Figure: "per message|disk", Words: "bytes on disk divided by messages. Compactions reduce it.",
			Source: ofFigures, Unit: "bytes", Window: "now", Unknown: "– without messages",
		},
	}
}

// sharedMeanings are of the line above the list, which belongs to no namespace.
func sharedMeanings() []page.Meaning {
	return []page.Meaning{
		{
			Figure: "namespaces open|namespaces open then, opened, closed, namespaces maximum", Words: "how many namespaces are open, of all there are, how many may be, and how often one was opened or closed.",
			Source: ofFigures, Unit: "namespaces; time", Window: "now; opened and closed since the server started", Unknown: noServer,
		},
		{
			Figure: "hits|cache, used, hits in the shared cache", Words: "how often a block was already in memory, and how full the cache is. All namespaces share one cache.",
			Source: ofFigures, Unit: "share of lookups; bytes", Window: "since the namespaces were opened; with the time cursor, that second", Unknown: "absent for an engine without a cache",
		},
		{
			Figure: "files open", Words: "table files that the file cache holds open, of all namespaces.",
			Source: ofFigures, Unit: "files", Window: "now", Unknown: "absent for an engine without a file cache",
		},
		{
			Figure: "latest here|latest then, created", Words: "the newest events of the chosen namespace, or with the time cursor of all up to then.",
			Source: "engine.events", Unit: "events", Window: "the newest few thousand that the server keeps", Unknown: "no events, where there are none",
		},
	}
}

func levelMeanings() []page.Meaning {
	return []page.Meaning{
		{
			Figure: "score", Words: "above 1, the level needs compaction. The level with the highest score is compacted next.",
			Source: ofFigures, Unit: "a ratio", Window: "now", Unknown: noTree,
		},
		{
			Figure: "filters", Words: "table lookups that a Bloom filter saved. High is good.",
			Source: ofFigures, Unit: "share of lookups", Window: "since the namespace was opened", Unknown: "said in words before the first lookup",
		},
		{
			Figure: "files, size|level", Words: "the level's tables, and their bytes on disk, compressed. Each level is about ten times the one above.",
			Source: ofFigures, Unit: "files; bytes", Window: "now", Unknown: noTree,
		},
		{
			Figure: "in, moved, read, written", Words: "since the namespace was opened: bytes that entered the level, bytes moved into it without rewriting, and bytes that its compactions read and wrote.",
			Source: ofFigures, Unit: "bytes", Window: "since the namespace was opened", Unknown: "– for none",
		},
		{
			Figure: "log|checkpoints", Words: "the write-ahead log (WAL), for recovery after a crash: what it holds now, which is what the memtables hold, and the bytes written to it since the namespace was opened.",
			Source: ofFigures, Unit: "bytes; files", Window: "now; since the namespace was opened", Unknown: "always known of an open namespace",
		},
		{
			Figure: "open|flushes, compactions", Words: "for how long the namespace has been open, and how often it flushed a memtable and compacted tables since.",
			Source: ofFigures, Unit: "time; times", Window: "since the namespace was opened", Unknown: "always known of an open namespace",
		},
		{
			Figure: "traffic", Words: "messages appended and read in the second under the time cursor, by all programs.",
			Source: "engine.history", Unit: "messages per second", Window: "the second under the time cursor", Unknown: "absent without a sample of it",
		},
	}
}

func eventMeanings() []page.Meaning {
	return []page.Meaning{
		{
			Figure: "events|event, what, time, flush, compaction, stall, opened, closed", Words: "what the engine did, newest first: bytes in and out, and how long it took. The server remembers the latest few thousand.",
			Source: "engine.events", Unit: "bytes; time", Window: "up to now, or up to the time cursor", Unknown: noServer,
		},
	}
}

func subscriptionMeanings() []page.Meaning {
	const source = "engine.subscriptions"
	return []page.Meaning{
		{
			Figure: "subscribed to|from, member", Words: "the stream or category that it follows, the consumer group's member that it follows it for, and the client's address.",
			Source: source, Unit: "words", Window: "now", Unknown: "member is blank where there is no group",
		},
		{
			Figure: "cursor", Words: "the global position of the last message that the subscription was notified of. ? if unknown.",
			Source: source, Unit: "global position", Window: "now", Unknown: "? until it was notified",
		},
		{
			Figure: "behind", Words: "global positions from the cursor to the head. 0 once it has waited for a second: later messages are not for it.",
			Source: source, Unit: "global positions", Window: "now", Unknown: "? where the cursor or the head is not known",
		},
		{
			Figure: "sent|for", Words: "notifications sent to it, and for how long it has been open.",
			Source: source, Unit: "notifications; time", Window: "since it was opened", Unknown: "always known",
		},
	}
}

func closedMeanings() []page.Meaning {
	return []page.Meaning{
		{
			Figure: "why|closed at, last written", Words: "the server opens a namespace on first use. --max-open limits how many are open, --idle-close for how long they may be idle. A closed namespace only uses disk.",
			Source: "ns.list, engine.events", Unit: "words; time", Window: "as far back as the events reach", Unknown: "not used since the oldest event, or since the server started",
		},
	}
}

func storageMeanings() []page.Meaning {
	return []page.Meaning{
		{
			Figure: "family|bytes, share, a message, log and rest, on disk", Words: "a kind of key: messages, indexes, counts. Sizes come from the tables' indexes and are approximate.",
			Source: "engine.storage", Unit: "bytes; share of what is on disk", Window: "when it was measured, which the last line says", Unknown: "not measured until r or enter",
		},
		{
			Figure: "measured", Words: "when the families were measured, and how long that took.",
			Source: "this terminal's clock", Unit: "time", Window: "the last measurement", Unknown: "absent before the first",
		},
	}
}

// CursorFigure is what the open tab is about; the state of a namespace that is
// not at ease comes before that.
func (p *enginePage) CursorFigure() string {
	if p.drawing().inTables() {
		if l, ok := p.tables.Chosen(); ok {
			return p.drawing().explained(l.name)
		}
		return ""
	}
	if n := p.chosen(); n != nil && !p.open {
		if state, _ := p.drawing().state(n); state != "healthy" {
			return "state"
		}
	}
	return [...]string{"score", "events", "behind", "why", "family", "state"}[p.tab]
}
