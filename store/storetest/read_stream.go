package storetest

import (
	"math"

	"github.com/evtui/evtui/store"
)

func readStreamCases() []testCase {
	return []testCase{
		{"Bounds", readStreamBounds},
		{"SimilarNames", readSimilarNames},
		{"Unknown", readStreamUnknown},
		{"IllegalArguments", readStreamIllegal},
	}
}

func readStreamBounds(e *env) {
	e.namespace("n")
	// a-1 gets the global positions 1, 3, 4, 6 and 7.
	e.fill("n", "a-1", "b-1", "a-1", "a-1", "b-1", "a-1", "a-1", "c-1")
	const all = store.NoLimit
	cases := []struct {
		q    store.StreamQuery
		want []string
	}{
		{store.StreamQuery{Limit: all}, []string{"#1 a-1@0", "#3 a-1@1", "#4 a-1@2", "#6 a-1@3", "#7 a-1@4"}},
		{store.StreamQuery{Limit: 0}, nil},
		{store.StreamQuery{Limit: 2}, []string{"#1 a-1@0", "#3 a-1@1"}},
		{store.StreamQuery{Limit: 100}, []string{"#1 a-1@0", "#3 a-1@1", "#4 a-1@2", "#6 a-1@3", "#7 a-1@4"}},
		{store.StreamQuery{Position: -7, GlobalPosition: -7, Limit: 1}, []string{"#1 a-1@0"}},
		{store.StreamQuery{Position: 3, Limit: all}, []string{"#6 a-1@3", "#7 a-1@4"}},
		{store.StreamQuery{Position: 3, Limit: 1}, []string{"#6 a-1@3"}},
		{store.StreamQuery{Position: 4, Limit: all}, []string{"#7 a-1@4"}},
		{store.StreamQuery{Position: 5, Limit: all}, nil},
		{store.StreamQuery{Position: math.MaxInt64, GlobalPosition: math.MaxInt64, Limit: all}, nil},
		{store.StreamQuery{GlobalPosition: 4, Limit: all}, []string{"#4 a-1@2", "#6 a-1@3", "#7 a-1@4"}},
		{store.StreamQuery{GlobalPosition: 5, Limit: 1}, []string{"#6 a-1@3"}},
		{store.StreamQuery{GlobalPosition: 8, Limit: all}, nil},
		{store.StreamQuery{Position: 1, GlobalPosition: 6, Limit: all}, []string{"#6 a-1@3", "#7 a-1@4"}},
		{store.StreamQuery{Position: 4, GlobalPosition: 2, Limit: all}, []string{"#7 a-1@4"}},

		{store.StreamQuery{Backward: true, Position: -1, Limit: all}, []string{"#7 a-1@4", "#6 a-1@3", "#4 a-1@2", "#3 a-1@1", "#1 a-1@0"}},
		{store.StreamQuery{Backward: true, Position: -1, Limit: 2}, []string{"#7 a-1@4", "#6 a-1@3"}},
		{store.StreamQuery{Backward: true, Position: -1, Limit: 0}, nil},
		{store.StreamQuery{Backward: true, Position: 0, Limit: all}, []string{"#1 a-1@0"}},
		{store.StreamQuery{Backward: true, Position: 2, Limit: 2}, []string{"#4 a-1@2", "#3 a-1@1"}},
		{store.StreamQuery{Backward: true, Position: 99, Limit: 1}, []string{"#7 a-1@4"}},
		{store.StreamQuery{Backward: true, Position: math.MaxInt64, GlobalPosition: math.MaxInt64, Limit: 1}, []string{"#7 a-1@4"}},
		{store.StreamQuery{Backward: true, Position: -1, GlobalPosition: 5, Limit: all}, []string{"#4 a-1@2", "#3 a-1@1", "#1 a-1@0"}},
		{store.StreamQuery{Backward: true, Position: -1, GlobalPosition: 4, Limit: 1}, []string{"#4 a-1@2"}},
		{store.StreamQuery{Backward: true, Position: 1, GlobalPosition: 6, Limit: all}, []string{"#3 a-1@1", "#1 a-1@0"}},
		{store.StreamQuery{Backward: true, Position: 4, GlobalPosition: 2, Limit: all}, []string{"#1 a-1@0"}},
		{store.StreamQuery{Backward: true, Position: 3, GlobalPosition: -5, Limit: 1}, []string{"#6 a-1@3"}},
	}
	e.alsoReopened(func() {
		for _, c := range cases {
			c.q.Stream = "a-1"
			e.same(places(e.readStream("n", c.q)), c.want, "read %+v", c.q)
		}
	})
}

// similarNames begin alike, or sort close together.
func similarNames() []string {
	return []string{
		"a", "a-", "a--", "a-1", "a-10", "a-1+", "a-1+x", "a-1-1", "a-2", "a+1", "a+1-1", "ab", "ab-1", "A-1", "a 1", "a-é", "a-\u00ff",
		"é-1", "e\u0301-1", "a-1\u00a0", "日本-1", "日本語-1", "🎈", "🎈-🎈", "a-\U0010ffff", "\U0010ffff", "~", "~-1", "a.b-1", "a/b-1", "a%2d1",
	}
}

func readSimilarNames(e *env) {
	e.namespace("n")
	names := similarNames()
	for range 3 {
		e.fill("n", names...)
	}
	e.alsoReopened(func() {
		byCategory := map[string]int{}
		for _, name := range names {
			byCategory[store.Category(name)] += 3
			got := e.readStream("n", store.StreamQuery{Stream: name, Limit: store.NoLimit})
			back := e.readStream("n", store.StreamQuery{Stream: name, Limit: store.NoLimit, Position: -1, Backward: true})
			if len(got) != 3 || len(back) != 3 {
				e.t.Fatalf("stream %q: got %d messages, %d backward, want 3", name, len(got), len(back))
			}
			for i := range got {
				if got[i].Stream != name || got[i].Position != int64(i) || back[i].Position != int64(2-i) || back[i].Stream != name {
					e.t.Errorf("stream %q: message %d is %v, backward %v", name, i, places(got[i:i+1]), places(back[i:i+1]))
				}
				e.carries(got[i], event(name))
			}
			if v, err := e.store.Version(e.ctx, "n", name); err != nil || v != 2 {
				e.t.Errorf("version of %q: got %d, %v, want 2", name, v, err)
			}
		}
		for category, count := range byCategory {
			got := e.readCategory("n", store.CategoryQuery{Category: category, Limit: store.NoLimit})
			if len(got) != count {
				e.t.Errorf("category %q: got %d messages, want %d", category, len(got), count)
			}
			for _, m := range got {
				if store.Category(m.Stream) != category {
					e.t.Errorf("category %q holds stream %q", category, m.Stream)
				}
			}
		}
	})
}

func readStreamUnknown(e *env) {
	e.namespace("n")
	e.append("n", "account-12", event("x"))
	for _, stream := range []string{"account-1", "account-123", "account", "account-", "b", "account-12+1"} {
		for _, backward := range []bool{false, true} {
			q := store.StreamQuery{Stream: stream, Limit: store.NoLimit, Backward: backward, Position: -1}
			e.same(places(e.readStream("n", q)), nil, "read unknown stream %q", stream)
		}
	}
}

func readStreamIllegal(e *env) {
	e.namespace("n")
	e.append("n", "a-1", event("x"))
	for _, limit := range []int{-2, math.MinInt} {
		_, err := collect(e.store.ReadStream(e.ctx, "n", store.StreamQuery{Stream: "a-1", Limit: limit}))
		e.refused(err, "read stream with limit %d", limit)
	}
	for _, name := range append(illegalNames(), "-1") {
		_, err := collect(e.store.ReadStream(e.ctx, "n", store.StreamQuery{Stream: name, Limit: 1}))
		e.refused(err, "read stream %q", name)
		_, err = e.store.LastMessage(e.ctx, "n", name, "")
		e.refused(err, "last message of stream %q", name)
		_, err = e.store.Version(e.ctx, "n", name)
		e.refused(err, "version of stream %q", name)
	}
}
