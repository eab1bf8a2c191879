// Package flow counts how events follow each other in the streams of a category:
// which type comes directly after which, how often, and how much time lies between.
//
// A [Graph] takes the messages of a category in their global order, once, and can
// go on taking what comes later. It answers with [Transition] values, the start and
// the end of streams among them, and with [Variant] values: whole orders of types,
// with the number of streams that have each.
//
// # What it promises
//
// Counts are exact for what they count, and what is not counted is in [Sum]: a
// stream that was first seen past its beginning has no start and no variant; across
// a hole in a stream's positions nothing follows anything. The end of a stream is
// where it ends as of the last message taken.
//
// Percentiles are exact up to [ExactGaps] times of a transition, and from there on
// within the error that [Gaps] names.
//
// # Bounds
//
// Memory is bounded by [Limits], whatever comes. The first streams, types and
// transitions are kept, and once one was turned away it is turned away for good: what
// is listed stays exact.
//
// A Graph is not safe for concurrent use.
package flow
