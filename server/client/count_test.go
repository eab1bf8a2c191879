package client

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/evtui/evtui/store"
)

// TestCountCategories asks servers that know of names, older ones that list all,
// and ones without any addition: the answer is the same, and the last are not sent
// what they do not know.
func TestCountCategories(t *testing.T) {
	all := `[{"category":"a","streamCount":2,"messageCount":5,"lastPosition":9},{"category":"b","streamCount":1,"messageCount":1,"lastPosition":10}]`
	for name, answer := range map[string]answerer{
		"named": func(method string, args []json.RawMessage) (int, string) {
			if method == "ns.head" {
				return 200, `{"globalPosition":10}`
			}
			return 200, `[{"category":"","streamCount":3,"messageCount":6,"lastPosition":10,"categoryCount":2},{"category":"a","streamCount":2,"messageCount":5,"lastPosition":9}]`
		},
		"older": func(method string, _ []json.RawMessage) (int, string) {
			if method == "ns.head" {
				return 200, `{"globalPosition":10}`
			}
			return 200, all
		},
		"plain": func(method string, _ []json.RawMessage) (int, string) {
			if method == "ns.head" {
				return 404, `{"error":{"code":"METHOD_NOT_FOUND","message":"x"}}`
			}
			return 200, all
		},
	} {
		f := newFake(t, answer)
		list, totals, err := mustNew(t, f.URL).CountCategories(t.Context(), "a", "nowhere")
		if want := (store.CategoryTotals{Categories: 2, StreamCount: 3, MessageCount: 6, LastPosition: 10}); err != nil || totals != want {
			t.Errorf("%s: %+v, %v, want %+v", name, totals, err, want)
		}
		if len(list) != 1 || list[0] != (store.CategoryCount{Category: "a", StreamCount: 2, MessageCount: 5, LastPosition: 9}) {
			t.Errorf("%s: %+v", name, list)
		}
		if sent := f.last(); strings.Contains(sent, "names") == (name == "plain") {
			t.Errorf("%s was sent %s", name, sent)
		}
	}
}
