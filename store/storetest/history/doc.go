// Package history records what many callers asked of a few streams and what they
// heard, and looks for an order of all calls that explains every answer: whether
// a store, or a server before it, is linearizable.
//
// A [History] is made for one test. Each goroutine calls through a [Caller] of
// its own, on the [Streams] of a store ([Of]) or of a client of one; a Caller
// goes on after the end of a server where it left off. [History.Check] then says
// whether an order was found, and whether there was enough to find one for.
package history
