package causes_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/story/causes"
	"github.com/evtui/evtui/store"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// message is the nth of a log, a millisecond after the one before.
func message(n int, meta string) *store.Message {
	m := &store.Message{
		ID: store.MakeID(noon, [10]byte{9: byte(n), 8: byte(n >> 8), 7: byte(n >> 16), 6: 1}), Stream: "order-1", Type: "T", Position: int64(n - 1),
		GlobalPosition: int64(n), Time: noon.Add(time.Duration(n) * time.Millisecond),
	}
	if meta != "" {
		m.Metadata = []byte(meta)
	}
	return m
}

func after(n int) string { return fmt.Sprintf(`{"causationMessageGlobalPosition":%d}`, n) }

// TestLongAndWide holds that neither a chain nor a fan-out of 100,000 takes more
// than a bound, and that what is left out is said.
func TestLongAndWide(t *testing.T) {
	const n = 100_000
	for name, cause := range map[string]func(int) int{"chain": func(i int) int { return i - 1 }, "fan-out": func(int) int { return 1 }} {
		t.Run(name, func(t *testing.T) {
			tree := causes.NewTree(causes.BuiltIn(), message(1, ""), nil, 0, 0)
			for i := 2; i <= n; i++ {
				tree.Grow(message(i, after(cause(i))))
			}
			full, limit := tree.Full()
			if rows := tree.Rows(); !full || limit != causes.MaxNodes || len(rows) != limit {
				t.Fatalf("%d rows, full %v, limit %d", len(rows), full, limit)
			}
			for _, row := range tree.Rows() {
				if rails := row.Rails(10, false); len([]rune(rails)) > 21 {
					t.Fatalf("a row at depth %d begins with %q", row.Depth, rails)
				}
			}
			all := causes.NewTree(causes.BuiltIn(), message(1, ""), nil, 0, 2*n)
			for i := 2; i <= n; i++ {
				all.Grow(message(i, after(cause(i))))
			}
			if full, _ := all.Full(); full || len(all.Rows()) != n {
				t.Errorf("of %d there are %d, full %v", n, len(all.Rows()), full)
			}
			want := map[string]int{"chain": n, "fan-out": 2}[name]
			if got := len(all.Slowest()); got != want {
				t.Errorf("the slowest way has %d messages, want %d", got, want)
			}
		})
	}
}

// TestSlowestHop holds that of the hops of the slowest way the longest is named, the
// first of several, and none where there is nothing to choose from.
func TestSlowestHop(t *testing.T) {
	grow := func(of []int, took ...int) *causes.Tree {
		tree := causes.NewTree(causes.BuiltIn(), message(1, ""), nil, 0, 0)
		at := noon.Add(time.Millisecond)
		for i, cause := range of {
			m := message(i+2, after(cause))
			at = at.Add(time.Duration(took[i]) * time.Millisecond)
			m.Time = at
			tree.Grow(m)
		}
		return tree
	}
	for name, c := range map[string]struct {
		causes, took []int
		want         int64 // its global position; 0: none
	}{
		"alone":                 {},
		"one hop":               {[]int{1}, []int{5}, 0},
		"chain":                 {[]int{1, 2, 3}, []int{5, 90, 7}, 3},
		"first of equal ones":   {[]int{1, 2, 3}, []int{5, 90, 90}, 3},
		"no time at all":        {[]int{1, 2, 3}, []int{0, 0, 0}, 0},
		"clocks that differ":    {[]int{1, 2, 3}, []int{-50, 3, 60}, 4},
		"off the way is longer": {[]int{1, 1, 2}, []int{60, 21, 19}, 2},
	} {
		tree := grow(c.causes, c.took...)
		got := int64(0)
		if at := tree.SlowestHop(); at >= 0 {
			got = tree.Nodes()[at].Global
		}
		if got != c.want {
			t.Errorf("%s: the slowest hop is that of %d, want %d", name, got, c.want)
		}
	}
}

func TestRails(t *testing.T) {
	tree := causes.NewTree(causes.BuiltIn(), message(1, ""), nil, 0, 0)
	for i, cause := range []int{1, 2, 2, 3, 1} { // 2 to 6
		tree.Grow(message(i+2, after(cause)))
	}
	var got []string
	for _, row := range tree.Rows() {
		got = append(got, row.Rails(8, false)+fmt.Sprint(tree.Nodes()[row.Node].Global))
	}
	want := []string{"1", "├ 2", "│ ├ 3", "│ │ └ 5", "│ └ 4", "└ 6"}
	if !slices.Equal(got, want) {
		t.Errorf("drawn\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if rails := tree.Rows()[3].Rails(2, true); rails != "~| ` " {
		t.Errorf("two levels in ASCII are %q", rails)
	}
}

// TestFaults holds that what is odd is said.
func TestFaults(t *testing.T) {
	l := causes.BuiltIn()
	first := message(1, "")
	both := fmt.Sprintf(`{"causationMessageGlobalPosition":1,"$causationId":%q}`, message(2, "").ID)
	tree := causes.NewTree(l, first, nil, 0, 0)
	tree.Grow(message(2, after(1)))
	tree.Grow(message(3, both))
	n := tree.Nodes()[2]
	if n.Cause != 0 || n.Fault&causes.Several == 0 || !strings.Contains(strings.Join(n.Words(), ";"), "also names id "+message(2, "").ID.String()) {
		t.Errorf("two causes: %+v, %q", n, n.Words())
	}
	early := message(4, after(3))
	early.Time = noon
	if tree.Grow(early); tree.Nodes()[3].Fault&causes.Backward == 0 {
		t.Errorf("a clock that went back is not said: %+v", tree.Nodes()[3])
	}
	if tree.Grow(message(3, after(1))) || tree.Grow(message(5, after(5))) {
		t.Error("what is there already, or names itself, grew")
	}
	later := causes.NewTree(l, message(7, after(9)), []store.Message{*message(9, "")}, 0, 0)
	if n := later.Nodes()[later.Origin()]; n.Fault&causes.Later == 0 {
		t.Errorf("a cause that comes later is not said: %+v", n)
	}
}

// TestTraceparent follows spans, and keeps what is of the trace and names no cause
// that is a message.
func TestTraceparent(t *testing.T) {
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	at := func(span, more string) string {
		return fmt.Sprintf(`{"traceparent":"00-%s-%s-01"%s}`, trace, span, more)
	}
	tree := causes.NewTree(causes.BuiltIn(), message(1, at("00f067aa0ba902b7", "")), nil, 0, 0)
	for i, meta := range []string{
		at("00f067aa0ba902b8", `,"parentSpanId":"00F067AA0BA902B7"`), // written by what handled the first
		at("00f067aa0ba902b8", `,"span_id":"00f067aa0ba902b9"`),      // its own span inside the second's
		at("00f067aa0ba902c1", `,"parentSpanId":"00f067aa0ba902c0"`), // of a handler that wrote nothing
		`{"traceparent":"00-00000000000000000000000000000000-00f067aa0ba902b7-01"}`,
		`{"traceparent":"00-ffffffffffffffffffffffffffffffff-00f067aa0ba902b7-01"}`,
		`{"traceparent":7}`,
	} {
		tree.Grow(message(i+2, meta))
	}
	var got []string
	for i, n := range tree.Nodes() {
		got = append(got, fmt.Sprintf("%d<%d loose=%v", n.Global, n.Cause, n.Loose))
		if i == 3 && n.Fault&causes.Unknown == 0 {
			t.Errorf("that its cause is unknown is not said: %+v", n)
		}
	}
	if want := []string{"1<-1 loose=false", "2<0 loose=false", "3<1 loose=false", "4<-1 loose=true"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestNames holds what a user's names take, and what is wrong with others.
func TestNames(t *testing.T) {
	l, err := causes.New(causes.Names{ID: []string{"parent.id"}, Place: []string{"by", "c.stream c.pos"}, Global: []string{"g"}, Only: true})
	if err != nil {
		t.Fatal(err)
	}
	id := message(3, "").ID.String()
	for meta, want := range map[string]causes.Ref{
		`{"parent":{"id":"` + strings.ToUpper(id) + `"}}`: causes.ID(id), `{"by":"a-1#12"}`: causes.Place("a-1", 12),
		`{"c":{"stream":"a#1","pos":"4"}}`: causes.Place("a#1", 4), `{"g":88}`: causes.Global(88),
		`{"$causationId":"` + id + `"}`: {}, `{"by":"a-1"}`: {}, `{"by":"#1"}`: {}, `{"g":-1}`: {}, `{"g":1.5}`: {}, `{"g":null}`: {}, `[1]`: {}, `{"g":`: {},
		`{"by":"` + strings.Repeat("x", 1<<20) + `#1"}`: {}, strings.Repeat(`{"by":`, 100_000): {},
	} {
		var got causes.Ref
		if named := l.Of(message(9, meta)); len(named.Causes) > 0 {
			got = named.Causes[0]
		}
		if got != want {
			t.Errorf("%.60s names %v, want %v", meta, got, want)
		}
	}
	for _, wrong := range []causes.Names{{ID: []string{""}}, {ID: []string{"a b"}}, {Place: []string{"a b c"}}, {Correlation: []string{"a["}}} {
		if _, err := causes.New(wrong); err == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
}

func TestParse(t *testing.T) {
	id := message(3, "").ID.String()
	for s, want := range map[string]causes.Ref{
		"order-7#3": causes.Place("order-7", 3), " order-7#1,003 ": causes.Place("order-7", 1003), "a#b#0": causes.Place("a#b", 0), id: causes.ID(id),
	} {
		if got, err := causes.Parse(s); err != nil || got != want {
			t.Errorf("%q is %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "order-7", "#3", "order-7#", "order-7#-1", "order-7#x", "-7#1"} {
		if got, err := causes.Parse(s); err == nil {
			t.Errorf("%q is %v", s, got)
		}
	}
}

// TestHops holds percentiles against their definition: the least time that so many
// of all do not exceed.
func TestHops(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 7))
	var h causes.Hops
	times := map[[2]string][]time.Duration{}
	for i := range 3_000 {
		pair := [2]string{fmt.Sprint(r.IntN(4)), fmt.Sprint(r.IntN(3))}
		took := time.Duration(r.IntN(1000)-20) * time.Millisecond
		times[pair] = append(times[pair], took)
		h.Add(pair[0], pair[1], took, causes.Place("s", int64(i)))
	}
	least := func(list []time.Duration, percent int) time.Duration {
		return slices.MinFunc(list, func(a, b time.Duration) int {
			enough := func(d time.Duration) bool {
				n := 0
				for _, other := range list {
					if other <= d {
						n++
					}
				}
				return n*100 >= percent*len(list)
			}
			if x, y := enough(a), enough(b); x != y {
				return map[bool]int{true: -1, false: 1}[x]
			}
			return cmp.Compare(a, b)
		})
	}
	list := h.List()
	if len(list) != len(times) || h.Left() != 0 {
		t.Fatalf("%d pairs, %d left out; want %d", len(list), h.Left(), len(times))
	}
	for _, got := range list {
		all := times[[2]string{got.From, got.To}]
		if got.Count != int64(len(all)) || got.P50 != least(all, 50) || got.P99 != least(all, 99) || got.Max != slices.Max(all) {
			t.Errorf("%+v, want %d, %v, %v, %v", got, len(all), least(all, 50), least(all, 99), slices.Max(all))
		}
	}
	for i := range causes.MaxPairs + 10 {
		h.Add("from", fmt.Sprint("t", i), 0, causes.Ref{})
	}
	if h.Left() == 0 || len(h.List()) > causes.MaxPairs {
		t.Errorf("%d pairs are kept, %d left out", len(h.List()), h.Left())
	}
}
