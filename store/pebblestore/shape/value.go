package shape

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
)

// A packed value is a uvarint n<<3 | kind and what the kind says follows.
const (
	kindRaw     = iota // n bytes follow, as they were
	kindHex            // n bytes follow: 2n lower-case hexadecimal digits
	kindInteger        // n, in decimal digits
	kindDecimal        // n>>3 in decimal digits, the last n&7 of them behind a point
	kindWord           // words[n]
	kindUUID           // 16 bytes follow
	kindInstant        // n>>1 milliseconds since 1970; n&1 says whether it tells them
)

const (
	kindBits     = 3
	kindMask     = 1<<kindBits - 1
	maxDigits    = 16 // of integers and decimals: 10^16 << 6 is below 2^63
	maxScale     = 7
	leastHex     = 8 // digits; below, nothing is gained
	lenUUID      = 36
	lenUUIDBytes = 16
	lenInstant   = len("2006-01-02T15:04:05Z")
	lenMillis    = len("2006-01-02T15:04:05.000Z")
)

var words = [...]string{"true", "false", wordNull: "null"}

const wordNull = 2

// nibbles tells lower-case hexadecimal digits' values, 0xff for other bytes.
var nibbles = func() (of [256]byte) {
	for c := range of {
		of[c] = 0xff
	}
	for i, c := range "0123456789abcdef" {
		of[c] = byte(i)
	}
	return of
}()

func appendTag(dst []byte, n uint64, kind byte) []byte {
	return binary.AppendUvarint(dst, n<<kindBits|uint64(kind))
}

// appendValue packs a value: as what it looks like where that gives back the
// same letters, else as it is.
func appendValue(dst, v []byte) []byte {
	if len(v) == 0 {
		return append(dst, kindRaw)
	}
	packed, ok := dst, false
	switch c := v[0]; {
	case len(v) == lenUUID && nibbles[c] != 0xff:
		packed, ok = appendUUID(dst, v)
	case (len(v) == lenInstant || len(v) == lenMillis) && v[4] == '-':
		packed, ok = appendInstant(dst, v)
	case c >= '0' && c <= '9' && len(v) <= maxDigits+1:
		packed, ok = appendNumber(dst, v)
	case len(v) == 4 || len(v) == 5:
		packed, ok = appendWord(dst, v)
	}
	if !ok && len(v) >= leastHex && len(v)%2 == 0 && nibbles[v[0]] != 0xff {
		packed, ok = appendHex(dst, v)
	}
	if ok {
		return packed
	}
	return append(appendTag(dst, uint64(len(v)), kindRaw), v...)
}

func appendWord(dst, v []byte) ([]byte, bool) {
	for i, w := range words {
		if string(v) == w {
			return appendTag(dst, uint64(i), kindWord), true
		}
	}
	return dst, false
}

// appendNumber packs digits with at most one point among them.
func appendNumber(dst, v []byte) ([]byte, bool) {
	n, point := uint64(0), -1
	for i, c := range v {
		switch {
		case c >= '0' && c <= '9':
			n = n*10 + uint64(c-'0')
		case c == '.' && point < 0:
			point = i
		default:
			return dst, false
		}
	}
	whole := point
	if point < 0 {
		whole = len(v)
	}
	if whole > maxDigits || v[0] == '0' && whole > 1 {
		return dst, false // too long, or zeros that would be lost
	}
	if point < 0 {
		return appendTag(dst, n, kindInteger), true
	}
	scale := len(v) - point - 1
	if scale < 1 || scale > maxScale {
		return dst, false
	}
	return appendTag(dst, n<<3|uint64(scale), kindDecimal), true
}

func appendHex(dst, v []byte) ([]byte, bool) {
	return unhex(appendTag(dst, uint64(len(v)/2), kindHex), v)
}

// unhex appends what lower-case hexadecimal digits stand for.
func unhex(dst, v []byte) ([]byte, bool) {
	for i := 0; i < len(v); i += 2 {
		high, low := nibbles[v[i]], nibbles[v[i+1]]
		if high|low > 15 {
			return dst, false
		}
		dst = append(dst, high<<4|low)
	}
	return dst, true
}

// groups are where the digits of a UUID's text stand; what is between them is a dash.
var groups = [...]struct{ from, to int }{{0, 8}, {9, 13}, {14, 18}, {19, 23}, {24, lenUUID}}

func appendUUID(dst, v []byte) (out []byte, ok bool) {
	out = appendTag(dst, 0, kindUUID)
	for _, g := range groups {
		if out, ok = unhex(out, v[g.from:g.to]); !ok || g.to < lenUUID && v[g.to] != '-' {
			return dst, false
		}
	}
	return out, true
}

// joinValue appends the value that values begin with, unpacked, and returns
// what follows it.
func joinValue(dst, values []byte) (text, rest []byte, err error) {
	if len(values) == 0 {
		return dst, values, ErrValues
	}
	tag, size := uint64(values[0]), 1
	if tag >= 0x80 {
		if tag, size = binary.Uvarint(values); size <= 0 {
			return dst, values, ErrValues
		}
	}
	n, rest := tag>>kindBits, values[size:]
	switch tag & kindMask {
	case kindRaw:
		if n <= uint64(len(rest)) {
			return append(dst, rest[:n]...), rest[n:], nil
		}
	case kindHex:
		if n <= uint64(len(rest)) {
			return hex.AppendEncode(dst, rest[:n]), rest[n:], nil
		}
	case kindUUID:
		if lenUUIDBytes <= len(rest) {
			return joinUUID(dst, rest), rest[lenUUIDBytes:], nil
		}
	case kindInteger:
		return strconv.AppendUint(dst, n, 10), rest, nil
	case kindDecimal:
		return joinDecimal(dst, n>>3, int(n&7)), rest, nil
	case kindWord:
		if n < uint64(len(words)) {
			return append(dst, words[n]...), rest, nil
		}
	case kindInstant:
		text, err = joinInstant(dst, int64(n>>1), n&1 != 0)
		return text, rest, err
	}
	return dst, rest, ErrValues
}

func joinUUID(dst, bytes []byte) []byte {
	for _, g := range groups {
		n := (g.to - g.from) / 2
		dst, bytes = hex.AppendEncode(dst, bytes[:n]), bytes[n:]
		if g.to < lenUUID {
			dst = append(dst, '-')
		}
	}
	return dst
}

// joinDecimal writes n with its last scale digits behind a point.
func joinDecimal(dst []byte, n uint64, scale int) []byte {
	start := len(dst)
	dst = strconv.AppendUint(dst, n, 10)
	if scale == 0 {
		return dst
	}
	if missing := scale + 1 - (len(dst) - start); missing > 0 {
		dst = slices.Insert(dst, start, []byte("00000000")[:missing]...)
	}
	return slices.Insert(dst, len(dst)-scale, '.')
}
