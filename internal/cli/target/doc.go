// Package target is where a command finds its data: its flags, and the way
// from them to a client.
//
// # Nouns
//
// A [Target] names a server by its URL or by its context in the configuration,
// or a data directory. A [Session] is a client on it, and the host (package
// internal/host) that was brought up when nobody serves the directory yet.
//
// # Promises
//
// Who finds a directory locked attaches to the server that holds it. A token
// goes only to the server that it was given for. What an engine of the
// command's own logs is printed (warnings) or stands in the error (why the
// store failed).
package target
