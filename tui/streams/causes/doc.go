// Package causes is the tab "causes" of a stream: from a message up to what began
// it and down to all it caused, as a tree with the time of each hop, and over many
// messages the percentiles of each hop.
//
// The causes above are looked up; the effects below are looked for in what comes
// after, a step at a time and as far as the user lets it go. The last row says how
// far that is, and what going on would cost. What a search has found comes as a
// copy: the search itself belongs to the question that is under way.
package causes
