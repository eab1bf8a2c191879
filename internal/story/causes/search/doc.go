// Package search finds what led to a message and all that it caused, on a server:
// upwards by the server's indexes, downwards by looking through what comes after.
//
// # Nouns
//
// A [Search] is of one message; it goes on a step at a time ([Search.Up], then
// [Search.Down]). A [Sight] is what it has found so far. [Many] reads the messages
// of categories or of a stream for how long the hops to them took.
//
// # Promises
//
// A step ends after a time and a number of bytes. What it looked at is said, and
// the next goes on behind it; after the end of the log it takes in what came since.
// It works on every server: what does not look up ids is looked through, and what
// does not scan is read and filtered here.
//
// # Caveats
//
// A Search is used by one goroutine at a time; a Sight is a copy and anyone's.
package search
