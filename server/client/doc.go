// Package client speaks the EventoDB protocol to a server, over TCP or inside
// the process (see [WithDialer]). Values that go in and come out are those of
// packages store and wire.
//
// # Nouns
//
// A [Client] holds a server's address, a token and a pool of connections. A
// derived client ([Client.In]) looks at another namespace with the same pool. A
// [Subscription] is a cursor over announcements. An [Error] is the server's
// answer that something is wrong.
//
// # Promises
//
// Data and metadata go out and come back to the letter. A call ends when its
// context does. A write is sent once: when its answer is lost, the error says
// so (see [Unreachable]) and whether it was stored is unknown, unless the event
// carried an id, with which it can be sent again safely. Calls that only read
// are sent again by themselves when a kept connection turns out to be dead.
//
// All methods of a Client may be called at once from many goroutines.
//
// # Servers that are not evtui's
//
// Sections 1 to 8 of the protocol work against any EventoDB server. What evtui
// adds answers with an error for which [NotOffered] holds; options that such a
// server would silently ignore (reading backward, another namespace) are
// refused before they are sent.
//
// # Caveats
//
// The messages of one page share memory: keeping one keeps the page. Whoever
// keeps a few for long keeps their [store.Message.Clone].
package client
