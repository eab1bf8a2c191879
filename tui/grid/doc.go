// Package grid is a virtual table: it asks for the rows it shows and for no
// others, so that a million rows cost what ten do.
//
// # Nouns
//
// A [Column] says how a column is laid out, a [Cell] what stands in it. Rows
// are named by index from 0. The number of rows may be known, or known only
// as "at least". The cursor is the row that keys act on; marks are rows that
// the user picked.
//
// # Promises
//
// [Grid.Lines] returns exactly the lines of exactly the cells of the size, at
// any size. Cell text is sanitized. On narrow screens columns go by priority.
// A selected row is styled in every segment, so that its background has no
// holes; cursor and marks also show in the gutter, without colour.
//
// # Caveats
//
// Rendered rows are kept until [Grid.Changed], or a change of size, columns or
// place: tell the grid when rows it may have shown are different now. A Grid
// is not safe for concurrent use; it belongs to Update and View of one model.
package grid
