package profiler

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func tagsOf(t *testing.T, v *View) string {
	t.Helper()
	var b bytes.Buffer
	if err := v.WriteTags(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestTagsEqualsPprof compares all labels of all values, numeric ones too.
func TestTagsEqualsPprof(t *testing.T) {
	o := newOracle(t)
	for _, file := range kept(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			p := mustOpen(t, file)
			for _, typ := range p.Types() {
				want, complaint := o.run(t, "-tags", "-sample_index="+typ.Type, file)
				if complaint != "" {
					t.Fatal(complaint)
				}
				got := tagsOf(t, mustView(t, p, Options{Value: typ.Type}))
				if strings.Contains(file, "numeric-labels") {
					// Two seconds, which pprof prints as nanoseconds.
					if !strings.Contains(got, ": 2s\n") || !strings.Contains(want, ": 2ns\n") {
						t.Errorf("no 2s in\n%s\nor no 2ns in\n%s", got, want)
					}
					got = strings.Replace(got, ": 2s\n", ": 2ns\n", 1)
				}
				if got != want {
					t.Errorf("-tags of %s\n%s", typ.Type, firstDifference(got, want))
				}
			}
		})
	}
}

// TestNumericLabelsCut keeps the samples of a numeric label by the name that it
// is listed under, and by the number.
func TestNumericLabelsCut(t *testing.T) {
	p := mustOpen(t, "testdata/numeric-labels.pb.gz")
	seen := map[string]string{}
	for _, l := range mustView(t, p, Options{}).Labels() {
		var names []string
		for _, value := range l.Values {
			names = append(names, value.Name)
			cut := mustView(t, p, Options{Labels: []LabelCut{{Key: l.Key, Values: []string{value.Name}}}})
			if cut.Total() != value.Weight || value.Weight == 0 {
				t.Errorf("cut by %s=%s: %d, want %d", l.Key, value.Name, cut.Total(), value.Weight)
			}
		}
		seen[l.Key] = strings.Join(names, " ")
	}
	for key, want := range map[string]string{"bytes": "1kB 512kB", "lat": "2s 1.50ms", "request": "1023B", "multi": "a b"} {
		if seen[key] != want {
			t.Errorf("%s has %q, want %q", key, seen[key], want)
		}
	}
	for cut, want := range map[string]int64{"524288": 10_000_000, "512kB": 10_000_000, "512": 0} {
		if got := mustView(t, p, Options{Labels: []LabelCut{{Key: "bytes", Values: []string{cut}}}}).Total(); got != want {
			t.Errorf("bytes=%s leaves %d, want %d", cut, got, want)
		}
	}
	if got := mustView(t, p, Options{Labels: []LabelCut{{Key: "request", Not: true}}}).Total(); got != 20_000_000 {
		t.Errorf("without request %d", got)
	}
}
