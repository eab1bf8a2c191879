package backlog

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/evtui/evtui/store"
)

// log is the messages of one category among others: streams by global position.
type log struct {
	streams   map[int64]string
	head      int64 // of the category
	everybody int64 // of all categories
	read      int
	fails     error
}

// write adds messages of the category, with gaps that other categories fill.
func (l *log) write(random *rand.Rand, n int) {
	if l.streams == nil {
		l.streams = map[int64]string{}
	}
	for range n {
		l.everybody += 1 + random.Int64N(5)
		l.head = l.everybody
		l.streams[l.head] = fmt.Sprintf("order-%d", random.IntN(40))
	}
}

func (l *log) reader(_ context.Context, _ Consumer, after, upTo int64, limit int, yield func(string, int64)) (read int, err error) {
	for at := after + 1; at <= min(upTo, l.head) && read < limit; at++ {
		if stream, there := l.streams[at]; there {
			yield(stream, at)
			read++
		}
	}
	l.read += read
	return read, l.fails
}

// right counts by hand.
func (l *log) right(of Consumer, done int64) (n int64) {
	for at, stream := range l.streams {
		if at > done && of.Group.Owns(stream) {
			n++
		}
	}
	return n
}

// TestCountsAreExact has consumers that go on, stand still and begin again, while
// messages come: each look says exactly what is before each of them.
func TestCountsAreExact(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	t.Logf("seed %d", seed)
	var l log
	l.write(random, 2000)
	consumers := []Consumer{
		{Category: "order", Name: "alone"}, {Category: "order", Name: "dead"},
		{Category: "order", Group: store.Group{Member: 0, Size: 3}}, {Category: "order", Group: store.Group{Member: 2, Size: 3}},
	}
	done := make([]int64, len(consumers))
	var b Book
	for range 300 {
		l.write(random, random.IntN(20))
		look := b.Look(1<<20, l.reader)
		for i, of := range consumers {
			switch random.IntN(12) {
			case 0:
				done[i] = l.head
			case 1:
				done[i] = random.Int64N(l.head)
			case 2, 3, 4, 5, 6:
				if of.Name != "dead" {
					done[i] = min(done[i]+random.Int64N(60), l.head)
				}
			}
			got, err := look.Count(t.Context(), of, done[i], l.head)
			if want := l.right(of, done[i]); err != nil || got.Messages != want || got.AtLeast {
				t.Fatalf("%+v at %d of %d: %+v (%v), want %d", of, done[i], l.head, got, err, want)
			}
		}
	}
}

// TestALookCostsWhatHappened: once counted, a lag of 100,000 messages costs the new
// ones alone.
func TestALookCostsWhatHappened(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var l log
	l.write(random, 100_000)
	var b Book
	of := Consumer{Category: "order"}
	if _, err := b.Look(1<<20, l.reader).Count(t.Context(), of, 0, l.head); err != nil {
		t.Fatal(err)
	}
	l.read = 0
	l.write(random, 10)
	look := b.Look(1<<20, l.reader)
	got, err := look.Count(t.Context(), of, 0, l.head)
	if err != nil || got != (Count{Messages: 100_010}) || l.read != 10 || look.Read() != 10 {
		t.Errorf("%+v (%v) for %d messages read, %d said", got, err, l.read, look.Read())
	}
}

// TestABudgetIsKept: what it leaves open is at least, and the next look goes on.
func TestABudgetIsKept(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var l log
	l.write(random, 1000)
	var b Book
	of := Consumer{Category: "order"}
	for look, want := range []Count{{300, true}, {600, true}, {900, true}, {1000, false}} {
		got, err := b.Look(300, l.reader).Count(t.Context(), of, 0, l.head)
		if err != nil || got != want {
			t.Errorf("look %d: %+v (%v), want %+v", look, got, err, want)
		}
	}
	// One that passed more than the budget can take off is counted again.
	half := int64(0)
	for at := range l.streams {
		if l.right(of, at) == 550 {
			half = at
		}
	}
	for look, want := range []Count{{150, true}, {450, true}, {550, false}} {
		if got, err := b.Look(300, l.reader).Count(t.Context(), of, half, l.head); err != nil || got != want {
			t.Errorf("half way, look %d: %+v (%v), want %+v", look, got, err, want)
		}
	}
}

// TestWithoutAHead reads to where the category ends.
func TestWithoutAHead(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var l log
	l.write(random, 500)
	var b Book
	of := Consumer{Category: "order"}
	if got, err := b.Look(1000, l.reader).Count(t.Context(), of, 0, Unknown); err != nil || got != (Count{Messages: 500}) {
		t.Errorf("%+v (%v)", got, err)
	}
	l.write(random, 5)
	if got, err := b.Look(1000, l.reader).Count(t.Context(), of, 0, Unknown); err != nil || got != (Count{Messages: 505}) {
		t.Errorf("five more: %+v (%v)", got, err)
	}
	if got, err := b.Look(3, l.reader).Count(t.Context(), Consumer{Category: "order", Name: "other"}, 0, Unknown); err != nil || got != (Count{3, true}) {
		t.Errorf("with a budget of three: %+v (%v)", got, err)
	}
}

// TestAnErrorCountsNothing: what could not be read is counted by the next look.
func TestAnErrorCountsNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	l := log{fails: errors.New("gone")}
	l.write(random, 50)
	var b Book
	of := Consumer{Category: "order"}
	if _, err := b.Look(1000, l.reader).Count(t.Context(), of, 0, l.head); !errors.Is(err, l.fails) {
		t.Errorf("got %v", err)
	}
	l.fails = nil
	if got, err := b.Look(1000, l.reader).Count(t.Context(), of, 0, l.head); err != nil || got != (Count{Messages: 50}) {
		t.Errorf("%+v (%v)", got, err)
	}
	// A category that was replaced by a shorter one is counted from scratch.
	l.head = 10
	for at := range l.streams {
		if at > l.head {
			delete(l.streams, at)
		}
	}
	if got, err := b.Look(1000, l.reader).Count(t.Context(), of, 0, l.head); err != nil || got.Messages != l.right(of, 0) {
		t.Errorf("after it was replaced: %+v (%v), want %d", got, err, l.right(of, 0))
	}
}
