// Package sqlitestore is the event store's engine on SQLite, without cgo: a
// backend of store/internal/engine, which does all that engines share. It is
// there to measure against and to keep the contract honest, and takes the simple
// way wherever there is one.
//
// # Layout
//
// Each namespace has a directory of its own below ns/ in the data directory, in
// which this package keeps data.db, with its write-ahead log (-wal) and that
// one's index (-shm) beside it while it is open. The tables, see schema.go:
//
//	messages    by global position, each with a checksum; indexes by category, stream and given id
//	streams     name, number, and the stream's head
//	categories  name, number, counts
//	state       one row: next global position, last time, counts
//
// meta.db in the data directory is a wall. It was the registry in format 1,
// when namespaces were files below ns/; it has a format now that versions of
// that time refuse, so that they change nothing. See legacy.go.
//
// # Writes and reads
//
// A batch gathers a group's messages and writes them in one transaction, whose
// COMMIT syncs the log. When everybody has been answered, a log that has grown
// long is moved into the file. Readers have connections of their own, and so
// have the committer's lookups; none waits for the writer or holds it up. A read
// goes page by page, each a statement by itself that seeks to where the last one
// ended: no transaction stays open while a slow client takes its time.
//
// # Promises
//
// Opening changes nothing before it has found, through connections that only
// read, what the shared layer's mark says was there. A file is made for a new
// namespace alone. A message is checked against its checksum (CRC-32C over all of
// its columns and its stream's name) whenever it is read; those that a version
// before checksums wrote have none, and Verify says how many. A read-only store
// changes nothing in its directory: it reads files without a log in place,
// without locks, and copies others with their log to where the system keeps
// temporary files.
//
// # Caveats
//
// Salvage reads around pages that are damaged, as far as SQLite gets. It gets
// nowhere without a file's first page, and not to what lies below a damaged page
// of a tree or behind damage in a log; that is told to be lost.
//
// With Options.Interval set, SQLite commits without a sync (synchronous=NORMAL)
// and the log is synced that often. Page caches belong to connections, not to
// the store: Options.Memory sets the size of each. In memory, a namespace has a
// single connection, and its data stays with the backend while it is closed.
//
// Checksums cover messages, not the rows of streams, categories and state.
// Those are held against each other and against messages where it is cheap: at
// opening, and when a stream's end is looked up. Verify compares all of them.
package sqlitestore
