// Package compare lays sessions of a load on two engines beside each other and
// says what follows from their figures.
//
// # Nouns
//
// A [Session] is what one load on one server measured. A run has one session
// of each engine. A row is one figure of all sessions: the medians of both
// engines, how far the runs were apart, and which engine is ahead.
//
// # Promises
//
// Nothing is concluded that the figures do not say: where the runs of the two
// engines overlap, or a single pair is within a tenth, there is no difference.
// What was not measured is a dash, and no conclusion.
//
// # Caveats
//
// Medians of few runs hide what happens seldom; the sessions' own files show it.
package compare
