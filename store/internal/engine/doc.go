// Package engine is what every event store engine shares: a [Backend] keeps
// databases, one a namespace, and this package makes a [store.Store] of them.
//
// # Nouns
//
// A home is a data directory: its lock, the registry of namespaces, and a
// directory a namespace. A handle stands for a namespace whether it is open or
// not; an open namespace has a [Database], a queue of writes, a committer that
// gives positions and applies groups of writes, and an acknowledger that waits
// until they are durable, publishes them and answers. A [Mark] is what is known
// to be in a namespace, kept outside of its database.
//
// # Promises
//
// No read passes the durable head, so nothing can be read or announced that a
// crash could take back. A failed log poisons the namespace: writes under way
// get a *store.UncertainError, later ones a *store.PoisonedError, until it is
// opened again.
//
// Nothing is deleted but by two durable steps, a tombstone and the removal of
// just that directory. Nothing that is missing is made again: a namespace's
// database is made when the namespace is created, and from then on what is
// known to have been there must be found, or the namespace is damaged: it
// refuses with a *store.DamagedError, and the others go on.
//
// # Caveats
//
// With an interval set, acknowledged means written, and up to that much time
// can be lost in a crash.
package engine
