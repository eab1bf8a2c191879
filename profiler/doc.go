// Package profiler takes profiles of a running Go process and reads them.
//
// # Nouns
//
//   - A [Profile] is a parsed pprof file. It never changes once opened, so any
//     number of goroutines may look at it. [Profile.Diff] makes a new one that
//     holds the difference to a base.
//   - A [View] is a profile looked at with [Options]: one value (CPU time,
//     bytes in use…), focus, ignore and hide, cut by label. Building it walks
//     the profile once; everything else is asked of the view: [View.Top],
//     [View.Callers], [View.Flame], [View.Lines], [View.Labels].
//   - A [Recorder] takes profiles of a process behind a [Fetch] one at a time, with
//     progress, and says who holds it otherwise.
//   - [Sessions] is a directory of kept profiles: plain .pb.gz files that
//     `go tool pprof` opens, each with a small JSON beside it.
//
// # Promises
//
// The text of [Table.Write], [View.WritePeek] and [View.WriteTags] equals that
// of `go tool pprof -top`, `-peek` and `-tags`, byte by byte, with and without a
// base and of several files merged ([Merge]); the tests hold it against the tool
// itself. Names in it are as the profile has them: whoever prints to a terminal
// makes them inert.
// A [Flame]'s root weighs what the whole profile weighs, and the children of a
// node never weigh more than the node.
// Opening costs bounded memory: [Limits] caps what a hostile file may ask for.
//
// # Caveats
//
// Only the protobuf form is read; of other files [Open]'s error says what they
// are and what would be right. Numbers of one label in several units are
// printed each in its own, where pprof takes all for the first. A base's own
// mark, pprof::base, is not listed among the labels. Nothing is symbolized: Go's profiles bring their names along.
// Mangled C++ and Rust names stay mangled, where pprof would demangle them.
package profiler
