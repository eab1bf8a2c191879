// Package pebblestore is the event store's engine on Pebble.
//
// # Layout
//
// A data directory holds a LOCK, a registry (a small Pebble database: one
// record per namespace) and ns/, where every namespace has a Pebble database
// of its own, named after an escaped form of its id and a serial number. Keys
// are families told apart by their first byte; integers in keys are big-endian.
//
//	M                        format, next global position, last time, counts
//	c category               number of the category, counts
//	g global position        number of the category
//	m category, global pos   the message: header, names, metadata, data
//	s stream, 0x00, position global position
//	u id                     global position; only ids that a client gave
//
// Messages lie by category, so that reading a category (with or without a
// consumer group) is one scan; the small g family puts the categories back
// into the namespace's order, and the s family finds a stream's messages.
// There is no record per stream: its head is the last of its s entries, kept
// in a cache for the streams that are being written.
//
// # The way of a write
//
// Append queues at the namespace's committer. The committer takes all that
// waits, checks ids and versions, gives positions and time, and applies one
// batch without waiting for its sync; a second goroutine, the acknowledger, waits for the
// syncs in order, then moves the durable head, rings the bell for
// subscriptions, and answers. While one group syncs the next one gathers.
//
// # Promises
//
// No read passes the durable head, so nothing can be read that a crash could
// take back. A failed sync poisons the namespace: nothing more is
// acknowledged until the store is opened again.
//
// # Caveats
//
// With Options.Interval set, acknowledged means written, and up to that much
// time can be lost in a crash; Describe says so.
package pebblestore
