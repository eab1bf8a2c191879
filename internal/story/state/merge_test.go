package state_test

import (
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/story/state"
)

// TestMerge merges data, value by value.
func TestMerge(t *testing.T) {
	for _, c := range []struct{ from, data, want string }{
		{`null`, `{"a":1.10}`, `{"a":1.10}`},
		{`{"a":1,"b":{"c":1,"d":2}}`, `{"b":{"d":3,"e":4},"f":[1]}`, `{"a":1,"b":{"c":1,"d":3,"e":4},"f":[1]}`},
		{`{"a":{"b":1}}`, `{"a":null}`, `{"a":null}`},
		{`{"a":{"b":1}}`, `{"a":[1, 2]}`, `{"a":[1, 2]}`},
		{`{"a":[1,2]}`, `{"a":[3]}`, `{"a":[3]}`},
		{`{"a":1}`, `{"a":{"b":2}}`, `{"a":{"b":2}}`},
		{`{"a":1}`, `null`, `{"a":1}`},
		{`{"a":1}`, ``, `{"a":1}`},
		{`{"a":1}`, `[1]`, `[1]`},
		{`null`, `{"a":1,"a":2,"\u0061":3}`, `{"a":3}`},
		{`null`, "{\"\\u001b\\\"\":\"\\u0000\"}", "{\"\\u001b\\\"\":\"\\u0000\"}"},
		{`{"z":1,"a":2}`, `{"m":3,"a":4}`, `{"z":1,"a":4,"m":3}`},
		{`null`, `{"n":12345678901234567890123.10e+5}`, `{"n":12345678901234567890123.10e+5}`},
	} {
		got, err := state.Merge([]byte(c.from), []byte(c.data))
		if err != nil || string(got) != c.want {
			t.Errorf("%s and %s: %s, %v; want %s", c.from, c.data, got, err, c.want)
		}
	}
}

// TestMergeIsBounded: a state does not grow beyond what it may have, and keeps what
// it was.
func TestMergeIsBounded(t *testing.T) {
	var data []string
	for i := range 20 {
		data = append(data, `{"k`+strings.Repeat("i", i)+`":"`+strings.Repeat("x", 1_000_000)+`"}`)
	}
	folded, err := state.Merging{}.Fold(t.Context(), state.Initial(), messagesOf(data...))
	if err == nil || !strings.Contains(err.Error(), "more than 16 MiB") || folded.Applied != 16 || len(folded.State) < 16_000_000 {
		t.Errorf("%d applied, %d bytes, %v", folded.Applied, len(folded.State), err)
	}
	deep := strings.Repeat(`{"a":`, 511) + `1` + strings.Repeat(`}`, 511)
	if got, err := state.Merge([]byte(deep), []byte(deep)); err != nil || string(got) != deep {
		t.Errorf("%.40s, %v", got, err)
	}
}
