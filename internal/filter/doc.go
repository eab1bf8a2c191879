// Package filter decides which messages, or lines of a log, are kept: one small
// language for the screen's filter line and for the --filter of commands, and
// paths into JSON that is never decoded as a whole.
//
// # The language
//
//	Deposited                      text in the type, the stream's name or the data, in any case
//	"two words"                    text with spaces, or that would read as something else
//	/Dep.*ed/  /ann/i              a regular expression in the same places; i: in any case
//	type~Dep*                      a pattern of * ? [a-z]; one without any of them is a beginning
//	stream=account-123             the whole name
//	data.amount>100                a value in the JSON: = != < <= > >= ~ !~
//	data.items[*].sku~/^A-/        any element of an array; [0] is the first
//	data.amount                    there is such a value
//	kind(data.total)=string        a value of that kind: string number bool null object array
//	metadata~trace                 text anywhere in the metadata
//	position<10  gpos>=88120       figures; time>14:02:07, time>-5m, time<2026-01-15
//	not a  !a  a and b  a b  a or b  (a or b) c
//
// Words side by side must all hold. A comparison holds when a value at the path
// fulfils it; != and !~ are = and ~ inverted, so that they also hold where there
// is no such value. Numbers compare exactly, whatever their digits. A value
// without quotes is a number, true, false or null where it can be, else text; = of
// a number also finds the same digits in quotes. What is given in quotes is text.
//
// Lines of a log have other fields: level, from, text, time and attrs with its
// paths. Levels have an order: level>=warn.
//
// # Nouns
//
// A [Filter] is a line compiled. A [Path] names values inside a JSON document.
// A [Column] is what a table shows of a message: a field of its own, or a path
// into its data or metadata. An [Error] says where a line goes wrong.
//
// # Promises
//
// Compiling happens once; keeping a message allocates nothing, except where a
// string with escapes is compared. A value at a path is found by passing over
// what stands before it, without decoding. No input makes anything panic, be it
// a filter or a document that is no JSON: what cannot be found is not there.
//
// # Caveats
//
// Text without a field is looked for in the JSON as it is spelled: a name with
// escapes in the document is found by a path's comparison only.
package filter
