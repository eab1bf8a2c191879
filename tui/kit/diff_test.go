package kit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

// sides writes a difference as both sides' documents, and its signs.
func sides(lines []diffLine) (left, right, signs string) {
	for _, l := range lines {
		switch l.state {
		case diffSame, diffChanged:
			left += l.left + " "
			right += l.right + " "
		case diffRemoved:
			left += l.left + " "
		case diffAdded:
			right += l.right + " "
		}
		signs += [...]string{" ", "~", "-", "+", "="}[l.state]
	}
	return left, right, signs
}

func TestDiff(t *testing.T) {
	for name, test := range map[string]struct{ a, b, signs string }{
		"equal":            {`{"a":1}`, `{"a":1}`, `=   `},
		"layout only":      {`{"a": 1, "b":[1, 2]}`, `{"a":1,"b":[1,2]}`, `=       `},
		"changed":          {`{"a":1}`, `{"a":2}`, `= ~ `},
		"digits":           {`{"a":9007199254740993}`, `{"a":9007199254740992}`, `= ~ `},
		"added at the end": {`{"a":1}`, `{"a":1,"b":2}`, `=  + `},
		"added at first":   {`{"b":2}`, `{"a":1,"b":2}`, `= +  `},
		"removed":          {`{"a":1,"b":2}`, `{"b":2}`, `= -  `},
		"order":            {`{"a":1,"b":2}`, `{"b":2,"a":1}`, `=    `},
		"item put in":      {`{"l":[1,3]}`, `{"l":[1,2,3]}`, `=   +   `},
		"item changed":     {`{"l":[1,2,3]}`, `{"l":[1,9,3]}`, `=   ~   `},
		"kinds":            {`{"a":{"x":1}}`, `{"a":[1]}`, `= ---+++ `},
		"inside":           {`{"a":{"x":1,"y":2}}`, `{"a":{"x":1,"y":3}}`, `=   ~  `},
		"object in a list": {`{"l":[{"x":1,"y":1}]}`, `{"l":[{"x":1,"y":2}]}`, `=    ~   `},
		"no JSON":          {`{"a":`, `{"a":1}`, `=~`},
		"empty and not":    {`{"a":{}}`, `{"a":{"b":1}}`, `=  +  `},
	} {
		t.Run(name, func(t *testing.T) {
			d := &differ{}
			d.document("data", []byte(test.a), []byte(test.b))
			if _, _, signs := sides(d.lines); signs != test.signs {
				t.Errorf("%q, want %q: %v", signs, test.signs, d.lines)
			}
		})
	}
}

// TestPlacesAreCounted holds that what is counted is what n steps through: each value
// that is another one, or on one side, however many lines it has, and beside others.
func TestPlacesAreCounted(t *testing.T) {
	for name, test := range map[string]struct {
		a, b string
		want int
	}{
		"equal":            {`{"a":1}`, `{"a": 1}`, 0},
		"one":              {`{"a":1}`, `{"a":2}`, 1},
		"beside others":    {`{"a":1,"b":2,"c":3}`, `{"a":2,"b":3,"c":3}`, 2},
		"two added":        {`{"a":1}`, `{"a":1,"b":2,"c":[3,4]}`, 2},
		"another kind":     {`{"a":{"x":1},"b":1}`, `{"a":[1,2],"b":2}`, 2},
		"gone and come":    {`{"a":{"x":1,"y":2}}`, `{"b":3}`, 2},
		"items of a list":  {`[1,2,3]`, `[1,4,5,6]`, 3},
		"from nothing":     {`null`, `{"a":1,"b":2}`, 1},
		"deep in two ways": {`{"a":{"x":1,"z":0},"b":{"y":1}}`, `{"a":{"x":2,"z":0},"b":{"y":2}}`, 2},
	} {
		c := CompareJSON("before", "after", []byte(test.a), []byte(test.b))
		if c.differences != test.want {
			t.Errorf("%s: %d are counted, want %d", name, c.differences, test.want)
		}
		for _, beside := range []bool{true, false} {
			c.layout(beside)
			steps := 0
			for i := range c.shown {
				if c.starts(i) {
					steps++
				}
			}
			if steps != test.want {
				t.Errorf("%s, beside %v: n steps through %d, want %d", name, beside, steps, test.want)
			}
		}
	}
}

// TestDiffSpellsBothSides compares random documents: the left side of what is
// shown is the left document, and the right side the right one.
func TestDiffSpellsBothSides(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 9))
	for range 300 {
		a := randomJSON(r, 4)
		b := mutated(r, a)
		d := &differ{}
		d.document("", a, b)
		left, right, signs := sides(d.lines)
		for _, side := range []struct {
			got  string
			want []byte
		}{{left, a}, {right, b}} {
			if want := sortedKeys(t, side.want); sortedKeys(t, []byte(commas(side.got))) != want {
				t.Fatalf("%s\nis shown as\n%s\nof\n%s\n%s", want, side.got, a, b)
			}
		}
		if same := sortedKeys(t, a) == sortedKeys(t, b); same != !strings.ContainsAny(signs, "~+-") {
			t.Fatalf("%s and %s: %q", a, b, signs)
		}
	}
}

// commas puts back the commas that lines leave out.
func commas(shown string) string {
	var out strings.Builder
	for word := range strings.FieldsSeq(shown) {
		if s := out.String(); s != "" && !strings.ContainsAny(s[len(s)-1:], "{[:") && word != "}" && word != "]" {
			out.WriteByte(',')
		}
		out.WriteString(word)
	}
	return out.String()
}

// sortedKeys is a document with its keys in order.
func sortedKeys(t *testing.T, raw []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func randomJSON(r *rand.Rand, depth int) []byte {
	if depth == 0 || r.IntN(4) == 0 {
		return fmt.Append(nil, []any{r.IntN(5), `"x"`, "true", "null", `""`}[r.IntN(5)])
	}
	var out bytes.Buffer
	object := r.IntN(2) == 0
	out.WriteString(map[bool]string{true: "{", false: "["}[object])
	for i := range r.IntN(5) {
		if i > 0 {
			out.WriteByte(',')
		}
		if object {
			fmt.Fprintf(&out, `"k%d":`, i)
		}
		out.Write(randomJSON(r, depth-1))
	}
	out.WriteString(map[bool]string{true: "}", false: "]"}[object])
	return out.Bytes()
}

// mutated changes a document here and there.
func mutated(r *rand.Rand, raw []byte) []byte {
	out := bytes.Clone(raw)
	for i, c := range out {
		if c >= '0' && c <= '5' && r.IntN(4) == 0 && (i == 0 || out[i-1] != 'k') {
			out[i] = '7'
		}
	}
	if r.IntN(5) == 0 {
		return randomJSON(r, 3)
	}
	return out
}

func TestDiffOfLargeArraysIsBounded(t *testing.T) {
	var a, b []string
	for i := range 5000 {
		a = append(a, fmt.Sprint(i))
		b = append(b, fmt.Sprint(i+1))
	}
	lines := diffMessages(
		&store.Message{Data: []byte("[" + strings.Join(a, ",") + "]")},
		&store.Message{Data: []byte("[" + strings.Join(b, ",") + "]")},
	)
	if n := len(lines.lines); n < 5000 || n > 5100 {
		t.Errorf("%d lines", n)
	}
}
