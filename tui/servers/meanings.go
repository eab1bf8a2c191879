package servers

import "github.com/evtui/evtui/tui/page"

// Meanings says what stands in the columns.
func (p *servers) Meanings() []page.Meaning {
	const dated = "? until it is known; what is older than three seconds is grey, and seen says how old"
	return []page.Meaning{
		{
			Figure: "server", Words: "a context of the configuration file, or here, what evtui was started on. Enter goes there.",
			Source: "the configuration file", Unit: "words", Window: "as read at the start", Unknown: "always known",
		},
		{
			Figure: "health", Words: "the worst there is to say: damaged, WAL failed, stalled, near stop, disk low, not answering, gone. A server without metrics, or a token that may not see them, is said to answer, no more.",
			Source: "engine.history, and whether the look succeeded", Unit: "words", Window: "the last look, one a second", Unknown: "asking, until the first look ends",
		},
		{
			Figure: "w/s|last minute", Words: "messages appended in the server's last full second, and in each second of the last minute. The UI's own calls are not counted.",
			Source: "engine.history", Unit: "messages per second", Window: "one second; the last minute", Unknown: dated + "; a second without a sample is blank",
		},
		{
			Figure: "p99", Words: "the slowest second's p99 of writes in the last minute, from request to durable response. – when nothing was written.",
			Source: "engine.history, stream.write and stream.append", Unit: "time", Window: "the last minute", Unknown: dated,
		},
		{
			Figure: "worst lag", Words: "how far the consumer is behind that is furthest behind, of all namespaces; the line below names it. Of a log that several evtui share, each knows who reads from it, and who records positions. – when no consumer was seen.",
			Source: "engine.groups", Unit: "messages; ≤ and ≥ where they are not counted exactly", Window: "now, asked every five seconds", Unknown: dated,
		},
		{
			Figure: "stalls", Words: "seconds of the last minute in which writes stood still in some namespace; ! while they do now.",
			Source: "engine.history", Unit: "seconds", Window: "the last minute", Unknown: "? where the engine does not tell",
		},
		{
			Figure: "disk left", Words: "free space in the file system of the server's data. Under 5 % or 2 GB counts as low.",
			Source: "engine.history", Unit: "bytes", Window: "the last sample", Unknown: "? where the server does not know it, as for a store in memory",
		},
		{
			Figure: "version", Words: "the server's version. Servers of one fleet should have the same.",
			Source: "engine.info, else /version", Unit: "words", Window: "as of its first look", Unknown: "? where it tells none",
		},
		{
			Figure: "seen", Words: "when the server answered last. A row that is not of now shows what was known then.",
			Source: "this terminal's clock", Unit: "time", Window: "now", Unknown: "never, until it answered once",
		},
		{
			Figure: "not healthy", Words: "servers with a warning, a fault, or no answer, of all that are listed.",
			Source: "the rows", Unit: "servers", Window: "now", Unknown: "absent when all are well",
		},
	}
}
