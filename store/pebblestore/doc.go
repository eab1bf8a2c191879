// Package pebblestore is the event store's engine on Pebble.
//
// # Layout
//
// It is a backend of store/internal/engine, which keeps the data directory, the
// registry of namespaces and all that engines share. Here is what only Pebble
// does: every namespace has a Pebble database in a directory of its own. Keys are
// families told apart by their first byte; integers in keys are big-endian.
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
// # Opening
//
// Pebble trusts its directory: without a marker it makes a new database, and a
// manifest's damaged end is its end, so that it deletes the tables that were named
// there. So before Pebble may write, markers, manifest and logs are read here, and
// held against the mark that the shared layer keeps: the synced end of each file
// that grows, head and counts. Changes are numbered without gaps over all logs,
// which tells when one is missing. After a kill the database is opened to read
// only first, and must hold what the mark says.
//
// Where nothing can be written, a database is opened to read only. Where Pebble
// cannot open it at all, tables and logs are read one by one, for a repair.
//
// # Failures
//
// Pebble ends the process when its log cannot be written. The fence between it and
// its files keeps it from noticing: from then on nothing reaches the disk, and the
// shared layer acknowledges nothing more.
//
// # Caveats
//
// What a crash of the machine tore off behind the last mark cannot be told from
// damage to it: it is left out, and told as dropped.
package pebblestore
