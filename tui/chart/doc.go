// Package chart draws line charts in braille, sparklines and bars into lines
// of cells.
//
// # Nouns
//
// A [Series] is a row of values, one a slot, the newest last; NaN is a gap.
// Slots are numbered by an absolute index (such as the Unix second), so that a
// chart that moves on does not change the shape of what is drawn already.
//
// # Promises
//
// Every function returns exactly the lines it is asked for, each of exactly
// the cells it is asked for, at any size from 1x1 up (none for sizes below).
// Where several values share a column, the drawing spans their least and
// their greatest: no peak is averaged away. With ASCII set, nothing beyond
// ASCII is drawn.
//
// # Caveats
//
// Styles are [text.Pen]s; a chart without pens is plain text and still tells
// its series apart only by place, so name them in a legend.
package chart
