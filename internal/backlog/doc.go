// Package backlog counts how many messages of its category a consumer has yet to
// handle, without counting them again and again.
//
// A [Book] remembers what was counted for each consumer, and between which
// positions. When the consumer went on, what it passed is taken off; when messages
// came, they are added. So a look costs what happened since the look before, and
// never more than its budget: what that leaves open is "at least".
//
// It knows no server: whoever counts hands it a [Reader].
package backlog
