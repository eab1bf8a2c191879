// Package sqlitestore is the event store's engine on SQLite, without cgo.
//
// # Layout
//
// A data directory holds a LOCK, a registry (meta.db: one row per namespace)
// and ns/, where every namespace has a database file of its own, named after
// an escaped form of its id and a serial number, with its write-ahead log
// (-wal) beside it while it is open. The tables, see schema.go:
//
//	messages    by global position; indexes by category, stream and given id
//	streams     name, number, and the stream's head
//	categories  name, number, counts
//	state       one row: next global position, last time, counts
//
// # The way of a write
//
// Append queues at the namespace's committer, the only goroutine that writes
// to its database. The committer takes all that waits, checks ids and versions
// and stores the group in one transaction. COMMIT returns once the log is
// synced; then the durable head moves, subscriptions wake, and everyone in the
// group is answered. What comes meanwhile is the next group.
//
// # The way of a read
//
// Readers have connections of their own, which in WAL mode neither wait for
// the writer nor hold it up. A read goes page by page, each a statement by
// itself that seeks to where the last one ended: no transaction stays open
// while a slow client takes its time, so the log can always be checkpointed.
//
// # Promises
//
// No read passes the durable head. SQLite shows a transaction to others only
// after its sync, and the head moves after that. A failed transaction poisons
// the namespace: nothing more is acknowledged until the store is opened again.
//
// # Caveats
//
// With Options.Interval set, SQLite commits without a sync (synchronous=NORMAL)
// and the log is synced that often; Describe says so. Page caches belong to
// connections, not to the store: Options.Memory sets the size of each, so that
// many busy namespaces take more than one. In memory, a namespace has a single
// connection that reads and writes in turn, and stays in memory when it is closed.
package sqlitestore
