package server_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

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
	for _, wrong := range []string{`{"size":0}`, `{"size":10001}`, `{"top":-1}`, `{"top":101}`, `{"limit":0}`, `{"size":"3"}`} {
		h.refused(h.admin, `["category.distribution","job",`+wrong+`]`, 400, "INVALID_REQUEST")
	}
	h.refused(h.admin, `["category.distribution","job-1",{"size":3}]`, 400, "INVALID_REQUEST")
}
