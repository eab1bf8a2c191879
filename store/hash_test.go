package store_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/evtui/evtui/store"
)

// TestHash checks digests from RFC 1321 and from other implementations of MD5,
// cut to their first 8 bytes.
func TestHash(t *testing.T) {
	for s, want := range map[string]uint64{
		"":               0xd41d8cd98f00b204, // RFC 1321, appendix A.5, as the next four
		"a":              0x0cc175b9c0f1b6a8,
		"abc":            0x900150983cd24fb0,
		"message digest": 0xf96b697d7cb7938d,
		"12345678901234567890123456789012345678901234567890123456789012345678901234567890": 0x57edf4a22be3c955,
		"123": 0x202cb962ac59075b,
		"日本":  0x4dbed2e657457884,
	} {
		if got := store.Hash(s); got != int64(want) {
			t.Errorf("Hash(%q) = %d (%#x), want %d", s, got, uint64(got), int64(want))
		}
	}
	if got := store.Hash("account"); got != -2132379389342958165 {
		t.Errorf("Hash(account) = %d", got)
	}
}

func TestMemberOf(t *testing.T) {
	for _, c := range []struct {
		hash int64
		size int
		want int
	}{
		{0, 3, 0}, {1, 3, 1}, {-1, 3, 1}, {5, 3, 2}, {-5, 3, 2}, {-6, 3, 0}, {7, 1, 0},
		{math.MaxInt64, 10, 7}, {-math.MaxInt64, 10, 7},
		// 2^63 = 9223372036854775808: its negative is the int64 that has no absolute value.
		{math.MinInt64, 10, 8}, {math.MinInt64, 7, 1}, {math.MinInt64, 2, 0}, {math.MinInt64, math.MaxInt64, 1},
	} {
		if got := store.MemberOf(c.hash, c.size); got != c.want {
			t.Errorf("MemberOf(%d, %d) = %d, want %d", c.hash, c.size, got, c.want)
		}
	}
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range 10_000 {
		hash, size := int64(random.Uint64()), 1+random.IntN(1000)
		abs := new(big.Int).Abs(big.NewInt(hash))
		want := int(abs.Mod(abs, big.NewInt(int64(size))).Int64())
		if got := store.MemberOf(hash, size); got != want {
			t.Fatalf("MemberOf(%d, %d) = %d, want %d (seed %d)", hash, size, got, want, seed)
		}
	}
}

func TestGroupOwns(t *testing.T) {
	// From MD5 by another implementation: abs(hash("123")) mod 2, 3, 4, 7, 16
	// is 1, 1, 3, 3, 11, and that of "1" is 0, 0, 2, 2, 14.
	for id, members := range map[string]map[int]int{
		"123": {1: 0, 2: 1, 3: 1, 4: 3, 7: 3, 16: 11},
		"1":   {1: 0, 2: 0, 3: 0, 4: 2, 7: 2, 16: 14},
		"abc": {1: 0, 2: 0, 3: 2, 4: 0, 7: 2, 16: 0},
		"é":   {1: 0, 2: 0, 3: 2, 4: 2, 7: 6, 16: 2},
	} {
		for size, owner := range members {
			for member := range size {
				g := store.Group{Member: member, Size: size}
				for _, stream := range []string{"account-" + id, "order-" + id, "account-" + id + "+retry", "a-" + id + "+x+y"} {
					if got := g.Owns(stream); got != (member == owner) {
						t.Errorf("%+v owns %q: %t, want member %d to", g, stream, got, owner)
					}
				}
				if got := g.OwnsHash(store.Hash(id)); got != (member == owner) {
					t.Errorf("%+v owns the hash of %q: %t", g, id, got)
				}
			}
		}
	}
}

func TestGroupOwnsNoStreamWithoutCardinalID(t *testing.T) {
	for _, stream := range []string{"account", "account-", "account-+x", "a+b"} {
		for size := 1; size < 10; size++ {
			for member := range size {
				if (store.Group{Member: member, Size: size}).Owns(stream) {
					t.Errorf("member %d of %d owns %q, which has no cardinal id", member, size, stream)
				}
			}
		}
		if !(store.Group{}).Owns(stream) {
			t.Errorf("no group does not own %q", stream)
		}
	}
	if !(store.Group{}).IsZero() || (store.Group{Size: 1}).IsZero() || !(store.Group{}).OwnsHash(-7) {
		t.Error("the zero group does not stand for none")
	}
}

func TestGroupCheck(t *testing.T) {
	for _, g := range []store.Group{{}, {Member: 0, Size: 1}, {Member: 3, Size: 4}, {Member: 999, Size: 1000}} {
		if err := g.Check(); err != nil {
			t.Errorf("%+v: got %v", g, err)
		}
	}
	for _, g := range []store.Group{{Member: 1}, {Member: -1}, {Member: 1, Size: 1}, {Member: -1, Size: 2}, {Size: -1}, {Member: -2, Size: -1}, {Member: 4, Size: 4}} {
		var invalid *store.InvalidError
		if err := g.Check(); !errors.As(err, &invalid) {
			t.Errorf("%+v: got error %v, want an *InvalidError", g, err)
		}
	}
}

// TestGroupsShareOut checks that every stream has one owner and that members
// get about the same.
func TestGroupsShareOut(t *testing.T) {
	const streams, size = 10_000, 8
	var owned [size]int
	for i := range streams {
		owners := 0
		for member := range size {
			if (store.Group{Member: member, Size: size}).Owns(fmt.Sprintf("account-%d", i)) {
				owned[member]++
				owners++
			}
		}
		if owners != 1 {
			t.Fatalf("account-%d has %d owners", i, owners)
		}
	}
	for member, n := range owned {
		if n < streams/size*8/10 || n > streams/size*12/10 {
			t.Errorf("member %d owns %d of %d streams", member, n, streams)
		}
	}
}
