// Package shape divides the JSON of messages into what all messages of a kind
// have in common and what each has of its own.
//
// Events of one type are the same text around other values: the same keys in
// the same order, the same braces. Such a text with a mark in the place of each
// value is a shape; it is stored once. A message is then the number of its
// shape and its values, packed by what they look like: digits as an integer,
// hexadecimal digits two to a byte, a UUID as 16 bytes, an instant as the
// milliseconds it stands for. That is less than half of what it was, wherever
// bytes are carried: in the log, in memtables, in compactions, in the block
// cache.
//
// [Cut] and [Shape.Join] are each other's inverse to the letter, whatever the
// text: blanks, the order of keys, escapes, 1.0 beside 1.00 come back as they
// went in. What would not is not cut.
package shape
