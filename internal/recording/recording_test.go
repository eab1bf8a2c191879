package recording

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/measure"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

var seed = flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the random damages")

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// fakeServer reports what it is made to report, second by second.
type fakeServer struct {
	now     time.Time
	info    wire.Info
	samples []wire.Sample
	events  []store.EngineEvent
	log     []wire.LogLine
	gone    error
	lacks   map[string]bool
	asked   map[string]int
}

func newFakeServer() *fakeServer {
	return &fakeServer{now: noon, info: wire.Info{Version: "0.1.0", Backend: "pebble", Durability: "sync", StartedAt: noon.Add(-time.Hour)}, lacks: map[string]bool{}, asked: map[string]int{}}
}

// second lets one second pass, with something in it.
func (f *fakeServer) second() {
	f.now = f.now.Add(time.Second)
	n := float64(f.now.Sub(noon) / time.Second)
	f.samples = append(f.samples, wire.Sample{
		Time: f.now, Appends: 100 * n, Reads: 7, CPU: 0.5, HeapBytes: 1 << 20,
		Methods: map[string]wire.Method{"stream.write": {Calls: 100, P50: 4e5, P99: int64(1e6 * n), Max: 9e6}},
		Engine:  &wire.EngineSample{Open: 1, Known: 2, DiskBytes: int64(1000 * n)},
	})
	f.events = append(f.events, store.EngineEvent{Seq: uint64(len(f.events) + 1), Time: f.now, Namespace: "shop", Kind: store.EventFlush})
	f.log = append(f.log, wire.LogLine{Seq: uint64(len(f.log) + 1), Time: f.now, Level: "WARN", Text: fmt.Sprintf("line %v <&>", n)})
}

// Call implements [Server].
func (f *fakeServer) Call(_ context.Context, method string, args ...any) (json.RawMessage, error) {
	f.asked[method]++
	if f.gone != nil {
		return nil, f.gone
	}
	if f.lacks[method] {
		return nil, fmt.Errorf("call: %w", &client.Error{Status: 404, Code: wire.MethodNotFound})
	}
	var o struct {
		Since time.Time
		After uint64
	}
	if len(args) > 0 {
		raw, _ := json.Marshal(args[0])
		_ = json.Unmarshal(raw, &o)
	}
	var answer any
	switch method {
	case "engine.info":
		answer = f.info
	case "engine.history":
		list := []wire.Sample{}
		for _, s := range f.samples {
			if s.Time.After(o.Since) {
				list = append(list, s)
			}
		}
		answer = list
	case "engine.events":
		answer = f.events[min(int(o.After), len(f.events)):]
	case "engine.log":
		answer = f.log[min(int(o.After), len(f.log)):]
	case "engine.figures":
		answer = store.EngineFigures{Known: len(f.samples)}
	case "engine.groups":
		position := int64(9007199254740993)
		answer = []wire.GroupMember{{Namespace: "shop", Category: "order", Size: 2, Position: &position}, {Namespace: "other", Category: "order", Size: 3}}
	case "engine.subscriptions":
		answer = []wire.Subscription{{ID: 1, Namespace: "shop"}, {ID: 2, Namespace: "other"}}
	case "ns.list":
		return json.RawMessage(`[{"namespace":"shop","description":"d","createdAt":"2026-03-14T10:00:00Z","messageCount":42}]`), nil
	case "ns.categories":
		return json.RawMessage(`[{"category":"order","streamCount":2,"messageCount":40,"lastPosition":88}]`), nil
	}
	return json.Marshal(answer)
}

// mustRecord records N seconds of a server.
func mustRecord(t *testing.T, f *fakeServer, seconds int) (path string, w *Writer, r *Recorder) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "run.evt")
	w, err := Create(path, Header{Evtui: "0.1.0", Server: "http://127.0.0.1:8080", Namespace: "shop", Began: f.now})
	if err != nil {
		t.Fatal(err)
	}
	r = New(f, w, Options{Now: func() time.Time { return f.now }})
	for range seconds {
		f.second()
		if err := r.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return path, w, r
}

func mustOpen(t *testing.T, path string) *Recording {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRecordAndOpen(t *testing.T) {
	f := newFakeServer()
	f.second() // before the recording
	f.now = f.now.Add(time.Millisecond)
	path, w, rec := mustRecord(t, f, 12)
	p := Profile{About: profiler.Session{Kind: profiler.Heap, Time: f.now, Note: "while recording"}, Data: []byte{1, 2, 0, 255}}
	if err := rec.Profile(p); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(f.now); err != nil {
		t.Fatal(err)
	}
	r := mustOpen(t, path)
	if r.Torn != "" || len(r.Gaps) != 0 || !r.Ended.Equal(f.now) || r.Namespace != "shop" || !reflect.DeepEqual(r.Info, f.info) {
		t.Errorf("torn %q, gaps %v, ended %v, header %+v, info %+v", r.Torn, r.Gaps, r.Ended, r.Header, r.Info)
	}
	if !reflect.DeepEqual(r.Samples, f.samples[1:]) {
		t.Errorf("%d samples, want the %d of the recording", len(r.Samples), len(f.samples)-1)
	}
	if len(r.Events) != 12 || r.Events[0].Seq != 1 || !r.Events[0].Time.Equal(f.events[1].Time) || len(r.Log) != 12 || r.Log[11].Text != f.log[12].Text {
		t.Errorf("events %+v, log %+v", r.Events, r.Log)
	}
	if len(r.Profiles) != 1 || !reflect.DeepEqual(r.Profiles[0], p) {
		t.Errorf("profiles %+v", r.Profiles)
	}
	if f.asked["engine.history"] != 12 || f.asked["engine.figures"] != 3 || f.asked["ns.list"] != 2 {
		t.Errorf("asked %v", f.asked)
	}
	if _, err := Create(path, Header{}); err == nil || !strings.Contains(err.Error(), "never written over") {
		t.Errorf("a file that is there: %v", err)
	}
}

func TestPastIsTakenIn(t *testing.T) {
	f := newFakeServer()
	for range 10 {
		f.second()
	}
	path := filepath.Join(t.TempDir(), "run.evt")
	w, err := Create(path, Header{Began: f.now})
	if err != nil {
		t.Fatal(err)
	}
	r := New(f, w, Options{Past: 5 * time.Second, Now: func() time.Time { return f.now }})
	if err := errors.Join(r.Look(t.Context()), w.Close(f.now)); err != nil {
		t.Fatal(err)
	}
	if got := mustOpen(t, path); len(got.Samples) != 5 || len(got.Log) != 6 {
		t.Errorf("%d samples, %d lines", len(got.Samples), len(got.Log))
	}
}

// TestServerGoneAndAnew has the server go away and come back as another
// process, which counts from 1 again.
func TestServerGoneAndAnew(t *testing.T) {
	f := newFakeServer()
	path, w, r := mustRecord(t, f, 3)
	f.gone = errors.New("connection refused")
	for range 4 {
		f.second()
		if err := r.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.Report(); got.Fault != "connection refused" || got.Samples != 3 {
		t.Errorf("report %+v", got)
	}
	f.gone = nil
	f.info.StartedAt = f.now
	f.events, f.log = nil, nil
	f.second()
	if err := errors.Join(r.Look(t.Context()), w.Close(f.now)); err != nil {
		t.Fatal(err)
	}
	got := mustOpen(t, path)
	if len(got.Gaps) != 1 || got.Gaps[0].Reason != "connection refused" || !got.Gaps[0].Time.Equal(noon.Add(4*time.Second)) {
		t.Errorf("gaps %+v", got.Gaps)
	}
	if len(got.Samples) != 8 || len(got.Events) != 4 || got.Events[3].Seq != 4 || got.Log[3].Text != f.log[0].Text {
		t.Errorf("%d samples, events %+v", len(got.Samples), got.Events)
	}
	if r.Report().Fault != "" {
		t.Errorf("report %+v", r.Report())
	}
}

func TestNothingToRecord(t *testing.T) {
	f := newFakeServer()
	for _, m := range []string{"engine.info", "engine.history", "engine.events", "engine.log", "engine.figures", "engine.groups", "engine.subscriptions"} {
		f.lacks[m] = true
	}
	w, err := Create(filepath.Join(t.TempDir(), "run.evt"), Header{})
	if err != nil {
		t.Fatal(err)
	}
	if err := New(f, w, Options{}).Look(t.Context()); err == nil || !strings.Contains(err.Error(), "not offered by this server") {
		t.Errorf("%v", err)
	}
	_ = w.Close(noon)
}

func TestRunEndsWithItsContext(t *testing.T) {
	f := newFakeServer()
	w, err := Create(filepath.Join(t.TempDir(), "run.evt"), Header{Began: noon})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := errors.Join(New(f, w, Options{}).Run(ctx), w.Close(noon)); err != nil {
		t.Error(err)
	}
}

// TestTornFiles cuts a recording at many lengths and opens what is left: it
// must be a beginning of the whole, and say that it is torn.
func TestTornFiles(t *testing.T) {
	f := newFakeServer()
	path, w, _ := mustRecord(t, f, 20)
	if err := w.Close(f.now); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	for n := 0; n < len(whole); n += min(7, max(1, len(whole)-n-20)) {
		r, err := Read(bufio.NewReader(bytes.NewReader(whole[:n])))
		if err != nil {
			if !errors.Is(err, ErrFormat) || last > 0 {
				t.Fatalf("%d of %d bytes: %v", n, len(whole), err)
			}
			continue
		}
		if len(r.Samples) < last || len(r.Samples) > len(f.samples) || !reflect.DeepEqual(r.Samples, f.samples[:len(r.Samples)]) && len(r.Samples) > 0 {
			t.Fatalf("%d of %d bytes: %d samples after %d", n, len(whole), len(r.Samples), last)
		}
		last = len(r.Samples)
		if r.Torn == "" {
			t.Fatalf("%d of %d bytes: not torn", n, len(whole))
		}
		if r.Ended.Before(r.Began) {
			t.Fatalf("%d of %d bytes: ended %v", n, len(whole), r.Ended)
		}
	}
	if last != 20 {
		t.Errorf("all but the last byte holds %d of 20 samples", last)
	}
}

// TestFlushedIsReadable opens the file of a recording under way, as after a
// crash of the recorder.
func TestFlushedIsReadable(t *testing.T) {
	f := newFakeServer()
	path, _, _ := mustRecord(t, f, 5)
	if r := mustOpen(t, path); len(r.Samples) != 5 || len(r.Log) != 5 || r.Torn == "" || !r.Ended.Equal(f.now) {
		t.Errorf("%d samples, torn %q, ended %v", len(r.Samples), r.Torn, r.Ended)
	}
}

// TestDamagedFiles flips bytes. Whatever comes of it, it is reported, and nothing
// panics.
func TestDamagedFiles(t *testing.T) {
	t.Logf("-seed %d", *seed)
	random := rand.New(rand.NewPCG(*seed, 1))
	f := newFakeServer()
	path, w, _ := mustRecord(t, f, 30)
	if err := w.Close(f.now); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	intact := mustOpen(t, path)
	for range 300 {
		damaged := bytes.Clone(whole)
		at := 10 + random.IntN(len(damaged)-10) // the header's own bytes hold a time and flags that nobody checks
		damaged[at] ^= byte(1 + random.IntN(255))
		r, err := Read(bufio.NewReader(bytes.NewReader(damaged)))
		if err == nil && r.Torn == "" && !reflect.DeepEqual(r, intact) { // some bits only pad
			t.Fatalf("byte %d: nothing is reported", at)
		}
	}
	damaged := bytes.Clone(whole)
	damaged[40] ^= 0xff // in the part that says what the file is
	if _, err := Read(bufio.NewReader(bytes.NewReader(damaged))); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "damaged at its beginning") {
		t.Errorf("a damaged beginning: %v", err)
	}
}

func TestMembersEnd(t *testing.T) {
	f := newFakeServer()
	path, w, r := mustRecord(t, f, 1)
	noise := make([]byte, 200<<10)
	for i := range 4 {
		p := Profile{About: profiler.Session{Kind: profiler.CPU, Time: f.now, Note: fmt.Sprint(i)}, Data: noise}
		if err := errors.Join(r.Profile(p), w.Flush()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(f.now); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(raw, []byte{0x1f, 0x8b, 8}); n < 4 {
		t.Errorf("%d members", n)
	}
	if got := mustOpen(t, path); len(got.Profiles) != 4 || got.Torn != "" || len(got.Profiles[3].Data) != len(noise) {
		t.Errorf("%d profiles, torn %q", len(got.Profiles), got.Torn)
	}
}

func TestForeignFiles(t *testing.T) {
	zipped := func(text string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(text))
		_ = z.Close()
		return b.String()
	}
	for name, text := range map[string]string{
		"empty": "", "text": "hello", "gzip": zipped("hello\n"), "JSON": zipped("{}\n"), "no begin": zipped(`{"kind":"sample","value":{}}` + "\n"),
		"no version": zipped(`{"kind":"begin","value":{}}` + "\n"), "empty gzip": zipped(""),
	} {
		if _, err := Read(bufio.NewReader(strings.NewReader(text))); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := Read(bufio.NewReader(strings.NewReader(zipped(`{"kind":"begin","value":{"version":99,"evtui":"9.0.0"}}` + "\n"))))
	if err == nil || !strings.Contains(err.Error(), "version 99, made by evtui 9.0.0; this evtui knows up to 1") {
		t.Errorf("newer: %v", err)
	}
	r, err := Read(bufio.NewReader(strings.NewReader(zipped(`{"kind":"begin","time":"2026-03-14T12:00:00Z","value":{"version":1}}` + "\n" + `{"kind":"novelty","value":[1]}` + "\n" + `{"kind":"end","time":"2026-03-14T12:00:01Z"}` + "\n"))))
	if err != nil || r.Torn != "" {
		t.Errorf("a kind that is not known: %v, torn %q", err, r.Torn)
	}
}

func TestUnpack(t *testing.T) {
	r := &Recording{Profiles: []Profile{
		{About: profiler.Session{Kind: profiler.Heap, Time: noon, Note: "first"}, Data: []byte("heap")},
		{About: profiler.Session{Kind: profiler.CPU, Time: noon.Add(time.Second), Duration: time.Second}, Data: []byte("cpu")},
	}}
	dir := t.TempDir()
	if err := r.Unpack(dir); err != nil {
		t.Fatal(err)
	}
	sessions, err := profiler.OpenSessions(dir, profiler.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := keptSince(sessions, noon.Add(-time.Second))
	if err != nil || len(list) != 2 || list[0].About.Note != "first" || string(list[1].Data) != "cpu" || list[1].About.Duration != time.Second {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := keptSince(sessions, noon); err != nil || len(list) != 1 {
		t.Errorf("after noon: %+v, %v", list, err)
	}
}

func TestCompare(t *testing.T) {
	slow, quick := newFakeServer(), newFakeServer()
	of := [2]Summary{}
	for i, f := range []*fakeServer{slow, quick} {
		path, w, _ := mustRecord(t, f, 4)
		if err := w.Close(f.now); err != nil {
			t.Fatal(err)
		}
		r := mustOpen(t, path)
		if i == 1 {
			for n := range r.Samples {
				s := &r.Samples[n]
				s.Appends *= 2
				s.CPU *= 1.02
				s.Methods = map[string]wire.Method{"stream.append": {Calls: 1, P50: 8e5, P99: 1e6}}
			}
			r.Log = r.Log[:2]
		}
		of[i] = r.Summarize()
	}
	by := map[string]measure.Pair{}
	for _, p := range Compare(of[0], of[1]) {
		by[p.Name] = p
	}
	for name, want := range map[string]struct {
		before, after float64
		verdict       Verdict
	}{
		"appends":             {250, 500, Better},
		"most appends":        {400, 800, Better},
		"reads":               {7, 7, Same},
		"CPU":                 {0.5, 0.51, Same},
		"write p50":           {4e5, 8e5, Worse},
		"write p99":           {2.5e6, 1e6, Better},
		"read p99":            {math.NaN(), math.NaN(), Other},
		"flushes":             {4, 4, Other},
		"warnings in the log": {4, 2, Better},
		"most data on disk":   {4000, 4000, Other},
	} {
		before, after := by[name].Sides[0].Median, by[name].Sides[1].Median
		same := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 || math.IsNaN(a) && math.IsNaN(b) }
		if got := VerdictOf(by[name]); !same(before, want.before) || !same(after, want.after) || got != want.verdict {
			t.Errorf("%s: %v → %v %q, want %v → %v %q", name, before, after, got, want.before, want.after, want.verdict)
		}
	}
	if s := of[0].Series[0]; s.Name != "appends" || !reflect.DeepEqual(s.Values, []float64{100, 200, 300, 400}) {
		t.Errorf("series %+v", s)
	}
	empty := (&Recording{}).Summarize()
	if got := Compare(empty, of[0]); len(got) != len(by) || VerdictOf(got[0]) != Other {
		t.Errorf("an empty recording: %+v", got[0])
	}
}
