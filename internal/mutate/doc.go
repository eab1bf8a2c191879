// Command mutate breaks each promise of docs/reliability.md in a copy of the
// source and expects the test that is named there to fail.
//
// # Nouns
//
// A promise is a row of a table on the page with a column "shown by". A
// mutation is a small change to one or two files that breaks a promise, with
// the test that must notice.
//
// # Promises
//
// The source is never changed: go reads the changed files instead of their
// originals (go help build, -overlay), and so do the binaries that tests build.
// A mutation whose text is gone, that does not compile, or whose test is not named in
// the promise's row is an error, and so is a promise that no mutation breaks.
package main
