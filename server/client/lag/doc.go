// Package lag tells which consumers of a namespace are behind, and by how many
// messages of their category.
//
// # Nouns
//
// A [Watch] follows all consumers of a namespace, look by look. A [Consumer] is one
// that the server saw reading ([wire.ViaRead], [wire.ViaSubscription]), or one that
// recorded its position itself, as Eventide's consumers and package consumer do
// ([wire.ViaPosition]). One that does both is there twice: nobody can tell.
//
// # Promises
//
// A number is exact, a lower bound ([wire.GroupMember.AtLeast]) or nil, which is not
// known. A consumer that is silent is promised no time to catch up.
//
// # Caveats
//
// Servers that observe nobody, such as those without evtui's additions, are asked for
// the position streams, and the messages are counted by reading them, within a budget a
// look: [Look.Read] says how many that were, [Look.Why] why.
package lag
