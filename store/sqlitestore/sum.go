package sqlitestore

import (
	"encoding/binary"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// summed is what a message's checksum covers beside its stream's name.
type summed struct {
	global, position, time int64
	given                  bool
	id                     []byte
	messageType            string
	correlation            string // "": none
	metadata               []byte // nil: none
	data                   []byte
}

// summer computes checksums. The zero value is ready; one goroutine uses it.
type summer struct{ room []byte }

// sum is a message's CRC-32C: over its numbers, the lengths of everything else,
// so that no byte can move from one column to the next, and the rest. It is 0
// to 2^32-1.
func (s *summer) sum(stream string, m *summed) int64 {
	b := binary.LittleEndian.AppendUint64(s.room[:0], uint64(m.global))
	b = binary.LittleEndian.AppendUint64(b, uint64(m.position))
	b = binary.LittleEndian.AppendUint64(b, uint64(m.time))
	b = append(b, byte(truth(m.given)), byte(truth(m.metadata != nil))) // no metadata is not empty metadata
	for _, n := range [...]int{len(m.id), len(stream), len(m.messageType), len(m.correlation), len(m.metadata), len(m.data)} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	b = append(b, m.id...)
	b = append(b, stream...)
	b = append(b, m.messageType...)
	b = append(b, m.correlation...)
	s.room = b
	sum := crc32.Update(0, castagnoli, b)
	sum = crc32.Update(sum, castagnoli, m.metadata)
	return int64(crc32.Update(sum, castagnoli, m.data))
}

// truth is a boolean as SQLite stores it.
func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
