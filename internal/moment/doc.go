// Package moment reads times and durations as people write them, the same in
// every flag, in the palette and in filters.
//
// # Nouns
//
// A moment is one instant. It is given as a span before now (-5m, 3d, -2d12h),
// a clock of today (14:02:07), a date with or without a clock, or RFC 3339. A
// span is a duration that may have days, of 24 hours each.
//
// # Promises
//
// What could mean two things is refused, with an error that shows how to write
// it: a number without a unit, a date whose month and day could be swapped, a
// clock that the place's clocks show twice, or never, because they are changed.
//
// # Caveats
//
// Times without a zone are those of now's location, so the caller decides
// whether a day begins at midnight here or in UTC.
package moment
