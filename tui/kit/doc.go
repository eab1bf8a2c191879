// Package kit holds the parts that several pages are made of.
//
// # Nouns
//
// A [Message] is an open message, a [Comparison] two of them side by side. A
// [List] is a table of rows by declared columns, with its order and search. A
// [Picker] chooses categories or columns, a [Finder] searches a list, a
// [FilterLine] is a filter being typed, a [Sorting] orders a table by its heads.
// An [Export] writes messages to a file. [Tailed] says which messages of a
// namespace are meant. An [EngineFeed] keeps the engine's figures and events.
//
// # Promises
//
// A part is drawn in the lines and cells that it is given, asks through the
// page's Turn, and knows no page: what it shows comes in by its methods.
//
// # Caveats
//
// As the pages, parts are used by one goroutine at a time. What a call runs on
// takes values only.
package kit
