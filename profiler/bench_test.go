package profiler

import (
	"bytes"
	"context"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/pprof/profile"
)

var (
	large = flag.Bool("profiler.large", false, "also open a profile of 100 MB, which takes half a minute to make")
	keep  = flag.String("profiler.keep", "", "leave the profile of -profiler.large in that file")
)

// TestLargeOpensFast holds the promise that 100 MB open within 3 seconds, and
// says how long Go's own tool takes for the same.
func TestLargeOpensFast(t *testing.T) {
	if !*large {
		t.Skip("-profiler.large not given")
	}
	var b bytes.Buffer
	if err := largeProfile(rand.New(rand.NewPCG(1, 1)), 1_300_000).WriteUncompressed(&b); err != nil {
		t.Fatal(err)
	}
	size := b.Len()
	if size < 100<<20 {
		t.Errorf("only %d MB", size>>20)
	}
	file := *keep
	if file == "" {
		file = filepath.Join(t.TempDir(), "large.pb.gz")
	}
	if err := os.WriteFile(file, zipped(t, b.Bytes()), 0o600); err != nil {
		t.Fatal(err)
	}
	b = bytes.Buffer{}
	runtime.GC()
	start := time.Now()
	p := mustOpen(t, file)
	opened := time.Since(start)
	v := mustView(t, p, Options{})
	if err := v.Top(TopOptions{}).Write(io.Discard); err != nil {
		t.Fatal(err)
	}
	topped := time.Since(start)
	f := v.Flame()
	t.Logf("%d MB, %d samples: opened after %v, top after %v, flame of %d nodes after %v", size>>20, p.Samples(), opened, topped, f.Len(), time.Since(start))
	if opened > 3*time.Second {
		t.Errorf("opened after %v, want at most 3 s", opened)
	}
	runtime.KeepAlive(v)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	start = time.Now()
	out, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", file).CombinedOutput()
	tool := time.Since(start)
	switch {
	case ctx.Err() != nil:
		t.Logf("go tool pprof -top is not done after %v, %.0f times as long", tool, tool.Seconds()/topped.Seconds())
	case err != nil:
		t.Errorf("go tool pprof: %v\n%.300s", err, out)
	default:
		t.Logf("go tool pprof -top: %v, %.1f times as long", tool, tool.Seconds()/topped.Seconds())
	}
}

func BenchmarkOpen(b *testing.B) {
	data := mustRead(b, "testdata/compile-http.pb.gz")
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		mustParse(b, data)
	}
}

// BenchmarkDecode is what decoding samples here costs beside the library's own
// parser: over all kept profiles, and over one of 10 MB with labels.
func BenchmarkDecode(b *testing.B) {
	var all [][]byte
	for _, file := range kept(b) {
		data, err := readAll(bytes.NewReader(mustRead(b, file)), Limits{}.withDefaults())
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, data)
	}
	var large bytes.Buffer
	if err := largeProfile(rand.New(rand.NewPCG(1, 1)), 130_000).WriteUncompressed(&large); err != nil {
		b.Fatal(err)
	}
	for _, of := range []struct {
		name     string
		profiles [][]byte
	}{{"kept", all}, {"large", [][]byte{large.Bytes()}}} {
		for name, parse := range map[string]func([]byte) (*profile.Profile, error){
			"ours":  func(data []byte) (*profile.Profile, error) { return decode(data, 1<<40) },
			"pprof": profile.ParseUncompressed,
		} {
			b.Run(of.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					for _, data := range of.profiles {
						if _, err := parse(data); err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
	}
}

func BenchmarkTop(b *testing.B) {
	v := mustView(b, mustOpen(b, "testdata/compile-http.pb.gz"), Options{})
	for b.Loop() {
		v.Top(TopOptions{})
	}
}

func BenchmarkFlame(b *testing.B) {
	v := mustView(b, mustOpen(b, "testdata/compile-http.pb.gz"), Options{})
	for b.Loop() {
		v.Flame()
	}
}
