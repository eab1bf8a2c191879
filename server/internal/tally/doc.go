// Package tally counts what calls do, on their way: how long they took
// ([Latencies], one a method) and how many messages went where ([Messages], by
// namespace and category).
//
// Counting is for every call, and takes no lock. Once a second somebody takes
// the counts, by [Latencies.Take] and [Rates.Sample], and gets what happened
// since. What is counted meanwhile belongs to this second or the next, never to
// both or none. Totals since the start are kept beside.
//
// The zero values of Latencies, Messages and Rates are ready to use.
package tally
