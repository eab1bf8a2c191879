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
		{
			Figure: "from, to", Words: "types of events that directly follow each other in a stream. (start) is before a stream's first event, (end) after the last one that it has as of now.",
			Source: ofKnown, Unit: "words", Window: inRead, Unknown: notYet,
		},
		{
			Figure: "count|transition, transitions, time, times, taken", Words: "how often the transition was taken, exactly. A stream may take it many times.",
			Source: ofRead, Unit: "passages", Window: inRead, Unknown: "? for a transition that the server has seen and that was not read",
		},
		{
			Figure: "share", Words: "the part of all that follows the type on the left; of a variant, the part of the streams whose order is known. Below 0.1% it says so: it is never rounded to nothing.",
			Source: ofRead, Unit: "share", Window: inRead, Unknown: "? for what was not read",
		},
		{
			Figure: "p50, p99, max", Words: "the time from one event to the next, of the middle passage, of the slowest hundredth, and of the slowest one. Up to 512 passages all are exact; beyond, ≈ marks an error of at most 1 to 2%. max is exact always.",
			Source: "the messages' times", Unit: "time", Window: inRead, Unknown: "– for starts and ends, which have no time between",
		},
		{
			Figure: "first, last", Words: "when a message completed the transition for the first time and for the last; of ends, the oldest and the newest last event of a stream. A server that keeps transitions also tells of a first time before what was read.",
			Source: ofKnown, Unit: "time", Window: inRead, Unknown: "? for what was not read",
		},
		{
			Figure: "new, not read", Words: "new: taken for the first time since the tab had read everything. not read: the server has seen it in messages that were not read here.",
			Source: ofKnown, Unit: "words", Window: "since everything had been read", Unknown: "blank",
		},
	}, p.otherMeanings()...)
}

// otherMeanings are of the variants, the list of streams, and what stands around them.
func (p *pane) otherMeanings() []page.Meaning {
	return []page.Meaning{
		{
			Figure: "variants|variant, order, events, example", Words: "whole orders of types, from a stream's start to where it ends now, with the number of events and a stream that has it. Deposited×12 is twelve in a row; orders are compared in full.",
			Source: ofRead, Unit: "orders", Window: inRead, Unknown: "streams seen from their middle have none, and are counted below",
		},
		{
			Figure: "streams|stream", Words: "streams of the category that were read; of a variant, those that have just this order; of a transition, those that took it last, 64 at most.",
			Source: ofRead, Unit: "streams", Window: inRead, Unknown: notYet,
		},
		{
			Figure: "messages, types", Words: "what was counted. The notes below say what is not: streams seen past their beginning, holes in positions, what is beyond the memory of the tab.",
			Source: ofRead, Unit: "messages; types", Window: inRead, Unknown: notYet,
		},
		{
			Figure: "position, global, when", Words: "where the message stands that completed the transition, in its stream and in the namespace, and when it was stored.",
			Source: ofRead, Unit: "position; time", Window: "the stream's last passage", Unknown: "always known",
		},
		{
			Figure: "read|to read, all, of it, stopped, reads on", Words: "how much of the category was read, and how long that took. It stops by itself after 200,000 messages: + reads on, esc stops it.",
			Source: "this tab", Unit: "messages; time", Window: "since the tab was opened", Unknown: "≈ where the server estimates how many there are",
		},
		{
			Figure: "drawn|not drawn, lines", Words: "what the drawing has no room for: the least frequent transitions are left out first. The table has them all.",
			Source: "this tab", Unit: "transitions; passages", Window: inRead, Unknown: "absent when all are drawn",
		},
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
