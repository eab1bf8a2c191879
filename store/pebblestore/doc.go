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
//	h number                 a shape: what messages of a kind have in common
//	m category, global pos   the message: header, names, metadata and data or their values
//	s stream, 0x00, position global position
//	u id                     global position; only ids that a client gave
//	z number                 the shape again
//
// Messages lie by category, so that reading a category (with or without a
// consumer group) is one scan; the small g family puts the categories back
// into the namespace's order, and the s family finds a stream's messages.
//
// Most messages of a kind are the same JSON around other values (package shape).
// After the fourth of them the namespace learns that text as a shape, written
// in the batch of the first message that has it, and from then on a record
// holds the shape's number and the values. A message whose text is not learned
// is stored whole. A shape is written twice, in places that one damaged block
// does not hold together, since all messages of its kind need it.
//
// There is no record per stream: its head is the last of its s entries, kept
// in a cache for the streams that are being written.
//
// # The way of a write
//
// Append takes its messages apart and queues at the namespace's committer. The
// committer takes all that waits, checks ids and versions, gives positions and
// time, and applies one batch without waiting for its sync; a second goroutine,
// the acknowledger, waits for the syncs in order, then moves the durable head,
// rings the bell for subscriptions, and answers. While one group syncs the next
// one gathers.
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
