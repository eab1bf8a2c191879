package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// globals are the global positions that a category.get answers.
func (h *host) globals(category, options string) string {
	h.t.Helper()
	var positions []string
	for _, r := range rows(h.t, h.call(`["category.get",`+quote(category)+`,`+options+`]`)) {
		if len(r) != 8 {
			h.t.Errorf("a row of category.get has %d fields", len(r))
		}
		positions = append(positions, string(r[4]))
	}
	return strings.Join(positions, " ")
}

func TestCategoryGet(t *testing.T) {
	h := newHost(t)
	for _, stream := range []string{"a-1", "b-1", "a-2", "a", "ab-1", "a-1"} {
		h.write(stream, 1)
	}
	for options, want := range map[string]string{
		`{}`: "1 3 4 6", `null`: "1 3 4 6", `{"position":3}`: "3 4 6", `{"globalPosition":4}`: "4 6", `{"position":2,"globalPosition":4}`: "4 6",
		`{"position":-1}`: "1 3 4 6", `{"position":7}`: "", `{"batchSize":2}`: "1 3", `{"batchSize":0}`: "", `{"batchSize":-1}`: "1 3 4 6",
		`{"backward":true}`: "6 4 3 1", `{"backward":true,"position":4}`: "4 3 1", `{"backward":true,"position":4,"globalPosition":3}`: "3 1",
		`{"backward":true,"batchSize":1}`: "6", `{"correlation":null,"consumerGroup":null}`: "1 3 4 6",
	} {
		if got := h.globals("a", options); got != want {
			t.Errorf("a %s: got %q, want %q", options, got, want)
		}
	}
	if got := h.globals("", `{"position":2}`); got != "2 3 4 5 6" {
		t.Errorf("the whole namespace: got %q", got)
	}
	// No category has a dash in its name, so such a one is empty.
	h.expect(`["category.get","a-1"]`, `[]`)
	h.expect(`["category.get","nothing"]`, `[]`)
	got := rows(t, h.call(`["category.get","b"]`))
	if fmt.Sprintf("%s", got[0][1:7]) != `["b-1" "Happened" 0 2 {"n":0} null]` {
		t.Errorf("got %s", got)
	}
	for _, wrong := range []string{
		`{"batchSize":10001}`, `{"batchSize":-2}`, `{"position":"1"}`, `{"correlation":1}`, `{"correlation":"a-1"}`, `{"consumerGroup":1}`, `{"consumerGroup":{}}`,
		`{"consumerGroup":{"member":0}}`, `{"consumerGroup":{"size":1}}`, `{"consumerGroup":{"member":1,"size":1}}`, `{"consumerGroup":{"member":-1,"size":2}}`,
		`{"consumerGroup":{"member":0,"size":0}}`, `{"consumerGroup":{"member":"0","size":2}}`, `{"consumerGroup":{"member":0.0,"size":2}}`, `{"consumerGroup":{"member":0,"size":null}}`,
	} {
		h.refused(h.admin, `["category.get","a",`+wrong+`]`, 400, "INVALID_REQUEST")
	}
}

func TestConsumerGroupsShareOut(t *testing.T) {
	h := newHost(t)
	const streams, size = 40, 4
	for i := range streams {
		h.write(fmt.Sprintf("job-%d", i), 1)
		h.write(fmt.Sprintf("job-%d+retry", i), 1)
	}
	h.write("job", 1) // no cardinal id: belongs to no member
	seen := map[string]int{}
	for member := range size {
		group := fmt.Sprintf(`{"consumerGroup":{"member":%d,"size":%d},"batchSize":7,"position":`, member, size)
		for from, done := int64(0), false; !done; {
			page := rows(t, h.call(`["category.get","job",`+group+fmt.Sprint(from)+`}]`))
			done = len(page) < 7 // only the last page may be short
			for _, r := range page {
				var name string
				mustDecode(t, string(r[1]), &name)
				mustDecode(t, string(r[4]), &from)
				from++
				seen[name]++
				if !(store.Group{Member: member, Size: size}).Owns(name) {
					t.Errorf("member %d got %s", member, name)
				}
			}
		}
	}
	if len(seen) != 2*streams {
		t.Errorf("the members saw %d streams, want %d", len(seen), 2*streams)
	}
	for name, times := range seen {
		if times != 1 {
			t.Errorf("%s was seen %d times", name, times)
		}
	}
}

func TestCorrelation(t *testing.T) {
	h := newHost(t)
	for i, metadata := range []string{
		`{"correlationStreamName":"order-1"}`, `{"x":1,"correlationStreamName":"order-2+a"}`, `{"correlationStreamName":"order"}`, `{"correlationStreamName":"\u006frder-3"}`,
		`{"correlationStreamName":"orders-1"}`, `{"correlationStreamName":1}`, `{"nested":{"correlationStreamName":"order-1"}}`, `null`, `{}`,
		`{"correlationStreamName":"-order"}`, `{"correlationStreamName":"\ud800"}`, `{"correlationStreamName":"a\u0000b-1"}`, `{"correlationStreamName":null}`,
	} {
		h.call(fmt.Sprintf(`["stream.write","a-%d",{"type":"T","data":{"correlationStreamName":"order-1"},"metadata":%s}]`, i, metadata))
	}
	if got := h.globals("a", `{"correlation":"order"}`); got != "1 2 3 4" {
		t.Errorf("got %q", got)
	}
	if got := h.globals("", `{"correlation":"orders","position":2}`); got != "5" {
		t.Errorf("got %q", got)
	}
	if got := h.globals("a", `{"correlation":"order","batchSize":2,"position":2}`); got != "2 3" {
		t.Errorf("got %q", got)
	}
}

func TestDistribution(t *testing.T) {
	h := newHost(t)
	want := wire.Distribution{Category: "job", Size: 3, Scanned: 31, Complete: true, Members: make([]wire.Member, 3)}
	want.Unassigned = wire.Member{Member: -1, Streams: 1, Messages: 2, Hottest: []wire.StreamCount{{Stream: "job", Messages: 2}}}
	h.write("job", 2)
	h.write("jobs-1", 1)
	for i := range 30 {
		name := fmt.Sprintf("job-%d", i)
		h.write(name, i%4+1)
		m := &want.Members[store.MemberOf(store.Hash(fmt.Sprint(i)), 3)]
		m.Streams++
		m.Messages += int64(i%4 + 1)
		m.Hottest = append(m.Hottest, wire.StreamCount{Stream: name, Messages: int64(i%4 + 1)})
	}
	for i := range want.Members {
		m := &want.Members[i]
		m.Member = i
		slices.SortFunc(m.Hottest, func(a, b wire.StreamCount) int {
			if a.Messages != b.Messages {
				return int(b.Messages - a.Messages)
			}
			return strings.Compare(a.Stream, b.Stream)
		})
		m.Hottest = m.Hottest[:2]
	}
	encoded, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	h.expect(`["category.distribution","job",{"size":3,"top":2}]`, string(encoded))
	var cut wire.Distribution
	mustDecode(t, h.call(`["category.distribution","job",{"size":3,"limit":10}]`), &cut)
	if cut.Complete || cut.Scanned != 10 {
		t.Errorf("stopped at its limit it says %+v", cut)
	}
	mustDecode(t, h.call(`["category.distribution","job",{"size":3,"limit":31}]`), &cut)
	if !cut.Complete || cut.Scanned != 31 {
		t.Errorf("with a limit that just suffices it says complete %v, scanned %d", cut.Complete, cut.Scanned)
	}
	var next wire.Distribution
	mustDecode(t, h.call(`["category.distribution","job",{"size":3,"limit":10}]`), &cut)
	mustDecode(t, h.call(`["category.distribution","job",{"size":3,"cursor":`+quote(cut.Next)+`}]`), &next)
	if next.Next != "" || !next.Complete || cut.Scanned+next.Scanned != 31 || cut.Members[1].Messages+next.Members[1].Messages != want.Members[1].Messages {
		t.Errorf("it stopped at %q, and went on with %+v", cut.Next, next)
	}
	for _, wrong := range []string{`{"to":3}`, `{"to":[0]}`, `{"to":[10001]}`, `{"to":[1,2,3,4,5,6,7,8,9]}`, `{"to":["2"]}`, `{"topMoves":1001}`, `{"cursor":1}`, `{"size":0}`, `{"size":10001}`, `{"top":-1}`, `{"top":101}`, `{"limit":0}`, `{"size":"3"}`} {
		h.refused(h.admin, `["category.distribution","job",`+wrong+`]`, 400, "INVALID_REQUEST")
	}
	h.refused(h.admin, `["category.distribution","job-1",{"size":3}]`, 400, "INVALID_REQUEST")
}

// manyStreams has more streams of one category than a call looks at by itself.
type manyStreams struct {
	store.Store
	n int
}

func (s *manyStreams) Streams(_ context.Context, _ string, q store.StreamsQuery) (page []store.Stream, err error) {
	next := 0
	if q.Cursor != "" {
		if next, err = strconv.Atoi(strings.TrimPrefix(q.Cursor, "job-")); err != nil {
			return nil, err
		}
		next++
	}
	for ; next < s.n && len(page) < q.Limit; next++ {
		page = append(page, store.Stream{Name: fmt.Sprintf("job-%07d", next), Version: int64(next % 5)})
	}
	return page, nil
}

// TestDistributionIsWhole: of more streams than a call looks at, the client goes on until
// it has all, says how far it is, and so it does for what moves.
func TestDistributionIsWhole(t *testing.T) {
	const n = 450_003
	h := newHost(t, func(c *server.Config) { c.Store = &manyStreams{c.Store, n} })
	c, err := client.New(h.url, client.WithToken(h.admin))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var steps []int64
	d, err := c.WholeDistribution(t.Context(), client.DistributionQuery{Category: "job", Size: 4, Top: 3, To: []int{5}, TopMoves: 10}, func(streams int64) { steps = append(steps, streams) })
	if err != nil {
		t.Fatal(err)
	}
	streams, messages, moved := [4]int64{}, [4]int64{}, int64(0)
	for i := range n {
		hash := store.Hash(fmt.Sprintf("%07d", i))
		m := store.MemberOf(hash, 4)
		streams[m]++
		messages[m] += int64(i%5 + 1)
		if store.MemberOf(hash, 5) != m {
			moved++
		}
	}
	if !d.Complete || d.Scanned != n || len(steps) != 2 || steps[1] != 400_000 {
		t.Errorf("complete %t, %d scanned, steps %v", d.Complete, d.Scanned, steps)
	}
	for i, m := range d.Members {
		if m.Streams != streams[i] || m.Messages != messages[i] || len(m.Hottest) != 3 || m.Hottest[0].Messages != 5 {
			t.Errorf("member %d: %+v, want %d streams, %d messages", i, m, streams[i], messages[i])
		}
	}
	if m := d.Moves[0]; m.To != 5 || m.Streams != moved || len(m.Top) != 10 {
		t.Errorf("moves to %d: %d streams, %d named; want %d", m.To, m.Streams, len(m.Top), moved)
	}
}
