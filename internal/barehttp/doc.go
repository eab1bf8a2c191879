// Package barehttp carries calls over kept HTTP/1.1 connections (RFC 9112)
// with nothing around them, for what drives a server as hard as it goes: the
// load generator and the bench. Where client and server share a machine,
// net/http's goroutines, channels and maps for each call would be most of what
// is measured.
//
// # Nouns
//
// A [Conn] is one connection, used by one goroutine, one call at a time. A
// [Transport] is an http.RoundTripper over a pool of them: client.WithTransport
// puts it under a client, so that everything above it is the client's own.
//
// # Promises
//
// A Transport sends what it can send by itself, a POST to its one server whose
// length is known, and hands everything else (other methods, streams, what goes
// through a proxy) to the net/http transport that it was made from. A call ends
// with its context. A request that may be sent again (see Transport.RoundTrip)
// is, when a kept connection turns out to be dead; any other is sent once, and
// takes no connection that has idled for a second.
//
// # Caveats
//
// It is no general client: answers' headers are kept only where the client
// looks at them, no redirect is followed, nothing is decompressed.
package barehttp
