package pebblestore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"iter"
)

// Pebble's logs and manifests are made of records, and records of chunks, none
// of which crosses the end of a block. A chunk is: checksum (4), length of its
// payload (2), kind (1); in a log besides the number of the log (4), and in
// logs of today's format a promise of what is synced (8); then the payload.
// Integers are little-endian. See record/record.go of Pebble.
const (
	chunkBlock    = 32 << 10
	plainHeader   = 7  // of a manifest's chunks
	numberHeader  = 11 // of a log's chunks
	promiseHeader = 19 // of a log's chunks in today's format
)

// A chunk's kind says which part of a record it is, and which header it has:
// 1 to 4 the plain one, 5 to 8 with a number, 9 to 12 with a promise as well.
const (
	chunkWhole = iota
	chunkFirst
	chunkMiddle
	chunkLast
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// chunkSum is the checksum that a chunk begins with. It covers kind, number,
// promise and payload.
func chunkSum(data []byte) uint32 {
	c := crc32.Checksum(data, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// chunk is one that was read whole.
type chunk struct {
	part    int // chunkWhole and so on
	number  uint32
	numbers bool // it has one
	payload []byte
	size    int // with the header
}

// begins and ends report whether a record does with the chunk.
func (c chunk) begins() bool { return c.part == chunkWhole || c.part == chunkFirst }
func (c chunk) ends() bool   { return c.part == chunkWhole || c.part == chunkLast }

// parseChunk reads the chunk that data begins with, and no more than that: data
// ends where its block ends. It returns false for what is none.
func parseChunk(data []byte) (c chunk, ok bool) {
	if len(data) < plainHeader {
		return c, false
	}
	kind := int(data[6])
	if kind < 1 || kind > 12 {
		return c, false
	}
	header := [...]int{plainHeader, numberHeader, promiseHeader}[(kind-1)/4]
	c = chunk{part: (kind - 1) % 4, numbers: header > plainHeader, size: header + int(binary.LittleEndian.Uint16(data[4:]))}
	if c.size > len(data) || chunkSum(data[6:c.size]) != binary.LittleEndian.Uint32(data) {
		return c, false
	}
	if c.numbers {
		c.number = binary.LittleEndian.Uint32(data[plainHeader:])
	}
	c.payload = data[header:c.size]
	return c, true
}

// scanned is what a log or a manifest holds. Offsets are in bytes.
type scanned struct {
	reach   int64 // up to where all can be read
	chunks  int64 // where the last chunk ends
	records int64 // where the last whole record ends
	closed  bool  // it ends as its writer ended it, or behind a whole record
	trailer bool  // it has the mark by which its writer ended it
	dropped int64 // bytes behind the whole records that were written for more of them
	after   bool  // a record begins behind what cannot be read
}

// scanLog reads a log, or a manifest (number 0), to where Pebble would take it
// to end. It shows visit each record, borrowed.
func scanLog(file io.Reader, number uint32, visit func(record []byte) error) (s scanned, err error) {
	var block [chunkBlock]byte
	var record []byte
	inside := false
	for base := int64(0); ; base += chunkBlock {
		n, err := io.ReadFull(file, block[:])
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return s, err
		}
		for at := 0; at < n; {
			if n == chunkBlock && skipsRest(block[at:n]) {
				s.reach = base + chunkBlock
				break
			}
			if isTrailer(block[at:n], number) && !inside {
				s.closed, s.trailer, s.reach = true, true, s.reach+numberHeader
				return s, nil
			}
			c, ok := parseChunk(block[at:n])
			if !ok || c.numbers && c.number != number || c.numbers != (number != 0) {
				return s.tail(file, block[at:n], base+int64(at), number)
			}
			at += c.size
			s.chunks = base + int64(at)
			s.reach = s.chunks
			if c.begins() {
				record = record[:0]
			} else if !inside {
				continue // as Pebble does
			}
			record = append(record, c.payload...)
			if inside = !c.ends(); inside {
				continue
			}
			if err := visit(record); err != nil {
				return s, err
			}
			s.records = s.chunks
		}
		if n < chunkBlock {
			s.closed = !inside
			s.dropped = s.chunks - s.records
			return s, nil
		}
	}
}

// skipsRest reports whether a block ends in what no chunk had room in.
func skipsRest(rest []byte) bool {
	if len(rest) < plainHeader {
		return true
	}
	if len(rest) >= promiseHeader {
		return false
	}
	if len(rest) < numberHeader {
		rest = rest[:plainHeader]
	}
	return len(withoutZeros(rest)) == 0
}

// withoutZeros cuts off the zeros at the end.
func withoutZeros(data []byte) []byte { return bytes.TrimRight(data, "\x00") }

// isTrailer recognises what a writer leaves that closes a log: the header of
// an empty chunk of the log after it.
func isTrailer(data []byte, number uint32) bool {
	return number != 0 && len(data) >= numberHeader && len(withoutZeros(data[:6])) == 0 && data[6] == 5 &&
		binary.LittleEndian.Uint32(data[plainHeader:]) == number+1
}

// tail looks at what stands behind the last chunk that can be read. Of a log
// that was preallocated these are zeros, of one that took the place of an
// older log the rest of that.
func (s scanned) tail(file io.Reader, begun []byte, offset int64, number uint32) (scanned, error) {
	rest, err := io.ReadAll(file)
	if err != nil {
		return s, err
	}
	rest = append(begun[:len(begun):len(begun)], rest...)
	written := len(withoutZeros(rest))
	own, stale := s.ownChunks(rest, written, offset, number)
	if stale {
		written = max(own, tornChunk(rest, number))
	}
	s.dropped = offset + int64(written) - s.records
	if written == 0 {
		s.dropped = s.chunks - s.records
	}
	return s, nil
}

// tornChunk returns how long the chunk at the beginning would be, 0 if it is
// none of the log.
func tornChunk(data []byte, number uint32) int {
	if len(data) < numberHeader || data[6] < 5 || data[6] > 12 || binary.LittleEndian.Uint32(data[plainHeader:]) != number {
		return 0
	}
	return min(len(data), numberHeader+int(binary.LittleEndian.Uint16(data[4:])))
}

// ownChunks returns where the last chunk of the log ends that begins in the first
// written bytes, and whether there are some of an older one.
func (s *scanned) ownChunks(data []byte, written int, offset int64, number uint32) (end int, stale bool) {
	for at, c := range anyChunks(data, written, offset, number) {
		if c.number != number {
			stale = true
			continue
		}
		end = at + c.size
		s.after = s.after || c.begins()
	}
	return end, stale
}

// anyChunks looks for chunks of the log, or of an older one, that begin in the first
// written bytes, at every place. data stands at offset in its file.
func anyChunks(data []byte, written int, offset int64, number uint32) iter.Seq2[int, chunk] {
	return func(yield func(int, chunk) bool) {
		for at := 0; at < written; {
			room := chunkBlock - int((offset+int64(at))%chunkBlock)
			rest := data[at:min(len(data), at+room)]
			c, ok := chunk{}, false
			if mayBelong(rest, number) {
				c, ok = parseChunk(rest)
			}
			switch {
			case !ok:
				at++
			case !yield(at, c):
				return
			default:
				at += c.size
			}
		}
	}
}

// mayBelong reports whether data can begin with a chunk of the log, or of an
// older one. It spares most checksums.
func mayBelong(data []byte, number uint32) bool {
	if number == 0 {
		return len(data) >= plainHeader && data[6] >= 1 && data[6] <= 4
	}
	return len(data) >= numberHeader && data[6] >= 5 && data[6] <= 12 && binary.LittleEndian.Uint32(data[plainHeader:]) <= number
}
