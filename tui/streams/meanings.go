package streams

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the list, or of the message, mean.
func (p *streams) Meanings() []page.Meaning {
	if len(p.way.stack) == 0 {
		return nil
	}
	if p.tabs.open != nil {
		return p.tabs.open.meanings()
	}
	switch p.way.top().of.kind {
	case listNamespaces:
		return append(append(namespaceMeanings(), listMeanings()...), scanMeanings()...)
	case listMessages:
		return append(append(messageMeanings(), scanMeanings()...), listMeanings()...) // the lists are to its left
	}
	return append(append(listMeanings(), messageMeanings()...), scanMeanings()...)
}

// messageMeanings are of the columns of messages, and of a message's own pane.
func messageMeanings() []page.Meaning {
	const (
		source = "the message"
		fixed  = "fixed when it was stored"
		always = "always known"
	)
	return []page.Meaning{
		page.Figure("pos, position", "the message's position in its own stream, from 0. A writer can expect the last one: the write then fails if another came in between.").
			From(source, "position", fixed, always),
		page.Figure("global", "the message's position among all messages of the namespace, from 1. It only grows; a gap is a removed message.").
			From(source, "position", fixed, always),
		page.Figure("time|ago", "when the server stored the message, in this terminal's time zone, and how long ago that is. Rows are ordered by position: clocks may jump, positions do not.").
			From(source, "time", fixed, always),
		page.Figure("stream, type, data, id, metadata", "the message's stream, type, id, and the first bytes of its JSON. C chooses other columns by JSON path.").
			From(source, "words", fixed, "– where a chosen path has no value"),
		page.Figure("bytes", "size of the message's data and of its metadata as they were written.").
			From(source, "bytes", fixed, always),
	}
}

// scanMeanings are of what a list says of itself.
func scanMeanings() []page.Meaning {
	return []page.Meaning{
		page.Figure("new", "messages that arrived after the list was read, while the cursor's row would have left the screen for them. r reads them, and the cursor stays on its message; gg goes to the newest.").
			From("ns.head and the list", "messages", "since the list was read", "absent when none came"),
		page.Figure("hidden, read|looked at", "messages that do not match the filter, out of those read so far. Scroll on to read more.").
			From("what this page read", "messages", "since the filter was set", "always known"),
		page.Figure("at least", "the list is read as you scroll: there are at least this many rows. G reads to the end.").
			From("what this page read", "rows", "since the list was opened", "absent once the list was read to its end"),
	}
}

// namespaceMeanings are of the list of namespaces.
func namespaceMeanings() []page.Meaning {
	const source = "ns.list"
	return []page.Meaning{
		page.Figure("description", "what the namespace's maker said of it, or its fault or notice, if it has one.").
			From(source, "words", "now", "blank without a description"),
		page.Figure("disk", "current size of its tables and logs on disk. Compactions reduce it. ? for a closed namespace.").
			From("engine.figures", "bytes", "now", "? for a closed namespace, and where the engine does not tell"),
		page.Figure("rate", "messages appended in the last second. ? where the server reports only the busiest.").
			From("engine.sample", "messages per second", "the last full second", "? for one that is not among the busiest"),
		page.Figure("engine", "open: ready for calls. The server opens a namespace on first use and closes it when it is idle. damaged: some of its data is missing, and it refuses every call. cut off, behind, building: what is read is older than the shared log, or not all of it; the last column says more.").
			From(source, "words", "as of the last look", "always known"),
	}
}

// listMeanings are of the lists of namespaces, of categories and of streams, which
// stand beside each other.
func listMeanings() []page.Meaning {
	return []page.Meaning{
		page.Figure("category|stream, namespace", "the part of a stream's name before the first dash, the whole name, and the name of the namespace that holds it.").
			From("ns.categories, ns.streams, ns.list", "words", "now", "always known"),
		page.Figure("messages", "exact number of messages in the category or stream, refreshed about once a second, and in the namespace, open or closed.").
			From("ns.categories, ns.streams, ns.list", "messages", "as of the last look, every second; of namespaces every two", "≈ where the server estimates; ? of a namespace that cannot be opened"),
		page.Figure("streams|categories", "number of streams in the category or namespace, and of categories in the namespace. A stream exists as soon as it has a message.").
			From("ns.categories, ns.list", "streams; categories", "as of the last look", "? for a closed namespace, which does not count its categories"),
		page.Figure("active", "how long ago the last message of the stream or namespace was stored. Refreshed while it is on the screen.").
			From("ns.streams, ns.list", "time", "as of the last look", "never, of an empty namespace"),
	}
}
