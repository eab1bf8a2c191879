package server

import (
	"context"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"
)

func TestLabelSets(t *testing.T) {
	l := newLabels()
	read := func(ctx context.Context) string {
		out := ""
		pprof.ForLabels(ctx, func(key, value string) bool {
			out += key + "=" + value + " "
			return true
		})
		return out
	}
	for range 2 { // made, then found
		for _, c := range []struct {
			method, namespace, category string
			ui                          bool
			want                        string
		}{
			{"stream.write", "shop", "", false, "method=stream.write namespace=shop "},
			{"stream.write", "default", "", false, "method=stream.write namespace=default "},
			{"stream.write", "shop", "order", false, "category=order method=stream.write namespace=shop "},
			{"stream.write", "shop", "shop", false, "category=shop method=stream.write namespace=shop "},
			{"stream.write", "shop", strings.Repeat("x", 1000), false, "method=stream.write namespace=shop "},
			{"stream.get", "shop", "", false, "method=stream.get namespace=shop "},
			{"stream.get", "shop", "order", true, "actor=ui category=order method=stream.get namespace=shop "},
			{"", "", "", true, "actor=ui "},
		} {
			if got := read(l.of(c.method, c.namespace, c.category, c.ui)); got != c.want {
				t.Errorf("%s in %s: labels %q, want %q", c.method, c.namespace, got, c.want)
			}
		}
	}
	// Any number of categories: the labels stay right, the sets bounded.
	for i := range 20 * labelSlots {
		category := strconv.Itoa(i)
		if got, want := read(l.of("stream.write", "shop", category, false)), "category="+category+" method=stream.write namespace=shop "; got != want {
			t.Fatalf("labels %q, want %q", got, want)
		}
	}
	kept := 0
	for i := range l.slots {
		if l.slots[i].Load() != nil {
			kept++
		}
	}
	if kept < labelSlots*9/10 {
		t.Errorf("%d of %d slots are used: the hash does not spread", kept, labelSlots)
	}
}

func TestLabelsReadyCostNoMemory(t *testing.T) {
	l := newLabels()
	l.of("stream.write", "shop", "", false)
	l.of("stream.write", "shop", "order", false)
	if n := testing.AllocsPerRun(100, func() {
		l.set("stream.write", "shop", "", false)
		l.set("stream.write", "shop", "order", false)
		clearLabels()
	}); n != 0 {
		t.Errorf("a request's labels take %v allocations", n)
	}
}

// BenchmarkLabels is what the labels cost a call. It takes about 30 µs, of
// which 0.5 % is 150 ns.
func BenchmarkLabels(b *testing.B) {
	l := newLabels()
	b.Run("ready", func(b *testing.B) {
		costs(b, func() {
			l.set("stream.write", "shop", "order", false)
			clearLabels()
		})
	})
	b.Run("none", func(b *testing.B) { // the loop itself
		costs(b, func() { runtime.KeepAlive(l) })
	})
}
