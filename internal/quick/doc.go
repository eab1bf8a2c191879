// Package quick is a front for net/http that answers short calls by itself.
//
// A call of the protocol is a POST of a few hundred bytes, and most of what
// net/http does for it (a header map, a background read, two buffers and a
// chunk writer for each request) costs more than the call's own work. Server
// reads the plainest requests, a POST of one path with a known length and only
// headers it knows, and hands them to the same handler with a request and a
// writer that live as long as the connection. Everything else, and whatever it
// is not sure of, goes to net/http byte for byte, together with the rest of
// its connection: quick refuses nothing, so that every rule and every error
// of HTTP stays net/http's.
//
//	listener -> Server.Serve -> conn: plain call? -> Handler
//	                              \-- anything else -> feed -> http.Server -> Handler
//
// What a handler sees is what it would see from net/http (the tests compare
// the two), with these limits: the request, its header and its body are valid
// until the handler returns, the context ends with the connection instead of
// with the request, and a client that goes away is noticed only in calls that
// asked for it by lifting their read deadline.
package quick
