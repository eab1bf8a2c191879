// Package pgstore looks into event stores that others keep on PostgreSQL: Message
// DB (one schema, message_store) and EventoDB (a registry, and a schema a namespace).
// It only reads, as a guest that is not noticed.
//
// # Nouns
//
// A layout is how a program lays its messages out. A space is a namespace: a table
// of messages in a schema. The guest is the few connections to the server.
//
// # Promises
//
// Each question is BEGIN READ ONLY, SET LOCAL of the timeouts, one SELECT and COMMIT,
// sent at once: it is right behind a PgBouncer in transaction mode, holds no
// snapshot between two of them, and leaves nothing on a connection. Nothing else is
// ever sent.
//
// What the settled head passed never gets a message below it: see settle.go.
//
// # Caveats
//
// Data and metadata are jsonb, and come as PostgreSQL writes them: keys in its order,
// without duplicates, numbers as it keeps them. Times are the clocks of the writing
// transactions and may run backwards, so that a position at a time is an estimate.
// A stream whose cardinal id is empty ("a-") has a member in a consumer group here,
// as those databases decide it.
package pgstore
