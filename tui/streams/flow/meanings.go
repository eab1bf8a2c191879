package flow

import "github.com/evtui/evtui/tui/page"

// Where the figures come from, and of what time they are.
const (
	ofRead  = "category.get, counted here"
	inRead  = "what was read, as the title says: the category from its start or from a time on, up to now or to the time cursor"
	notYet  = "reading… until the first page"
	ofKnown = ofRead + "; category.flow where the server keeps it"
)

// Meanings implements [page.Figured].
func (p *pane) Meanings() []page.Meaning {
	return append([]page.Meaning{
		page.Figure("from, to", "types of events that directly follow each other in a stream. (start) is before a stream's first event, (end) after the last one that it has as of now.").
			From(ofKnown, "words", inRead, notYet),
		page.Figure("count|transition, transitions, time, times, taken", "how often the transition was taken, exactly. A stream may take it many times.").
			From(ofRead, "passages", inRead, "? for a transition that the server has seen and that was not read"),
		page.Figure("share", "the part of all that follows the type on the left; of a variant, the part of the streams whose order is known. Below 0.1% it says so: it is never rounded to nothing.").
			From(ofRead, "share", inRead, "? for what was not read"),
		page.Figure("p50, p99, max", "the time from one event to the next, of the middle passage, of the slowest hundredth, and of the slowest one. Up to 512 passages all are exact; beyond, ≈ marks an error of at most 1 to 2%. max is exact always.").
			From("the messages' times", "time", inRead, "– for starts and ends, which have no time between"),
		page.Figure("first, last", "when a message completed the transition for the first time and for the last; of ends, the oldest and the newest last event of a stream. A server that keeps transitions also tells of a first time before what was read.").
			From(ofKnown, "time", inRead, "? for what was not read"),
		page.Figure("new, not read", "new: taken for the first time since the tab had read everything. not read: the server has seen it in messages that were not read here.").
			From(ofKnown, "words", "since everything had been read", "blank"),
	}, p.otherMeanings()...)
}

// otherMeanings are of the variants, the list of streams, and what stands around them.
func (p *pane) otherMeanings() []page.Meaning {
	return []page.Meaning{
		page.Figure("variants|variant, order, events, example", "whole orders of types, from a stream's start to where it ends now, with the number of events and a stream that has it. Deposited×12 is twelve in a row; orders are compared in full.").
			From(ofRead, "orders", inRead, "streams seen from their middle have none, and are counted below"),
		page.Figure("streams|stream", "streams of the category that were read; of a variant, those that have just this order; of a transition, those that took it last, 64 at most.").
			From(ofRead, "streams", inRead, notYet),
		page.Figure("messages, types", "what was counted. The notes below say what is not: streams seen past their beginning, holes in positions, what is beyond the memory of the tab.").
			From(ofRead, "messages; types", inRead, notYet),
		page.Figure("position, global, when", "where the message stands that completed the transition, in its stream and in the namespace, and when it was stored.").
			From(ofRead, "position; time", "the stream's last passage", "always known"),
		page.Figure("read|to read, all, of it, stopped, reads on", "how much of the category was read, and how long that took. It stops by itself after 200,000 messages: + reads on, esc stops it.").
			From("this tab", "messages; time", "since the tab was opened", "≈ where the server estimates how many there are"),
		page.Figure("drawn|not drawn, lines", "what the drawing has no room for: the least frequent transitions are left out first. The table has them all.").
			From("this tab", "transitions; passages", inRead, "absent when all are drawn"),
	}
}

// CursorFigure implements [page.Pointed].
func (p *pane) CursorFigure() string {
	switch {
	case p.taken != nil:
		return "streams"
	case p.look == lookVariants:
		return "variants"
	}
	return "count"
}
