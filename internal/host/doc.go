// Package host brings up an engine with its server in this process, and leads
// others to it.
//
// # Nouns
//
// A Host is a store, a server before it, and the listeners that it serves: one
// in memory for this process, and one on the network unless Config says
// NoNetwork. A Place is a data directory with the files that lead others to
// the server on it, readable by their owner only: endpoint (its URL), token
// (the admin token) and endpoint.crt (the certificate that it shows). A Backend
// names an engine; this is the one package that knows all of them.
//
// # Promises
//
// Open fails with an error that Locked knows when another process has the
// directory, and then has changed nothing there. Close ends in this order:
// endpoint is removed, calls under way end or Network.Drain is over, the store
// closes. A Host that is ReadOnly changes nothing in its directory and notifies
// nobody of itself. A certificate is taken up again when its files change.
package host
