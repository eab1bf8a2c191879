package store

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"time"
)

// ID is a message's UUID. The zero ID stands for "none given".
type ID [16]byte

// ParseID reads a UUID in its 36-character form, in either case. It returns
// an [*InvalidError] for anything else.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ID{}, invalid("id", "must be a UUID such as 018f3c1e-7a3b-7c52-9d0a-5f1e2d3c4b5a")
	}
	var digits [32]byte
	copy(digits[0:], s[0:8])
	copy(digits[8:], s[9:13])
	copy(digits[12:], s[14:18])
	copy(digits[16:], s[19:23])
	copy(digits[20:], s[24:36])
	if _, err := hex.Decode(id[:], digits[:]); err != nil {
		return ID{}, invalid("id", "must be a UUID of hexadecimal digits")
	}
	return id, nil
}

// NewID makes a random UUID of version 7 (RFC 9562) whose leading 48 bits are
// t in milliseconds.
func NewID(t time.Time) ID {
	var id ID
	// crypto/rand.Read never fails (it would end the process) since Go 1.24.
	_, _ = rand.Read(id[6:])
	return id.stamp(t)
}

// MakeID is [NewID] with the caller's 10 random bytes, for engines that make
// many at once.
func MakeID(t time.Time, random [10]byte) ID {
	var id ID
	copy(id[6:], random[:])
	return id.stamp(t)
}

func (id ID) stamp(t time.Time) ID {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(t.UnixMilli()))
	copy(id[:6], ms[2:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

// IsZero reports whether no id is given.
func (id ID) IsZero() bool { return id == ID{} }

// AppendTo appends the 36-character lower-case form to dst.
func (id ID) AppendTo(dst []byte) []byte {
	dst = hex.AppendEncode(dst, id[0:4])
	dst = append(dst, '-')
	dst = hex.AppendEncode(dst, id[4:6])
	dst = append(dst, '-')
	dst = hex.AppendEncode(dst, id[6:8])
	dst = append(dst, '-')
	dst = hex.AppendEncode(dst, id[8:10])
	dst = append(dst, '-')
	return hex.AppendEncode(dst, id[10:16])
}

// String returns the 36-character lower-case form.
func (id ID) String() string {
	var buf [36]byte
	return string(id.AppendTo(buf[:0]))
}

// Time returns the time, to the millisecond, that an id of version 7 carries;
// ok is false for other ids.
func (id ID) Time() (t time.Time, ok bool) {
	if id[6]>>4 != 7 {
		return time.Time{}, false
	}
	var ms [8]byte
	copy(ms[2:], id[:6])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(ms[:]))).UTC(), true
}
