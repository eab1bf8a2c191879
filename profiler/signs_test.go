package profiler

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
)

func foldedOf(t *testing.T, f *Flame) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.WriteFolded(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sumFolded adds up folded stacks by stack.
func sumFolded(t *testing.T, text string, sign int64, into map[string]int64) {
	t.Helper()
	for line := range strings.Lines(text) {
		at := strings.LastIndexByte(line, ' ')
		n, err := strconv.ParseInt(strings.TrimSpace(line[at:]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if into[line[:at]] += sign * n; into[line[:at]] == 0 {
			delete(into, line[:at])
		}
	}
}

// TestFoldedDifference holds the folded stacks of a difference against those of
// its two sides.
func TestFoldedDifference(t *testing.T) {
	for _, pair := range [][2]string{{"shop-cpu-2", "shop-cpu-1"}, {"shop-heap-1", "shop-heap-2"}, {"compile-http", "compile-types"}} {
		p, base := mustOpen(t, "testdata/"+pair[0]+".pb.gz"), mustOpen(t, "testdata/"+pair[1]+".pb.gz")
		for _, mode := range []DiffMode{DiffBase, Base} {
			d, err := p.Diff(base, mode, false)
			if err != nil {
				t.Fatal(err)
			}
			want, got := map[string]int64{}, map[string]int64{}
			sumFolded(t, foldedOf(t, mustView(t, p, Options{}).Flame()), 1, want)
			sumFolded(t, foldedOf(t, mustView(t, base, Options{}).Flame()), -1, want)
			sumFolded(t, foldedOf(t, mustView(t, d, Options{}).Flame()), 1, got)
			if len(got) == 0 || len(got) != len(want) {
				t.Errorf("%v: %d stacks, want %d", pair, len(got), len(want))
			}
			for stack, n := range want {
				if got[stack] != n {
					t.Errorf("%v: %s %d, want %d", pair, stack, got[stack], n)
				}
			}
		}
	}
}

// TestNegativeProfile is of a difference that somebody wrote to a file.
func TestNegativeProfile(t *testing.T) {
	v := mustView(t, mustOpen(t, "testdata/negative.pb.gz"), Options{})
	f := v.Flame()
	if !v.Signed() || !f.Signed() {
		t.Fatal("it is not said to have signs")
	}
	if got := foldedOf(t, f); got != "m.f1 -50000000\nm.f2 50000000\n" {
		t.Errorf("folded %q", got)
	}
	var text, svg bytes.Buffer
	if err := f.WriteText(&text, FlameText{}); err != nil {
		t.Fatal(err)
	}
	if err := f.WriteSVG(&svg, FlameSVG{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ in, want string }{
		{text.String(), "50.00%      -50ms -50.00%    m.f1"}, {text.String(), "50.00%      +50ms +50.00%    m.f2"},
		{svg.String(), "m.f1: -50ms, 50.00% of both sides"}, {svg.String(), "m.f2: +50ms"}, {svg.String(), `fill="#f5`}, {svg.String(), `f5"`},
	} {
		if !strings.Contains(c.in, c.want) {
			t.Errorf("no %q in\n%s", c.want, c.in)
		}
	}
	if mustView(t, mustOpen(t, "testdata/shop-cpu-1.pb.gz"), Options{}).Signed() {
		t.Error("a profile without negative values is said to have signs")
	}
}

// TestWrittenDifference opens again a difference that was written to a file,
// with the base's mark: percentages stay those of the base, as in pprof.
func TestWrittenDifference(t *testing.T) {
	d, err := mustOpen(t, "testdata/shop-cpu-2.pb.gz").Diff(mustOpen(t, "testdata/shop-cpu-1.pb.gz"), DiffBase, false)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := d.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	again := mustParse(t, b.Bytes())
	if again.diff != DiffBase {
		t.Errorf("opened as %v", again.diff)
	}
	if got, want := textOfTop(t, again), textOfTop(t, d); got != want {
		t.Error(firstDifference(got, want))
	}
	for _, l := range mustView(t, again, Options{}).Labels() {
		if l.Key == baseLabel {
			t.Error("the base's mark is listed as a label")
		}
	}
}
