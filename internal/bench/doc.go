// Package bench measures a server against its goals: how much
// processor time a call takes, how many calls a second there are, how much
// memory and disk that takes.
//
// # Nouns
//
// A row is one metric with its goal. The server serves a fresh directory in a
// process of its own; the limit, in another, is a net/http handler that only
// reads a call and answers as many bytes. A step is a closed loop of calls over
// some connections for some time.
//
// # Promises
//
// Each row's limit is measured in the same run, under the same calls, right
// after the row. What was acknowledged must be counted by the server, and
// answers are looked into; a row that does not add up is an error, not a figure.
//
// # Caveats
//
// Client, server and limit share the machine, so that rates depend on what
// else runs, and on the client's own cost; processor time, by the process's own
// clock, depends on it less. Compactions that run during a step count.
package bench
