// Package servertest runs servers for tests, as net/http/httptest does for
// handlers.
//
// [New] starts a [Server] on a store and stops it at the end of the test. Clients
// in the process reach it by its Dial, also in a bubble of testing/synctest, and
// others by the address that [Server.Listen] returns:
//
//	s := servertest.New(t, server.Config{})
//	c, err := client.New(s.Listen(), client.WithToken(s.Token))
package servertest
