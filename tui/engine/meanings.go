package engine

import "github.com/evtui/evtui/tui/page"

// Where the page's figures come from.
const (
	ofFigures = "engine.figures"
	nowOfTree = "now; with the time cursor, the worst of all open namespaces then"
	nowOrAll  = "now; with the time cursor, of all open namespaces together then"
	noTree    = "– for an engine without a tree; the page says so where the server tells none"
	noServer  = "the tab says why where the server does not tell"

	ofSections = "engine.sections"
)

// Meanings says what the figures of the open tab mean.
func (p *enginePage) Meanings() []page.Meaning {
	if p.tabs.on == tabLevels && p.tabled() {
		return p.tables.meanings()
	}
	if p.tabs.on == tabLog {
		return append(p.tables.meanings(), logMeanings()...)
	}
	list := append(treeMeanings(), sharedMeanings()...)
	if p.names.find != "" {
		list = append(list, page.Figure("hidden", "namespaces whose names do not contain the filter's text. They are still open, just not listed.").
			From("the list", "namespaces", "now", "absent when none are hidden"))
	}
	return append(list, [...]func() []page.Meaning{levelMeanings, eventMeanings, subscriptionMeanings, closedMeanings, storageMeanings}[p.tabs.on]()...)
}

// treeMeanings are of the list of open namespaces.
func treeMeanings() []page.Meaning {
	return []page.Meaning{
		page.Figure("namespace", "an open namespace, the worst first: writes that fail, then those that stand still, then the closest to the point where they stop.").
			From(ofFigures, "words", "now", "closed ones are under closed"),
		page.Figure("state|worst", "stalled: writes stand still; near stop: three quarters of the limit; WAL failed: a sync failed, and writes fail until you reopen the namespace; cut off, behind, building: its copy of a shared log is old, or not all. The worst comes first.").
			From(ofFigures+", engine.events", "words", "now", "healthy means that none of these is known"),
		page.Figure("R-amp|read amp", "the most places that a read has to look in: L0's sublevels, plus one for each other level. Above 20, reads get slow.").
			From(ofFigures, "places", nowOfTree, noTree),
		page.Figure("L0|L0 sublevels, compacts at", "sublevels of the newest level, out of the number that stops writes. Compactions start at the mark.").
			From(ofFigures, "sublevels", nowOfTree, noTree),
		page.Figure("debt|compaction", "bytes that compactions still have to move. Debt comes and goes; if it only grows, the disk or the CPU is too slow.").
			From(ofFigures, "bytes", nowOrAll, noTree),
		page.Figure("fsync p99|fsync, p50, p99", "99 of 100 WAL syncs took at most this long (the upper bound of a histogram bucket); p50: half of them. A durable write waits for one sync.").
			From(ofFigures, "time", "since the namespace was opened", "– before the first sync"),
		page.Figure("W-amp|write amp", "bytes written to disk, in the log and in tables, per byte that clients wrote. 10 to 30 is normal for an LSM tree.").
			From(ofFigures, "bytes per byte", "since the namespace was opened", "– before anything was written"),
		page.Figure("memtables", "data written and not yet flushed, out of the amount that stops writes. The log holds the same bytes. With the time cursor also how many there were at most in a namespace; young ones are small, so their number stops nothing.").
			From(ofFigures, "bytes", nowOrAll, noTree),
		page.Figure("messages", "exact number of messages in the namespace.").
			From(ofFigures, "messages", "now", "always known of an open namespace"),
		page.Figure("per message|disk", "bytes on disk divided by messages. Compactions reduce it.").
			From(ofFigures, "bytes", "now", "– without messages"),
	}
}

// sharedMeanings are of the line above the list, which belongs to no namespace.
func sharedMeanings() []page.Meaning {
	return []page.Meaning{
		page.Figure("namespaces open|namespaces open then, opened, closed, namespaces maximum", "how many namespaces are open, of all there are, how many may be, and how often one was opened or closed.").
			From(ofFigures, "namespaces; time", "now; opened and closed since the server started", noServer),
		page.Figure("hits|cache, used, hits in the shared cache", "how often a block was already in memory, and how full the cache is. All namespaces share one cache.").
			From(ofFigures, "share of lookups; bytes", "since the namespaces were opened; with the time cursor, that second", "absent for an engine without a cache"),
		page.Figure("files open", "table files that the file cache holds open, of all namespaces.").
			From(ofFigures, "files", "now", "absent for an engine without a file cache"),
		page.Figure("latest here|latest then, created", "the newest events of the chosen namespace, or with the time cursor of all up to then.").
			From("engine.events", "events", "the newest few thousand that the server keeps", "no events, where there are none"),
	}
}

func levelMeanings() []page.Meaning {
	return []page.Meaning{
		page.Figure("score", "above 1, the level needs compaction. The level with the highest score is compacted next.").
			From(ofFigures, "a ratio", "now", noTree),
		page.Figure("filters", "table lookups that a Bloom filter saved. High is good.").
			From(ofFigures, "share of lookups", "since the namespace was opened", "said in words before the first lookup"),
		page.Figure("files, size|level", "the level's tables, and their bytes on disk, compressed. Each level is about ten times the one above.").
			From(ofFigures, "files; bytes", "now", noTree),
		page.Figure("in, moved, read, written", "since the namespace was opened: bytes that entered the level, bytes moved into it without rewriting, and bytes that its compactions read and wrote.").
			From(ofFigures, "bytes", "since the namespace was opened", "– for none"),
		page.Figure("log|checkpoints", "the write-ahead log (WAL), for recovery after a crash: what it holds now, which is what the memtables hold, and the bytes written to it since the namespace was opened.").
			From(ofFigures, "bytes; files", "now; since the namespace was opened", "always known of an open namespace"),
		page.Figure("open|flushes, compactions", "for how long the namespace has been open, and how often it flushed a memtable and compacted tables since.").
			From(ofFigures, "time; times", "since the namespace was opened", "always known of an open namespace"),
		page.Figure("traffic", "messages appended and read in the second under the time cursor, by all programs.").
			From("engine.history", "messages per second", "the second under the time cursor", "absent without a sample of it"),
	}
}

func eventMeanings() []page.Meaning {
	return []page.Meaning{
		page.Figure("events|event, what, time, flush, compaction, stall, opened, closed", "what the engine did, newest first: bytes in and out, and how long it took. The server remembers the latest few thousand.").
			From("engine.events", "bytes; time", "up to now, or up to the time cursor", noServer),
	}
}

func subscriptionMeanings() []page.Meaning {
	const source = "engine.subscriptions"
	return []page.Meaning{
		page.Figure("subscribed to|from, member", "the stream or category that it follows, the consumer group's member that it follows it for, and the client's address.").
			From(source, "words", "now", "member is blank where there is no group"),
		page.Figure("cursor", "the global position of the last message that the subscription was notified of. ? if unknown.").
			From(source, "global position", "now", "? until it was notified"),
		page.Figure("behind", "global positions from the cursor to the head. 0 once it has waited for a second: later messages are not for it.").
			From(source, "global positions", "now", "? where the cursor or the head is not known"),
		page.Figure("sent|for", "notifications sent to it, and for how long it has been open.").
			From(source, "notifications; time", "since it was opened", "always known"),
	}
}

func closedMeanings() []page.Meaning {
	return []page.Meaning{
		page.Figure("why|closed at, last written", "the server opens a namespace on first use. --max-open limits how many are open, --idle-close for how long they may be idle. A closed namespace only uses disk.").
			From("ns.list, engine.events", "words; time", "as far back as the events reach", "not used since the oldest event, or since the server started"),
	}
}

func storageMeanings() []page.Meaning {
	return []page.Meaning{
		page.Figure("family|bytes, share, a message, log and rest, on disk", "a kind of key: messages, indexes, counts. Sizes come from the tables' indexes and are approximate.").
			From("engine.storage", "bytes; share of what is on disk", "when it was measured, which the last line says", "not measured until r or enter"),
		page.Figure("measured", "when the families were measured, and how long that took.").
			From("this terminal's clock", "time", "the last measurement", "absent before the first"),
	}
}

// logMeanings are of the columns of the copies; rows explain themselves.
func logMeanings() []page.Meaning {
	const unknown = "? where the namespace is damaged"
	return []page.Meaning{
		page.Figure("sequence", "the last record of the namespace's log that this evtui has decided: stored, or found void. A record is one append. It is no global position.").
			From(ofSections, "records", "now", unknown),
		page.Figure("age", "how long ago this evtui last knew that its copy was at the end of the log: reads are as old as that. 0 while the log is reached.").
			From(ofSections, "time", "now", unknown),
		page.Figure("state|follows", "follows: the copy is at the end of the log, or nearly. building: it is new, and not all is here yet. cut off: no server of the log answers, or there is no majority. Writes to what is cut off are refused; reads go on. It heals by itself, unless it says evtui verify.").
			From(ofSections, "words", "now", "always known"),
	}
}

// CursorFigure is what the open tab is about; the state of a namespace that is
// not at ease comes before that.
func (p *enginePage) CursorFigure() string {
	if p.tabs.on == tabLog && !p.inPast() || p.tabs.on == tabLevels && p.tabled() {
		return p.tables.explained()
	}
	if n := p.sight.chosen(); n != nil && !p.inTab() {
		if state, _ := p.sight.state(n); state != "healthy" {
			return "state"
		}
	}
	return [...]string{"score", "events", "behind", "why", "family", "state"}[p.tabs.on]
}
