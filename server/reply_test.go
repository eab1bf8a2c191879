package server

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestStampIsRFC3339: whatever came before, a time reads as the library writes it.
func TestStampIsRFC3339(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	zone := time.FixedZone("", 5*3600+1800)
	times := []time.Time{{}, time.Unix(0, 0), time.Unix(-1, 1), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(999, 12, 31, 23, 59, 59, 999999999, time.UTC)}
	base := time.Now().Unix()
	for range 2000 {
		nanos := random.Int64N(1e9)
		for random.IntN(3) == 0 {
			nanos = nanos / 1000 * 1000 / 10
		}
		times = append(times, time.Unix(base+random.Int64N(3)-1, nanos), time.Unix(random.Int64N(1<<36)-1<<35, nanos).In(zone))
	}
	var s stamp
	for _, at := range times {
		if got, want := string(s.appendTime(nil, at)), at.UTC().Format(time.RFC3339Nano); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
}
