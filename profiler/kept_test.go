package profiler

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
)

// TestKeptAreOfAllSorts makes sure that what is compared with pprof is what the
// comparison is worth something for.
func TestKeptAreOfAllSorts(t *testing.T) {
	sorts := map[string]int{}
	for _, file := range kept(t) {
		p := mustOpen(t, file)
		name := filepath.Base(file)
		if strings.HasPrefix(name, "engine-") {
			sorts["of the engine: "+string(p.Kind())]++
		}
		for sort, is := range map[string]bool{
			"large": p.Samples() >= 1000, "inlined": hasInlined(p), "recursive": hasRecursion(p), "without symbols": len(p.raw.Function) == 0,
			"of other programs": !strings.HasPrefix(name, "engine-"),
		} {
			if is {
				sorts[sort]++
			}
		}
	}
	t.Log(sorts)
	want := []string{"large", "inlined", "recursive", "without symbols", "of other programs"}
	for _, kind := range Kinds() {
		want = append(want, "of the engine: "+string(kind))
	}
	for _, sort := range want {
		if sorts[sort] == 0 {
			t.Errorf("none is %s", sort)
		}
	}
}

func hasInlined(p *Profile) bool {
	return slices.ContainsFunc(p.raw.Location, func(l *profile.Location) bool { return len(l.Line) > 1 })
}

func hasRecursion(p *Profile) bool {
	return slices.ContainsFunc(p.raw.Sample, func(s *profile.Sample) bool {
		seen := map[*profile.Function]bool{}
		for _, l := range s.Location {
			for _, line := range l.Line {
				if seen[line.Function] {
					return true
				}
				seen[line.Function] = true
			}
		}
		return false
	})
}
