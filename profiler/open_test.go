package profiler

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
)

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestOpenRefuses(t *testing.T) {
	good := mustRead(t, "testdata/shop-cpu-1.pb.gz")
	gz, err := gzip.NewReader(bytes.NewReader(good))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(gz)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(good)
	damaged[len(damaged)/2] ^= 0x55
	for name, c := range map[string]struct {
		data []byte
		want error
		says string
	}{
		"nothing":              {nil, ErrFormat, "empty"},
		"an empty gzip":        {zipped(t, nil), ErrFormat, "empty"},
		"half a gzip":          {good[:len(good)/2], ErrFormat, "cut off"},
		"a gzip's head":        {good[:5], ErrFormat, "cut off"},
		"half a profile":       {plain[:len(plain)/2], ErrFormat, "cut off"},
		"a damaged gzip":       {damaged, ErrFormat, ""},
		"text":                 {[]byte("goroutine profile: total 3\n"), ErrFormat, ""},
		"two profiles":         {append(bytes.Clone(plain), plain...), ErrFormat, "concatenated"},
		"a dangling location":  {[]byte{0x0a, 2, 8, 0, 0x12, 4, 8, 9, 0x10, 1, 0x32, 0}, ErrFormat, ""},
		"no value type":        {[]byte{0x32, 0}, ErrFormat, ""},
		"a string of no table": {[]byte{0x0a, 2, 8, 9, 0x32, 0}, ErrFormat, ""},
		"a group":              {[]byte{0x0b}, ErrFormat, "wire type"},
		// What refers to itself or is there twice: ids are all that could make a
		// circle, and none may be taken for another's.
		"two functions of an id": {[]byte{0x0a, 2, 8, 0, 0x2a, 2, 8, 1, 0x2a, 2, 8, 1, 0x32, 0}, ErrFormat, "id"},
		"two locations of an id": {[]byte{0x0a, 2, 8, 0, 0x22, 2, 8, 1, 0x22, 2, 8, 1, 0x32, 0}, ErrFormat, "id"},
		"a function that is its own location": {
			[]byte{0x0a, 2, 8, 0, 0x22, 6, 8, 1, 0x22, 2, 8, 1, 0x12, 4, 8, 1, 0x10, 1, 0x32, 0}, ErrFormat, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(c.data, Limits{})
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want %v that says %q", err, c.want, c.says)
			}
		})
	}
	if _, err := OpenFile(filepath.Join(t.TempDir(), "none"), Limits{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: error %v", err)
	}
}

// bombs are small inputs that would cost much to open.
func bombs(t testing.TB) map[string][]byte {
	t.Helper()
	return map[string][]byte{
		"zeros":         zipped(t, make([]byte, 16<<20)),
		"empty samples": zipped(t, bytes.Repeat([]byte{0x12, 0}, 4<<20)),
		"labels":        zipped(t, append([]byte{0x12, 0x80, 0x80, 0x80, 0x02}, bytes.Repeat([]byte{0x1a, 0}, 2<<20)...)),
		"lines":         zipped(t, append([]byte{0x22, 0x80, 0x80, 0x80, 0x02}, bytes.Repeat([]byte{0x22, 0}, 2<<20)...)),
		"strings":       zipped(t, bytes.Repeat([]byte{0x32, 0}, 4<<20)),
		"comments":      zipped(t, append([]byte{0x6a, 0x80, 0x80, 0x80, 0x02}, make([]byte, 4<<20)...)),
	}
}

// TestBombsCostLittle opens them under a small limit and watches the heap.
func TestBombsCostLittle(t *testing.T) {
	for name, data := range bombs(t) {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Parse(data, Limits{Size: 20 << 20, Memory: 12 << 20})
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Fatal("opened")
			}
			if !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrFormat) {
				t.Errorf("error %v", err)
			}
			// Twice the size cap for reading, and twice what decoding may take:
			// growing slices leave garbage behind.
			if spent := (after.TotalAlloc - before.TotalAlloc) >> 20; spent > 2*20+2*12+10 {
				t.Errorf("%d MB allocated on the way to %v", spent, err)
			}
		})
	}
	_, err := Parse(bombs(t)["zeros"], Limits{Size: 1 << 20})
	if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "decompressed") {
		t.Errorf("a gzip bomb: error %v", err)
	}
	if _, err := Parse(make([]byte, 100), Limits{Input: 99}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too much input: error %v", err)
	}
}

// TestEstimateBounds compares the estimate with what decoding really takes.
func TestEstimateBounds(t *testing.T) {
	r := seeded(t)
	p := largeProfile(r, 20_000)
	var b bytes.Buffer
	if err := p.WriteUncompressed(&b); err != nil {
		t.Fatal(err)
	}
	taken, err := split(b.Bytes(), 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	guess := taken.cost
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	decoded, err := decode(b.Bytes(), 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	real := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	runtime.KeepAlive(decoded)
	if real > guess || guess > 6*real {
		t.Errorf("estimated %d MB for %d MB", guess>>20, real>>20)
	}
}

// largeProfile has stacks as real programs do: a call tree in which siblings
// share their way, some recursion, labels on half of the samples.
func largeProfile(r *rand.Rand, samples int) *profile.Profile {
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &profile.ValueType{Type: "cpu", Unit: "nanoseconds"}, TimeNanos: 1e18, DurationNanos: 60e9,
		Mapping: []*profile.Mapping{{ID: 1, File: "/bin/large", HasFunctions: true}},
	}
	const functions, locations = 4000, 20_000
	for i := range functions {
		name := "example.com/some/where/pkg" + string(rune('a'+i%26)) + ".(*Type).Method" + strings.Repeat("x", i%9) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
		p.Function = append(p.Function, &profile.Function{ID: uint64(i + 1), Name: name, SystemName: name, Filename: "/src/f.go"})
	}
	for i := range locations {
		l := &profile.Location{ID: uint64(i + 1), Mapping: p.Mapping[0], Address: uint64(i) * 16}
		for j := range 1 + r.IntN(3)/2 {
			l.Line = append(l.Line, profile.Line{Function: p.Function[(i/5+j)%functions], Line: int64(i % 500)})
		}
		p.Location = append(p.Location, l)
	}
	methods := []string{"stream.write", "stream.get", "category.get"}
	for range samples {
		at, s := 0, &profile.Sample{Value: []int64{1, 10_000_000}}
		for range 10 + r.IntN(50) {
			// Few ways down from each place, so that stacks share prefixes.
			at = (at*7 + 1 + r.IntN(2)*r.IntN(3)) % locations
			s.Location = append(s.Location, p.Location[at])
		}
		for i, j := 0, len(s.Location)-1; i < j; i, j = i+1, j-1 {
			s.Location[i], s.Location[j] = s.Location[j], s.Location[i]
		}
		if r.IntN(2) == 0 {
			s.Label = map[string][]string{"method": {methods[r.IntN(3)]}}
		}
		p.Sample = append(p.Sample, s)
	}
	return p
}

// checkDecode compares our decoder with the library's.
func checkDecode(t *testing.T, data []byte) {
	t.Helper()
	want, wantErr := profile.ParseUncompressed(data)
	if wantErr == nil {
		wantErr = want.CheckValid()
	}
	got, err := decode(data, 1<<40)
	if err == nil {
		err = got.CheckValid()
	}
	if (err != nil) != (wantErr != nil) {
		t.Fatalf("error %v, the library's %v", err, wantErr)
	}
	if err == nil && got.String() != want.String() {
		t.Fatal(firstDifference(got.String(), want.String()))
	}
}

func TestDecodeEqualsLibrary(t *testing.T) {
	for _, file := range kept(t) {
		data, err := readAll(bytes.NewReader(mustRead(t, file)), Limits{}.withDefaults())
		if err != nil {
			t.Fatal(err)
		}
		checkDecode(t, data)
	}
	r := seeded(t)
	for range 300 {
		var b bytes.Buffer
		if err := randomProfile(r).WriteUncompressed(&b); err != nil {
			t.Fatal(err)
		}
		data := b.Bytes()
		checkDecode(t, data)
		for range r.IntN(4) { // and what is a little wrong
			data[r.IntN(len(data))] = byte(r.Uint32())
		}
		checkDecode(t, data)
	}
}

// FuzzOpen feeds anything to Open and looks at what opens in every way. It
// must end in an error or in views whose sums hold, within bounded memory.
func FuzzOpen(f *testing.F) {
	for _, file := range kept(f) {
		gz, err := gzip.NewReader(bytes.NewReader(mustRead(f, file)))
		if err != nil {
			f.Fatal(err)
		}
		if data, err := io.ReadAll(gz); err == nil && len(data) < 20_000 {
			f.Add(data)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		var b bytes.Buffer
		if err := randomProfile(r).WriteUncompressed(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Parse(data, Limits{Size: 1 << 20, Memory: 64 << 20})
		if err != nil {
			if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrTooLarge) {
				t.Fatalf("error of no known kind: %v", err)
			}
			return
		}
		if plain, err := readAll(bytes.NewReader(data), Limits{}.withDefaults()); err == nil {
			checkDecode(t, plain)
		}
		for _, typ := range p.Types() {
			lookAtAll(t, p, Options{Value: typ.Type, Focus: "m", TagIgnore: "actor=ui"})
		}
		lookAtAll(t, p, Options{})
		if d, err := p.Diff(p, DiffBase, false); err == nil {
			lookAtAll(t, d, Options{})
		}
	})
}

func lookAtAll(t *testing.T, p *Profile, o Options) {
	v, err := p.View(o)
	if err != nil {
		return
	}
	if err := errors.Join(v.Top(TopOptions{}).Write(io.Discard), v.Top(TopOptions{ByCum: true, Count: 3}).Write(io.Discard)); err != nil {
		t.Fatal(err)
	}
	_ = v.WritePeek(io.Discard, ".")
	_ = v.WriteList(io.Discard, ".", nil)
	f := v.Flame()
	if err := errors.Join(f.WriteText(io.Discard, FlameText{}), f.WriteSVG(io.Discard, FlameSVG{}), f.WriteFolded(io.Discard)); err != nil {
		t.Fatal(err)
	}
	v.Labels()
	p.Kind()
}
