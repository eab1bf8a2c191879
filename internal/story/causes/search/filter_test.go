package search_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/story/causes"
)

// TestFilterKeepsWhatGrows holds that no filter that a server is sent drops what
// the tree would take.
func TestFilterKeepsWhatGrows(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 19))
	l := links(t)
	anything, err := filter.Parse(l.Anything(), noon)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		all := forest(r, 120)
		for range 8 {
			origin := r.IntN(90)
			tree := causes.NewTree(l, &all[origin].Message, nil, 0, 0)
			for i := origin + 1; i < len(all); i++ {
				line, few := tree.Filter()
				var own filter.Filter
				if few {
					if own, err = filter.Parse(line, noon); err != nil {
						t.Fatalf("%v in %s", err, line)
					}
				}
				m := &all[i].Message
				kept := !few || own.Keeps(m)
				if tree.Grow(m) && (!kept || !anything.Keeps(m)) {
					t.Fatalf("%d grows by %s, and is dropped by %s, or %s", origin, m.Metadata, line, l.Anything())
				}
			}
		}
	}
}
