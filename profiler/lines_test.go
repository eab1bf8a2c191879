package profiler

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
)

// TestListEqualsPprof compares source listings wherever the source is here.
func TestListEqualsPprof(t *testing.T) {
	o := newOracle(t)
	for _, c := range []struct{ file, expr string }{
		{"shop-cpu-1", `^runtime\.(mallocgc|scanblock)$`},
		{"shop-allocs-1", `compress/flate`},
		{"shop-mutex-1", `sync\.\(\*Mutex\)`},
		{"shop-goroutine-1", `runtime\.gopark`},
		{"regexp", `regexp\.`},
		{"nosymbols", `.`},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			file := "testdata/" + c.file + ".pb.gz"
			want, complaint := o.run(t, "-list="+c.expr, file)
			var got bytes.Buffer
			err := mustView(t, mustOpen(t, file), Options{}).WriteList(&got, c.expr, SourceFiles())
			if (err != nil) != (complaint != "") {
				t.Fatalf("error %v, pprof says %q", err, complaint)
			}
			if strings.Contains(want, " Error: ") {
				t.Skip("the Go source that the profile was taken on is not here")
			}
			if got.String() != want {
				t.Error(firstDifference(got.String(), want))
			}
		})
	}
}

// sourceProfile spends in three lines of one function of the given file.
func sourceProfile(t *testing.T, file string) *View {
	t.Helper()
	f := &profile.Function{ID: 1, Name: "main.f", SystemName: "main.f", Filename: file, StartLine: 2}
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "cpu", Unit: "nanoseconds"}}, Function: []*profile.Function{f}}
	for i, n := range []int64{3, 5} {
		l := &profile.Location{ID: uint64(i + 1), Line: []profile.Line{{Function: f, Line: n}}}
		p.Location = append(p.Location, l)
		p.Sample = append(p.Sample, &profile.Sample{Location: []*profile.Location{l}, Value: []int64{10 * n}})
	}
	return mustView(t, mustParse(t, mustEncode(t, p)), Options{})
}

func TestLinesWithSource(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "f.go"), []byte("package main\nfunc f() {\n\ta()\n\n\tb()\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := sourceProfile(t, "f.go").Lines("main", SourceFiles(dir))
	if err != nil {
		t.Fatal(err)
	}
	l := list[0]
	if l.Err != nil || len(l.Lines) != 5 || l.Lines[0].Text != "func f() {" || l.Lines[0].No != 2 {
		t.Fatalf("listing %+v", l)
	}
	if l.Lines[1].Flat != 30 || l.Lines[3].Flat != 50 || l.Lines[2].Flat != 0 || l.Flat != 80 {
		t.Errorf("figures %+v", l)
	}
}

func TestLinesWithoutSource(t *testing.T) {
	v := sourceProfile(t, filepath.Join(t.TempDir(), "gone.go"))
	list, err := v.Lines("main", SourceFiles())
	if err != nil {
		t.Fatal(err)
	}
	if l := list[0]; !errors.Is(l.Err, os.ErrNotExist) || len(l.Lines) != 2 || l.Lines[1].Flat != 50 {
		t.Errorf("listing %+v", list[0])
	}
	if _, err := v.Lines("nothing", nil); !errors.Is(err, ErrNoMatch) {
		t.Errorf("error %v, want ErrNoMatch", err)
	}
}

// TestSourceIsRegular keeps a profile from naming a device that never ends.
func TestSourceIsRegular(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no /dev/zero")
	}
	for _, file := range []string{"/dev/zero", t.TempDir()} {
		if _, err := SourceFiles()(file); err == nil {
			t.Errorf("%s was read", file)
		}
	}
}

func TestLabels(t *testing.T) {
	v := mustView(t, mustOpen(t, "testdata/shop-cpu-1.pb.gz"), Options{})
	labels := v.Labels()
	var keys []string
	for _, l := range labels {
		keys = append(keys, l.Key)
		if l.Weight+l.Unmarked != v.Total() {
			t.Errorf("%s: %d marked and %d not, of %d", l.Key, l.Weight, l.Unmarked, v.Total())
		}
		var sum int64
		for _, value := range l.Values {
			sum += value.Weight
			cut := mustView(t, v.Profile(), Options{Labels: []LabelCut{{Key: l.Key, Values: []string{value.Name}}}})
			if cut.Total() != value.Weight {
				t.Errorf("cut by %s=%s: %d, want %d", l.Key, value.Name, cut.Total(), value.Weight)
			}
		}
		if sum != l.Weight {
			t.Errorf("%s: values sum to %d of %d", l.Key, sum, l.Weight)
		}
	}
	if got := strings.Join(keys, " "); got != "actor method namespace" {
		t.Errorf("labels %s", got)
	}
}

// TestOmitUIWithoutLabels goes by the stacks where there are no labels, and only there.
func TestOmitUIWithoutLabels(t *testing.T) {
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "space", Unit: "bytes"}}}
	for i, name := range []string{
		"main.main", "charm.land/bubbletea/v2.(*Program).Run", "github.com/evtui/evtui/tui.(*app).View",
		"github.com/evtui/evtui/tui/flame.(*Graph).Lines", "github.com/evtui/evtui/tuition.f", "github.com/evtui/evtui/server.(*Server).serve",
	} {
		f := &profile.Function{ID: uint64(i + 1), Name: name, SystemName: name}
		p.Function = append(p.Function, f)
		p.Location = append(p.Location, &profile.Location{ID: uint64(i + 1), Line: []profile.Line{{Function: f}}})
		p.Sample = append(p.Sample, &profile.Sample{Location: []*profile.Location{p.Location[i], p.Location[0]}, Value: []int64{1 << i}})
	}
	const theirs = 1 | 1<<4 | 1<<5
	unmarked := mustParse(t, mustEncode(t, p))
	if v := mustView(t, unmarked, Options{OmitUI: true}); v.Total() != theirs || unmarked.Labelled() {
		t.Errorf("%b is left, want %b", v.Total(), theirs)
	}
	if v := mustView(t, unmarked, Options{}); v.Total() != 1<<6-1 {
		t.Errorf("%b without OmitUI", v.Total())
	}
	d, err := unmarked.Diff(unmarked, DiffBase, false)
	if err != nil {
		t.Fatal(err)
	}
	if v := mustView(t, d, Options{OmitUI: true}); v.Total() != theirs || d.Labelled() {
		t.Errorf("the difference is against %b, want %b", v.Total(), theirs)
	}
	p.Sample[1].Label = map[string][]string{ActorLabel: {UIActor}}
	marked := mustParse(t, mustEncode(t, p))
	if v := mustView(t, marked, Options{OmitUI: true}); v.Total() != 1<<6-1-1<<1 || !marked.Labelled() {
		t.Errorf("with labels %b is left", v.Total())
	}
}

func TestOmitUI(t *testing.T) {
	p := mustOpen(t, "testdata/shop-cpu-1.pb.gz")
	all, without := mustView(t, p, Options{}), mustView(t, p, Options{OmitUI: true})
	ui := mustView(t, p, Options{Labels: []LabelCut{{Key: ActorLabel, Values: []string{UIActor}}}})
	if ui.Total() == 0 || without.Total()+ui.Total() != all.Total() {
		t.Errorf("%d without and %d of the UI, %d in all", without.Total(), ui.Total(), all.Total())
	}
}

func TestWarningsAndBadExpressions(t *testing.T) {
	p := mustOpen(t, "testdata/shop-cpu-1.pb.gz")
	v := mustView(t, p, Options{Focus: "nobody", TagFocus: "no=where"})
	want := []string{"Focus expression matched no samples", "TagFocus expression matched no samples"}
	if got := v.Warnings(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("warnings %q", got)
	}
	for _, o := range []Options{
		{Focus: "("}, {Ignore: "("}, {TagFocus: "("}, {TagIgnore: "a=("}, {Value: "nothing"}, {Value: "7"}, {Granularity: "atoms"},
		{TagFocus: "99999999999999999999:"},
	} {
		if _, err := p.View(o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}

func TestShortNames(t *testing.T) {
	for name, want := range map[string]string{
		"github.com/evtui/evtui/store.(*DB).Append": "github.com/evtui/evtui/store.(*DB).Append store.(*DB).Append (*DB).Append",
		"main.main":                      "main.main main.main main",
		"a/b.Map[go.shape.*c/d.E].func1": "a/b.Map[go.shape.*c/d.E].func1 b.Map[go.shape.*c/d.E].func1 Map[go.shape.*c/d.E].func1",
		"memmove":                        "memmove memmove memmove",
		"x.":                             "x. x. x.",
		"":                               "  ",
	} {
		if got := strings.Join(ShortNames(name), " "); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if rx := regexp.MustCompile(`^a/b$`); !rx.MatchString(PackageOf("a/b.F")) {
		t.Errorf("package %q", PackageOf("a/b.F"))
	}
}

// TestOmitUILeavesOthersAlone keeps what a program spends that draws with the
// libraries that evtui's UI draws with.
func TestOmitUILeavesOthersAlone(t *testing.T) {
	f := &profile.Function{ID: 1, Name: "charm.land/bubbletea/v2.(*Program).Run", SystemName: "charm.land/bubbletea/v2.(*Program).Run"}
	l := &profile.Location{ID: 1, Line: []profile.Line{{Function: f}}}
	p := mustParse(t, mustEncode(t, &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "space", Unit: "bytes"}}, Function: []*profile.Function{f}, Location: []*profile.Location{l},
		Sample: []*profile.Sample{{Location: []*profile.Location{l}, Value: []int64{7}}},
	}))
	if v := mustView(t, p, Options{OmitUI: true}); v.Total() != 7 || p.Ours() {
		t.Errorf("%d is left of another program's 7; ours: %v", v.Total(), p.Ours())
	}
	if !mustOpen(t, "testdata/engine-heap.pb.gz").Ours() || !mustOpen(t, "testdata/shop-cpu-1.pb.gz").Ours() || mustOpen(t, "testdata/gofmt.pb.gz").Ours() {
		t.Error("whose a profile is, is not known")
	}
}
