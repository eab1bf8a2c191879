package filter

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/evtui/evtui/store"
)

// FuzzFilter holds that no line and no document panics, that a fault lies in
// its line, and that an inversion keeps what the line does not.
func FuzzFilter(f *testing.F) {
	for _, line := range []string{
		"type~Dep* and data.amount>100", "!(a or b) /x.*y/i", `data["odd key"][*].x!="y"`, "kind(data.items[*].sku)=string kind( meta )!=object", "kind(data", "kind(x)=1",
		"time>-5m pos<=7", `"two words"`,
		"data.items[0].sku~/^A/", "not not a && b || c", "metadata~trace", "data.a.b.c", "id=019cec37-0000-7000-8000-000000000000", ">", "((", "a)b", `"\"`, "/\\", "data[",
	} {
		f.Add(line, `{"amount":110.50,"odd key":[{"x":"z"}],"items":[{"sku":"A"}],"a":{"b":{"c":null}}}`)
	}
	f.Add("data.x=1", `{"x":`)
	f.Add("data.x[1]", `{"x":[1,`)
	f.Add("data.x>1e999999999", `{"x":1E-999999999999}`)
	f.Add("data.x", "{\"x\xff\":\"\\")
	f.Fuzz(func(t *testing.T, line, data string) {
		keep, err := Parse(line, noon)
		if err != nil {
			var fault *Error
			if !errors.As(err, &fault) || fault.At < 0 || fault.At > len(fault.Source) || fault.Reason == "" {
				t.Fatalf("%q: %v", line, err)
			}
			return
		}
		m := &store.Message{Type: "Deposited", Stream: "account-1", Data: []byte(data)}
		kept := keep.Keeps(m)
		if keep.IsZero() {
			return
		}
		inverse, err := Parse("!("+line+")", noon)
		if err != nil {
			if strings.Contains(err.Error(), "too deep") {
				return
			}
			t.Fatalf("%q is taken, its inversion is not: %v", line, err)
		}
		if inverse.Keeps(m) == kept {
			t.Fatalf("%q and its inversion both say %v", line, kept)
		}
	})
}

// FuzzPath compares what is found in raw JSON with what decoding finds.
func FuzzPath(f *testing.F) {
	f.Add(`{"a":{"b":[1,{"c":"x"}]},"":2,"d\n":3}`)
	f.Add(`[[],{},"",{"a":[]}]`)
	f.Add(` {"a" : "\\" , "b":"}" } `)
	f.Fuzz(func(t *testing.T, data string) {
		visited := 0
		Paths([]byte(data), func(path string, _ []byte) {
			visited++
			if !utf8.ValidString(data) || !json.Valid([]byte(data)) || strings.Contains(data, `\`) {
				return
			}
			p, err := ParsePath(path)
			if err != nil {
				t.Fatalf("%q in %q: %v", path, data, err)
			}
			value, ok := p.First([]byte(data))
			if !ok {
				t.Fatalf("%q is not found again in %q", path, data)
			}
			want := decodedKind(t, value)
			for _, kind := range kindNames {
				if ofKind(value, kind) != (kind == want) {
					t.Fatalf("%s is a %s, and of kind %s: %v", value, want, kind, ofKind(value, kind))
				}
			}
		})
		if visited > maxPaths {
			t.Fatalf("%d paths", visited)
		}
	})
}

// decodedKind is the kind of a JSON value by decoding it.
func decodedKind(t *testing.T, raw []byte) string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("decode %q: %v", raw, err)
	}
	switch v.(type) {
	case string:
		return "string"
	case json.Number:
		return "number"
	case bool:
		return "bool"
	case map[string]any:
		return "object"
	case []any:
		return "array"
	}
	return "null"
}
