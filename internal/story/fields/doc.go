// Package fields learns from messages what those of one type have in common:
// which JSON paths they have, of which kinds, how often, with how many distinct
// values, from where to where, and what of that changed over time. It also
// counts types, where no server does.
//
// # Nouns
//
// A [Set] is fed the messages of one type. Its [Field]s are the paths of their
// data and, apart from those, of their metadata; its [Change]s are what is
// different between older and newer messages (drift). A [Tally] counts messages
// by category and type.
//
// # Promises
//
// A Set takes messages in either direction: each must be older, or newer, than
// all before, so that a reader may begin at the end, go back, and take what is
// new as it comes. A message within what was read is not counted twice. Counts,
// first and last places, least and greatest values are exact. The number of
// distinct values is exact up to 256 and an estimate beyond, with a standard
// error of 2.3 %. Memory is bounded whatever the messages hold: by 512 paths of
// data and as many of metadata, 128 names in one object, 32 levels; what is beyond is
// counted together under the name *. Nothing is kept of a message but a few
// short values.
//
// # Caveats
//
// Strings are compared by their bytes, the first 80 of them; values are distinct
// as they are spelled, so 1.0 is not 1.00. A Set is not safe for concurrent use.
package fields
