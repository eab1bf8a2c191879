package streams

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the list, or of the message, mean.
func (p *streams) Meanings() []page.Meaning {
	if len(p.stack) == 0 {
		return nil
	}
	if p.tab != nil {
		return p.tab.meanings()
	}
	switch p.top().of.kind {
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
		{
			Figure: "pos, position", Words: "the message's position in its own stream, from 0. A writer can expect the last one: the write then fails if another came in between.",
			Source: source, Unit: "position", Window: fixed, Unknown: always,
		},
		{
			Figure: "global", Words: "the message's position among all messages of the namespace, from 1. It only grows; a gap is a removed message.",
			Source: source, Unit: "position", Window: fixed, Unknown: always,
		},
		{
			Figure: "time|ago", Words: "when the server stored the message, in this terminal's time zone, and how long ago that is. Rows are ordered by position: clocks may jump, positions do not.",
			Source: source, Unit: "time", Window: fixed, Unknown: always,
		},
		{
			Figure: "stream, type, data, id, metadata", Words: "the message's stream, type, id, and the first bytes of its JSON. C chooses other columns by JSON path.",
			Source: source, Unit: "words", Window: fixed, Unknown: "– where a chosen path has no value",
		},
		{
			Figure: "bytes", Words: "size of the message's data and of its metadata as they were written.",
			Source: source, Unit: "bytes", Window: fixed, Unknown: always,
		},
	}
}

// scanMeanings are of what a list says of itself.
func scanMeanings() []page.Meaning {
	return []page.Meaning{
		{
			Figure: "new", Words: "messages that arrived after the list was read, while the cursor's row would have left the screen for them. r reads them, and the cursor stays on its message; gg goes to the newest.",
			Source: "ns.head and the list", Unit: "messages", Window: "since the list was read", Unknown: "absent when none came",
		},
		{
			Figure: "hidden, read|looked at", Words: "messages that do not match the filter, out of those read so far. Scroll on to read more.",
			Source: "what this page read", Unit: "messages", Window: "since the filter was set", Unknown: "always known",
		},
		{
			Figure: "at least", Words: "the list is read as you scroll: there are at least this many rows. G reads to the end.",
			Source: "what this page read", Unit: "rows", Window: "since the list was opened", Unknown: "absent once the list was read to its end",
		},
	}
}

// namespaceMeanings are of the list of namespaces.
func namespaceMeanings() []page.Meaning {
	const source = "ns.list"
	return []page.Meaning{
		{
			Figure: "description", Words: "what the namespace's maker said of it; where there is something wrong with it, or that should be known of it, that.",
			Source: source, Unit: "words", Window: "now", Unknown: "blank without a description",
		},
		{
			Figure: "disk", Words: "current size of its tables and logs on disk. Compactions reduce it. ? for a closed namespace.",
			Source: "engine.figures", Unit: "bytes", Window: "now", Unknown: "? for a closed namespace, and where the engine does not tell",
		},
		{
			Figure: "rate", Words: "messages appended in the last second. ? where the server reports only the busiest.",
			Source: "engine.sample", Unit: "messages per second", Window: "the last full second", Unknown: "? for one that is not among the busiest",
		},
		{
			Figure: "engine", Words: "open: ready for calls. The server opens a namespace on first use and closes it when it is idle. damaged: some of its data is missing, and it refuses every call. cut off, behind, building: what is read is older than the shared log, or not all of it; the last column says more.",
			Source: source, Unit: "words", Window: "as of the last look", Unknown: "always known",
		},
	}
}

// listMeanings are of the lists of namespaces, of categories and of streams, which
// stand beside each other.
func listMeanings() []page.Meaning {
	return []page.Meaning{
		{
			Figure: "category|stream, namespace", Words: "the part of a stream's name before the first dash, the whole name, and the name of the namespace that holds it.",
			Source: "ns.categories, ns.streams, ns.list", Unit: "words", Window: "now", Unknown: "always known",
		},
		{
			Figure: "messages", Words: "exact number of messages in the category or stream, refreshed about once a second, and in the namespace, open or closed.",
			Source: "ns.categories, ns.streams, ns.list", Unit: "messages", Window: "as of the last look, every second; of namespaces every two", Unknown: "≈ where the server estimates; ? of a namespace that cannot be opened",
		},
		{
			Figure: "streams|categories", Words: "number of streams in the category or namespace, and of categories in the namespace. A stream exists as soon as it has a message.",
			Source: "ns.categories, ns.list", Unit: "streams; categories", Window: "as of the last look", Unknown: "? for a closed namespace, which does not count its categories",
		},
		{
			Figure: "active", Words: "how long ago the last message of the stream or namespace was stored. Refreshed while it is on the screen.",
			Source: "ns.streams, ns.list", Unit: "time", Window: "as of the last look", Unknown: "never, of an empty namespace",
		},
	}
}
