// Package client speaks the EventoDB protocol to a server, over TCP or inside
// the process (see [WithDialer]). It needs the standard library only.
//
// The zero value of a query or a write does what one expects: it reads from the
// first message on, a page of [DefaultLimit], and writes wherever the stream
// ends ([Expect]). Each value has one meaning; what would have none is refused
// before it is sent. Package consumer, beside this one, processes a category's
// messages and keeps its place.
//
// # Nouns
//
// A [Client] holds a server's address, a token and net/http's connections, or
// what is put in their place (see [WithTransport]). A derived client
// ([Client.In]) looks at another namespace over the same connections. A
// [ScanQuery] selects messages by a filter, which the server evaluates. A
// [Subscription] is a cursor over announcements. An [Error] is the server's
// answer that something is wrong.
//
// # Promises
//
// Data and metadata go out and come back to the letter. A call ends when its
// context does.
//
// A write is sent once, unless the server says that it did nothing
// ([Unavailable]): when its answer is lost, the error says so (see
// [Unreachable]) and whether it was stored is unknown, unless all its events
// carry ids, with which it can be sent again safely. Then the client does so by
// itself where the server says that the outcome is unknown ([OutcomeUnknown]).
// How often, and for how long, [Retries] say; an error that follows an unknown
// outcome never says that nothing was stored unless that was decided. Calls that
// only read, and writes whose events all have ids, are also sent again when a
// kept connection turns out to be dead.
//
// The token goes to the server at the address that was given and to nobody
// else: no redirect is followed ([RedirectError]), and /health and /version are
// asked without it. Every answer is bounded ([Limits], [ErrTooLarge]): pages
// and exports by the size of a message and the number that was asked for,
// streams by the size of an event, everything else as a whole. What reads page
// by page asks for as many messages as fit into a few megabytes ([PageSize]).
//
// All methods of a Client may be called at once from many goroutines.
//
// # Servers that are not evtui's
//
// Sections 1 to 8 of the protocol work against any EventoDB server. What evtui
// adds answers with an error for which [NotOffered] holds; options that such a
// server would silently ignore (reading backward, another namespace) are
// refused before they are sent. Scans read everything there, and filter it.
//
// # Caveats
//
// The messages of one page share memory: keeping one keeps the page. Whoever
// keeps a few for long keeps their [store.Message.Clone].
package client
