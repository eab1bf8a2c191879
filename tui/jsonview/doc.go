// Package jsonview shows a JSON document as pretty, foldable, searchable lines
// without decoding it.
//
// # Nouns
//
// A line is one line of the pretty form: a scalar, or the opening or closing
// of an object or array. A row is one line of the screen; wrapped, a line has
// several. The path names the value under the cursor: items[3].amount.
//
// # Promises
//
// Tokens are shown to the letter: digits, escapes and key order are those of
// the document, except that control, bidi and invisible characters are shown
// instead of obeyed. A document of 1 MB opens in a few milliseconds; a frame
// styles only the rows it shows. What is not JSON is shown as text, with the
// place of the fault. [View.Lines] returns exactly the lines of exactly the
// cells of the size.
//
// # Caveats
//
// A View keeps the document it is given and never changes it. It is not safe
// for concurrent use; it belongs to Update and View of one model.
package jsonview
