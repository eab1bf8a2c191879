package sqlitestore

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/evtui/evtui/store/internal/engine"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// summer computes checksums. The zero value is ready; one goroutine uses it.
type summer struct{ room []byte }

// sum is a message's CRC-32C: over its numbers, the lengths of everything else,
// so that no byte can move from one column to the next, and the rest. It is 0
// to 2^32-1.
func (s *summer) sum(stream string, m *engine.Record) int64 {
	b := binary.LittleEndian.AppendUint64(s.room[:0], uint64(m.GlobalPosition))
	b = binary.LittleEndian.AppendUint64(b, uint64(m.Position))
	b = binary.LittleEndian.AppendUint64(b, uint64(m.Time))
	b = append(b, byte(truth(m.Given)), byte(truth(m.Metadata != nil))) // no metadata is not empty metadata
	for _, n := range [...]int{len(m.ID), len(stream), len(m.Type), len(m.Correlation), len(m.Metadata), len(m.Data)} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	b = append(b, m.ID[:]...)
	b = append(b, stream...)
	b = append(b, m.Type...)
	b = append(b, m.Correlation...)
	s.room = b
	sum := crc32.Update(0, castagnoli, b)
	sum = crc32.Update(sum, castagnoli, m.Metadata)
	return int64(crc32.Update(sum, castagnoli, m.Data))
}

// sealed is what state says of whose database it is: a namespace's id behind its
// checksum, so that damage to either is not taken for another namespace.
func sealed(id string) string {
	return fmt.Sprintf("%08x %s", crc32.Checksum([]byte(id), castagnoli), id)
}

// another is the namespace whose database it is, if that is known to be another
// than id.
func another(owner, id string) (other string, known bool) {
	_, other, _ = strings.Cut(owner, " ")
	return other, other != id && sealed(other) == owner
}

// truth is a boolean as SQLite stores it.
func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
