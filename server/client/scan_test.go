package client

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/evtui/evtui/internal/rawjson"
)

func TestRawStopsWhereTheValueDoes(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`1,2`, `1`}, {`-1.5e+10]`, `-1.5e+10`}, {` true }`, `true`}, {`null`, `null`},
		{`"a\"b\\",`, `"a\"b\\"`}, {`"\\\\"x`, `"\\\\"`}, {`{"a":"}]"},`, `{"a":"}]"}`}, {`[[],{"x":[]}]]`, `[[],{"x":[]}]`},
	} {
		s := scanner{buf: []byte(tt.in)}
		if got := string(s.raw()); got != tt.want || s.err != nil {
			t.Errorf("%s: %q, %v", tt.in, got, s.err)
		}
	}
	for _, in := range []string{``, `,`, `"a`, `"a\"`, `{`, `[}`, `{"a":[}`, `{"a`, `]`} {
		s := scanner{buf: []byte(in)}
		if got := s.raw(); s.err == nil {
			t.Errorf("%s: %q", in, got)
		}
	}
}

func TestRawIsBounded(t *testing.T) {
	deep := make([]byte, 100_000)
	for i := range deep {
		deep[i] = '['
	}
	s := scanner{buf: deep}
	if s.raw(); s.err == nil {
		t.Error("went all the way down")
	}
}

// TestStringsComeBack: what is encoded is what encoding/json reads, and what
// this package reads.
func TestStringsComeBack(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	alphabet := []rune("aZ09-+\"\\/\x00\x01\n\r\t\x1f\x7f é漢字😀\u2028<>&")
	for range 2000 {
		text := make([]rune, random.IntN(20))
		for i := range text {
			text[i] = alphabet[random.IntN(len(alphabet))]
		}
		encoded := rawjson.AppendString(nil, string(text))
		var decoded string
		if err := json.Unmarshal(encoded, &decoded); err != nil || decoded != string(text) {
			t.Fatalf("%q became %s, read as %q: %v", string(text), encoded, decoded, err)
		}
		s := scanner{buf: encoded}
		if got := s.name(decoded + "x"); got != decoded || s.end() != nil {
			t.Fatalf("%s was read as %q: %v", encoded, got, s.err)
		}
	}
	if bad := string(rawjson.AppendString(nil, "a\xff")); utf8.ValidString(bad) {
		t.Errorf("invalid UTF-8 became %q, another name", bad)
	}
}

// TestNameBefore: a name is taken from the row before only if it is the same,
// not if its escaped form looks like it.
func TestNameBefore(t *testing.T) {
	for _, tt := range []struct{ token, before, want string }{
		{`"a-1"`, "a-1", "a-1"}, {`"a-2"`, "a-1", "a-2"}, {`"a\nb"`, `a\nb`, "a\nb"},
	} {
		s := scanner{buf: []byte(tt.token)}
		if got := s.name(tt.before); got != tt.want {
			t.Errorf("%s after %q: %q", tt.token, tt.before, got)
		}
	}
}

// FuzzRows: no answer makes the client panic or read beyond it, and what it
// accepts as one whole value is what encoding/json accepts at least.
func FuzzRows(f *testing.F) {
	f.Add([]byte(`[["` + idA + `","a-1","T",0,1,{},null,` + rowTime + `]]`))
	f.Add([]byte(`{"position":1,"globalPosition":2}`))
	f.Add([]byte(`["\\`))
	f.Fuzz(func(t *testing.T, in []byte) {
		_, _ = parseRows(in, "", 10)
		_, _ = parseRows(in, "a", -1)
		_, _ = parseOne(in, "")
		_, _ = parseAnnouncement(in, "a")
		s := &scanner{buf: in}
		written(s, "position", "globalPosition", (*scanner).integer)
		if json.Valid(in) && !whole(in) {
			t.Errorf("%q is a whole value", in)
		}
	})
}
