// Package kinds is the tab "types" of the Streams page: the types of the events
// of a namespace or a category, how many there are, how fast they come, and, of
// one of them, the fields and what changed in them.
//
// Counts come from the server where it keeps them. Elsewhere, and at a moment of
// the past, a Look reads the messages for them, newest first, in turns: as many
// as were allowed, with what they cost said, and what is new at the end as it
// comes. The fields of a type are always read so.
package kinds
