package tail

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the tail mean.
func (p *tail) Meanings() []page.Meaning {
	return []page.Meaning{
		{Figure: "matched", Words: "messages since the tail began that match the filter, shown or not. At least: in folds that nobody has looked into there may be more."},
		{Figure: "shown", Words: "those that are rows here. The oldest rows become part of a fold when there are too many."},
		{Figure: "hidden", Words: "messages that were looked at and do not match the filter. They are counted, never dropped in silence."},
		{Figure: "folded", Words: "messages that came faster than eyes can read: they stand as a row with their positions. Enter loads them."},
		{Figure: "behind", Words: "how old the newest row can be: the time since the tail last asked the server or, where it is told of each message, how long an answer took. More than a second: the server or the line is slow."},
		{Figure: "pos", Words: "the message's place in its own stream, from 0."},
		{Figure: "time", Words: "when the server stored it, in this terminal's zone."},
		{Figure: "messages", Words: "how many a fold stands for, with the global positions from and to. Unread: they were never fetched."},
	}
}
