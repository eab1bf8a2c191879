package rawjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/evtui/evtui/internal/rawjson"
)

// valid is what the scanner accepts as one whole text.
func valid(data []byte) bool {
	s := rawjson.New(data)
	return s.Skip() == nil && s.End() == nil
}

// walk reads data with Object, OpenArray and More instead of Skip.
func walk(s *rawjson.Scanner) error {
	switch s.Kind() {
	case rawjson.Object:
		return s.Object(func([]byte) error { return walk(s) })
	case rawjson.Array:
		if err := s.OpenArray(); err != nil {
			return err
		}
		for {
			more, err := s.More()
			if !more {
				return err
			}
			if err := walk(s); err != nil {
				return err
			}
		}
	}
	return s.Skip()
}

func seeds() []string {
	return []string{
		``, ` `, `null`, `true`, `false`, `nul`, `truex`, `nulll`, `{}`, `[]`, `[ ]`, `{ }`, `[,]`, `[1,]`, `[1 2]`, `[1,2`, `]`, `}`,
		`{"a":1}`, `{"a":1,}`, `{"a" 1}`, `{"a"}`, `{a:1}`, `{,}`, `{"a":1 "b":2}`, `{"a":1,"a":2}`, `{"a":`, `{"a":1`,
		`0`, `-0`, `01`, `-`, `-a`, `1.`, `1.5`, `.5`, `1e`, `1e5`, `1E+5`, `1e-`, `1.5e-10`, `+1`, `123456789012345678901234567890`, `0x1`, `1_000`, `NaN`, `Infinity`,
		`""`, `"`, `"a`, `"\`, `"\"`, `"\n\t\\\/\b\f\r\""`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\u00e9"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ude00"`, `"\ud83dx"`, `"\u0000"`,
		"\"a\nb\"", "\"\x00\"", "\"\x1f\"", "\"\x7f\"", "\"\xff\"", "\"\xc3\"", "\"\xc3\xa9\"", "\"\xed\xa0\x80\"", "\"1234567\xc3\xa9\"", "\"12345678\xe4\xb8\x96\"", "\xef\xbb\xbf{}",
		`"twelve letters and more than eight"`, "\"12345678\n\"", "\"1234567\\\"", `[1] [2]`, `1 2`, "\f1", "\v1", "\u00a01", `'a'`, `// x`, `/* x */ 1`,
		"[\"stream.write\",\"account-1\",{\"type\":\"A\",\"data\":{\"n\":12345678901234567890,\"z\":null,\"a\":[1,{\"b\":[]}]}},{}]",
		strings.Repeat("[", 100) + strings.Repeat("]", 100), strings.Repeat("[", 3000), strings.Repeat(`{"a":`, 2000) + "1" + strings.Repeat("}", 2000),
	}
}

// check holds the scanner against encoding/json and utf8.
func check(t *testing.T, data []byte) {
	t.Helper()
	want := json.Valid(data) && utf8.Valid(data)
	got := valid(data)
	deep := bytes.Count(data, []byte("[")) + bytes.Count(data, []byte("{"))
	if got != want && (got || deep <= rawjson.MaxDepth) {
		t.Errorf("%.80q: accepted %v, want %v", data, got, want)
	}
	s := rawjson.New(data)
	err := walk(&s)
	if err == nil {
		err = s.End()
	}
	if (err == nil) != got {
		t.Errorf("%.80q: skipping says %v, walking says %v", data, got, err)
	}
}

func TestAcceptsWhatIsJSON(t *testing.T) {
	for _, seed := range seeds() {
		check(t, []byte(seed))
	}
}

func FuzzScanner(f *testing.F) {
	for _, seed := range seeds() {
		f.Add([]byte(seed))
	}
	f.Fuzz(check)
}

func FuzzText(f *testing.F) {
	f.Add([]byte(`"a\u00e9\n\ud83d\ude00"`))
	f.Add([]byte(`"\ud83d\ud83d\ude00"`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := rawjson.New(data)
		got, err := s.Text()
		if err != nil || s.End() != nil {
			return
		}
		var want string
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatalf("%q: encoding/json refuses what Text accepts: %v", data, err)
		}
		if string(got) != want {
			t.Errorf("%q: got %q, want %q", data, got, want)
		}
		var back string
		if err := json.Unmarshal(rawjson.AppendString(nil, string(got)), &back); err != nil || back != want {
			t.Errorf("%q comes back as %q (%v)", want, back, err)
		}
	})
}

func TestNoByteOfAStringIsMissed(t *testing.T) {
	// Every place within the eight bytes taken at once, for every byte.
	for at := range 20 {
		for c := range 256 {
			data := append([]byte(`"`), strings.Repeat("x", 20)...)
			data[1+at] = byte(c)
			check(t, append(data, '"'))
			check(t, data)
		}
	}
}

func TestDepth(t *testing.T) {
	nested := func(n int) []byte {
		return []byte(strings.Repeat("[", n) + strings.Repeat("]", n))
	}
	if !valid(nested(rawjson.MaxDepth)) {
		t.Error("the deepest legal text is refused")
	}
	if valid(nested(rawjson.MaxDepth + 1)) {
		t.Error("a text that nests too deep is accepted")
	}
	// The limit counts from the outermost bracket, also when it was walked into.
	data := nested(rawjson.MaxDepth + 1)
	s := rawjson.New(data)
	if err := s.OpenArray(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.More(); err != nil {
		t.Fatal(err)
	}
	var syntax *rawjson.SyntaxError
	if err := s.Skip(); !errors.As(err, &syntax) {
		t.Errorf("got %v, want a syntax error", err)
	}
}

func TestInt(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "-0": 0, "7": 7, "-1": -1, "9223372036854775807": 1<<63 - 1, "-9223372036854775808": -1 << 63,
	} {
		s := rawjson.New([]byte(text))
		if got, err := s.Int(); err != nil || got != want {
			t.Errorf("%s: got %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"1.0", "1e3", "9223372036854775808", `"1"`, "null", "true", "[]", "{}"} {
		s := rawjson.New([]byte(text))
		if _, err := s.Int(); !errors.Is(err, rawjson.ErrNotInteger) {
			t.Errorf("%s: got %v, want ErrNotInteger", text, err)
		}
	}
	for text, beyond := range map[string]bool{"9223372036854775808": true, "-9223372036854775809": true, "1" + strings.Repeat("0", 50): true, "1.0": false, `"9223372036854775808"`: false} {
		s := rawjson.New([]byte(text))
		_, err := s.Int()
		if told, ok := errors.AsType[*rawjson.RangeError](err); ok != beyond || ok && told.Text != text {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestWrongKinds(t *testing.T) {
	for _, c := range []struct {
		text string
		read func(s *rawjson.Scanner) error
		want error
	}{
		{`1`, func(s *rawjson.Scanner) error { _, err := s.Text(); return err }, rawjson.ErrNotText},
		{`"\ud800"`, func(s *rawjson.Scanner) error { _, err := s.Text(); return err }, rawjson.ErrNotText},
		{`"\ud800\u0041"`, func(s *rawjson.Scanner) error { _, err := s.Text(); return err }, rawjson.ErrNotText},
		{`null`, func(s *rawjson.Scanner) error { _, err := s.Bool(); return err }, rawjson.ErrNotBool},
		{`[]`, func(s *rawjson.Scanner) error { return s.Object(nil) }, rawjson.ErrNotObject},
		{`{}`, func(s *rawjson.Scanner) error { return s.OpenArray() }, rawjson.ErrNotArray},
	} {
		s := rawjson.New([]byte(c.text))
		if err := c.read(&s); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.text, err, c.want)
		}
	}
}

func TestNamesAndSpans(t *testing.T) {
	text := `{ "a" : [1, 2] , "\u0062":{"x":1e400}, "\ud800":0, "a":"last" }`
	s := rawjson.New([]byte(text))
	var got []string
	err := s.Object(func(name []byte) error {
		value, err := s.Value()
		got = append(got, string(name)+"="+string(value))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`a=[1, 2]`, `b={"x":1e400}`, `"\ud800"=0`, `a="last"`}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAllocatesNothing(t *testing.T) {
	text := []byte(`["stream.write","account-1",{"type":"Opened","data":{"n":[1,2,3,{"x":"y"}]},"metadata":null},{"expectedVersion":3}]`)
	allocs := testing.AllocsPerRun(100, func() {
		s := rawjson.New(text)
		if err := walk(&s); err != nil {
			t.Fatal(err)
		}
	})
	// walk recurses through closures of its own; skipping must cost nothing.
	if allocs > 4 {
		t.Errorf("walking allocates %v times", allocs)
	}
	if allocs := testing.AllocsPerRun(100, func() { _ = valid(text) }); allocs != 0 {
		t.Errorf("skipping allocates %v times", allocs)
	}
}

func BenchmarkSkip(b *testing.B) {
	text := []byte(`["stream.write","account-1",{"type":"Opened","data":{"orderId":"018f3c1e-7a3b-7c52-9d0a-5f1e2d3c4b5a","customer":"Ada Lovelace","amount":12345.67,"items":[{"sku":"A-1","n":2},{"sku":"B-2","n":1}],"note":"leave at the door"},"metadata":{"correlationStreamName":"workflow-77","causation":"018f3c1e-7a3b-7c52-9d0a-5f1e2d3c4b5b"}},{"expectedVersion":3}]`)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if !valid(text) {
			b.Fatal("not valid")
		}
	}
}
