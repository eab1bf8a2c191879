package servers

import "github.com/evtui/evtui/tui/page"

// Meanings says what stands in the columns.
func (p *servers) Meanings() []page.Meaning {
	const dated = "? until it is known; what is older than three seconds is grey, and seen says how old"
	return []page.Meaning{
		page.Figure("server", "a context of the configuration file, or here, what evtui was started on. Enter goes there.").
			From("the configuration file", "words", "as read at the start", "always known"),
		page.Figure("health", "the worst there is to say: damaged, WAL failed, stalled, near stop, disk low, debt high, not answering, gone. A server without metrics, or a token that may not see them, is only shown as \"answers\".").
			From("engine.history, and whether the look succeeded", "words", "the last look, one a second", "asking, until the first look ends"),
		page.Figure("w/s|last minute", "messages appended in the server's last full second, and in each second of the last minute. The UI's own calls are not counted.").
			From("engine.history", "messages per second", "one second; the last minute", dated+"; a second without a sample is blank"),
		page.Figure("p99", "the slowest second's p99 of writes in the last minute, from request to durable response. – when nothing was written.").
			From("engine.history, stream.write and stream.append", "time", "the last minute", dated),
		page.Figure("worst lag", "how far the consumer is behind that is furthest behind, of all namespaces; the line below names it. Of a log that several evtui share, each knows who reads from it, and who records positions. – when no consumer was seen.").
			From("engine.groups", "messages; ≤ and ≥ where they are not counted exactly", "now, asked every five seconds", dated),
		page.Figure("stalls", "seconds of the last minute in which writes stood still in some namespace; ! while they do now.").
			From("engine.history", "seconds", "the last minute", "? where the engine does not tell"),
		page.Figure("disk left", "free space in the file system of the server's data. Under 5 % or 2 GB counts as low.").
			From("engine.history", "bytes", "the last sample", "? where the server does not know it, as for a store in memory"),
		page.Figure("version", "the server's version. Servers of one fleet should have the same.").
			From("engine.info, else /version", "words", "as of its first look", "? where it tells none"),
		page.Figure("seen", "when the server answered last. A row that is not of now shows what was known then.").
			From("this terminal's clock", "time", "now", "never, until it answered once"),
		page.Figure("not healthy", "servers with a warning, a fault, or no answer, of all that are listed.").
			From("the rows", "servers", "now", "absent when all are well"),
	}
}
