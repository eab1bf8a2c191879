// Package load drives a server as busy programs would: workers that append
// and read through server/client, each in a closed loop, with payloads of an
// ordinary business (orders, payments, shipments), and says what it saw.
//
// # Nouns
//
// A [Config] says what to do, [Run] does it, a [Report] is how it went. A
// worker is one goroutine with one call under way at a time. A consumer is a
// member of a consumer group that follows what the workers write.
//
// # Promises
//
// What a worker does, and with which payloads, follows from the seed and the
// worker's number; only the positions that messages refer to, and how workers
// interleave, depend on the server. A call that is under way when the time is
// up is waited for; one that is under way when the context ends is given up,
// and is neither an error nor counted as acknowledged.
//
// # Caveats
//
// Latencies are those that a caller sees, so they include the client's own
// time and, on the same machine, the wait for a core. In a paced run a call
// that starts late, because the ones before took too long, is measured from
// when it should have started; histograms keep two significant digits.
package load
