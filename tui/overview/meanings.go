package overview

import "github.com/evtui/evtui/tui/page"

// Meanings says what the figures of the page mean.
func (p *overview) Meanings() []page.Meaning {
	return append(append(chartMeanings(), healthMeanings()...), listMeanings()...)
}

// chartMeanings are of what stands on the time axis.
func chartMeanings() []page.Meaning {
	const (
		axis    = "each second of the time axis, or of the second under the time cursor"
		unknown = "blank where there is no sample; the title says why where the server has no metrics"
	)
	return []page.Meaning{
		{
			Figure: "appended", Words: "messages written per second, by all programs; a write of ten counts as ten. The UI's own calls are not counted.",
			Source: "engine.sample, engine.history", Unit: "messages per second", Window: axis, Unknown: unknown,
		},
		{
			Figure: "read", Words: "messages delivered per second. Readers that poll and find nothing read none.",
			Source: "engine.sample, engine.history", Unit: "messages per second", Window: axis, Unknown: unknown,
		},
		{
			Figure: "announced", Words: "notifications sent to subscriptions per second, one for each message and subscription. Those to this UI are not counted.",
			Source: "engine.sample, engine.history", Unit: "notifications per second", Window: axis, Unknown: unknown,
		},
		{
			Figure: "p50, p99|write p99, max", Words: "half of the writes, and 99 of 100, took at most this long, from request to durable response. The chart shows each second's maximum, not an average; max says when the slowest one was, and :at with that time goes there.",
			Source: "engine.sample, engine.history: stream.write and stream.append", Unit: "time", Window: axis, Unknown: "blank in a second without a write",
		},
		{
			Figure: "Go heap|GC", Words: "the server's heap, including garbage not yet collected. GC shows collections per second and how long they paused the process.",
			Source: "engine.sample, engine.history", Unit: "bytes; collections per second; time", Window: axis, Unknown: unknown,
		},
		{
			Figure: "last|then", Words: "how much time the axis shows, which + and _ change; then is the second under the time cursor, which h and l move.",
			Source: "this page", Unit: "time", Window: "the time axis, up to now", Unknown: "always known",
		},
		{
			Figure: "events|flushes, flush, compaction, compactions, opened, created, cut off, back, drift, new type, new types, new transition, new transitions, more", Words: "what the engine did, under the second in which it ended: f or ▾ flush, c or ◆ compaction, S or ■ stall, + opened, - closed, * or ☆ a new type or transition, ! or ⊘ a shared log that is not followed, = or ⊙ that is again, ? or ◇ drift of a type's fields. h and l lead to details.",
			Source: "engine.events", Unit: "events", Window: axis, Unknown: "the lane is absent where the server tells no events",
		},
	}
}

// healthMeanings are of the line that says how the engine does.
func healthMeanings() []page.Meaning {
	const (
		now     = "the last sample, or the second under the time cursor"
		unknown = "absent where the engine does not tell"
	)
	return []page.Meaning{
		{
			Figure: "healthy|since", Words: "no namespace is damaged, has a failed WAL, is stalled or near the point where writes stop, and the disk is not low. What is wrong stands here instead, and since when: the first of the seconds on record in which it was so without a break.",
			Source: "engine.sample, engine.history", Unit: "words; time of day", Window: now, Unknown: "since is absent for what was wrong before the record begins, which says at least",
		},
		{
			Figure: "stalls|stall", Words: "how often writes stopped on this time axis because compactions did not keep up. Look into any stall on Engine.",
			Source: "engine.events", Unit: "stalls", Window: "the time axis", Unknown: "absent where the server tells no events",
		},
		{
			Figure: "L0 sublevels", Words: "layers that a read has to search in the newest level; at the limit, writes stop. Shown for the worst namespace.",
			Source: "engine.sample", Unit: "sublevels of the limit", Window: now, Unknown: "absent for an engine without a tree",
		},
		{
			Figure: "debt", Words: "bytes that compactions still have to move, in the open namespaces. Debt that grows for minutes ends in a stall; more than 1 GB and half of the data counts as high.",
			Source: "engine.sample, all open namespaces", Unit: "bytes", Window: now, Unknown: "absent for an engine without a tree",
		},
		{
			Figure: "disk left", Words: "free space in the server's file system. Under 5 % or 2 GB counts as low.",
			Source: "engine.sample", Unit: "bytes", Window: now, Unknown: "absent for a store in memory",
		},
		{
			Figure: "on disk", Words: "what the open namespaces take on disk. Closed ones are not measured: with some closed it is \"at least\", with all closed \"?\".",
			Source: "engine.sample, all open namespaces", Unit: "bytes", Window: now, Unknown: "? until the engine has measured it",
		},
		{
			Figure: "in memtables", Words: "data written and not yet flushed to tables. The log holds the same bytes.",
			Source: "engine.sample, all open namespaces", Unit: "bytes", Window: now, Unknown: "absent for an engine without a tree",
		},
		{
			Figure: "namespaces open", Words: "open namespaces, of all there are. The server opens one on first use and closes it when it is idle.",
			Source: "engine.sample", Unit: "namespaces", Window: now, Unknown: unknown,
		},
		{
			Figure: "compacting", Words: "compactions that run now, in all open namespaces.",
			Source: "engine.sample", Unit: "compactions", Window: now, Unknown: "absent when none runs",
		},
	}
}

// listMeanings are of the lists and counts beside the charts.
func listMeanings() []page.Meaning {
	return []page.Meaning{
		{
			Figure: "busiest|busiest categories, busiest namespaces, w/s, new/s, r/s", Words: "messages of the second that the header shows; the order is that of the last five seconds. The server reports the eight busiest namespaces and categories of each second: ? and a gap in the line mean that this one may not have been among them.",
			Source: "engine.sample, else ns.categories", Unit: "messages per second", Window: "the last full second, or the second under the time cursor", Unknown: "? where the server does not tell it of this one",
		},
		{
			Figure: "messages, streams, categories", Words: "totals of this namespace, refreshed every two seconds. Other namespaces are listed on Streams.",
			Source: "ns.categories", Unit: "messages, streams, categories", Window: "now", Unknown: "counting, until the first answer",
		},
		{
			Figure: "subscriptions, connections", Words: "open subscriptions, and open HTTP connections.",
			Source: "engine.sample", Unit: "subscriptions, connections", Window: "the last sample, or the second under the time cursor", Unknown: "absent without metrics",
		},
		{
			Figure: "methods|methods now, calls", Words: "methods that programs called in the last second, with latencies: p50, p99 and the slowest call.",
			Source: "engine.sample", Unit: "calls per second; time", Window: "the last full second", Unknown: "absent for a method that was not called in it",
		},
	}
}

// CursorFigure is what the time cursor moves: "" while there is none.
func (p *overview) CursorFigure() string {
	if p.axis.chart.Cursor >= 0 && p.axis.w > 0 {
		return "events"
	}
	return ""
}
