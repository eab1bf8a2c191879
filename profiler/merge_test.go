package profiler

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMergeEqualsPprof merges files that Go, perf and others wrote, and ones
// that share only some of their values.
func TestMergeEqualsPprof(t *testing.T) {
	o := newOracle(t)
	for _, names := range [][]string{
		{"shop-cpu-1", "shop-cpu-2"}, {"shop-heap-1", "shop-heap-2", "shop-heap-1"}, {"shop-cpu-1", "regexp", "numeric-labels"},
		{"compile-http", "compile-types"}, {"negative", "numeric-labels"}, {"multi-value", "multi-value"},
		{"engine-mutex", "engine-block"}, {"multi-value", "shop-cpu-1"}, {"oddunit", "oddunit"},
		{"oddunit", "negative"}, {"shop-cpu-1", "shop-heap-1"}, // which nothing joins
	} {
		t.Run(strings.Join(names, " and "), func(t *testing.T) {
			t.Parallel()
			var (
				files    []string
				profiles []*Profile
			)
			for _, name := range names {
				files = append(files, filepath.Join("testdata", name+".pb.gz"))
				profiles = append(profiles, mustOpen(t, files[len(files)-1]))
			}
			before := textOfTop(t, profiles[0])
			merged, err := Merge(profiles...)
			if err != nil {
				if _, complaint := o.run(t, append([]string{"-top"}, files...)...); complaint == "" || !errors.Is(err, ErrIncompatible) {
					t.Fatalf("error %v, pprof says %q", err, complaint)
				}
				return
			}
			for _, v := range variants[:5] {
				o.check(t, merged, v, files...)
			}
			if after := textOfTop(t, profiles[0]); after != before {
				t.Errorf("merging changed what it took: %s", firstDifference(after, before))
			}
		})
	}
}

func textOfTop(t *testing.T, p *Profile) string {
	t.Helper()
	var b strings.Builder
	if err := mustView(t, p, Options{}).Top(TopOptions{All: true}).Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMergeOfRandomEqualsPprof(t *testing.T) {
	o, r := newOracle(t), seeded(t)
	for range 5 {
		a, b := randomProfile(r), randomProfile(r)
		for i := range a.SampleType {
			b.SampleType[i].Type, b.SampleType[i].Unit = a.SampleType[i].Type, a.SampleType[i].Unit
		}
		b.PeriodType = a.PeriodType
		dir := t.TempDir()
		files := []string{filepath.Join(dir, "a.pb.gz"), filepath.Join(dir, "b.pb.gz")}
		for i, data := range [][]byte{mustEncode(t, a), mustEncode(t, b)} {
			if err := os.WriteFile(files[i], data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		merged, err := Merge(mustOpen(t, files[0]), mustOpen(t, files[1]))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range variants[:3] {
			o.check(t, merged, v, files...)
		}
	}
}

// TestIncompatible says in words what each profile measures.
func TestIncompatible(t *testing.T) {
	odd, numeric, heap := mustOpen(t, "testdata/oddunit.pb.gz"), mustOpen(t, "testdata/numeric-labels.pb.gz"), mustOpen(t, "testdata/shop-heap-1.pb.gz")
	multi := mustOpen(t, "testdata/multi-value.pb.gz")
	for _, c := range []struct {
		name      string
		a, b      *Profile
		normalize bool
		want      []string
	}{
		{"nothing in common", numeric, odd, false, []string{"samples in count, cpu in nanoseconds", "gpu in bananas"}},
		{"and normalized", numeric, odd, true, []string{"normalizing", "samples in count, cpu in nanoseconds", "gpu in bananas"}},
		{"other kinds", heap, numeric, false, []string{"inuse_space in bytes", "cpu in nanoseconds"}},
		{"one value in common, normalized", multi, numeric, true, []string{"normalizing", "lock_time in nanoseconds", "samples in count"}},
	} {
		_, err := c.a.Diff(c.b, DiffBase, c.normalize)
		if !errors.Is(err, ErrIncompatible) || strings.Contains(err.Error(), "0x") {
			t.Errorf("%s: error %v", c.name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: no %q in %q", c.name, want, err)
			}
		}
	}
	raw := odd.raw.Copy()
	raw.SampleType[0].Unit = "seconds"
	if _, err := mustParse(t, mustEncode(t, raw)).Diff(odd, Base, false); !errors.Is(err, ErrIncompatible) || !strings.Contains(err.Error(), "gpu in bananas cannot be converted to gpu in seconds") {
		t.Errorf("units that do not convert: %v", err)
	}
}
