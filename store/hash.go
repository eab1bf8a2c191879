package store

import (
	"crypto/md5"
	"encoding/binary"
)

// Hash is the protocol's hash of a string: its MD5, the first 8 bytes read
// big-endian as a signed integer (protocol section 1; Message DB's hash_64).
func Hash(s string) int64 {
	sum := md5.Sum([]byte(s))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// Group names one member of a consumer group: Member in [0, Size).
// The zero Group stands for "no group" and owns everything.
type Group struct {
	Member int
	Size   int
}

// IsZero reports whether g stands for no group at all.
func (g Group) IsZero() bool { return g.Size == 0 }

// Check returns an [*InvalidError] unless g is zero or 0 <= Member < Size.
func (g Group) Check() error {
	if g.IsZero() && g.Member == 0 {
		return nil
	}
	if g.Size < 1 || g.Member < 0 || g.Member >= g.Size {
		return invalid("consumerGroup", "needs 0 <= member < size, got member %d, size %d", g.Member, g.Size)
	}
	return nil
}

// Owns reports whether the member owns the stream. This and [Group.OwnsHash]
// are the one place where ownership is decided, for reads, subscriptions and
// the consumer-group page alike. A stream without a cardinal id belongs to no
// member.
func (g Group) Owns(stream string) bool {
	if g.IsZero() {
		return true
	}
	cardinal := CardinalID(stream)
	return cardinal != "" && g.OwnsHash(Hash(cardinal))
}

// OwnsHash reports whether the member owns streams whose cardinal id has the
// given hash.
func (g Group) OwnsHash(hash int64) bool {
	return g.IsZero() || MemberOf(hash, g.Size) == g.Member
}

// MemberOf returns which of size members owns the hash: abs(hash) mod size.
// The absolute value is taken in uint64, so that of the smallest int64 does
// not stay negative.
func MemberOf(hash int64, size int) int {
	abs := uint64(hash)
	if hash < 0 {
		abs = -abs
	}
	return int(abs % uint64(size))
}
