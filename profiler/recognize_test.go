package profiler

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"testing"
)

// TestOpenSaysWhatElseItIs opens what people take for a profile. What Go writes
// is had from Go itself.
func TestOpenSaysWhatElseItIs(t *testing.T) {
	debug := func(name string, level int) []byte {
		var b bytes.Buffer
		if err := pprof.Lookup(name).WriteTo(&b, level); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	var traced bytes.Buffer
	if err := trace.Start(&traced); err != nil {
		t.Fatal(err)
	}
	trace.Stop()
	legacy := func(order binary.ByteOrder, size int) []byte {
		var b []byte
		for _, word := range []uint64{0, 3, 0, 10_000, 0, 1, 1, 0x400000, 0, 1, 0} {
			wide := make([]byte, 8)
			if size == 4 {
				order.PutUint32(wide, uint32(word))
			} else {
				order.PutUint64(wide, word)
			}
			b = append(b, wide[:size]...)
		}
		return b
	}
	good := mustRead(t, "testdata/shop-cpu-1.pb.gz")
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"goroutines as text":       {debug("goroutine", 1), "the text of a goroutine profile: fetch it without debug="},
		"goroutines as stacks":     {debug("goroutine", 2), "a dump of goroutines as text: fetch it without debug="},
		"a heap as text":           {debug("heap", 1), "the text of a heap profile: fetch it without debug="},
		"threads as text":          {debug("threadcreate", 1), "the text of a threadcreate profile"},
		"locks as text":            {debug("mutex", 1), "the text of a mutex or block profile"},
		"blocking as text":         {debug("block", 1), "the text of a mutex or block profile"},
		"a trace":                  {traced.Bytes(), "an execution trace: go tool trace"},
		"an answer in JSON":        {[]byte(`{"error":{"code":"AUTH_REQUIRED","message":"a token is required"}}`), `JSON that says "a token is required"`},
		"a trace of Chrome":        {[]byte(`{"traceEvents":[{"name":"x"}]}`), "JSON of another profiler"},
		"some JSON":                {[]byte(" [1,2,3]"), "it is JSON, not a profile"},
		"a page":                   {[]byte("<!DOCTYPE html>\n<html><title>/debug/pprof/</title>"), "web page"},
		"an old heap":              {[]byte("heap profile:    5:   1000 [   10:   2000] @ heapprofile\n"), "gperftools' old format"},
		"an old heap of newer":     {[]byte("heap profile:    5:   1000 [   10:   2000] @ heap_v2/524288\n"), "gperftools' old format"},
		"an old one with symbols":  {[]byte("--- symbol\nbinary=/bin/x\n"), "gperftools' old format"},
		"an old CPU profile":       {legacy(binary.LittleEndian, 8), "gperftools' old format"},
		"the same of 32 bits":      {legacy(binary.LittleEndian, 4), "gperftools' old format"},
		"the same the other way":   {legacy(binary.BigEndian, 8), "gperftools' old format"},
		"perf's":                   {append([]byte("PERFILE2"), make([]byte, 96)...), "Linux perf"},
		"folded stacks":            {[]byte("main.main;main.work 12\nmain.main;main.rest 3\n"), "folded stacks"},
		"the program":              {append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 64)...), "a program"},
		"a pointer":                {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:12\n"), "Git LFS"},
		"words":                    {[]byte("404 page not found\n"), "it is text"},
		"gzip twice":               {zipped(t, good), "gzip twice"},
		"zipped text":              {zipped(t, debug("goroutine", 1)), "the text of a goroutine profile"},
		"a profile packed by zstd": {packed(t, "zstd", good), "compressed with zstd"},
		"a profile packed by xz":   {packed(t, "xz", good), "compressed with xz"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.data == nil {
				t.Skip("the program to pack it is not here")
			}
			_, err := Parse(c.data, Limits{})
			if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
		})
	}
}

// packed runs a program over data; nil where there is no such program.
func packed(t *testing.T, program string, data []byte) []byte {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		return nil
	}
	cmd := exec.Command(program, "-c")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(data), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestValues names the value that is shown, of several as of few.
func TestValues(t *testing.T) {
	p := mustOpen(t, "testdata/multi-value.pb.gz")
	if p.Kind() != "" {
		t.Errorf("taken for a %s profile", p.Kind())
	}
	if got := p.Default(); got != (ValueType{"lock_time", "nanoseconds"}) {
		t.Errorf("default %v", got)
	}
	for value, want := range map[string]int64{"": 7e9, "cpu": 1e9, "lock_count": 3, "lock_time": 7e9, "0": 1e9} {
		v := mustView(t, p, Options{Value: value})
		if v.Total() != want {
			t.Errorf("%q: total %d, want %d", value, v.Total(), want)
		}
	}
	if _, err := p.View(Options{Value: "heat"}); err == nil || !strings.Contains(err.Error(), `value "heat": there are cpu in nanoseconds, lock_count in count, lock_time in nanoseconds`) {
		t.Errorf("error %v", err)
	}
	for file, want := range map[string]Kind{"shop-cpu-1": CPU, "shop-heap-1": Heap, "shop-allocs-1": Allocs, "shop-mutex-1": Mutex, "shop-block-1": Block, "shop-goroutine-1": Goroutine, "oddunit": "", "negative": CPU} {
		if got := mustOpen(t, "testdata/"+file+".pb.gz").Kind(); got != want {
			t.Errorf("%s is of kind %q, want %q", file, got, want)
		}
	}
}
