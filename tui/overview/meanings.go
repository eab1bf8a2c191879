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
		page.Figure("appended", "messages written per second, by all programs; a write of ten counts as ten. The UI's own calls are not counted.").
			From("engine.sample, engine.history", "messages per second", axis, unknown),
		page.Figure("read", "messages delivered per second. Readers that poll and find nothing read none.").
			From("engine.sample, engine.history", "messages per second", axis, unknown),
		page.Figure("announced", "notifications sent to subscriptions per second, one for each message and subscription. Those to this UI are not counted.").
			From("engine.sample, engine.history", "notifications per second", axis, unknown),
		page.Figure("p50, p99|write p99, max", "half of the writes, and 99 of 100, took at most this long, from request to durable response. The chart shows each second's maximum, not an average; max says when the slowest one was, and :at with that time goes there.").
			From("engine.sample, engine.history: stream.write and stream.append", "time", axis, "blank in a second without a write"),
		page.Figure("Go heap|GC", "the server's heap, including garbage not yet collected. GC shows collections per second and how long they paused the process.").
			From("engine.sample, engine.history", "bytes; collections per second; time", axis, unknown),
		page.Figure("last|then", "how much time the axis shows, which + and _ change; then is the second under the time cursor, which h and l move.").
			From("this page", "time", "the time axis, up to now", "always known"),
		page.Figure("events|flushes, flush, compaction, compactions, opened, created, cut off, back, drift, new type, new types, new transition, new transitions, closed, deleted, truncated, replaced, dropped, unknown, stall ended, profile, profiles, disk space warning, disk space warnings, more", "what the engine did, under the second in which it ended: f or ▾ flush, c or ◆ compaction, S or ■ a stall, o or □ its end, + opened or created, - closed, deleted or truncated, ~ or ± replaced, X or ✗ a failed WAL or damage, d or △ the end of a log that was dropped, or files of no known namespace, D or ▲ disk space below the engine's own threshold, p or ◎ a profile, * or ☆ a new type or transition, ! or ⊘ a shared log that is not followed, = or ⊙ that is again, ? or ◇ drift of a type's fields. h and l lead to details.").
			From("engine.events", "events", axis, "the lane is absent where the server tells no events"),
	}
}

// healthMeanings are of the line that says how the engine does.
func healthMeanings() []page.Meaning {
	const (
		now     = "the last sample, or the second under the time cursor"
		unknown = "absent where the engine does not tell"
	)
	return []page.Meaning{
		page.Figure("healthy|since", "no namespace is damaged, has a failed WAL, is stalled or near the point where writes stop, and the disk is not low. What is wrong stands here instead, and since when: the first of the seconds on record in which it was so without a break.").
			From("engine.sample, engine.history", "words; time of day", now, "since is absent for what was wrong before the record begins, which says at least"),
		page.Figure("stalls|stall", "how often writes stopped on this time axis because compactions did not keep up. Look into any stall on Engine.").
			From("engine.events", "stalls", "the time axis", "absent where the server tells no events"),
		page.Figure("L0 sublevels", "layers that a read has to search in the newest level; at the limit, writes stop. Shown for the worst namespace.").
			From("engine.sample", "sublevels of the limit", now, "absent for an engine without a tree"),
		page.Figure("debt", "bytes that compactions still have to move, in the open namespaces. Debt that grows for minutes ends in a stall; more than 1 GB and half of the data counts as high.").
			From("engine.sample, all open namespaces", "bytes", now, "absent for an engine without a tree"),
		page.Figure("disk left", "free space in the server's file system. Under 5 % or 2 GB counts as low.").
			From("engine.sample", "bytes", now, "absent for a store in memory"),
		page.Figure("on disk", "what the open namespaces take on disk. Closed ones are not measured: with some closed it is \"at least\", with all closed \"?\".").
			From("engine.sample, all open namespaces", "bytes", now, "? until the engine has measured it"),
		page.Figure("in memtables", "data written and not yet flushed to tables. The log holds the same bytes.").
			From("engine.sample, all open namespaces", "bytes", now, "absent for an engine without a tree"),
		page.Figure("namespaces open", "open namespaces, of all there are. The server opens one on first use and closes it when it is idle.").
			From("engine.sample", "namespaces", now, unknown),
		page.Figure("compacting", "compactions that run now, in all open namespaces.").
			From("engine.sample", "compactions", now, "absent when none runs"),
	}
}

// listMeanings are of the lists and counts beside the charts.
func listMeanings() []page.Meaning {
	return []page.Meaning{
		page.Figure("busiest|busiest categories, busiest namespaces, w/s, new/s, r/s", "messages of the second that the header shows; the order is that of the last five seconds. The server reports the eight busiest namespaces and categories of each second: ? and a gap in the line mean that this one may not have been among them.").
			From("engine.sample, else ns.categories", "messages per second", "the last full second, or the second under the time cursor", "? where the server does not tell it of this one"),
		page.Figure("messages, streams, categories", "totals of this namespace, refreshed every two seconds. Other namespaces are listed on Streams.").
			From("ns.categories", "messages, streams, categories", "now", "counting, until the first answer"),
		page.Figure("subscriptions, connections", "open subscriptions, and open HTTP connections.").
			From("engine.sample", "subscriptions, connections", "the last sample, or the second under the time cursor", "absent without metrics"),
		page.Figure("methods|methods now, calls", "methods that programs called in the last second, with latencies: p50, p99 and the slowest call.").
			From("engine.sample", "calls per second; time", "the last full second", "absent for a method that was not called in it"),
	}
}

// CursorFigure is what the time cursor moves: "" while there is none.
func (p *overview) CursorFigure() string {
	if p.axis.chart.Cursor >= 0 && p.axis.w > 0 {
		return "events"
	}
	return ""
}
