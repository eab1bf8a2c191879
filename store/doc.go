// Package store says what an event store is: its values, its names, the one
// hash rule that distributes streams over consumer groups, its errors, and the
// [Store] contract that every engine implements and store/storetest checks.
//
// # Nouns
//
// A namespace is a tenant with its own global order. A stream is an ordered,
// gapless run of messages; its name is category-id, and the category is what
// stands before the first dash. A message's position is its place in its
// stream (from 0), its global position its place in the namespace (from 1).
// The version of a stream is its last position. A consumer group splits a
// category's streams over its members by [Hash] of the stream's cardinal id.
//
// # Promises
//
// An engine acknowledges an append only after it is durable (unless it was
// opened with a weaker durability, which [Description] then names), and shows
// or announces no message before that. Global positions rise, times never run
// backwards. Data and metadata are opaque bytes that come back as they went in.
//
// # Caveats
//
// The contract does not assume that one process owns the data: an append may
// conflict for reasons of others, and announcements come from the engine.
// Messages that an iterator yields are borrowed: see [Message].
package store
