package tui

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/evtui/evtui/internal/recording"
	"github.com/evtui/evtui/profiler"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/inprocess"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// told is a server that tells of two busy minutes.
type told struct{}

// Call implements [recording.Server].
func (s told) Call(_ context.Context, method string, _ ...any) (json.RawMessage, error) {
	answers := map[string]any{
		"engine.info":          wire.Info{Version: "0.1.0", Backend: "pebble", Durability: "sync", StartedAt: pagetest.Noon.Add(-time.Hour)},
		"engine.figures":       store.EngineFigures{Known: 1, MaxOpen: 64, Namespaces: []store.NamespaceFigures{{ID: "shop", Messages: 4242, DiskBytes: 1 << 20}}},
		"engine.events":        []store.EngineEvent{{Seq: 1, Time: pagetest.Noon.Add(30 * time.Second), Namespace: "shop", Kind: store.EventFlush, BytesOut: 4 << 20}},
		"engine.log":           []wire.LogLine{{Seq: 1, Time: pagetest.Noon.Add(40 * time.Second), Level: "WARN", Text: "the disk is slow"}},
		"engine.groups":        []wire.GroupMember{},
		"engine.subscriptions": []wire.Subscription{},
		"engine.history":       s.samples(),
		"ns.list":              []map[string]any{{"namespace": "shop", "description": "", "createdAt": pagetest.Noon, "messageCount": 4242}},
		"ns.categories":        []map[string]any{{"category": "order", "streamCount": 7, "messageCount": 4242, "lastPosition": 4242}},
	}
	return json.Marshal(answers[method])
}

func (s told) samples() []wire.Sample {
	var list []wire.Sample
	for i := range 120 {
		list = append(list, wire.Sample{
			Time: pagetest.Noon.Add(time.Duration(i+1) * time.Second), Appends: float64(1000 + i), Reads: 10, HeapBytes: 50e6,
			Methods: map[string]wire.Method{"stream.write": {Calls: 1000, P50: 4e5, P99: 18e5, Max: 9e6}},
			Engine:  &wire.EngineSample{Open: 1, Known: 1, DiskBytes: 1 << 20, SublevelsStop: 20},
		})
	}
	return list
}

// mustRecording makes a recording of two minutes with a profile in it.
func mustRecording(t *testing.T) *recording.Recording {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run.evt")
	w, err := recording.Create(path, recording.Header{Evtui: "0.1.0", Server: "http://127.0.0.1:8080", Namespace: "shop", Began: pagetest.Noon})
	if err != nil {
		t.Fatal(err)
	}
	now := pagetest.Noon
	rec := recording.New(told{}, w, recording.Options{Now: func() time.Time { return now }})
	if err := rec.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join("..", "profiler", "testdata", "shop-heap-1.pb.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Profile(recording.Profile{About: profiler.Session{Kind: profiler.Heap, Time: pagetest.Noon.Add(time.Minute), Note: "while recording"}, Data: data}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(pagetest.Noon.Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := recording.Read(bufio.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// recordingStage is the UI on a recording, with its clock at the end of it.
func recordingStage(t *testing.T, r *recording.Recording) *stage {
	t.Helper()
	s := &stage{TB: t, now: r.Ended}
	listener := inprocess.Listen()
	web := &http.Server{Handler: r.Handler(time.Time{})}
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	t.Cleanup(func() {
		_ = web.Close()
		<-served
	})
	c, err := client.New("http://recording.internal", client.WithToken(wire.NewToken(r.Namespace)),
		client.WithDialer(listener.Dial), client.WithActor("ui"), client.WithReadOnly())
	if err != nil {
		t.Fatal(err)
	}
	profiles := t.TempDir()
	if err := r.Unpack(profiles); err != nil {
		t.Fatal(err)
	}
	s.app = newApp(t.Context(), Config{Connection: Connection{Client: c, Admin: true, ReadOnly: true, Address: "recording run.evt", ProfileDir: profiles}})
	s.byHand(s.app)
	s.asIs = true
	s.send(tea.ColorProfileMsg{Profile: colorprofile.TrueColor})
	s.send(tea.WindowSizeMsg{Width: 140, Height: 40})
	s.run(s.app.Init())
	return s
}

// TestRecordingPageByPage shows a recording as if it were a server.
func TestRecordingPageByPage(t *testing.T) {
	s := recordingStage(t, mustRecording(t))
	s.frames(6)
	s.see("recording run.evt", "read-only", "ns shop", "1,119 w/s", "max 1,119/s", "order")
	for page, want := range map[page.Name][]string{
		page.Streams: {"order", "4,242", "streams and messages are not recorded"},
		page.Tail:    {"streams and messages are not recorded"},
		page.Groups:  {"order", "streams and messages are not recorded"},
		page.Engine:  {"shop", "4,242"},
		page.Log:     {"the disk is slow", "recording: of http://127.0.0.1:8080, by evtui 0.1.0"},
	} {
		s.press(digitOf(page))
		s.frames(8)
		s.see(want...)
	}
	s.press("6", "[")
	s.frames(3)
	s.see("while recording")
	s.press("enter")
	s.frames(3)
	s.see("total 542.05kB", "main.work.func1")
	s.press(":record x.evt", "enter")
	s.see("this is already a recording")
	s.press(":load 3", "enter")
	s.see("load: only on evtui's embedded server")
}

// TestRecordingHasItsTimeCursor walks back from the end of a recording.
func TestRecordingHasItsTimeCursor(t *testing.T) {
	s := recordingStage(t, mustRecording(t))
	s.frames(6)
	s.press(":at 12:01:30", "enter")
	s.frames(3)
	s.see("as of", "12:01:30", "1,089/s")
	s.press("0")
	s.frames(2)
	s.miss("as of")
}
