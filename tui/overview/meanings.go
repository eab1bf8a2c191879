package overview

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the page mean.
func (p *overview) Meanings() []page.Meaning {
	return []page.Meaning{
		{Figure: "appended", Words: "messages written in a second, by all programs; a write of ten counts ten. The UI's own calls are left out of all figures."},
		{Figure: "read", Words: "messages handed out in a second. Readers that poll and find nothing read none."},
		{Figure: "announced", Words: "pokes sent to subscriptions in a second, one for each message and subscription. Those of this UI are left out."},
		{Figure: "p50, p99|write p99, max", Words: "half of the writes, and 99 of 100, took at most so long, from request to durable answer. The greatest of a second is drawn, none is averaged away."},
		{Figure: "Go heap|GC", Words: "what lives in the server's heap, garbage included until it is collected. GC says how many collections a second there were, and how long all stood still for them."},
		{Figure: "events|flushes, flush, compaction, compactions, opened, created", Words: "what the engine did, under the second in which it ended: f or ▾ flush, c or ◆ compaction, S or ■ stall, + opened, - closed. The time cursor (h and l) says it in words."},
		{Figure: "stalls|stall", Words: "how often writes stopped on this time axis because compactions did not keep up. One is worth looking at on Engine."},
		{Figure: "L0 sublevels", Words: "layers that a read has to look through in the newest level; at the limit writes stop. The worst namespace counts."},
		{Figure: "debt", Words: "bytes that compactions still have to move. What grows for minutes will end in a stall."},
		{Figure: "disk left", Words: "what the file system leaves to the server. Under 5 % or 2 GB it is said to be low."},
		{Figure: "busiest|busiest categories, busiest namespaces, w/s, r/s", Words: "messages a second, over the last five seconds; eight namespaces and eight categories are told apart each second. A gap in the line is a second that did not tell."},
		{Figure: "messages, streams, categories", Words: "all that this namespace holds, counted again every two seconds. Other namespaces stand on Streams."},
		{Figure: "subscriptions, connections", Words: "who listens on an open stream of announcements, and the HTTP connections that are open now."},
		{Figure: "methods|calls", Words: "what programs called in the last second, with how long it took: half of the calls, 99 of 100, the slowest."},
	}
}

// CursorFigure is what the time cursor moves: "" while there is none.
func (p *overview) CursorFigure() string {
	if p.axis.chart.Cursor >= 0 && p.axis.w > 0 {
		return "events"
	}
	return ""
}
