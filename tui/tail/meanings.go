package tail

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the tail mean.
func (p *tail) Meanings() []page.Meaning {
	const since = "since the tail started"
	return []page.Meaning{
		page.Figure("matched", "messages since the tail started that match the filter, shown or not. At least: unread folds may hold more.").
			From("what this page read", "messages", since, "at least, where folds were not read"),
		page.Figure("shown", "matching messages shown as rows. When there are too many, the oldest become a fold.").
			From("what this page read", "messages", since, "always known"),
		page.Figure("hidden", "messages that do not match the filter. They are counted, never dropped silently.").
			From("what this page read", "messages", since, "at least, where folds were not read"),
		page.Figure("folded", "messages that arrived too fast to show, as one row with their positions. Enter loads them.").
			From("the log's head, less what was read", "messages", since, "at least, where other categories' messages lie between"),
		page.Figure("behind", "how old the newest row can be: the time since the last request to the server, or, when subscribed, how long a response took. More than a second means that the server or the network is slow.").
			From("this terminal's clock", "time", "now", "grows while the server does not answer"),
		page.Figure("pos", "the message's position in its own stream, from 0.").
			From("the message", "position", "fixed when it was stored", "always known"),
		page.Figure("global", "the message's position among all messages of the namespace, from 1.").
			From("the message", "position", "fixed when it was stored", "always known"),
		page.Figure("time", "when the server stored the message, in this terminal's time zone.").
			From("the message", "time of day", "fixed when it was stored", "always known"),
		page.Figure("stream, type, data", "the message's stream, its type, and the first bytes of its data. C chooses other columns by JSON path.").
			From("the message", "words", "fixed when it was stored", "– where a chosen path has no value"),
		page.Figure("messages", "number of messages in a fold, with its first and last global position. Unread: not fetched yet.").
			From("positions", "messages", since, "at least, where the fold was not read"),
	}
}
