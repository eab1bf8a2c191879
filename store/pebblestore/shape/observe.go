package shape

import "encoding/binary"

// Observe adds to kinds, which has one for each of a message's values, which kinds
// the values have that are no strings, and reports whether one had a kind that was
// not among those. Values that do not fit the shape end it.
func (s *Shape) Observe(values []byte, kinds []Kinds) (fresh bool) {
	for i, bare := range s.bare {
		if len(values) == 0 {
			return fresh
		}
		tag, size := uint64(values[0]), 1
		if tag >= 0x80 {
			if tag, size = binary.Uvarint(values); size <= 0 {
				return fresh
			}
		}
		n, follow, kind := tag>>kindBits, uint64(0), Number
		switch tag & kindMask {
		case kindRaw, kindHex:
			follow = n
		case kindUUID:
			follow = lenUUIDBytes
		case kindWord:
			if kind = Boolean; n == wordNull {
				kind = Null
			}
		}
		if follow > uint64(len(values)-size) {
			return fresh
		}
		values = values[size+int(follow):]
		if bare && kinds[i]&kind == 0 {
			kinds[i] |= kind
			fresh = true
		}
	}
	return fresh
}
