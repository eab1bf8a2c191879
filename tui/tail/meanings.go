package tail

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the tail mean.
func (p *tail) Meanings() []page.Meaning {
	return []page.Meaning{
		{Figure: "matched", Words: "messages since the tail started that match the filter, shown or not. At least: unread folds may hold more."},
		{Figure: "shown", Words: "matching messages shown as rows. When there are too many, the oldest become a fold."},
		{Figure: "hidden", Words: "messages that do not match the filter. They are counted, never dropped silently."},
		{Figure: "folded", Words: "messages that arrived too fast to show, as one row with their positions. Enter loads them."},
		{Figure: "behind", Words: "how old the newest row can be: the time since the last request to the server, or, when subscribed, how long a response took. More than a second means that the server or the network is slow."},
		{Figure: "pos", Words: "the message's position in its own stream, from 0."},
		{Figure: "time", Words: "when the server stored the message, in this terminal's time zone."},
		{Figure: "messages", Words: "number of messages in a fold, with its first and last global position. Unread: not fetched yet."},
	}
}
