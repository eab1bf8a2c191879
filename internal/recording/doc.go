// Package recording keeps what a server reports of itself during a session in
// one file, shows the file as a server again, and lays two over each other.
//
// # Nouns
//
// A [Recorder] asks a server once a second and hands what is new to a [Writer],
// which appends it to the file. A [Recording] is a file read back: samples,
// engine events, log lines, looks at the engine, its groups and its
// namespaces, and profiles. [Recording.Handler] answers with it what the server
// answered, so that the terminal UI is a client of a recording as it is of a
// server. A [Summary] is a recording in figures, for [Compare].
//
// # The file
//
// A run of gzip members, one after another, each of some seconds: `zcat run.evt`
// prints it. Inside are lines, each a JSON object
//
//	{"kind":"sample","time":"2026-01-15T10:30:00Z","value":{…}}
//
// The first line is of kind "begin"; its value is a [Header] with the format's
// version, and an evtui that does not know the version says so. "end" is the
// last line of a recording that was ended, not cut off. The kinds between are
// answers of the server verbatim ("info", "sample", "event", "log",
// "figures", "sections", "groups", "subscriptions", "namespaces", "categories"),
// "profile" with its bytes in base64, and "gap" where the server was not there. Kinds
// that are not known are passed over, so new ones need no new version.
//
// Why so: it is append-only, needs no index and no second pass, compresses as a
// whole (samples repeat their names), can be looked into with zcat and jq, and
// a torn file loses its last second only. A zip would put its directory at the
// end, where a crash is; a database would bring one.
//
// # Promises
//
// What was flushed, once a second, is readable whatever happens to the process
// after: a file that ends in the middle opens up to the tear and reports it
// ([Recording.Torn]). A member whose checksum is wrong is left out and reported.
// A file is never written over.
//
// # Caveats
//
// Messages are not recorded. A recording is read into memory: about 3 KB for
// each second.
package recording
