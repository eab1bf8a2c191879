package server_test

import (
	"testing"

	"github.com/evtui/evtui/store"
)

// TestTypes asks which types there are and how they follow each other.
func TestTypes(t *testing.T) {
	h := newHost(t)
	h.expect(`["category.types"]`, `{"types":[],"counted":0,"messages":0,"overflow":0}`)
	h.expect(`["category.flow",null]`, `{"seen":[],"overflow":false,"counted":0,"messages":0}`)
	for _, to := range []string{
		`"order-1",{"type":"Placed","data":{}}`, `"order-1",{"type":"P\"aid","data":{}}`, `"order-2",{"type":"Placed","data":{}}`, `"account-1",{"type":"Placed","data":{}}`,
	} {
		h.call(`["stream.write",` + to + `]`)
	}
	var counts store.TypeCounts
	mustDecode(t, h.call(`["category.types",{"category":"order","unknown":[1]}]`), &counts)
	if counts.Counted != 3 || counts.Messages != 3 || len(counts.Types) != 2 {
		t.Fatalf("types of one category: %+v", counts)
	}
	first, placed := counts.Types[0], counts.Types[1]
	if first.Category != "order" || first.Type != `P"aid` || first.Count != 1 || first.First.Position != 2 || first.Last != first.First {
		t.Errorf("first type %+v", first)
	}
	if placed.Type != "Placed" || placed.Count != 2 || placed.First.Position != 1 || placed.Last.Position != 3 || placed.First.Time.IsZero() {
		t.Errorf("second type %+v", placed)
	}
	mustDecode(t, h.call(`["category.types"]`), &counts)
	if counts.Counted != 4 || len(counts.Types) != 3 || counts.Types[0].Category != "account" {
		t.Errorf("types of all: %+v", counts)
	}
	var seen store.Transitions
	mustDecode(t, h.call(`["category.flow",{"category":"order"}]`), &seen)
	if len(seen.Seen) != 2 || seen.Seen[0].From != "" || seen.Seen[0].To != "Placed" || seen.Seen[1].From != "Placed" || seen.Seen[1].To != `P"aid` || seen.Seen[1].First.Position != 2 {
		t.Errorf("transitions %+v", seen)
	}
	for _, wrong := range []string{`{"category":1}`, `{"category":"a-1"}`, `[]`} {
		h.refused(h.admin, `["category.types",`+wrong+`]`, 400, "INVALID_REQUEST")
		h.refused(h.admin, `["category.flow",`+wrong+`]`, 400, "INVALID_REQUEST")
	}
}
