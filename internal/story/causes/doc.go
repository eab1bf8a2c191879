// Package causes knows what links messages: which of their metadata names what
// caused them and what they belong to, and the tree that comes of it.
//
// # Nouns
//
// [Links] are the names of metadata that link messages: those that are built in
// ([BuiltIn]) and a user's own ([Names]). A [Ref] names one message in one of the
// ways in which metadata does: by stream and position, by global position, by id,
// by the span of a trace. A [Tree] is a message, the causes that led to it, and
// all that followed from it; its [Row]s are the tree as it is drawn. [Hops] are
// how long it took from a type of message to a type that it caused, over many.
//
// # Promises
//
// The package reads nothing: it is fed messages, in the order of the log. A tree
// ends: what names itself, its own effect, or something that is not there is said
// in the node's [Fault], and followed no further. Trees and hops are bounded, and
// say when they are full. Nothing recurses, so a chain may be of any length.
//
// # Caveats
//
// An effect stands behind its cause in the log. What stands before it is no
// effect here, although it may name it; upwards such a cause is followed, and
// said. Names and types are as they are stored: whoever draws them makes them
// inert.
package causes
