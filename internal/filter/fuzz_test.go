package filter

import (
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
		"type~Dep* and data.amount>100", "!(a or b) /x.*y/i", `data["odd key"][*].x!="y"`, "time>-5m pos<=7", `"two words"`,
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
			if _, ok := p.First([]byte(data)); !ok {
				t.Fatalf("%q is not found again in %q", path, data)
			}
		})
		if visited > maxPaths {
			t.Fatalf("%d paths", visited)
		}
	})
}
