// Package logstore is an event store whose messages are decided by a log that several
// evtui share, such as one that is replicated over machines. What is appended goes
// to the log; each evtui follows it into a pebblestore of its own, the projection,
// and answers all reads, lists, subscriptions and figures from that.
//
// A record of the log is one append: a stream, the position of its first event
// there, and the events with their ids. The order of the log decides what comes of it, by the
// same rule wherever it is followed: it is stored when it begins at the stream's next
// position and none of its ids is taken; else it is void. So global positions are
// dense whatever else the log holds, batches are whole, and an id is stored once however often it
// was sent, and by whomever. The log's own checks (the expected last
// sequence of a subject, its window for duplicates) only spare records that would be void.
//
// An append is answered once the projection here has stored its record, which it
// gets from the log when the log has it safely: nothing is acknowledged before it is in the log and
// can be read here. How far the projection is, as a sequence of the log, is kept in the
// batch that stores the messages. It can be thrown away and is made again from the log.
package logstore
