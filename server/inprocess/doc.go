// Package inprocess connects a client and a server of one process, without a
// network.
//
// A [Listener] is handed to server.Server.Serve; its Dial is what a client
// dials with. The bytes are those of any other connection, HTTP included. Both
// ends are buffered: a write waits only while the other side has much to read.
//
// Whoever holds a Listener is in the process, and so can read the data anyway:
// the server does not count such connections against its limits, and takes
// Config.LocalToken from them alone. It knows them by their [Address], which no
// address of a network looks like.
package inprocess
