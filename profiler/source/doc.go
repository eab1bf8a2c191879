// Package source opens profiles from wherever they are: files, the addresses of
// programs that serve /debug/pprof, and standard input; several of them merged.
//
// # Nouns
//
//   - A [Reader] opens profiles by name.
//   - A [Web] fetches them over HTTP, from any Go program.
//   - An [Offer] is a profile that a program offers ([Web.Offers]).
//
// # Promises
//
// What is read is bounded by [profiler.Limits], and what is fetched by time as
// well. A context that ends ends the call at once, also one that waits for a
// pipe that nobody writes to. A token is sent to the one server that it is for;
// no redirect is followed, with a token or without.
//
// # Caveats
//
// A read that a context cut short is left to itself, and may still take what
// comes.
package source
