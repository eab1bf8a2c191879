package partition

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/evtui/evtui/store"
)

func streams(random *rand.Rand, n int) []store.Stream {
	list := []store.Stream{{Name: "order", Version: 3}}
	for i := range n {
		list = append(list, store.Stream{Name: fmt.Sprintf("order-%d", i), Version: random.Int64N(1000)})
	}
	return list
}

// TestTallyFollowsTheHashRule compares with the rule itself.
func TestTallyFollowsTheHashRule(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	list := streams(rand.New(rand.NewPCG(seed, 1)), 3000)
	tally := New(Spec{Category: "order", Size: 4, Top: 3, To: []int{5, 3}, TopMoves: 7})
	members, moved, movedMessages := [4]int64{}, [2]int64{}, [2]int64{}
	for _, s := range list {
		tally.Add(s)
		id := store.CardinalID(s.Name)
		if id == "" {
			continue
		}
		from := store.MemberOf(store.Hash(id), 4)
		members[from] += s.Version + 1
		for i, size := range []int{5, 3} {
			if store.MemberOf(store.Hash(id), size) != from {
				moved[i]++
				movedMessages[i] += s.Version + 1
			}
		}
	}
	d := tally.Sum(true)
	for i, m := range d.Members {
		if m.Messages != members[i] || len(m.Hottest) != 3 || m.Hottest[0].Messages < m.Hottest[2].Messages {
			t.Errorf("member %d: %+v, want %d messages", i, m, members[i])
		}
	}
	for i, m := range d.Moves {
		if m.Streams != moved[i] || m.Messages != movedMessages[i] || len(m.Top) != 7 || m.Top[0].Messages < m.Top[6].Messages {
			t.Errorf("moves %+v, want %d streams with %d messages", m, moved[i], movedMessages[i])
		}
	}
	if d.Unassigned.Streams != 1 || d.Unassigned.Messages != 4 || d.Scanned != int64(len(list)) || !d.Complete {
		t.Errorf("unassigned %+v of %d scanned", d.Unassigned, d.Scanned)
	}
}

// TestPartsAddUpToTheWhole: what was tallied in parts is what is tallied at once.
func TestPartsAddUpToTheWhole(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	list := streams(random, 5000)
	spec := Spec{Category: "order", Size: 3, Top: 5, To: []int{4}, TopMoves: 20}
	whole, sum := New(spec), New(spec)
	for from := 0; from < len(list); {
		to := min(from+1+random.IntN(900), len(list))
		part := New(spec)
		for _, s := range list[from:to] {
			whole.Add(s)
			part.Add(s)
		}
		d := part.Sum(false)
		if !sum.Merge(&d) {
			t.Fatal("a part is not taken")
		}
		from = to
	}
	if got, want := sum.Sum(true), whole.Sum(true); !reflect.DeepEqual(got, want) {
		t.Errorf("in parts %+v\nat once %+v", got, want)
	}
	other := New(Spec{Category: "order", Size: 4}).Sum(true)
	if sum.Merge(&other) {
		t.Error("a distribution over another size is taken")
	}
}
