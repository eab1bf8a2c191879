package storetest

import (
	"crypto/md5"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/evtui/evtui/store"
)

func readCategoryCases() []testCase {
	return []testCase{
		{"Bounds", readCategoryBounds},
		{"Groups", readGroups},
		{"GroupPagesAreFull", groupPagesAreFull},
		{"Correlation", readCorrelation},
		{"IllegalArguments", readCategoryIllegal},
	}
}

func readCategoryBounds(e *env) {
	e.namespace("n")
	e.fill("n", "a-1", "b-1", "a-2", "ab-1", "a", "b", "a-1+x", "c-1")
	const all = store.NoLimit
	a := []string{"#1 a-1@0", "#3 a-2@0", "#5 a@0", "#7 a-1+x@0"}
	every := []string{"#1 a-1@0", "#2 b-1@0", "#3 a-2@0", "#4 ab-1@0", "#5 a@0", "#6 b@0", "#7 a-1+x@0", "#8 c-1@0"}
	reversed := func(s []string) []string {
		s = slices.Clone(s)
		slices.Reverse(s)
		return s
	}
	cases := []struct {
		q    store.CategoryQuery
		want []string
	}{
		{store.CategoryQuery{Category: "a", Limit: all}, a},
		{store.CategoryQuery{Category: "a", Limit: 0}, nil},
		{store.CategoryQuery{Category: "a", Limit: 3}, a[:3]},
		{store.CategoryQuery{Category: "a", Limit: 10000}, a},
		{store.CategoryQuery{Category: "a", GlobalPosition: -9, Limit: 1}, a[:1]},
		{store.CategoryQuery{Category: "a", GlobalPosition: 3, Limit: all}, a[1:]},
		{store.CategoryQuery{Category: "a", GlobalPosition: 4, Limit: 1}, a[2:3]},
		{store.CategoryQuery{Category: "a", GlobalPosition: 8, Limit: all}, nil},
		{store.CategoryQuery{Category: "a", GlobalPosition: math.MaxInt64, Limit: all}, nil},
		{store.CategoryQuery{Category: "unknown", Limit: all}, nil},
		{store.CategoryQuery{Limit: all}, every},
		{store.CategoryQuery{Limit: 0}, nil},
		{store.CategoryQuery{GlobalPosition: 4, Limit: 3}, every[3:6]},
		{store.CategoryQuery{GlobalPosition: 9, Limit: all}, nil},

		{store.CategoryQuery{Category: "a", Backward: true, Limit: all}, reversed(a)},
		{store.CategoryQuery{Category: "a", Backward: true, Limit: 2}, reversed(a)[:2]},
		{store.CategoryQuery{Category: "a", Backward: true, Limit: 0}, nil},
		{store.CategoryQuery{Category: "a", Backward: true, GlobalPosition: 5, Limit: all}, reversed(a)[1:]},
		{store.CategoryQuery{Category: "a", Backward: true, GlobalPosition: 4, Limit: all}, reversed(a)[2:]},
		{store.CategoryQuery{Category: "b", Backward: true, GlobalPosition: 1, Limit: all}, nil},
		{store.CategoryQuery{Category: "a", Backward: true, GlobalPosition: -3, Limit: 1}, reversed(a)[:1]},
		{store.CategoryQuery{Backward: true, Limit: all}, reversed(every)},
		{store.CategoryQuery{Backward: true, GlobalPosition: math.MaxInt64, Limit: 2}, reversed(every)[:2]},
		{store.CategoryQuery{Backward: true, GlobalPosition: 4, Limit: 2}, reversed(every)[4:6]},
	}
	e.alsoReopened(func() {
		for _, c := range cases {
			e.same(places(e.readCategory("n", c.q)), c.want, "read %+v", c.q)
		}
	})
}

// memberOf is the protocol's rule, written down a second time: the first 8
// bytes of the MD5 as a signed number, its absolute value modulo the size.
func (e *env) memberOf(stream string, size int) (member int, ok bool) {
	_, id, dash := strings.Cut(stream, "-")
	cardinal := strings.Split(id, "+")[0]
	if cardinal == "" && !(dash && e.harness.EmptyIDs) {
		return 0, false
	}
	sum := md5.Sum([]byte(cardinal))
	hash := new(big.Int).SetBytes(sum[:8])
	if sum[0] >= 0x80 {
		hash.Sub(hash, new(big.Int).Lsh(big.NewInt(1), 64))
	}
	return int(hash.Mod(hash.Abs(hash), big.NewInt(int64(size))).Int64()), true
}

func readGroups(e *env) {
	e.namespace("n")
	var streams []string
	for i := range 60 {
		streams = append(streams, fmt.Sprintf("a-%d", i), fmt.Sprintf("a-%d+retry", i), fmt.Sprintf("b-%d", i))
	}
	e.fill("n", append(streams, "a", "b", "a-", "a-+x", "a-3-4", "a-é", "b-+")...)
	everything := e.everything("n")
	e.alsoReopened(func() {
		for _, size := range []int{1, 2, 3, 4, 7, 64} {
			for member := range size {
				for _, category := range []string{"a", "b", ""} {
					q := store.CategoryQuery{Category: category, Limit: store.NoLimit, Group: store.Group{Member: member, Size: size}}
					var want []store.Message
					for _, m := range everything {
						owner, ok := e.memberOf(m.Stream, size)
						if ok && owner == member && (category == "" || store.Category(m.Stream) == category) {
							want = append(want, m)
						}
					}
					e.same(places(e.readCategory("n", q)), places(want), "read %+v", q)
					q.Backward = true
					slices.Reverse(want)
					e.same(places(e.readCategory("n", q)), places(want), "read %+v", q)
				}
			}
		}
	})
}

// groupPagesAreFull pages through a category of which a member owns little,
// and through one where the owned messages lie far apart.
func groupPagesAreFull(e *env) {
	e.namespace("n")
	group := store.Group{Member: 5, Size: 50}
	var mine, other []string
	for i := 0; len(mine) < 8 || len(other) < 8; i++ {
		name := fmt.Sprintf("a-%d", i)
		if owner, _ := e.memberOf(name, group.Size); owner == group.Member {
			mine = append(mine, name)
		} else {
			other = append(other, name)
		}
	}
	var want []string
	for i := range 40 {
		for j := range 3 {
			e.append("n", other[(i+j)%8], events(50, "x")...)
		}
		ev := event("mine")
		if i%3 == 0 {
			ev = correlated("c-1")
		}
		a := e.append("n", mine[i%8], ev)
		if i%3 == 0 {
			want = append(want, fmt.Sprintf("#%d %s@%d", a.FirstGlobalPosition, mine[i%8], a.FirstPosition))
		}
	}
	e.alsoReopened(func() {
		for _, limit := range []int{1, 7, 100} {
			for _, category := range []string{"a", ""} {
				q := store.CategoryQuery{Category: category, Limit: limit, Group: group}
				if got := e.pages(q, 40); len(got) != 40 {
					e.t.Errorf("pages of %+v hold %d messages, want 40", q, len(got))
				}
				q.Correlation = "c"
				e.same(e.pages(q, len(want)), want, "pages of %+v", q)
				q.Backward = true
				back := e.pages(q, len(want))
				slices.Reverse(back)
				e.same(back, want, "pages of %+v", q)
			}
		}
	})
}

// pages reads page after page until total messages are read, and one more,
// which must be empty. All others must be full.
func (e *env) pages(q store.CategoryQuery, total int) []string {
	e.t.Helper()
	var got []string
	for {
		page := e.readCategory("n", q)
		if want := min(q.Limit, total-len(got)); len(page) != want {
			e.t.Fatalf("read %+v: got a page of %d messages, want %d", q, len(page), want)
		}
		if len(page) == 0 {
			return got
		}
		got = append(got, places(page)...)
		q.GlobalPosition = page[len(page)-1].GlobalPosition + 1
		if q.Backward {
			if q.GlobalPosition -= 2; q.GlobalPosition == 0 {
				return got
			}
		}
	}
}

func readCorrelation(e *env) {
	e.namespace("n")
	e.append("n", "a-1", correlated("c-1"), event("none"), correlated("c"))
	e.append("n", "b-1", correlated("c-2"), correlated("cc-1"))
	e.append("n", "a-2", correlated("d-1"), correlated("c-1+x"), correlated("日本-1"))
	const all = store.NoLimit
	cases := []struct {
		q    store.CategoryQuery
		want []string
	}{
		{store.CategoryQuery{Category: "a", Correlation: "c", Limit: all}, []string{"#1 a-1@0", "#3 a-1@2", "#7 a-2@1"}},
		{store.CategoryQuery{Category: "a", Correlation: "c", Limit: 2}, []string{"#1 a-1@0", "#3 a-1@2"}},
		{store.CategoryQuery{Category: "a", Correlation: "c", Limit: 2, Backward: true}, []string{"#7 a-2@1", "#3 a-1@2"}},
		{store.CategoryQuery{Category: "a", Correlation: "c", GlobalPosition: 2, Limit: 1}, []string{"#3 a-1@2"}},
		{store.CategoryQuery{Category: "b", Correlation: "c", Limit: all}, []string{"#4 b-1@0"}},
		{store.CategoryQuery{Correlation: "c", Limit: all}, []string{"#1 a-1@0", "#3 a-1@2", "#4 b-1@0", "#7 a-2@1"}},
		{store.CategoryQuery{Correlation: "cc", Limit: all}, []string{"#5 b-1@1"}},
		{store.CategoryQuery{Correlation: "日本", Limit: all}, []string{"#8 a-2@2"}},
		{store.CategoryQuery{Category: "a", Correlation: "a", Limit: all}, nil},
		{store.CategoryQuery{Category: "b", Correlation: "d", Limit: all}, nil},
	}
	e.alsoReopened(func() {
		for _, c := range cases {
			e.same(places(e.readCategory("n", c.q)), c.want, "read %+v", c.q)
		}
	})
}

func readCategoryIllegal(e *env) {
	e.namespace("n")
	e.append("n", "a-1", correlated("c-1"))
	for _, q := range []store.CategoryQuery{
		{Category: "a", Limit: -2},
		{Category: "a-1", Limit: 1},
		{Category: "a", Correlation: "c-1", Limit: 1},
		{Category: "a", Limit: 1, Group: store.Group{Member: 2, Size: 2}},
		{Category: "a", Limit: 1, Group: store.Group{Member: -1, Size: 2}},
		{Category: "a", Limit: 1, Group: store.Group{Member: 0, Size: -1}},
		{Category: "a", Limit: 1, Group: store.Group{Member: 1, Size: 0}},
		{Limit: 0, Group: store.Group{Member: 3, Size: 3}},
	} {
		messages, err := collect(e.store.ReadCategory(e.ctx, "n", q))
		e.refused(err, "read %+v", q)
		e.same(places(messages), nil, "read %+v", q)
	}
}
