package streams

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the list, or of the message, mean.
func (p *streams) Meanings() []page.Meaning {
	if len(p.stack) == 0 {
		return nil
	}
	message := []page.Meaning{
		{Figure: "pos, position", Words: "the message's place in its own stream, from 0. The next write may expect the last one, and fails if another came between."},
		{Figure: "global", Words: "the message's place among all messages of the namespace, from 1. It only grows; a gap is a message that was removed."},
		{Figure: "time", Words: "when the server stored it, in this terminal's zone. The order is by position: clocks may jump, positions do not."},
		{Figure: "newer", Words: "messages that came after the list was read: they wait until you go to the first row, so that no row moves."},
		{Figure: "hidden, read", Words: "how many messages the filter left out, of those it has looked at so far. Scrolling on reads on."},
	}
	switch p.top().of.kind {
	case listNamespaces:
		return []page.Meaning{
			{Figure: "messages", Words: "how many the namespace holds, exactly. One that is closed keeps its counts."},
			{Figure: "streams, categories", Words: "how many there are. ? is not known: nobody counts the categories of a namespace that is closed."},
			{Figure: "disk", Words: "bytes of its tables and logs on disk, now. Compactions make it less. ? for one that is closed."},
			{Figure: "rate", Words: "messages appended in the last second. ? where the server only tells the busiest."},
			{Figure: "engine", Words: "open: its trees are in memory. One is opened when it is used and closed when it was not used for a while. damaged: what it held is not there, and it refuses every call."},
			{Figure: "active", Words: "when its last message was stored. Never, if there is none."},
		}
	case listMessages:
		return message
	}
	return append([]page.Meaning{
		{Figure: "messages", Words: "how many the category or stream holds, exactly, when it was read last: about once a second."},
		{Figure: "streams", Words: "how many streams the category has. A stream is there as soon as it has a message."},
		{Figure: "active", Words: "how long ago the stream's last message was stored. It is read again while it is on the screen."},
		{Figure: "at least", Words: "the list is read as you scroll: so many rows are there, and more may be. G reads to the end."},
	}, message...)
}
