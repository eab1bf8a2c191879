package overview

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the page mean.
func (p *overview) Meanings() []page.Meaning {
	return []page.Meaning{
		{Figure: "appended", Words: "messages written per second, by all programs; a write of ten counts as ten. The UI's own calls are not counted."},
		{Figure: "read", Words: "messages delivered per second. Readers that poll and find nothing read none."},
		{Figure: "announced", Words: "notifications sent to subscriptions per second, one for each message and subscription. Those to this UI are not counted."},
		{Figure: "p50, p99|write p99, max", Words: "half of the writes, and 99 of 100, took at most this long, from request to durable response. The chart shows each second's maximum, not an average."},
		{Figure: "Go heap|GC", Words: "the server's heap, including garbage not yet collected. GC shows collections per second and how long they paused the process."},
		{Figure: "events|flushes, flush, compaction, compactions, opened, created", Words: "what the engine did, under the second in which it ended: f or ▾ flush, c or ◆ compaction, S or ■ stall, + opened, - closed. Move the time cursor (h and l) for details."},
		{Figure: "stalls|stall", Words: "how often writes stopped on this time axis because compactions did not keep up. Look into any stall on Engine."},
		{Figure: "L0 sublevels", Words: "layers that a read has to search in the newest level; at the limit, writes stop. Shown for the worst namespace."},
		{Figure: "debt", Words: "bytes that compactions still have to move, in the open namespaces. Debt that grows for minutes ends in a stall; more than 1 GB and half of the data counts as high."},
		{Figure: "disk left", Words: "free space in the server's file system. Under 5 % or 2 GB counts as low."},
		{Figure: "on disk", Words: "what the open namespaces take on disk. Closed ones are not measured: with some closed it is \"at least\", with all closed \"?\"."},
		{Figure: "busiest|busiest categories, busiest namespaces, w/s, new/s, r/s", Words: "messages of the second that the header shows; the order is that of the last five seconds. The server reports the eight busiest namespaces and categories of each second: ? and a gap in the line mean that this one may not have been among them."},
		{Figure: "messages, streams, categories", Words: "totals of this namespace, refreshed every two seconds. Other namespaces are listed on Streams."},
		{Figure: "subscriptions, connections", Words: "open subscriptions, and open HTTP connections."},
		{Figure: "methods|calls", Words: "methods that programs called in the last second, with latencies: p50, p99 and the slowest call."},
	}
}

// CursorFigure is what the time cursor moves: "" while there is none.
func (p *overview) CursorFigure() string {
	if p.axis.chart.Cursor >= 0 && p.axis.w > 0 {
		return "events"
	}
	return ""
}
