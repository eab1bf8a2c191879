package filter

import (
	"slices"
	"testing"

	"github.com/evtui/evtui/store"
)

func TestColumnCompares(t *testing.T) {
	c, err := ParseColumn("data.a")
	if err != nil {
		t.Fatal(err)
	}
	// In order: what is missing, numbers by value, the rest.
	docs := []string{`{}`, `{"a":-3}`, `{"a":9.5}`, `{"a":10}`, `{"a":9007199254740993}`, `{"a":9007199254740994}`, `{"a":"b"}`, `{"a":"c"}`}
	var messages []*store.Message
	for _, d := range docs {
		messages = append([]*store.Message{{Data: []byte(d)}}, messages...)
	}
	slices.SortStableFunc(messages, c.Compare)
	for i, m := range messages {
		if string(m.Data) != docs[i] {
			t.Fatalf("at %d stands %s, want %s", i, m.Data, docs[i])
		}
	}
}
