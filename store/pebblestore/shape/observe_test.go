package shape

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// anyJSON makes a value, and notes the paths and kinds of what is in it that is no
// object, array or string, in order; "" for strings.
func anyJSON(r *rand.Rand, depth int, path string, note func(path string, kind Kinds)) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	switch n := r.IntN(8); {
	case n == 0 && depth < 4:
		var parts []string
		for range r.IntN(4) {
			parts = append(parts, anyJSON(r, depth+1, path+"[]", note))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case n <= 2 && depth < 4:
		var parts []string
		for i := range r.IntN(4) {
			parts = append(parts, fmt.Sprintf("\"k%d\": %s", i, anyJSON(r, depth+1, fmt.Sprintf("%s.k%d", path, i), note)))
		}
		return "{" + strings.Join(parts, ",") + " }"
	case n <= 4:
		note(path, Number)
		return pick("0", "12", "-3", "1.50", "1e9", "12345678901234567890", "1234567890123456", "-0.001", "10000000000000000000000")
	case n == 5:
		note(path, Boolean)
		return pick("true", "false")
	case n == 6:
		note(path, Null)
		return "null"
	}
	note("", 0)
	return pick(`"null"`, `"true"`, `"12"`, `""`, `"deadbeef"`, `"2026-11-23T10:00:00Z"`, `"123e4567-e89b-12d3-a456-426614174000"`, `"a \" b"`, `"long words that are as they are"`)
}

// TestObserve compares the kinds of random messages with those that they were made
// with, and joins them again.
func TestObserve(t *testing.T) {
	r := random(t)
	for range 3000 {
		var paths []string
		var kinds []Kinds
		note := func(path string, kind Kinds) { paths, kinds = append(paths, path), append(kinds, kind) }
		var metadata []byte
		if r.IntN(2) == 0 {
			metadata = []byte(anyJSON(r, 0, "metadata", note))
		}
		data := []byte(anyJSON(r, 0, "data", note))
		if !json.Valid(data) {
			t.Fatalf("%s is no JSON", data)
		}
		outline, values, ok := Cut(nil, nil, "T", metadata, data)
		if !ok {
			t.Fatalf("%s %s is not cut", metadata, data)
		}
		s, err := Parse(outline)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]Kinds, s.Values())
		fresh := s.Observe(values, got)
		if !slices.Equal(got, kinds) || !slices.Equal(s.Marks(), paths) {
			t.Fatalf("%s %s: %v of %q, want %v of %q", metadata, data, got, s.Marks(), kinds, paths)
		}
		if any := slices.ContainsFunc(kinds, func(k Kinds) bool { return k != 0 }); fresh != any || s.Observe(values, got) {
			t.Fatalf("%s %s: fresh is %t, and the second time it is not false", metadata, data, fresh)
		}
		for cut := range values { // what does not fit ends it
			s.Observe(values[:cut], make([]Kinds, s.Values()))
		}
		if text, _, err := s.Join(nil, values); err != nil || !bytes.Equal(text, append(slices.Clone(metadata), data...)) {
			t.Fatalf("joined to %s, %v", text, err)
		}
	}
}

// BenchmarkObserve is what looking at one message costs.
func BenchmarkObserve(b *testing.B) {
	data := []byte(`{"orderId":"0000beef","customer":{"id":17,"name":"Customer 17","tier":"gold"},"lines":[{"sku":"SKU-00005","quantity":3,"price":12.05}],"currency":"EUR","note":"leave at the door","placedAt":"2026-11-23T10:02:03Z"}`)
	metadata := []byte(`{"correlationStreamName":"checkout-17","causationMessagePosition":4,"traceId":"00000000000deadb"}`)
	outline, values, _ := Cut(nil, nil, "OrderPlaced", metadata, data)
	s, err := Parse(outline)
	if err != nil {
		b.Fatal(err)
	}
	kinds := make([]Kinds, s.Values())
	for b.Loop() {
		s.Observe(values, kinds)
	}
}
