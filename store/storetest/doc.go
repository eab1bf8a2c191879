// Package storetest is the contract of [store.Store] as a test suite, and a
// reference engine to compare with.
//
// # Nouns
//
// A [Harness] is one fresh place where an engine keeps data and the way to
// open it. [Run] puts an engine through every promise of the contract: named
// cases, then random operations compared step by step with the [Model], which
// is the whole contract in plain slices and maps, held in memory. What an
// engine may leave out (imports, checkpoints, verification) is asked for by
// interface, and skipped with a word where it is not offered. [RunReading] is the half
// that reads, for a store that was filled by other means. [Benchmark] measures
// an engine and checks what it stored. Package history looks for an order that
// explains what many callers heard at once; package damage damages data
// directories, and looks for what was lost without a word.
//
// # Promises
//
// The suite asks for nothing that the contract leaves open: where it is
// silent, a case accepts each sensible answer and checks that the store stays
// consistent. Every case ends with Verify on all namespaces and with Close.
// The random test prints its seed when it fails; the same seed takes the same
// steps.
//
// # Settings, from the environment
//
//   - STORETEST_SEED: the seed of the random tests, to replay a failure.
//   - STORETEST_STEPS: how many random operations (default 3000).
//   - STORETEST_PATIENCE: how many seconds a case may wait for what never
//     comes (default 120).
//
// A slow reader is given 100,000 messages, and a late one 50,000; a tenth of
// that under the race detector.
//
// # Caveats
//
// The Model is for tests: it holds everything, looks through everything, and
// overwrites what it lent as soon as an iterator steps on, so that code which
// keeps a borrowed message without Clone fails at once.
package storetest
