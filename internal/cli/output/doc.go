// Package output prints what commands list, in the formats of --output: as a
// table, as JSON, as one JSON value a line, or as CSV; and how far a long
// command is.
//
// # Nouns
//
// A [Sheet] prints values as they come, a column a [Field]. [List], [Rows] and
// [WriteTable] print what is all there, through a Sheet.
//
// # Promises
//
// What a terminal would obey is shown instead, in every format that a terminal
// gets to see.
package output
