// Package rawjson reads JSON in one pass without building values: it checks
// the text strictly (RFC 8259, valid UTF-8, no deeper than MaxDepth) and hands
// out the bytes of what it passes, so that what is only passed on is never
// decoded.
//
// # Nouns
//
// A Scanner is a cursor over one text. Kind looks at the next value, and
// Value, Text, Int, Bool, Object or an OpenArray with More consume it. Space,
// Scalar and Escape are for those who keep a cursor of their own, and Pass and
// PassString for texts that were checked before.
//
// # Promises
//
// By a Scanner a text is accepted whole (up to End) exactly when encoding/json.Valid accepts
// it, is valid UTF-8 and nests no deeper than MaxDepth. Nothing is allocated,
// except for the text of a string that holds escapes, and for errors.
//
// # Caveats
//
// Names that stand twice in one object are handed out twice. Spans alias the
// text. After an error the scanner is of no use.
package rawjson
