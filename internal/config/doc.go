// Package config reads evtui's configuration file, a TOML file that a person
// writes: settings, rebound keys, and the servers that they know as contexts.
//
// # Nouns
//
// A [Setting] is one thing that can be set, in the file by its key and on the
// command line by its flag; [Settings] is the table of all of them, from which
// the documentation is made. A [File] is what one file says, each [Value] with
// its line. A [Context] is a server with a name. A [Problem] is one thing that
// is wrong.
//
// # Promises
//
// Reading is strict: an unknown key, a value of the wrong kind or one that the
// setting does not take is a Problem with its line, and says what would be
// right. All problems of a file are found at once ([Problems]).
//
// # Caveats
//
// What a value means beyond its kind is known to those who use it: they hand
// their checks in as a [Check].
package config
