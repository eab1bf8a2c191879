// Package state says what the state of a stream was: a fold over its messages.
//
// A [Reducer] makes states of messages. [Merging] merges their data, here; a
// [Process] runs a jq program, in a child of this binary that holds no store,
// inherits nothing, and is killed when it takes too long or uses too much memory (package
// reduce is the child's side, the only one that knows jq). [History] is a stream's
// states: it keeps some of them, so that the state at any version is a few
// messages away. [Search] looks for the first version at which a condition holds.
//
// A state is JSON. It begins as null. Merging keeps every number as the messages
// have it; jq does as long as a program only moves it.
//
// Nothing here is safe for concurrent use, apart from what says so.
package state
