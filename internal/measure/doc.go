// Package measure is what all that measures a server is made of: `evtui bench`,
// `evtui profile`, `evtui compare` and the comparison of recordings.
//
// # Nouns
//
// A [Process] is a program that was started to be measured, a [Server] one that
// serves HTTP. A [Session] puts a load on a server, and takes profiles and
// samples before, during and after it. A [Metric] is what was measured, with its
// unit and which way is better; a [Spread] is what several runs or seconds came
// to; a [Pair] is a metric of two things that are compared. A [Table] shows them.
//
// # Promises
//
// A process gets none of the user's settings. A session deletes its test data,
// also after ctrl-c. What was not measured is NaN, prints as a dash, and is
// never compared.
//
// # Caveats
//
// Processor time and memory of a process are known on Linux only. Whoever starts
// a process stops it.
package measure
