// Package door lets people look at a server's UI over SSH, with nothing but
// their key.
//
// # Nouns
//
// A [Door] is an SSH server beside evtui serve. A session is one terminal with
// a UI of its own (tui.RunRemote), on a client that refuses to write.
//
// # Promises
//
// Keys alone open it: no password, no shell, no command, no forwarding, no
// subsystem. What a session shows is the admin's view, read-only. It starts no
// process, and reads and writes no file of the server. Sessions are bounded, and
// so are connections that have not shown a key yet.
package door
