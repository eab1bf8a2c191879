package jetlog

// Handed is how many messages were handed to the connection. Where nothing is followed
// and nobody asks for measurements, those are what is published and asked.
func (l *Log) Handed() uint64 { return l.conn.Stats().OutMsgs }
