package profiler

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// oracle runs `go tool pprof`, whose text ours must equal.
type oracle struct{ tool, home string }

func newOracle(t *testing.T) oracle {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go tool here to compare with")
	}
	out, err := exec.Command("go", "tool", "-n", "pprof").CombinedOutput()
	if err != nil {
		t.Skipf("no go tool pprof here to compare with: %v: %s", err, out)
	}
	return oracle{tool: strings.TrimSpace(string(out)), home: t.TempDir()}
}

// run returns what the tool prints, or "" and its complaint.
func (o oracle) run(t *testing.T, args ...string) (text, complaint string) {
	t.Helper()
	cmd := exec.Command(o.tool, args...)
	// An empty home keeps the user's pprof settings and binaries out.
	cmd.Env = append(os.Environ(), "HOME="+o.home, "PPROF_BINARY_PATH="+o.home, "PPROF_TMPDIR="+o.home)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", errs.String()
	}
	return out.String(), ""
}

// variant is one way to look at a profile, as our options and as pprof's flags.
type variant struct {
	flags []string
	o     Options
	top   TopOptions
}

var variants = []variant{
	{},
	{flags: []string{"-cum"}, top: TopOptions{ByCum: true}},
	{flags: []string{"-nodecount=7"}, top: TopOptions{Count: 7}},
	{flags: []string{"-nodecount=5", "-cum"}, top: TopOptions{Count: 5, ByCum: true}},
	{flags: []string{"-nodefraction=0", "-edgefraction=0"}, top: TopOptions{All: true}},
	{flags: []string{"-nodefraction=0.05"}, top: TopOptions{NodeFraction: 0.05}},
	{flags: []string{"-noinlines"}, o: Options{NoInlines: true}},
	{flags: []string{"-lines"}, o: Options{Granularity: SourceLines}},
	{flags: []string{"-filefunctions"}, o: Options{Granularity: FileFunctions}},
	{flags: []string{"-sample_index=0"}, o: Options{Value: "0"}},
	{flags: []string{"-unit=ms"}, top: TopOptions{Unit: "ms"}},
	{flags: []string{"-focus=main|json|syntax"}, o: Options{Focus: "main|json|syntax"}},
	{flags: []string{"-ignore=runtime"}, o: Options{Ignore: "runtime"}},
	{flags: []string{"-hide=^runtime", "-focus=main"}, o: Options{Hide: "^runtime", Focus: "main"}},
	{flags: []string{"-show=main|types"}, o: Options{Show: "main|types"}},
	{flags: []string{"-focus=main", "-relative_percentages"}, o: Options{Focus: "main", Relative: true}},
	{flags: []string{"-tagfocus=method=write"}, o: Options{TagFocus: "method=write"}},
	{flags: []string{"-tagfocus=write,commit"}, o: Options{TagFocus: "write,commit"}},
	{flags: []string{"-tagignore=actor=ui"}, o: Options{TagIgnore: "actor=ui"}},
	{flags: []string{"-tagfocus=bytes=1kb:16kb"}, o: Options{TagFocus: "bytes=1kb:16kb"}},
	{flags: []string{"-tagignore=:32kb"}, o: Options{TagIgnore: ":32kb"}},
}

// check compares the text of one variant, or that both refuse it.
func (o oracle) check(t *testing.T, p *Profile, v variant, args ...string) {
	t.Helper()
	args = append(append([]string{"-top"}, v.flags...), args...)
	want, complaint := o.run(t, args...)
	var got bytes.Buffer
	view, err := p.View(v.o)
	if err == nil {
		err = view.Top(v.top).Write(&got)
	}
	if (complaint != "") != (err != nil) {
		t.Fatalf("pprof %v: error %v, pprof says %q", args, err, complaint)
	}
	if got.String() != want {
		t.Errorf("pprof %v\n%s", args, firstDifference(got.String(), want))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		a, b := "(end)", "(end)"
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			return fmt.Sprintf("line %d\n got %q\nwant %q", i+1, a, b)
		}
	}
	return "equal"
}

// kept returns the profiles in testdata.
func kept(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.pb.gz")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d profiles in testdata (%v), want at least 20", len(files), err)
	}
	return files
}

func mustOpen(t testing.TB, path string) *Profile {
	t.Helper()
	p, err := OpenFile(path, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func rich(file string) bool {
	return slices.ContainsFunc([]string{"shop-cpu-1", "shop-heap-2", "shop-mutex-1", "shop-goroutine", "native", "nosymbols", "legacy", "compile-types"},
		func(name string) bool { return strings.Contains(file, name) })
}

func TestTopEqualsPprof(t *testing.T) {
	o := newOracle(t)
	for _, file := range kept(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			p := mustOpen(t, file)
			// Everything on the profiles that have labels, inlining or no
			// symbols, the usual flags on all.
			asked := variants[:5]
			if rich(file) {
				asked = variants
			}
			for _, v := range asked {
				o.check(t, p, v, file)
			}
			for _, typ := range p.Types() {
				o.check(t, p, variant{flags: []string{"-sample_index=" + typ.Type}, o: Options{Value: typ.Type}}, file)
			}
		})
	}
}

func TestDifferenceEqualsPprof(t *testing.T) {
	o := newOracle(t)
	pairs := [][2]string{
		{"shop-cpu-2", "shop-cpu-1"}, {"shop-heap-2", "shop-heap-1"}, {"shop-allocs-2", "shop-allocs-1"}, {"shop-allocs-1", "shop-allocs-2"},
		{"shop-mutex-2", "shop-mutex-1"}, {"shop-block-2", "shop-block-1"}, {"shop-goroutine-2", "shop-goroutine-1"},
		{"compile-http", "compile-types"}, {"regexp", "shop-cpu-1"}, {"shop-heap-2", "regexp-mem"},
	}
	for _, pair := range pairs {
		t.Run(pair[0]+" against "+pair[1], func(t *testing.T) {
			t.Parallel()
			o.checkDifferences(t, "testdata/"+pair[0]+".pb.gz", "testdata/"+pair[1]+".pb.gz")
		})
	}
}

// TestDifferenceOfAllEqualsPprof takes every kept profile against another one of
// its kind, or against itself where it has none.
func TestDifferenceOfAllEqualsPprof(t *testing.T) {
	o := newOracle(t)
	files := kept(t)
	for i, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			p := mustOpen(t, file)
			base := file
			for j := 1; j < len(files) && base == file; j++ {
				other := files[(i+j)%len(files)]
				if slices.Equal(mustOpen(t, other).Types(), p.Types()) {
					base = other
				}
			}
			for flag, mode := range map[string]DiffMode{"-diff_base=": DiffBase, "-base=": Base} {
				d, err := p.Diff(mustOpen(t, base), mode, false)
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range variants[:2] {
					v.flags = append([]string{flag + base}, v.flags...)
					o.check(t, d, v, file)
				}
			}
		})
	}
}

func (o oracle) checkDifferences(t *testing.T, file, base string) {
	t.Helper()
	p, b := mustOpen(t, file), mustOpen(t, base)
	for _, mode := range []struct {
		flag string
		mode DiffMode
	}{{"-diff_base=", DiffBase}, {"-base=", Base}} {
		for _, normalize := range []bool{false, true} {
			d, err := p.Diff(b, mode.mode, normalize)
			if err != nil {
				t.Fatal(err)
			}
			asked := variants[:6]
			if normalize {
				asked = variants[:1]
			}
			for _, v := range asked {
				v.flags = append([]string{mode.flag + base, fmt.Sprintf("-normalize=%v", normalize)}, v.flags...)
				o.check(t, d, v, file)
			}
		}
	}
}

// TestRandomEqualsPprof compares profiles that use what Go never writes.
func TestRandomEqualsPprof(t *testing.T) {
	o := newOracle(t)
	r := seeded(t)
	for i := range 5 {
		a, b := randomProfile(r), randomProfile(r)
		for j := range a.SampleType { // comparable with each other
			b.SampleType[j].Type, b.SampleType[j].Unit = a.SampleType[j].Type, a.SampleType[j].Unit
		}
		b.PeriodType = a.PeriodType
		file, base := filepath.Join(t.TempDir(), "a.pb.gz"), filepath.Join(t.TempDir(), "b.pb.gz")
		for name, data := range map[string][]byte{file: mustEncode(t, a), base: mustEncode(t, b)} {
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			p := mustOpen(t, file)
			for _, v := range variants {
				o.check(t, p, v, file)
			}
			o.checkDifferences(t, file, base)
		})
	}
}

func TestPeekEqualsPprof(t *testing.T) {
	o := newOracle(t)
	for _, file := range kept(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			v := mustView(t, mustOpen(t, file), Options{})
			for _, expr := range []string{"main|mallocgc|types|Match", "^runtime\\.", "."} {
				want, complaint := o.run(t, "-peek="+expr, file)
				var got bytes.Buffer
				if err := v.WritePeek(&got, expr); (err != nil) != (complaint != "") {
					t.Fatalf("-peek=%s: error %v, pprof says %q", expr, err, complaint)
				}
				if got.String() != want {
					t.Errorf("-peek=%s\n%s", expr, firstDifference(got.String(), want))
				}
			}
		})
	}
}
