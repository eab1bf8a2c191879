package profiler

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/pprof/profile"
)

// seeded returns a random source and prints its seed, so that a failure can be
// had again.
func seeded(t testing.TB) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// Names that Go, C++, Java and nobody write. None is empty: pprof puts nodes
// that print alike in no certain order.
var someNames = []string{
	"main.main", "main.f", "main.(*T).M", "main.Map[...]", "main.(*T).Do.Map[...].func1", "main.Map[go.shape.func(int)]",
	"std::vector<int>::push_back(int)", "operator()(int)<x>", "a<b>(c)", "com.x.Foo.<init>", "runtime.mallocgc", "ünïcode.fn", "x:y", "a b",
}

// randomProfile makes a small profile that uses everything the format has:
// inlining, recursion, unnamed functions, missing symbols, labels, negative
// and zero values.
func randomProfile(r *rand.Rand) *profile.Profile {
	units := [][2]string{{"cpu", "nanoseconds"}, {"space", "bytes"}, {"wall", "seconds"}, {"things", "count"}, {"odd", "furlongs"}, {"delay", "ms"}}
	u := units[r.IntN(len(units))]
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: u[0], Unit: u[1]}},
		PeriodType: &profile.ValueType{Type: u[0], Unit: u[1]}, Period: 10,
	}
	if r.IntN(2) == 0 {
		p.TimeNanos, p.DurationNanos = 1e18, r.Int64N(1e11)
	}
	if r.IntN(3) == 0 {
		p.DefaultSampleType = "samples"
	}
	if r.IntN(4) == 0 {
		p.Comments = []string{"made up", "#hidden"}
	}
	if r.IntN(4) == 0 {
		p.DropFrames, p.KeepFrames = "runtime.*", "runtime.mallocgc"
	}
	for i := range r.IntN(3) {
		p.Mapping = append(p.Mapping, &profile.Mapping{ID: uint64(i + 1), Start: uint64(i) << 20, Limit: uint64(i+1) << 20, File: []string{"", "/no/such/binary", "[vdso]"}[r.IntN(3)], HasFunctions: true})
	}
	randomLocations(r, p)
	for range r.IntN(60) {
		p.Sample = append(p.Sample, randomSample(r, p))
	}
	return p
}

func randomLocations(r *rand.Rand, p *profile.Profile) {
	for i := range 1 + r.IntN(30) {
		name := someNames[r.IntN(len(someNames))]
		system := name
		if r.IntN(4) == 0 {
			system = "_sys" + name
		}
		f := &profile.Function{ID: uint64(i + 1), Name: name, SystemName: system, Filename: fmt.Sprintf("/src/./f%d.go", r.IntN(4)), StartLine: r.Int64N(5)}
		if r.IntN(4) == 0 {
			f.Name = "" // the system's name stands in
		}
		p.Function = append(p.Function, f)
	}
	for i := range 1 + r.IntN(40) {
		l := &profile.Location{ID: uint64(i*i + 1), Address: uint64(r.IntN(1 << 21))}
		if len(p.Mapping) > 0 && r.IntN(5) > 0 {
			l.Mapping = p.Mapping[r.IntN(len(p.Mapping))]
		}
		for range r.IntN(4) {
			l.Line = append(l.Line, profile.Line{Function: p.Function[r.IntN(len(p.Function))], Line: r.Int64N(30)})
		}
		p.Location = append(p.Location, l)
	}
}

func randomSample(r *rand.Rand, p *profile.Profile) *profile.Sample {
	s := &profile.Sample{Value: []int64{r.Int64N(4), r.Int64N(1 << r.IntN(40))}}
	if r.IntN(10) == 0 {
		s.Value = []int64{-s.Value[0], -s.Value[1]}
	}
	for range r.IntN(12) {
		s.Location = append(s.Location, p.Location[r.IntN(len(p.Location))])
	}
	if r.IntN(2) == 0 {
		s.Label = map[string][]string{"method": {[]string{"read", "write"}[r.IntN(2)]}, ActorLabel: {[]string{"commit", UIActor}[r.IntN(2)]}}
	}
	if r.IntN(4) == 0 {
		s.NumLabel = map[string][]int64{"bytes": {r.Int64N(1 << 16)}}
		s.NumUnit = map[string][]string{"bytes": {"bytes"}}
	}
	return s
}

// mustEncode returns the profile as a file holds it.
func mustEncode(t testing.TB, p *profile.Profile) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func mustParse(t testing.TB, data []byte) *Profile {
	t.Helper()
	p, err := Parse(data, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustView(t testing.TB, p *Profile, o Options) *View {
	t.Helper()
	v, err := p.View(o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
