package shape

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

var seed = flag.Uint64("seed", 0, "seed of random tests; 0: one of the clock")

func random(t testing.TB) *rand.Rand {
	s := *seed
	if s == 0 {
		s = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", s)
	return rand.New(rand.NewPCG(s, 0))
}

// back cuts a message and joins it again.
func back(t testing.TB, messageType string, metadata, data []byte) (values int, ok bool) {
	t.Helper()
	outline, packed, ok := Cut([]byte("before"), []byte("ahead"), messageType, metadata, data)
	if !bytes.HasPrefix(outline, []byte("before")) || !bytes.HasPrefix(packed, []byte("ahead")) {
		t.Fatalf("what was there before is gone: %q, %q", outline, packed)
	}
	if !ok {
		return 0, false
	}
	outline, packed = outline[len("before"):], packed[len("ahead"):]
	s, err := Parse(outline)
	if err != nil {
		t.Fatalf("parse the outline of %s %s: %v", metadata, data, err)
	}
	text, n, err := s.Join([]byte("mine"), packed)
	if err != nil {
		t.Fatalf("join %s %s: %v", metadata, data, err)
	}
	if got, want := string(text), "mine"+string(metadata)+string(data); got != want || n != len(metadata) {
		t.Fatalf("joined to %q with %d bytes of metadata, want %q with %d", got, n, want, len(metadata))
	}
	if s.Type() != messageType {
		t.Fatalf("type %q, want %q", s.Type(), messageType)
	}
	return len(packed), true
}

func TestCutAndJoin(t *testing.T) {
	tests := []struct {
		metadata, data string
		values         int // bytes
	}{
		{"", `{}`, 0},
		{"", `{"n":1}`, 1},
		{"", `{"n":15}`, 1},
		{"", `{"amount":256.92}`, 4},
		{"", `{"a":0.05,"b":0.50,"c":1.0,"d":00.1}`, 2 + 2 + 1 + 1 + 4},
		{"", `{"on":true,"off":false,"none":null,"text":"null"}`, 4},
		{`{"traceId":"aca07a868fefed94bec9d321357c4ab2"}`, `{}`, 2 + 16},
		{`{}`, `{"id":"01a208e3-8190-78a1-99e2-3af43355b9bd"}`, 17},
		{"", `{"at":"2026-12-09T18:11:00Z","to":"1970-01-01T00:00:00.000Z"}`, 7 + 1},
		{"", `{"s":"","t":"word","k\u00e9y":"\"quoted\" \\"}`, 1 + 5 + 1 + 14},
		{"", ` { "a" : [ 1 , "b" , { "c" : [ ] } ] } `, 1 + 2},
		{"", `{"big":123456789012345678901234567890,"neg":-1,"e":1e5,"zero":0,"zeros":007}`, 1 + 1 + 30 + 3 + 4 + 1 + 4},
		{"", `"text"`, 5},
		{"", `17`, 2},
		{`[1,{"a":2},3]`, `[[],{},{"a":{"b":"c"}}]`, 3 + 2},
		{"", `{"hex":"ABCDEF12","odd":"abcdef123","short":"abcdef"}`, 9 + 10 + 7},
	}
	for _, tt := range tests {
		var metadata []byte
		if tt.metadata != "" {
			metadata = []byte(tt.metadata)
		}
		n, ok := back(t, "Type", metadata, []byte(tt.data))
		if !ok {
			t.Errorf("%s %s: not cut", tt.metadata, tt.data)
		}
		if n > tt.values+1 {
			t.Errorf("%s %s: %d bytes of values, want about %d", tt.metadata, tt.data, n, tt.values)
		}
	}
}

func TestWhatRepeatsHasOneOutline(t *testing.T) {
	one, _, _ := Cut(nil, nil, "Paid", []byte(`{"by":"ann"}`), []byte(`{"amount":256.92,"open":true,"to":"x"}`))
	two, _, _ := Cut(nil, nil, "Paid", []byte(`{"by":null}`), []byte(`{"amount":"none","open":false,"to":7}`))
	if string(one) == string(two) {
		t.Error("quotes are the value's, not the outline's: they would be lost")
	}
	two, _, _ = Cut(nil, nil, "Paid", []byte(`{"by":"bob"}`), []byte(`{"amount":1,"open":false,"to":"yy"}`))
	if string(one) != string(two) {
		t.Errorf("two outlines for one shape:\n%q\n%q", one, two)
	}
	for _, other := range [][3]string{
		{"Due", `{"by":"ann"}`, `{"amount":1,"open":true,"to":"x"}`},
		{"Paid", `{"by":"ann"}`, `{"open":true,"amount":1,"to":"x"}`},
		{"Paid", `{"by": "ann"}`, `{"amount":1,"open":true,"to":"x"}`},
		{"Paid", `{"by":"ann"}{"amount":1`, `,"open":true,"to":"x"}`},
	} {
		if o, _, ok := Cut(nil, nil, other[0], []byte(other[1]), []byte(other[2])); ok && string(o) == string(one) {
			t.Errorf("%q has the outline of another shape", other)
		}
	}
}

func TestNotCut(t *testing.T) {
	long := `{"` + strings.Repeat("k", MaxOutline) + `":1}`
	for _, data := range []string{
		`{"a":`, `{"a":"x`, `{"a":"\`, `}`, `{"a":1}}`, "{\"a\x00\":1}", "{\"a\":\"\x00\"}", "\x00", long,
		strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1),
		`"` + strings.Repeat("x", maxText) + `"`,
		`[` + strings.Repeat("1,", MaxOutline) + `1]`,
	} {
		if _, _, ok := Cut(nil, nil, "Type", nil, []byte(data)); ok {
			t.Errorf("%.60q was cut", data)
		}
	}
	if _, _, ok := Cut(nil, nil, "Type", []byte{}, []byte(`{}`)); ok {
		t.Error("metadata of no bytes would come back as none")
	}
}

func TestInstants(t *testing.T) {
	r := random(t)
	last := time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
	for range 20000 {
		at := time.UnixMilli(r.Int64N(last.UnixMilli() + 1)).UTC()
		for _, layout := range []string{"2006-01-02T15:04:05Z", "2006-01-02T15:04:05.000Z"} {
			v := at.Format(layout)
			packed := appendValue(nil, []byte(v))
			if packed[0]&kindMask != kindInstant {
				t.Fatalf("%s is not packed", v)
			}
			if got, rest, err := joinValue(nil, packed); err != nil || string(got) != v || len(rest) > 0 {
				t.Fatalf("%s came back as %s, %v", v, got, err)
			}
		}
	}
	for _, v := range []string{
		"2023-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "1969-12-31T23:59:59Z",
		"2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01 00:00:00Z",
		"2026-01-01T00:00:00z", "2026-01-01T00:00:00.00xZ", "2026-01-01T00:00:00,000Z", "1900-02-29T00:00:00Z",
	} {
		packed := appendValue(nil, []byte(v))
		if got, _, err := joinValue(nil, packed); err != nil || string(got) != v || packed[0]&kindMask != kindRaw {
			t.Errorf("%s came back as %s, %v", v, got, err)
		}
	}
}

// TestValues packs random texts that look like what is packed specially.
func TestValues(t *testing.T) {
	r := random(t)
	alphabets := []string{"0123456789", "0123456789.", "0123456789abcdef", "0123456789abcdef-", "tru", "0.", "-+eE0123456789.", "2026-:TZ."}
	lengths := []int{1, 2, 3, 4, 5, 8, 16, 17, 18, 20, 24, 32, 36}
	for range 200000 {
		alphabet := alphabets[r.IntN(len(alphabets))]
		v := make([]byte, lengths[r.IntN(len(lengths))])
		for i := range v {
			v[i] = alphabet[r.IntN(len(alphabet))]
		}
		packed := appendValue(nil, v)
		got, rest, err := joinValue(nil, packed)
		if err != nil || !bytes.Equal(got, v) || len(rest) > 0 {
			t.Fatalf("%q came back as %q, %v", v, got, err)
		}
		if len(packed) > len(v)+2 {
			t.Fatalf("%q takes %d bytes", v, len(packed))
		}
	}
}

func TestDamage(t *testing.T) {
	outline, values, ok := Cut(nil, nil, "Type", []byte(`{"a":"b"}`), []byte(`{"c":1.5,"d":"abcdef0123456789","e":"2026-12-09T18:11:00Z"}`))
	if !ok {
		t.Fatal("not cut")
	}
	s, err := Parse(outline)
	if err != nil {
		t.Fatal(err)
	}
	for n := range values {
		if _, _, err := s.Join(nil, values[:n]); err == nil {
			t.Errorf("the first %d of %d bytes of values were enough", n, len(values))
		}
	}
	if _, _, err := s.Join(nil, append(values, 0)); err == nil {
		t.Error("a value too many went unnoticed")
	}
	for _, damaged := range [][]byte{nil, {0, 0, 0}, {0, 1, 0, 0}, {0, 0, 0, 1}, {255, 255, 255, 255, 0}, make([]byte, MaxOutline+1)} {
		if _, err := Parse(damaged); err == nil {
			t.Errorf("outline %q was taken", damaged)
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add("Type", []byte(`{"traceId":"aca07a868fefed94bec9d321357c4ab2"}`), []byte(`{"a":1.50,"b":[true,null],"c":"2026-12-09T18:11:00Z"}`))
	f.Add("", []byte{}, []byte(`  {"a" : "\" \u0000", "id":"01a208e3-8190-78a1-99e2-3af43355b9bd"}`))
	f.Add("x", []byte(`0`), []byte(`[0.5,00.5,5.,.5,-1,1e3]`))
	f.Fuzz(func(t *testing.T, messageType string, metadata, data []byte) {
		if len(metadata) == 0 {
			metadata = nil
		}
		if _, ok := back(t, messageType, metadata, data); !ok && json.Valid(data) && metadata == nil &&
			len(data)+len(messageType)+headLen < MaxOutline && !deep(data) {
			t.Errorf("%q is JSON and was not cut", data)
		}
	})
}

// deep reports whether a text may be nested deeper than is cut.
func deep(text []byte) bool {
	return bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) > maxDepth
}

// FuzzJoin joins what nobody cut: it must not panic, nor make much of little.
func FuzzJoin(f *testing.F) {
	f.Add([]byte("\x00\x04\x00\x00Type{\"a\":\x00}"), []byte{10})
	f.Fuzz(func(t *testing.T, outline, values []byte) {
		s, err := Parse(outline)
		if err != nil {
			return
		}
		text, metadata, err := s.Join(nil, values)
		if err == nil && (metadata > len(text) || len(text) > len(outline)+32*len(values)) {
			t.Errorf("%d bytes of text, %d of them metadata, from %d and %d", len(text), metadata, len(outline), len(values))
		}
	})
}

func Example() {
	outline, values, _ := Cut(nil, nil, "Paid", nil, []byte(`{"amount":256.92,"by":"ann"}`))
	s, _ := Parse(outline)
	text, _, _ := s.Join(nil, values)
	fmt.Printf("%s of %d bytes\n%s\n", s.Type(), len(values), text)
	// Output:
	// Paid of 7 bytes
	// {"amount":256.92,"by":"ann"}
}

var (
	benchMetadata = []byte(`{"traceId":"aca07a868fefed94bec9d321357c4ab2","correlationStreamName":"order-11986","causationMessageStreamName":"shipment-10669","causationMessagePosition":1,"causationMessageGlobalPosition":66205}`)
	benchData     = []byte(`{"paymentId":"pay-209102334","orderId":"ord-23446688","amount":256.92,"currency":"PLN","method":"sepa","dueAt":"2026-12-09T18:11:00Z","attempt":1,"merchant":{"id":56280,"name":"Buch & Bild"}}`)
)

func BenchmarkCut(b *testing.B) {
	var outline, values []byte
	b.SetBytes(int64(len(benchMetadata) + len(benchData)))
	for b.Loop() {
		outline, values, _ = Cut(outline[:0], values[:0], "PaymentRequested", benchMetadata, benchData)
	}
	b.ReportMetric(float64(len(values)), "values-B")
}

func BenchmarkJoin(b *testing.B) {
	outline, values, _ := Cut(nil, nil, "PaymentRequested", benchMetadata, benchData)
	s, err := Parse(outline)
	if err != nil {
		b.Fatal(err)
	}
	var text []byte
	b.SetBytes(int64(len(benchMetadata) + len(benchData)))
	for b.Loop() {
		if text, _, err = s.Join(text[:0], values); err != nil {
			b.Fatal(err)
		}
	}
}
