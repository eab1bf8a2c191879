package storetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/evtui/evtui/store"
)

func listCases() []testCase {
	return []testCase{
		{"Streams", listStreams},
		{"StreamPages", streamPages},
		{"StreamsIllegalArguments", listStreamsIllegal},
		{"Categories", listCategories},
	}
}

// byBytes skips the case for an engine that orders names otherwise.
func (e *env) byBytes() {
	e.t.Helper()
	if order := e.store.Describe().NameOrder; order != "bytes" {
		e.t.Skipf("this engine orders names by %q", order)
	}
}

// names of the streams on a page.
func (e *env) streamNames(q store.StreamsQuery) []string {
	e.t.Helper()
	page, err := e.store.Streams(e.ctx, "n", q)
	if err != nil {
		e.t.Fatalf("Streams %+v: %v", q, err)
	}
	var list []string
	for _, s := range page {
		list = append(list, s.Name)
	}
	return list
}

func listStreams(e *env) {
	e.byBytes()
	e.namespace("n")
	e.same(e.streamNames(store.StreamsQuery{Limit: 10}), nil, "Streams of an empty namespace")
	e.fill("n", "b-1", "a-1", "a", "ab-1", "a-2", "a-1", "é-1", "a-1+x", "B-1")
	sorted := []string{"B-1", "a", "a-1", "a-1+x", "a-2", "ab-1", "b-1", "é-1"}
	e.alsoReopened(func() {
		for _, c := range []struct {
			q    store.StreamsQuery
			want []string
		}{
			{store.StreamsQuery{Limit: 1000}, sorted},
			{store.StreamsQuery{Limit: 3}, sorted[:3]},
			{store.StreamsQuery{Limit: 2, Cursor: "a"}, sorted[2:4]},
			{store.StreamsQuery{Limit: 9, Cursor: "a-1"}, sorted[3:]},
			{store.StreamsQuery{Limit: 9, Cursor: "a-1\x01"}, sorted[3:]},
			{store.StreamsQuery{Limit: 9, Cursor: "zzz"}, sorted[7:]},
			{store.StreamsQuery{Limit: 9, Cursor: "\U0010ffff"}, nil},
			{store.StreamsQuery{Limit: 9, Prefix: "a"}, sorted[1:6]},
			{store.StreamsQuery{Limit: 9, Prefix: "a-"}, sorted[2:5]},
			{store.StreamsQuery{Limit: 9, Prefix: "a-1"}, sorted[2:4]},
			{store.StreamsQuery{Limit: 1, Prefix: "a-1", Cursor: "a-1"}, sorted[3:4]},
			{store.StreamsQuery{Limit: 9, Prefix: "a", Cursor: "B"}, sorted[1:6]},
			{store.StreamsQuery{Limit: 9, Prefix: "a", Cursor: "b"}, nil},
			{store.StreamsQuery{Limit: 9, Prefix: "none"}, nil},
			{store.StreamsQuery{Limit: 9, Prefix: "a\x00"}, nil},
			{store.StreamsQuery{Limit: 9, Prefix: "a-1\x00\x00"}, nil},
			{store.StreamsQuery{Limit: 2, Cursor: "a\x00"}, sorted[2:4]},
			{store.StreamsQuery{Limit: 9, Prefix: "é"}, sorted[7:]},
			{store.StreamsQuery{Limit: 9, Prefix: "\xc3"}, sorted[7:]},
			{store.StreamsQuery{Limit: 9, Category: "a"}, sorted[1:5]},
			{store.StreamsQuery{Limit: 2, Category: "a"}, sorted[1:3]},
			{store.StreamsQuery{Limit: 2, Category: "a", Cursor: "a-1"}, sorted[3:5]},
			{store.StreamsQuery{Limit: 9, Category: "a", Cursor: "a-2"}, nil},
			{store.StreamsQuery{Limit: 9, Category: "a", Prefix: "a-1"}, sorted[2:4]},
			{store.StreamsQuery{Limit: 9, Category: "a", Prefix: "ab"}, nil},
			{store.StreamsQuery{Limit: 9, Category: "ab", Prefix: "a"}, sorted[5:6]},
			{store.StreamsQuery{Limit: 9, Category: "none"}, nil},
		} {
			e.same(e.streamNames(c.q), c.want, "Streams %+v", c.q)
		}
		last := map[string]store.Message{}
		for _, m := range e.everything("n") {
			last[m.Stream] = m
		}
		var want []store.Stream
		for _, name := range sorted {
			want = append(want, store.Stream{Name: name, Version: last[name].Position, LastActivity: last[name].Time})
		}
		got, err := e.store.Streams(e.ctx, "n", store.StreamsQuery{Limit: 1000})
		e.same(answer(err, showStreams(got)...), showStreams(want), "Streams")
	})
}

// streamPages walks pages of every size over names that sort close together.
func streamPages(e *env) {
	e.byBytes()
	e.namespace("n")
	names := similarNames()
	for i := range 50 {
		names = append(names, fmt.Sprintf("a-%04d", i*i))
	}
	e.fill("n", names...)
	slices.Sort(names)
	for _, category := range []string{"", "a"} {
		for _, prefix := range []string{"", "a", "a-", "a-0"} {
			var want []string
			for _, name := range names {
				if strings.HasPrefix(name, prefix) && (category == "" || store.Category(name) == category) {
					want = append(want, name)
				}
			}
			for _, limit := range []int{1, 2, 7, 1000} {
				q := store.StreamsQuery{Prefix: prefix, Category: category, Limit: limit}
				var got []string
				for {
					page := e.streamNames(q)
					got = append(got, page...)
					if len(page) < limit {
						break
					}
					q.Cursor = page[len(page)-1]
				}
				e.same(got, want, "pages of Streams %+v", q)
			}
		}
	}
}

func listStreamsIllegal(e *env) {
	e.namespace("n")
	e.append("n", "a-1", event("x"))
	for _, limit := range []int{0, -1, -2} {
		_, err := e.store.Streams(e.ctx, "n", store.StreamsQuery{Limit: limit})
		e.refused(err, "Streams with limit %d", limit)
	}
	_, err := e.store.Streams(e.ctx, "n", store.StreamsQuery{Category: "a-1", Limit: 1})
	e.refused(err, "Streams of category a-1")
}

// countsSome compares the counts of some categories with those of all.
func countsSome(e *env, all []store.CategoryCount) {
	counter, offered := e.store.(store.CategoryCounter)
	if !offered {
		return
	}
	var totals store.CategoryTotals
	names := []string{"nowhere"}
	for i, n := range all {
		totals.Categories++
		totals.StreamCount += n.StreamCount
		totals.MessageCount += n.MessageCount
		totals.LastPosition = max(totals.LastPosition, n.LastPosition)
		if i%2 == 0 {
			names = append(names, n.Category)
		}
	}
	list, sums, err := counter.CountCategories(e.ctx, "n", names)
	if err != nil || sums != totals || len(list) != len(names)-1 {
		e.t.Errorf("CountCategories of %q: %v, %+v, %v, want %+v", names, showCategories(list), sums, err, totals)
	}
	for i, n := range list {
		if n != all[2*i] {
			e.t.Errorf("CountCategories: %+v, want %+v", n, all[2*i])
		}
	}
}

func listCategories(e *env) {
	e.byBytes()
	e.namespace("n")
	if got, err := e.store.Categories(e.ctx, "n"); err != nil || len(got) != 0 {
		e.t.Errorf("Categories of an empty namespace: got %v, %v", got, err)
	}
	e.fill("n", "b-1", "a-1", "a-1", "a", "A-1", "ab-1", "a-2", "é-1", "b-1+x")
	e.append("n", "a-3", events(10, "x")...)
	want := []store.CategoryCount{
		{Category: "A", StreamCount: 1, MessageCount: 1, LastPosition: 5},
		{Category: "a", StreamCount: 4, MessageCount: 14, LastPosition: 19},
		{Category: "ab", StreamCount: 1, MessageCount: 1, LastPosition: 6},
		{Category: "b", StreamCount: 2, MessageCount: 2, LastPosition: 9},
		{Category: "é", StreamCount: 1, MessageCount: 1, LastPosition: 8},
	}
	e.alsoReopened(func() {
		got, err := e.store.Categories(e.ctx, "n")
		e.same(answer(err, showCategories(got)...), showCategories(want), "Categories")
		countsSome(e, want)
		ns, err := e.store.Namespace(e.ctx, "n")
		if err != nil || ns.MessageCount != 19 || ns.StreamCount != 9 {
			e.t.Errorf("got %s, %v, want 19 messages in 9 streams", showNamespace(ns), err)
		}
	})
}

func truncate(e *env) {
	e.namespace("n")
	e.namespace("other")
	e.fill("other", "a-1", "b-1")
	given := withIDs(events(3, "x"))
	e.append("n", "a-1", given...)
	e.fill("n", "b-1", "c", "a-1")
	created, err := e.store.Namespace(e.ctx, "n")
	if err != nil {
		e.t.Fatal(err)
	}
	e.unchanged("other", func() {
		if err := e.importer().Truncate(e.ctx, "n"); err != nil {
			e.t.Fatalf("truncate: %v", err)
		}
	})
	e.alsoReopened(func() {
		empty := store.Namespace{ID: created.ID, Description: created.Description, Metadata: created.Metadata, CreatedAt: created.CreatedAt}
		e.same(e.state("n"), []string{showNamespace(empty), "head 0"}, "a namespace after Truncate")
		if hash, err := e.store.TokenHash(e.ctx, "n"); err != nil || hash != specOf("n").TokenHash {
			e.t.Errorf("TokenHash after Truncate: got %x, %v", hash, err)
		}
		if v, err := e.store.Version(e.ctx, "n", "a-1"); err != nil || v != store.NoStream {
			e.t.Errorf("version after Truncate: got %d, %v", v, err)
		}
		_, err := e.store.MessageByID(e.ctx, "n", given[0].ID)
		e.is(err, store.ErrMessageNotFound, "message by id after Truncate")
		_, err = e.store.LastMessage(e.ctx, "n", "a-1", "")
		e.is(err, store.ErrMessageNotFound, "last message after Truncate")
	})
	a := e.write("n", store.Write{Stream: "a-1", Events: given, ExpectedVersion: store.NoStream})
	e.same([]string{showAppended(a)}, []string{"positions 0–2 global 1–3"}, "append after Truncate")
	if err := e.importer().Truncate(e.ctx, "n"); err != nil {
		e.t.Fatalf("truncate again: %v", err)
	}
	if err := e.importer().Truncate(e.ctx, "n"); err != nil {
		e.t.Fatalf("truncate an empty namespace: %v", err)
	}
}
