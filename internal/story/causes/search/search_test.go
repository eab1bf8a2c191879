package search_test

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/peer"
	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/internal/story/causes/search"
	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
)

// serve puts messages into a store, and returns clients of two servers over it:
// evtui's, and one that offers nothing beside the protocol.
func serve(t testing.TB, all []store.ImportMessage) map[string]*client.Client {
	t.Helper()
	st := storetest.NewModel()
	t.Cleanup(func() { _ = st.Close() })
	s := servertest.New(t, server.Config{Store: st, Version: "0.0.1"})
	p := servertest.New(t, server.Config{Store: st, Version: "0.0.1"}, servertest.Token(s.Token),
		servertest.Behind(func(h http.Handler) http.Handler { return peer.Handler(h, peer.Options{}) }))
	for part := range slices.Chunk(all, 5_000) {
		if err := st.Import(t.Context(), store.DefaultNamespace, part); err != nil {
			t.Fatal(err)
		}
	}
	out := map[string]*client.Client{}
	for name, one := range map[string]*servertest.Server{"evtui": s, "peer": p} {
		c, err := client.New("http://causes.internal", client.WithToken(one.Token), client.WithDialer(one.Dial))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		out[name] = c
	}
	return out
}

// links are those of the forest: one of its names is no built-in.
func links(t testing.TB) causes.Links {
	t.Helper()
	l, err := causes.New(causes.Names{Place: []string{"mine.because"}})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// whole looks for all causes and effects.
func whole(t testing.TB, c *client.Client, q search.Query) search.Sight {
	t.Helper()
	s := search.New(q)
	if err := s.Up(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	for {
		if err := s.Down(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if v := s.Sight(); v.End || v.Full {
			return v
		}
	}
}

// export reads all that is stored.
func export(t testing.TB, c *client.Client) []store.Message {
	t.Helper()
	var out []store.Message
	for m, err := range c.Category(t.Context(), client.CategoryQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

// TestForest holds a tree against one that is made of the export the simple way.
func TestForest(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 16))
	for range 2 {
		all := forest(r, 50+r.IntN(150))
		for name, c := range serve(t, all) {
			n := naive{all: export(t, c), noIDs: name == "peer"}
			if len(n.all) != len(all) {
				t.Fatalf("%s: %d messages exported, want %d", name, len(n.all), len(all))
			}
			for range 15 {
				checkTree(t, name, c, n, r.IntN(len(all)))
			}
		}
	}
}

func checkTree(t *testing.T, name string, c *client.Client, n naive, i int) {
	t.Helper()
	v := whole(t, c, search.Query{Links: links(t), Message: n.all[i]})
	var above []int
	for k := v.Origin - 1; k >= 0; k-- {
		above = append(above, int(v.Nodes[k].Global)-1)
	}
	if want := n.above(i); !slices.Equal(above, want) {
		t.Fatalf("%s: the causes of %d are %v, want %v", name, i, above, want)
	}
	below := map[int]int{}
	for _, node := range v.Nodes[v.Origin+1:] {
		below[int(node.Global)-1] = int(v.Nodes[node.Cause].Global) - 1
	}
	if want := n.below(i); !maps.Equal(below, want) {
		for at := range want {
			if _, found := below[at]; !found {
				t.Logf("%d is missing: %s", at, n.all[at].Metadata)
			}
		}
		t.Fatalf("%s: what follows from %d is %v, want %v", name, i, below, want)
	}
	checkRows(t, &v)
	checkSlowest(t, &v)
}

// checkRows holds that each node is drawn once, below its cause and a level
// deeper.
func checkRows(t *testing.T, v *search.Sight) {
	t.Helper()
	at := map[int]int{}
	for i, row := range v.Rows {
		node := v.Nodes[row.Node]
		if _, twice := at[row.Node]; twice || node.Depth != row.Depth {
			t.Fatalf("row %d is node %d at depth %d of %d, drawn twice: %v", i, row.Node, row.Depth, node.Depth, twice)
		}
		if at[row.Node] = i; node.Cause < 0 {
			continue
		}
		if above, drawn := at[node.Cause]; !drawn || v.Rows[above].Depth != row.Depth-1 {
			t.Fatalf("row %d stands nowhere below its cause", i)
		}
		for _, between := range v.Rows[at[node.Cause]+1 : i] {
			if between.Depth < row.Depth {
				t.Fatalf("row %d is separated from its cause", i)
			}
		}
	}
	if len(v.Rows) != len(v.Nodes) {
		t.Fatalf("%d rows of %d nodes", len(v.Rows), len(v.Nodes))
	}
}

// checkSlowest tries each way down from the first cause.
func checkSlowest(t *testing.T, v *search.Sight) {
	t.Helper()
	var longest time.Duration
	for i := range v.Nodes {
		sum, root := time.Duration(0), i
		for ; v.Nodes[root].Cause >= 0; root = v.Nodes[root].Cause {
			sum += v.Hops[root]
		}
		if root == 0 {
			longest = max(longest, sum)
		}
	}
	var got time.Duration
	ends := 0
	for i := range v.Slow {
		got += v.Hops[i]
		if v.Nodes[i].Cause < 0 {
			ends++
		} else if !v.Slow[v.Nodes[i].Cause] {
			t.Fatalf("the slowest way has node %d and not its cause", i)
		}
	}
	if got != longest || len(v.Slow) > 0 && ends != 1 {
		t.Fatalf("the slowest way takes %v from %d ends, want %v", got, ends, longest)
	}
}

// TestUntil holds that nothing is taken from the moment on that is looked at.
func TestUntil(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 17))
	all := forest(r, 200)
	for name, c := range serve(t, all) {
		n := naive{all: export(t, c), noIDs: name == "peer"}
		for range 20 {
			i := r.IntN(150)
			until := i + 1 + r.IntN(50)
			v := whole(t, c, search.Query{Links: links(t), Message: n.all[i], Until: int64(until) + 1})
			want := naive{all: n.all[:until], noIDs: n.noIDs}.below(i)
			if got := len(v.Nodes) - v.Origin - 1; got != len(want) {
				t.Fatalf("%s: %d messages follow from %d before %d, want %d", name, got, i, until, len(want))
			}
			for _, node := range v.Nodes {
				if node.Global > int64(until) {
					t.Fatalf("%s: node %d lies after %d", name, node.Global, until)
				}
			}
		}
	}
}

// TestLater holds that a search whose log goes on takes in what came since.
func TestLater(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	all := forest(rand.New(rand.NewPCG(seed, 18)), 160)
	st := storetest.NewModel()
	t.Cleanup(func() { _ = st.Close() })
	s := servertest.New(t, server.Config{Store: st, Version: "0.0.1"})
	c, err := client.New("http://causes.internal", client.WithToken(s.Token), client.WithDialer(s.Dial))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	put := func(part []store.ImportMessage) {
		if err := st.Import(t.Context(), store.DefaultNamespace, part); err != nil {
			t.Fatal(err)
		}
	}
	put(all[:40])
	var early naive // causes are looked for once: one that comes in later is none of them
	for i := range all[:40] {
		early.all = append(early.all, all[i].Message)
	}
	begun := make([]*search.Search, 30)
	for i := range begun {
		begun[i] = search.New(search.Query{Links: links(t), Message: all[i].Message})
		if err := begun[i].Up(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	begin := 40
	for _, end := range []int{40, 90, 160} {
		if end > begin {
			put(all[begin:end])
		}
		begin = end
		var n naive
		for k := range all[:end] {
			n.all = append(n.all, all[k].Message)
		}
		for i := range begun {
			for more := true; more; more = !begun[i].Sight().End {
				if err := begun[i].Down(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
			v := begun[i].Sight()
			if want := n.belowWith(i, early.above(i)); len(v.Nodes)-v.Origin-1 != len(want) {
				t.Fatalf("of %d messages %d follow from %d, want %d", end, len(v.Nodes)-v.Origin-1, i, len(want))
			}
		}
	}
}
