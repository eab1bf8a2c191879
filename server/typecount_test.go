package server_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/servertest"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/storetest"
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

// typesOf is a store whose engine answers with these counts.
type typesOf struct {
	store.Store
	types store.TypeCounts
	seen  store.Transitions
}

func (s typesOf) CountTypes(context.Context, string, string) (store.TypeCounts, error) {
	return s.types, nil
}

func (s typesOf) Transitions(context.Context, string, string) (store.Transitions, error) {
	return s.seen, nil
}

// TestTypesFitAnAnswer asks for as many types as are kept, whose names are as long
// as they may be, and longest as JSON: what does not fit is counted, not left out.
func TestTypesFitAnAnswer(t *testing.T) {
	model := storetest.NewModel()
	t.Cleanup(func() { _ = model.Close() })
	types, seen := make([]store.TypeCount, store.MaxTypesInAll), make([]store.Transition, store.MaxTransitionsInAll)
	category := strings.Repeat("<", store.MaxStreamName)
	for i := range types {
		name := fmt.Sprintf("%s%05d", strings.Repeat("&", store.MaxTypeName-5), i)
		types[i] = store.TypeCount{Category: category, Type: name, Count: 2}
		seen[i] = store.Transition{Category: category, From: name, To: name}
	}
	s := servertest.New(t, server.Config{Store: typesOf{
		model, store.TypeCounts{Types: types, Counted: 2*store.MaxTypesInAll + 1, Messages: 2*store.MaxTypesInAll + 1, Overflow: 1}, store.Transitions{Seen: seen},
	}})
	c, err := client.New(s.Listen(), client.WithToken(s.Token))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	counts, err := c.Types(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	sum := counts.Overflow
	for _, n := range counts.Types {
		sum += n.Count
	}
	if len(counts.Types) < 1000 || len(counts.Types) == len(types) || sum != counts.Counted {
		t.Errorf("%d types listed; %d messages of %d are counted in the answer", len(counts.Types), sum, counts.Counted)
	}
	transitions, err := c.Transitions(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(transitions.Seen); n < 1000 || n == len(seen) || !transitions.Overflow {
		t.Errorf("%d transitions listed, overflow %t", n, transitions.Overflow)
	}
}
