package streams

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the list, or of the message, mean.
func (p *streams) Meanings() []page.Meaning {
	if len(p.stack) == 0 {
		return nil
	}
	message := []page.Meaning{
		{Figure: "pos, position", Words: "the message's position in its own stream, from 0. A writer can expect the last one: the write then fails if another came in between."},
		{Figure: "global", Words: "the message's position among all messages of the namespace, from 1. It only grows; a gap is a removed message."},
		{Figure: "time", Words: "when the server stored the message, in this terminal's time zone. Rows are ordered by position: clocks may jump, positions do not."},
		{Figure: "new", Words: "messages that arrived after the list was read, while the cursor's row would have left the screen for them. r reads them, and the cursor stays on its message; gg goes to the newest."},
		{Figure: "hidden, read", Words: "messages that do not match the filter, out of those read so far. Scroll on to read more."},
	}
	switch p.top().of.kind {
	case listNamespaces:
		return []page.Meaning{
			{Figure: "messages", Words: "exact number of messages in the namespace, also when it is closed."},
			{Figure: "streams, categories", Words: "number of streams and categories. ? means unknown: a closed namespace does not count its categories."},
			{Figure: "disk", Words: "current size of its tables and logs on disk. Compactions reduce it. ? for a closed namespace."},
			{Figure: "rate", Words: "messages appended in the last second. ? where the server reports only the busiest."},
			{Figure: "engine", Words: "open: ready for calls. The server opens a namespace on first use and closes it when it is idle. damaged: some of its data is missing, and it refuses every call."},
			{Figure: "active", Words: "when its last message was stored; never if it is empty."},
		}
	case listMessages:
		return message
	}
	return append([]page.Meaning{
		{Figure: "messages", Words: "exact number of messages in the category or stream, refreshed about once a second."},
		{Figure: "streams", Words: "number of streams in the category. A stream exists as soon as it has a message."},
		{Figure: "active", Words: "how long ago the stream's last message was stored. Refreshed while it is on the screen."},
		{Figure: "at least", Words: "the list is read as you scroll: there are at least this many rows. G reads to the end."},
	}, message...)
}
