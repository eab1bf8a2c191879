package rawjson_test

import (
	"encoding/json"
	"testing"

	"github.com/evtui/evtui/internal/rawjson"
)

// FuzzPass: what trusts a text ends where what checks it does, and stays inside
// of one that it must not have been given.
func FuzzPass(f *testing.F) {
	for _, in := range []string{` {"a":["}",{"\\":-1.5e+3}]} ,`, `"\\\""]`, `null}`, `[}`, `"a\`, `[[[`, "\"\xff\""} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		at := rawjson.Space(in, 0)
		end := rawjson.Pass(in, at)
		if end > len(in) || end >= 0 && end <= at {
			t.Fatalf("Pass(%q, %d) = %d", in, at, end)
		}
		s := rawjson.New(in)
		if value, err := s.Value(); err == nil && s.End() == nil && at+len(value) != end {
			t.Errorf("Pass(%q, %d) = %d, the scanner ends at %d", in, at, end, at+len(value))
		}
		if json.Valid(in) && end != at+len(in[at:])-trailing(in) {
			t.Errorf("Pass(%q, %d) = %d", in, at, end)
		}
		one, err := rawjson.Scalar(in, at)
		if err == nil && !json.Valid(in[at:one]) {
			t.Errorf("Scalar(%q, %d) = %d", in, at, one)
		}
	})
}

// trailing is how much space a text ends with.
func trailing(in []byte) int {
	n := 0
	for n < len(in) && rawjson.Space(in[len(in)-1-n:len(in)-n], 0) == 1 {
		n++
	}
	return n
}
