// Package look reads messages for counts by type where the server keeps none,
// and for the fields of a type, which no server keeps.
//
// # Nouns
//
// A [Look] reads newest first, in turns, as much as an [Allowance] says, and then
// what is new at the end. Its [Progress] says how far it is and what it cost.
//
// # Promises
//
// No message is taken in twice, and none between the oldest and the newest that
// were read is left out, whatever is written meanwhile. Where the server cannot
// read backward, the look begins with the first message. A turn takes about
// [TurnTime], or one answer if that takes longer; after an error the next turn
// goes on where the last one was.
//
// # Caveats
//
// A Look is not safe for concurrent use: who hands it to a goroutine leaves it
// alone until that is done.
package look
