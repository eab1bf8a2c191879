package profiler

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
)

// checkFlame asserts what holds of every flame.
func checkFlame(t *testing.T, v *View, f *Flame) {
	t.Helper()
	var total, net int64
	for _, s := range v.p.Sample {
		total += abs(s.Value[v.index])
		net += s.Value[v.index]
	}
	if f.Total() != total || f.Value(0) != net {
		t.Fatalf("root weighs %d (%d), the profile's total is %d (%d)", f.Total(), f.Value(0), total, net)
	}
	var selves int64
	seen := 1
	for i := range f.Len() {
		selves += f.Self(i)
		sum, value := f.Self(i), int64(0)
		for j, k := range f.Children(i) {
			seen++
			sum += f.Weight(int(k))
			value += f.Value(int(k))
			if f.Parent(int(k)) != i || f.Depth(int(k)) != f.Depth(i)+1 {
				t.Fatalf("child %d of %d: parent %d, depth %d", k, i, f.Parent(int(k)), f.Depth(int(k)))
			}
			if j > 0 && f.Weight(int(f.Children(i)[j-1])) < f.Weight(int(k)) {
				t.Fatalf("children of %d are not sorted", i)
			}
		}
		if sum != f.Weight(i) {
			t.Fatalf("node %d weighs %d, its children and itself %d", i, f.Weight(i), sum)
		}
		if abs(f.Value(i)) > f.Weight(i) {
			t.Fatalf("node %d: value %d above weight %d", i, f.Value(i), f.Weight(i))
		}
		if f.Len() > 1 && f.Find(f.Path(i)) != i {
			t.Fatalf("node %d is not found by its path", i)
		}
	}
	if selves != total || seen != f.Len() {
		t.Fatalf("selves sum to %d of %d; %d of %d nodes reached", selves, total, seen, f.Len())
	}
}

func TestFlameSumsHold(t *testing.T) {
	r := seeded(t)
	for range 200 {
		p := mustParse(t, mustEncode(t, randomProfile(r)))
		v := mustView(t, p, Options{OmitUI: r.IntN(2) == 0, NoInlines: r.IntN(2) == 0})
		checkFlame(t, v, v.Flame())
	}
	for _, file := range kept(t) {
		v := mustView(t, mustOpen(t, file), Options{})
		checkFlame(t, v, v.Flame())
	}
}

// TestFlameOfLargeViewIsCut builds a tree as if its view were too large.
func TestFlameOfLargeViewIsCut(t *testing.T) {
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "cpu", Unit: "nanoseconds"}}}
	fn := &profile.Function{ID: 1, Name: "main.f", SystemName: "main.f"}
	l := &profile.Location{ID: 1, Line: []profile.Line{{Function: fn}}}
	p.Function, p.Location = append(p.Function, fn), append(p.Location, l)
	other := &profile.Function{ID: 2, Name: "main.light", SystemName: "main.light"}
	light := &profile.Location{ID: 2, Line: []profile.Line{{Function: other}}}
	p.Function, p.Location = append(p.Function, other), append(p.Location, light)
	p.Sample = []*profile.Sample{
		{Location: []*profile.Location{l, l, l}, Value: []int64{1_000_000}},
		{Location: []*profile.Location{l, l, light}, Value: []int64{5}},
	}
	v := mustView(t, mustParse(t, mustEncode(t, p)), Options{})
	whole, cut := v.Flame(), v.flame(0)
	checkFlame(t, v, whole)
	checkFlame(t, v, cut)
	if whole.Cut() || whole.Len() != 7 || !cut.Cut() || cut.Len() != 5 {
		t.Errorf("%d nodes whole (%v), %d cut (%v)", whole.Len(), whole.Cut(), cut.Len(), cut.Cut())
	}
}

func TestFlameOfDifference(t *testing.T) {
	p, base := mustOpen(t, "testdata/shop-cpu-2.pb.gz"), mustOpen(t, "testdata/shop-cpu-1.pb.gz")
	d, err := p.Diff(base, DiffBase, false)
	if err != nil {
		t.Fatal(err)
	}
	v := mustView(t, d, Options{})
	f := v.Flame()
	checkFlame(t, v, f)
	a, b := mustView(t, p, Options{}).Total(), mustView(t, base, Options{}).Total()
	if f.Total() != a+b || f.Value(0) != a-b {
		t.Errorf("root %d (%d), want %d (%d)", f.Total(), f.Value(0), a+b, a-b)
	}
}

// TestFlameSearchSums compares the search with a walk over the samples.
func TestFlameSearchSums(t *testing.T) {
	r := seeded(t)
	for range 100 {
		v := mustView(t, mustParse(t, mustEncode(t, randomProfile(r))), Options{})
		f := v.Flame()
		rx := regexp.MustCompile(`main|push`)
		var want int64
		for i, s := range v.p.Sample {
			hit := false
			for _, step := range v.stack(i) {
				hit = hit || rx.MatchString(v.names[step.node()])
			}
			if hit {
				want += abs(s.Value[v.index])
			}
		}
		m, err := f.Search(rx.String(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if m.Weight != want {
			t.Fatalf("search weighs %d, the samples %d", m.Weight, want)
		}
		var zoomed int64 // below the root, what is found sums up
		for _, k := range f.Children(0) {
			m, err := f.Search(rx.String(), int(k))
			if err != nil {
				t.Fatal(err)
			}
			zoomed += m.Weight
		}
		if zoomed != want {
			t.Fatalf("searched by child %d, at once %d", zoomed, want)
		}
	}
	v := mustView(t, mustOpen(t, "testdata/shop-cpu-1.pb.gz"), Options{})
	if _, err := v.Flame().Search("(", 0); err == nil {
		t.Error("a broken expression is accepted")
	}
}

func TestFlameText(t *testing.T) {
	f := mustView(t, mustOpen(t, "testdata/shop-cpu-1.pb.gz"), Options{}).Flame()
	var b bytes.Buffer
	if err := f.WriteText(&b, FlameText{MinShare: 0.2, Bar: 10, ASCII: true}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	if !strings.Contains(lines[1], "100%      2.65s      0%  ########## all") {
		t.Errorf("root line %q", lines[1])
	}
	for _, l := range lines[2 : len(lines)-1] {
		share, err := strconv.ParseFloat(strings.TrimSuffix(strings.Fields(l)[0], "%"), 64)
		if err != nil || share < 20 {
			t.Errorf("line below the cutoff (%v): %q", err, l)
		}
	}
}

func TestFoldedSumsUp(t *testing.T) {
	f := mustView(t, mustOpen(t, "testdata/compile-http.pb.gz"), Options{}).Flame()
	var b bytes.Buffer
	if err := f.WriteFolded(&b); err != nil {
		t.Fatal(err)
	}
	var sum int64
	for line := range strings.Lines(b.String()) {
		n, err := strconv.ParseInt(strings.TrimSpace(line[strings.LastIndexByte(line, ' '):]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	if sum != f.Total() {
		t.Errorf("folded stacks sum to %d, want %d", sum, f.Total())
	}
}

// TestSVGIsSound parses what is drawn: well-formed, nothing loaded from
// elsewhere, no frame wider than the one below it.
func TestSVGIsSound(t *testing.T) {
	for _, file := range []string{"testdata/shop-cpu-1.pb.gz", "testdata/native.pb.gz", "testdata/nosymbols.pb.gz"} {
		f := mustView(t, mustOpen(t, file), Options{}).Flame()
		var b bytes.Buffer
		if err := f.WriteSVG(&b, FlameSVG{Title: `a "title" & <more>` + "\x1b[31m"}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(b.String(), "http"); got != strings.Count(b.String(), "http://www.w3.org/2000/svg")+strings.Count(b.String(), "net/http") {
			t.Errorf("%s: the drawing names another address", file)
		}
		d := xml.NewDecoder(&b)
		frames := 0
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Local == "g" {
				frames++
			}
		}
		if frames < 3 {
			t.Errorf("%s: %d groups drawn", file, frames)
		}
	}
}
