// Package consumer processes the messages of a category: each at least once, in
// order within its stream, from where it left off.
//
// # Nouns
//
// A [Consumer] is one member of a group, or alone. It records how far it is in
// the position stream {category}:position-{name}, as Eventide does; a member
// adds -M-of-N. A message that keeps failing is parked: written to the stream
// {category}:parked-{name} with its place and the error. To retry it, write a
// Retry event ([RetryEvent]) to {category}:retry-{name}.
//
// # Promises
//
// What Handle was given and did not fail at is not given to it again, except
// after a crash, for what was handled since the last record. Later messages of a
// stream whose message is parked are parked behind it, unless
// [Config.ParkMessageOnly] lets them go on; other streams go on. When a parked
// message is retried and handled, those behind it are, in order. Nothing is
// written to the streams of the category.
//
// To resize a group, stop all its members, then start the new ones. They begin
// where every stream was handled up to.
//
// # Caveats
//
// Two processes that run the same member at once handle messages twice, and not
// in order. While a message is tried again, the member's other streams wait.
// Streams without a cardinal id belong to no member of a group.
package consumer
