package shape

import (
	"maps"
	"testing"
)

func TestFields(t *testing.T) {
	for _, c := range []struct {
		metadata, data string
		want           map[string]Kinds
	}{
		{"", `{}`, map[string]Kinds{"data": Object}},
		{`{"trace":"x"}`, `{"a":1,"b":"s","c":null,"d":[]}`, map[string]Kinds{
			"metadata": Object, "metadata.trace": String,
			"data": Object, "data.a": Bare, "data.b": String, "data.c": Bare, "data.d": Array,
		}},
		{"", ` { "lines" : [ {"sku":"A","n":2}, {"sku":7} ], "tags":["x", [1]], "":true }`, map[string]Kinds{
			"data": Object, "data.lines": Array, "data.lines[]": Object, "data.lines[].sku": String | Bare, "data.lines[].n": Bare,
			"data.tags": Array, "data.tags[]": String | Array, "data.tags[][]": Bare, "data.": Bare,
		}},
		{"", `{"a,b\":{":{"\u0041":"}\""},"z":""}`, map[string]Kinds{
			"data": Object, `data."a,b\\\":{"`: Object, `data."a,b\\\":{"."\\u0041"`: String, "data.z": String,
		}},
	} {
		var metadata []byte
		if c.metadata != "" {
			metadata = []byte(c.metadata)
		}
		outline, _, ok := Cut(nil, nil, "T", metadata, []byte(c.data))
		if !ok {
			t.Fatalf("%s is not cut", c.data)
		}
		s, err := Parse(outline)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Fields(); !maps.Equal(got, c.want) {
			t.Errorf("fields of %s: %v, want %v", c.data, got, c.want)
		}
	}
}
