// Package streams is the Streams page: a walk from namespaces over categories and
// streams to messages, and the processes that messages belong to.
//
// A list is read a page at a time around what is on the screen, so that a list of
// a million rows costs what one of a hundred does. Rows of large messages keep what
// is drawn of them; the whole of one is read when the cursor rests on it, or when
// something is done with it. Lists lie in a stack, the way: out is the one before.
// Tabs stand beside a list, and lanes show a process, stream beside stream.
package streams
