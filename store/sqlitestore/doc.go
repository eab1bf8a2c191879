// Package sqlitestore is the event store's engine on SQLite, without cgo: a
// backend of store/internal/engine, which does all that engines share.
//
// # Layout
//
// Each namespace has a directory of its own below ns/ in the data directory.
// The shared layer makes it, and knows what else lies there; this package keeps
// data.db in it, with its write-ahead log (-wal) and that one's index (-shm)
// beside it while it is open. The tables, see schema.go:
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
// # The way of a write
//
// A batch gathers a group's messages and writes them in one transaction.
// COMMIT returns once the log is synced. When a batch is closed, and everybody
// has been answered, a log that has grown long is moved into the file.
//
// # The way of a read
//
// Readers have connections of their own, which in WAL mode neither wait for
// the writer nor hold it up; so have lookups, which the committer makes. A read
// goes page by page, each a statement by itself that seeks to where the last
// one ended: no transaction stays open while a slow client takes its time, so
// the log can always be checkpointed.
//
// # Promises
//
// Opening changes nothing before it has found what the shared layer's mark says
// was there: the file is looked at without SQLite, then through connections that
// only read, and only then written. A file is made for a new namespace alone.
//
// A message is checked against its checksum (CRC-32C over all of its columns
// and its stream's name) whenever it is read. Messages that a version before
// checksums wrote have none; Verify says how many.
//
// A read-only store changes nothing in its directory: it reads files without a
// log in place, without locks, and copies others with their log to where the
// system keeps temporary files.
//
// Salvage reads a damaged file page by page, without SQLite, so that no page is
// lost with another. Behind damage in a log it believes only what was known to
// be durable.
//
// # Caveats
//
// With Options.Interval set, SQLite commits without a sync (synchronous=NORMAL)
// and the log is synced that often. Page caches belong to connections, not to
// the store: Options.Memory sets the size of each, so that many busy namespaces
// take more than one. In memory, a namespace has a single connection that reads
// and writes in turn; its data stays with the backend while it is closed.
//
// Checksums cover messages, not the rows of streams, categories and state.
// Those are held against each other and against messages where it is cheap: at
// opening, and when a stream's end is looked up. Verify compares all of them.
package sqlitestore
