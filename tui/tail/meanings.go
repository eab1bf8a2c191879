package tail

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the tail mean.
func (p *tail) Meanings() []page.Meaning {
	const since = "since the tail started"
	return []page.Meaning{
		{
			Figure: "matched", Words: "messages since the tail started that match the filter, shown or not. At least: unread folds may hold more.",
			Source: "what this page read", Unit: "messages", Window: since, Unknown: "at least, where folds were not read",
		},
		{
			Figure: "shown", Words: "matching messages shown as rows. When there are too many, the oldest become a fold.",
			Source: "what this page read", Unit: "messages", Window: since, Unknown: "always known",
		},
		{
			Figure: "hidden", Words: "messages that do not match the filter. They are counted, never dropped silently.",
			Source: "what this page read", Unit: "messages", Window: since, Unknown: "at least, where folds were not read",
		},
		{
			Figure: "folded", Words: "messages that arrived too fast to show, as one row with their positions. Enter loads them.",
			Source: "the log's head, less what was read", Unit: "messages", Window: since, Unknown: "at least, where other categories' messages lie between",
		},
		{
			Figure: "behind", Words: "how old the newest row can be: the time since the last request to the server, or, when subscribed, how long a response took. More than a second means that the server or the network is slow.",
			Source: "this terminal's clock", Unit: "time", Window: "now", Unknown: "grows while the server does not answer",
		},
		{
			Figure: "pos", Words: "the message's position in its own stream, from 0.",
			Source: "the message", Unit: "position", Window: "fixed when it was stored", Unknown: "always known",
		},
		{
			Figure: "global", Words: "the message's position among all messages of the namespace, from 1.",
			Source: "the message", Unit: "position", Window: "fixed when it was stored", Unknown: "always known",
		},
		{
			Figure: "time", Words: "when the server stored the message, in this terminal's time zone.",
			Source: "the message", Unit: "time of day", Window: "fixed when it was stored", Unknown: "always known",
		},
		{
			Figure: "stream, type, data", Words: "the message's stream, its type, and the first bytes of its data. C chooses other columns by JSON path.",
			Source: "the message", Unit: "words", Window: "fixed when it was stored", Unknown: "– where a chosen path has no value",
		},
		{
			Figure: "messages", Words: "number of messages in a fold, with its first and last global position. Unread: not fetched yet.",
			Source: "positions", Unit: "messages", Window: since, Unknown: "at least, where the fold was not read",
		},
	}
}
