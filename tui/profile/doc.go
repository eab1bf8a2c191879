// Package profile is the Profile page: it captures profiles of the server, and
// shows them as a table, a flame graph, callers or source lines, whole, filtered,
// or as the difference to a baseline.
//
// Captures are kept in the session directory with what the engine did meanwhile.
package profile
