// Package fleet looks at several servers at once: the rows of the page Servers
// and of evtui servers.
//
// # Nouns
//
// A [Sight] is what one look at one server found: its samples since the look
// before, and the largest lag of a consumer. A [Record] is what is known of a
// server after all looks at it, and a [State] the judgement on it in words.
//
// # Promises
//
// Each look has a deadline of its own ([Patience]), so a server that hangs holds
// up nobody who looks at others meanwhile. A Record keeps what it knew when a
// look fails, and says when that was. What is not known is NaN or nil, never 0.
//
// # Caveats
//
// The metrics need a server with evtui's additions and the admin token; of
// others a Record knows that they answer, and their version. Samples carry the
// server's clock, the times of a Record are of this machine's.
package fleet
