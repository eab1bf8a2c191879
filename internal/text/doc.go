// Package text prepares foreign text for a terminal and measures it.
//
// # Nouns
//
// A cell is one character place of the terminal. A cluster is what the reader
// takes for one character: one or more code points that share their cells. A
// [Pen] is a style reduced to the escape sequence that switches it on.
//
// # Promises
//
// What [Sanitize] returns holds no control character, escape sequence, bidi
// mark or other invisible character: they are shown, never obeyed. Its width
// is the same whether a renderer counts clusters or code points (Bubble Tea
// starts with the latter and changes to the former where the terminal can), so
// that a table of such text never shifts. [Fit] and its like return exactly
// the cells they are asked for. What [ASCII] and [ASCIILine] return
// holds ASCII alone.
//
// # Caveats
//
// Sanitize is for the eye, not for copying: emoji sequences on whose width
// terminals disagree are shown as their parts. Everything here is pure and
// safe for concurrent use.
package text
