package profiler

import (
	"bytes"
	"flag"
	"io"
	"math/rand/v2"
	"testing"
	"time"
)

var large = flag.Bool("profiler.large", false, "also open a profile of 100 MB, which takes half a minute to make")

// TestLargeOpensFast holds the promise that 100 MB open within 3 seconds.
func TestLargeOpensFast(t *testing.T) {
	if !*large {
		t.Skip("-profiler.large not given")
	}
	var b bytes.Buffer
	if err := largeProfile(rand.New(rand.NewPCG(1, 1)), 1_300_000).WriteUncompressed(&b); err != nil {
		t.Fatal(err)
	}
	size := b.Len()
	data := zipped(t, b.Bytes())
	b = bytes.Buffer{}
	start := time.Now()
	p := mustParse(t, data)
	opened := time.Since(start)
	v := mustView(t, p, Options{})
	if err := v.WriteTop(io.Discard, TopOptions{}); err != nil {
		t.Fatal(err)
	}
	topped := time.Since(start)
	f := v.Flame()
	t.Logf("%d MB, %d samples: opened after %v, top after %v, flame of %d nodes after %v", size>>20, p.Samples(), opened, topped, f.Len(), time.Since(start))
	if size < 100<<20 {
		t.Errorf("only %d MB", size>>20)
	}
	if opened > 3*time.Second {
		t.Errorf("opened after %v, want at most 3 s", opened)
	}
}

func BenchmarkOpen(b *testing.B) {
	data := mustRead(b, "testdata/compile-http.pb.gz")
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		mustParse(b, data)
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
